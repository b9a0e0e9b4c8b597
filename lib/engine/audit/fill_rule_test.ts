import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { Fill } from "../../core/orders.ts";
import { type Rehearsable, rehearsable } from "../simulate.ts";
import { end, market, models, planUntil } from "../test_rich_market.ts";
import { audit } from "./audit.ts";
import { fillRuleFindings } from "./fill_rule.ts";

const honest = rehearsable({ plan: planUntil(end), data: market(1) }, models);

/** The run with one fill of a kind changed. */
function tampered(kind: Fill["kind"], change: (fill: Fill) => Partial<Fill>): Rehearsable {
  const outcomes = honest.record.outcomes.slice();
  const place = outcomes.findLastIndex((one) => one.status === "filled" && one.kind === kind);
  const fill = outcomes[place] as Fill;
  outcomes[place] = { ...fill, ...change(fill) };
  return { ...honest, record: { ...honest.record, outcomes } };
}

Deno.test("SC-002 every fill of an honest run is one that its plan declares", () => {
  deepStrictEqual(fillRuleFindings(honest), []);
});

for (const kind of ["market", "limit", "stop"] as const) {
  Deno.test(`SC-002 a ${kind} fill that was tampered with is found, and what of it`, () => {
    const cases: Record<string, (fill: Fill) => Partial<Fill>> = {
      price: ({ price }) => ({ price: price * (1 + Number.EPSILON) }),
      fee: ({ fee }) => ({ fee: fee / 2 }),
      row: ({ row }) => ({ row: row - 1 }),
      executedAt: ({ executedAt }) => ({ executedAt: executedAt - 86_400_000 }),
      referencePrice: ({ referencePrice }) => ({ referencePrice: referencePrice * 2 }),
    };
    for (const [name, change] of Object.entries(cases)) {
      const [finding] = fillRuleFindings(tampered(kind, change));
      strictEqual(finding?.what, "fill", name);
      strictEqual(finding.where.split(" ")[1], name);
    }
  });
}

Deno.test("SC-002 a tampered fill makes the whole certificate fail", () => {
  const run = tampered("market", ({ fee }) => ({ fee: fee / 2 }));
  const { verdict, findings } = audit(run, models, { checkpoints: 2 });
  strictEqual(verdict, "failed");
  strictEqual(findings[0]?.variant, "rule");
});

Deno.test("SC-002 a stop that a bar reached and that did not fill is found", () => {
  const { record } = honest;
  const stops = record.outcomes.filter(({ kind, status }) =>
    kind === "stop" && status === "filled"
  );
  ok(stops.length > 3, `${stops.length} stops`);
  const [gone] = stops.slice(-1) as Fill[];
  const isGone = ({ index, model, asset }: { index: number; model: number; asset: number }) =>
    index === gone!.index && model === gone!.model && asset === gone!.asset;
  const without = {
    ...record,
    outcomes: record.outcomes.filter((outcome) => outcome !== gone),
    bookings: record.bookings.filter((booking) => !(isGone(booking) && booking.quantity < 0)),
  };
  const findings = fillRuleFindings({ ...honest, record: without });
  const missed = findings.find(({ found }) => found === "none");
  match(missed!.expected, /^a fill at \d/);
  match(missed!.where, /stop$/);
});

Deno.test("SC-002 cash and NAV must be what the fills make of them", () => {
  const { record } = honest;
  const outcomes = record.outcomes.filter((_, place) => place % 2 === 0);
  const dropped = fillRuleFindings({ ...honest, record: { ...record, outcomes } });
  deepStrictEqual(dropped.map(({ what, where }) => [what, where]), [["account", "cash"]]);
  const nav = record.nav.slice();
  nav[20]! *= 1.001;
  const inflated = fillRuleFindings({ ...honest, record: { ...record, nav } });
  deepStrictEqual(inflated.map(({ what, where }) => [what, where]), [["account", "NAV"]]);
});
