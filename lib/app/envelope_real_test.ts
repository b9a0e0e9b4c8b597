import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { systemClock } from "../core/clock.ts";
import type { EnvelopeRecord } from "../core/proofs.ts";
import type { RunRecord } from "../core/run_record.ts";
import { fillEnvelope } from "../engine/envelope.ts";
import { buildMarket } from "../engine/market.ts";
import { deriveRun, envelopeOf } from "../results/mod.ts";
import { compute, loadFor } from "./compute.ts";
import { loadPlan, type PlanOptions } from "./load_plan.ts";

/** The base configuration on the bundled data, and its envelope. */
async function baseRun(options: PlanOptions = {}): Promise<{
  readonly run: RunRecord;
  readonly members: readonly EnvelopeRecord[];
}> {
  const loaded = await loadPlan([], options);
  const surroundings = { sandbox: undefined, clock: systemClock };
  const data = await loadFor(loaded, surroundings);
  const run = await compute(loaded, data, surroundings);
  return { run, members: fillEnvelope(run, buildMarket(loaded.plan, data.assets)) };
}

/** The largest difference of a member's NAV from its cash and the holdings that its fills add up to, as a share. */
function bookError({ nav, cash, ...record }: RunRecord): number {
  const { marks, quantity, price } = deriveRun({ ...record, nav, cash }).holdings;
  const worth = cash.slice();
  for (const [row, mark] of marks.entries()) {
    if (quantity[row] !== 0) worth[mark]! += quantity[row]! * price[row]!;
  }
  return worth.reduce((most, value, mark) => Math.max(most, Math.abs(value / nav[mark]! - 1)), 0);
}

for (const fill of ["next_open", "same_close"] as const) {
  Deno.test(`FR-039 the envelope of the base configuration (${fill}) has the run in its middle`, async () => {
    const { run, members } = await baseRun({ sets: [`execution.fill=${fill}`] });
    strictEqual(members[0]!.name, fill);
    deepStrictEqual(members[0]!.record.nav, run.nav);
    for (const { name, record } of members) {
      const error = bookError(record);
      ok(error < 1e-9, `${name}: NAV and holdings differ by ${error}`);
    }
    const { members: figures, headline } = envelopeOf(run, members);
    const of = (name: string) => figures.find((member) => member.name === name)!;
    const [own] = figures;
    const { portfolio } = deriveRun(run).statistics;
    deepStrictEqual([own!.sharpe, own!.bps], [portfolio.sharpe, portfolio.bps]);
    ok(of("double_costs").final_nav! < own!.final_nav!);
    ok(of("next_worst").final_nav! < of("double_costs").final_nav!);
    for (const name of ["next_open", "next_close", "bar_later"]) {
      ok(Math.abs(of(name).final_nav! / own!.final_nav! - 1) < 0.1, `${name} is far off`);
    }
    strictEqual(headline, null);
  });
}
