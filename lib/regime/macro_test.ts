import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Series } from "../core/bars.ts";
import { formatDate } from "../core/clock.ts";
import { MACRO_LABELS, type RegimeData, regimeTimeline } from "./mod.ts";
import { dailySeries, decisionsOf, monthly, SHORT_RULES } from "./test_market.ts";

const FROM = "2024-01-01";

/** Yields whose slopes are the given ones, each known a day after its date. */
function curveOf(...slopes: readonly (number | undefined)[]): {
  tenYear: Series;
  twoYear: Series;
} {
  const tens = slopes.map((slope) => slope === undefined ? undefined : 4 + slope);
  return {
    tenYear: dailySeries(FROM, tens, { lagDays: 1 }),
    twoYear: dailySeries(FROM, slopes.map(() => 4), { lagDays: 1 }),
  };
}

/** A PMI long known when the yields begin. */
const pmiOf = (value: number) => monthly({ "2023-11": value });

/** The label on 2024-01-05, where four slopes are known. */
function macroOf(data: RegimeData): string {
  const timeline = regimeTimeline(decisionsOf("2024-01-05", "2024-01-06"), data, SHORT_RULES);
  return timeline.labelsAt(0).macro + (timeline.defaults.macro[0] ? " by default" : "");
}

Deno.test("FR-036 EXPANSION is a PMI above 50 with a slope that is not negative", () => {
  strictEqual(macroOf({ pmi: pmiOf(50.1), ...curveOf(-1, -1, -1, 0) }), "EXPANSION");
  strictEqual(macroOf({ pmi: pmiOf(50), ...curveOf(1, 1, 1, 1) }), "SLOWDOWN");
  strictEqual(macroOf({ pmi: pmiOf(50.1), ...curveOf(1, 1, 1, -0.5) }), "SLOWDOWN");
  strictEqual(macroOf({ pmi: pmiOf(50.1), ...curveOf(-1, -1, -1, -1) }), "SLOWDOWN");
});

Deno.test("FR-036 RECESSION needs a PMI of at most 50 and a negative slope in each of the last observations", () => {
  strictEqual(macroOf({ pmi: pmiOf(50), ...curveOf(1, -1, -1, -1) }), "RECESSION");
  strictEqual(macroOf({ pmi: pmiOf(49), ...curveOf(-1, 0, -1, -1) }), "SLOWDOWN");
  strictEqual(macroOf({ pmi: pmiOf(49), ...curveOf(-1, -1, -1, 0) }), "SLOWDOWN");
});

Deno.test("FR-036 without PMI the slope alone decides, and never for EXPANSION", () => {
  strictEqual(macroOf(curveOf(-1, -1, -1, -1)), "RECESSION");
  strictEqual(macroOf(curveOf(1, 1, 1, 1)), "SLOWDOWN");
});

Deno.test("FR-036 without a yield curve, or with too few observations of it, the default stands", () => {
  strictEqual(macroOf({ pmi: pmiOf(60) }), "SLOWDOWN by default");
  strictEqual(macroOf({}), "SLOWDOWN by default");
  const { tenYear } = curveOf(1, 1, 1, 1);
  strictEqual(macroOf({ pmi: pmiOf(60), tenYear }), "SLOWDOWN by default");
  const short = curveOf(undefined, undefined, -1, -1);
  strictEqual(macroOf({ pmi: pmiOf(40), ...short }), "SLOWDOWN by default");
});

Deno.test("FR-036 a slope needs both yields of one day, and counts once both are known", () => {
  const curve = {
    tenYear: dailySeries(FROM, [3, 3, 3, 5], { lagDays: 1 }),
    twoYear: dailySeries(FROM, [4, 4, 4, 4], { lagDays: 3 }),
  };
  const timeline = regimeTimeline(decisionsOf(FROM, "2024-01-10"), curve, SHORT_RULES);
  const firstAt = (value: number) =>
    formatDate(timeline.times[timeline.inputs.slope.indexOf(value)]!);
  deepStrictEqual([firstAt(-1), firstAt(1)], ["2024-01-04", "2024-01-07"]);
  const holes = {
    tenYear: dailySeries(FROM, [3, undefined, 3, 3], { lagDays: 1 }),
    twoYear: dailySeries(FROM, [4, 9, undefined, 4], { lagDays: 1 }),
  };
  const { slope } = regimeTimeline(decisionsOf("2024-01-02", "2024-01-06"), holes).inputs;
  deepStrictEqual(slope, new Float64Array(24).fill(-1));
});

Deno.test("FR-004 a PMI decides from its publication on, long after its month", () => {
  const data = {
    ...curveOf(...Array.from({ length: 90 }, () => 1)),
    pmi: monthly({ "2024-01": 60 }),
  };
  const { macro, times } = regimeTimeline(decisionsOf(FROM, "2024-03-01"), data, SHORT_RULES);
  strictEqual(formatDate(times[macro.indexOf(0)]!), "2024-02-02");
});

/** Kind, first and last day of each note about the macro label. */
function macroNotes(data: RegimeData) {
  const timeline = regimeTimeline(decisionsOf("2024-01-08", "2024-06-01"), data, SHORT_RULES);
  const expansion = MACRO_LABELS.indexOf("EXPANSION");
  const day = (index: number) => formatDate(timeline.times[index]!);
  return {
    lastExpansion: day(timeline.macro.lastIndexOf(expansion)),
    notes: timeline.notes.filter(({ dimension }) => dimension === "macro")
      .map(({ kind, reason, from, to }) => [kind, reason, day(from), day(to - 1)]),
  };
}

Deno.test("FR-036 yields hold for 45 days after the longest ordinary pause", () => {
  const months = ["2023-11", "2023-12", "2024-01", "2024-02", "2024-03", "2024-04"];
  const pmi = monthly(Object.fromEntries(months.map((month) => [month, 60])));
  // The last of nine observations is known on 10 January, and another is due four days later.
  deepStrictEqual(macroNotes({ pmi, ...curveOf(...Array.from({ length: 9 }, () => 1)) }), {
    lastExpansion: "2024-02-27",
    notes: [
      ["held", "a newer slope of the yield curve is overdue", "2024-01-14", "2024-02-27"],
      ["default", "the last slope of the yield curve is too old", "2024-02-28", "2024-05-31"],
    ],
  });
});

Deno.test("FR-036 a PMI holds for 45 days after the five weeks within which the next one is due", () => {
  const curve = curveOf(...Array.from({ length: 200 }, () => 1));
  // November's is known on 3 December.
  deepStrictEqual(macroNotes({ pmi: pmiOf(60), ...curve }), {
    lastExpansion: "2024-02-20",
    notes: [
      ["held", "a newer PMI is overdue", "2024-01-08", "2024-02-20"],
      ["default", "the last PMI is too old", "2024-02-21", "2024-05-31"],
    ],
  });
});

Deno.test("FR-036 the absence of a PMI is told once, as a stand-in", () => {
  const curve = curveOf(...Array.from({ length: 200 }, () => 1));
  const timeline = regimeTimeline(decisionsOf("2024-01-08", "2024-02-01"), curve, SHORT_RULES);
  deepStrictEqual(timeline.notes.filter(({ dimension }) => dimension === "macro"), [{
    dimension: "macro",
    kind: "substitute",
    reason: "no PMI is known: slope of the yield curve alone",
    from: 0,
    to: 24 * 6,
  }]);
});
