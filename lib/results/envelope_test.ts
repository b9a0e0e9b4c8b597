import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { EnvelopeMember, EnvelopeName } from "../core/proofs.ts";
import { deriveRun } from "./derive.ts";
import { envelopeOf, headlineOf } from "./envelope.ts";
import { handMadeRecord } from "./record_fixture.ts";

const record = handMadeRecord();
const named = (name: EnvelopeName, nav: Float64Array) => ({
  name,
  title: name,
  record: { ...record, nav, bookings: [], wishes: [] },
});

Deno.test("FR-047 a member's figures are those of the run's own statistics", () => {
  const halved = record.nav.map((nav, mark) => mark === 0 ? nav : nav / 2);
  const { members } = envelopeOf(record, [
    named("next_open", record.nav),
    named("next_close", halved),
  ]);
  const { portfolio } = deriveRun(record).statistics;
  const { final_nav, total_return, cagr, sharpe, max_drawdown, bps } = portfolio;
  deepStrictEqual(members[0], {
    ...{ name: "next_open", title: "next_open" },
    ...{ final_nav, total_return, cagr, sharpe, max_drawdown, bps },
  });
  strictEqual(members[1]!.final_nav, 525.5);
  strictEqual(members[1]!.total_return, 525.5 / 1000 - 1);
  ok(members[1]!.sharpe! < 0);
});

Deno.test("FR-047 a member that lost all has lost 100 %, and no figure is NaN", () => {
  const { members } = envelopeOf(record, [
    named("next_open", record.nav),
    named("next_worst", Float64Array.of(1000, 900, 0, 0)),
  ]);
  deepStrictEqual(members[1], {
    ...{ name: "next_worst", title: "next_worst", final_nav: 0, total_return: -1, cagr: -1 },
    ...{ sharpe: null, max_drawdown: 1, bps: null },
  });
});

/** Members by name, each with its Sharpe ratio and total return. */
function headline(
  given: Partial<
    Record<EnvelopeName, readonly [sharpe: number | null, totalReturn: number | null]>
  >,
): string | null {
  const members = Object.entries(given).map(([name, [sharpe, total_return]]): EnvelopeMember => ({
    ...{ name: name as EnvelopeName, title: name, sharpe, total_return },
    ...{ final_nav: 1, cagr: null, max_drawdown: null, bps: null },
  }));
  return headlineOf(members);
}

Deno.test("FR-047 an edge of the friendliest member alone is the headline", () => {
  strictEqual(
    headline({ same_close: [1, 0.2], next_open: [-0.1, -0.1], next_close: [null, -1] }),
    "The edge lives only where orders fill at the close they were decided on; all 2 other fills lose it",
  );
  strictEqual(
    headline({ next_open: [-1, -0.2], bar_later: [0.1, 0.1] }),
    "The edge lives only where orders fill one bar later; the other fill loses it",
  );
});

Deno.test("FR-047 an edge that the run has and a member lacks is a headline too", () => {
  strictEqual(
    headline({
      next_open: [1, 0.2],
      next_close: [0.9, 0.2],
      next_worst: [-0.1, -0.1],
      bar_later: [0.1, -0.01],
      double_costs: [0, 0.1],
    }),
    "The edge is gone when orders fill at the worst price of the next bar, orders fill one bar later " +
      "or costs double",
  );
  strictEqual(
    headline({ next_open: [1, 0.2], next_close: [2, 0.2], double_costs: [-1, -0.1] }),
    "The edge is gone when costs double",
  );
});

Deno.test("FR-047 an edge everywhere, or nowhere, or in a run that has none, is no headline", () => {
  strictEqual(headline({ next_open: [1, 0.2], next_close: [0.9, 0.2] }), null);
  strictEqual(headline({ next_open: [-1, -0.2], next_close: [null, null] }), null);
  strictEqual(
    headline({ next_open: [-1, -0.2], next_close: [1, 0.2], bar_later: [1, 0.2] }),
    null,
  );
  strictEqual(headline({ next_open: [1, 0.2] }), null);
  strictEqual(headline({}), null);
});

Deno.test("FR-047 a higher Sharpe ratio without a gain is no edge, and leaves the other the friendliest with one", () => {
  strictEqual(
    headline({ next_open: [0.1, 0.01], next_close: [0.2, -0.01] }),
    "The edge is gone when orders fill at the next close",
  );
});
