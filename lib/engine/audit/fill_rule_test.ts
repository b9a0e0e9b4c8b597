import { deepStrictEqual, strictEqual } from "node:assert/strict";
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
