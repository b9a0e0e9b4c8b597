import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { parseTime } from "../core/clock.ts";
import { type RegimeData, type RegimeTimeline, regimeTimeline } from "./mod.ts";
import { decisionsOf, history, SHORT_RULES, vixOf } from "./test_market.ts";

const at = (data: RegimeData, ...times: readonly string[]) =>
  regimeTimeline(Float64Array.from(times, parseTime), data, SHORT_RULES);

const allLabels = (timeline: RegimeTimeline) =>
  Array.from(timeline.times, (_, i) => timeline.labelsAt(i).volatility);

Deno.test("FR-034 LOW is below 15, HIGH is above 25, both thresholds themselves are NORMAL", () => {
  const vix = vixOf("2024-07-08", [14.99, 15, 25, 25.01]);
  const days = ["09", "10", "11", "12"].map((day) => `2024-07-${day}T00:00:00Z`);
  deepStrictEqual(allLabels(at({ vix }, ...days)), ["LOW", "NORMAL", "NORMAL", "HIGH"]);
});

Deno.test("FR-004 the VIX is known a quarter of an hour after the session, early closes included", () => {
  const vix = vixOf("2024-07-02", [10, 30]); // 3 July closes at 17:00 UTC
  const found = at(
    { vix },
    "2024-07-02T20:14:59Z",
    "2024-07-02T20:15:00Z",
    "2024-07-03T17:00:00Z",
    "2024-07-03T17:15:00Z",
  );
  deepStrictEqual(allLabels(found), ["NORMAL", "LOW", "LOW", "HIGH"]);
  deepStrictEqual(found.defaults.volatility, Uint8Array.of(1, 0, 0, 0));
});

Deno.test("FR-034 a VIX that ends is held for a session, then NORMAL stands, not realised volatility", () => {
  const data = {
    vix: vixOf("2024-07-08", [30]),
    equity: history("equity", "2024-07-01", [10, 10, 10, 10, 10, 10, 10, 10, 10]),
  };
  const found = at(
    data,
    "2024-07-09T20:00:00Z",
    "2024-07-10T00:00:00Z",
    "2024-07-10T20:00:00Z",
    "2024-07-11T00:00:00Z",
  );
  deepStrictEqual(allLabels(found), ["HIGH", "HIGH", "HIGH", "NORMAL"]);
  deepStrictEqual(found.defaults.volatility, Uint8Array.of(0, 0, 0, 1));
  deepStrictEqual(found.inputs.realised_volatility, Float64Array.of(0, 0, 0, 0));
  deepStrictEqual(
    found.notes.filter(({ dimension }) => dimension === "volatility"),
    [
      {
        dimension: "volatility",
        kind: "held",
        reason: "a newer VIX is overdue",
        from: 1,
        to: 3,
      },
      {
        dimension: "volatility",
        kind: "default",
        reason: "the last VIX is too old",
        from: 3,
        to: 4,
      },
    ],
  );
});

Deno.test("FR-034 without VIX, the deviation of daily returns times √252 stands in and is held to the same limits", () => {
  // Returns of +1 %, −1 % and +1 %: sample deviation √(4/3) %, 18.3 points a year.
  const equity = history("equity", "2024-07-08", [100, 101, 99.99, 100.9899]);
  const found = at({ equity }, "2024-07-11T16:00:00Z", "2024-07-11T20:00:00Z");
  deepStrictEqual(allLabels(found), ["NORMAL", "NORMAL"]);
  deepStrictEqual(found.defaults.volatility, Uint8Array.of(1, 0));
  ok(Math.abs(found.inputs.realised_volatility[1]! - Math.sqrt(4 / 3 * 252)) < 1e-9);
  const loud = history("equity", "2024-07-08", [100, 102, 99.96, 101.9592]);
  strictEqual(at({ equity: loud }, "2024-07-11T20:00:00Z").labelsAt(0).volatility, "HIGH");
  const quiet = history("equity", "2024-07-08", [100, 100, 100, 100]);
  strictEqual(at({ equity: quiet }, "2024-07-11T20:00:00Z").labelsAt(0).volatility, "LOW");
});

Deno.test("FR-034 realised volatility stands in until the first VIX is known, and says so", () => {
  const data = {
    vix: vixOf("2024-07-12", [30]),
    equity: history("equity", "2024-07-08", [10, 10, 10, 10, 10]),
  };
  const decisions = decisionsOf("2024-07-11", "2024-07-13");
  const timeline = regimeTimeline(decisions, data, SHORT_RULES);
  // Three returns are known from the fourth close on; the VIX of the 12th only at 20:15, after the last decision.
  const [normal, low] = [Array(5).fill("NORMAL"), Array(7).fill("LOW")];
  deepStrictEqual(allLabels(timeline), [...normal, ...low]);
  const { notes } = timeline;
  deepStrictEqual(
    notes.filter(({ dimension }) => dimension === "volatility").map(({ kind, from, to }) => [
      kind,
      from,
      to,
    ]),
    [["substitute", 0, 12], ["default", 0, 5]],
  );
});
