import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { parseDate } from "../core/clock.ts";
import { type RegimeData, type RegimeTimeline, regimeTimeline } from "./mod.ts";
import { naiveLabeller } from "./test_labels.ts";
import {
  dailySeries,
  decisionsOf,
  history,
  knownBy,
  monthly,
  SHORT_RULES,
  vixOf,
} from "./test_market.ts";

const FROM = "2024-06-20"; // with holidays and an early close ahead
const DECISIONS = decisionsOf("2024-06-22", "2024-09-20");

/** Whole numbers, so that closes meet their averages and momenta are zero often enough. */
const someValues = (min: number, max: number) =>
  fc.array(
    fc.option(fc.integer({ min, max }), { nil: undefined, freq: 6 }),
    { maxLength: 70, size: "max" },
  );

const someData: fc.Arbitrary<RegimeData> = fc.record({
  equity: someValues(8, 12).map((closes) => history("equity", FROM, closes)),
  crypto: someValues(8, 12).map((closes) => history("crypto", FROM, closes)),
  vix: someValues(13, 27).map((values) => vixOf(FROM, values)),
  tenYear: someValues(2, 4).map((values) => dailySeries(FROM, values, { lagDays: 2 })),
  twoYear: someValues(3, 4).map((values) => dailySeries(FROM, values, { lagDays: 1 })),
  pmi: fc.tuple(fc.integer({ min: 49, max: 51 }), fc.integer({ min: 49, max: 51 }))
    .map(([may, june]) => monthly({ "2024-05": may, "2024-06": june })),
}, { requiredKeys: [] });

const somePeriods = fc.record({
  average: fc.integer({ min: 1, max: 5 }),
  momentum: fc.integer({ min: 1, max: 5 }),
});

/** Short periods and holding times such as somebody might choose. */
const someRules = fc.record({
  equity: somePeriods,
  crypto: somePeriods,
  holding: fc.record({
    equity_sessions: fc.integer({ min: 1, max: 4 }),
    volatility_sessions: fc.integer({ min: 1, max: 4 }),
    crypto_hours: fc.integer({ min: 24, max: 100 }),
    macro_days: fc.integer({ min: 0, max: 20 }),
  }),
}).map((some) => ({ ...SHORT_RULES, ...some }));

Deno.test("SC-005 property: labels and defaults are those of the naive reading of the rules", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(someData, someRules, (data, rules) => {
      const timeline = regimeTimeline(DECISIONS, data, rules);
      const answersAt = naiveLabeller(data, rules);
      for (const [i, time] of DECISIONS.entries()) {
        if (i % 2) continue; // every eight hours will do
        const answers = answersAt(time);
        for (const [dimension, { label, isDefault }] of Object.entries(answers)) {
          const key = dimension as keyof typeof answers;
          strictEqual(timeline.labelsAt(i)[key], label);
          strictEqual(timeline.defaults[key][i], isDefault ? 1 : 0);
          seen.add(isDefault ? `${key} by default` : label);
        }
      }
    }),
    { seed: 1, numRuns: 60 },
  );
  strictEqual(seen.size, 15); // eleven labels and four defaults were all met
});

/** Everything a timeline says about its first `count` decisions. */
function firstDecisions(timeline: RegimeTimeline, count: number) {
  const { equity, volatility, crypto, macro, defaults, inputs, notes } = timeline;
  const cut = <Column extends Uint8Array | Float64Array>(
    columns: Readonly<Record<string, Column>>,
  ) => Object.fromEntries(Object.entries(columns).map(([key, one]) => [key, one.slice(0, count)]));
  return {
    codes: cut({ equity, volatility, crypto, macro }),
    defaults: cut(defaults),
    inputs: cut(inputs),
    notes: notes.filter(({ from }) => from < count)
      .map((note) => ({ ...note, to: Math.min(note.to, count) })),
  };
}

Deno.test("FR-003 property: what becomes available later changes no label, input or note", () => {
  const cuts = fc.integer({ min: 1, max: DECISIONS.length });
  fc.assert(
    fc.property(someData, cuts, (data, count) => {
      const known = knownBy(data, DECISIONS[count - 1]!);
      const whole = regimeTimeline(DECISIONS, data, SHORT_RULES);
      const part = regimeTimeline(DECISIONS.slice(0, count), known, SHORT_RULES);
      deepStrictEqual(firstDecisions(part, count), firstDecisions(whole, count));
    }),
    { seed: 1, numRuns: 200 },
  );
});

Deno.test("FR-003 property: a file that is not there yet changes no label before its first row", () => {
  fc.assert(
    fc.property(someData, fc.constantFrom("vix", "pmi", "equity", "crypto"), (data, late) => {
      const { [late]: missing, ...without } = data;
      const part = regimeTimeline(DECISIONS, without as RegimeData, SHORT_RULES);
      const whole = regimeTimeline(DECISIONS, data, SHORT_RULES);
      const availableAt = missing && ("bars" in missing ? missing.bars : missing).availableAt;
      const first = DECISIONS.findIndex((time) => time >= (availableAt?.[0] ?? Infinity));
      const count = first < 0 ? DECISIONS.length : first;
      deepStrictEqual(firstDecisions(part, count), firstDecisions(whole, count));
    }),
    { seed: 1, numRuns: 100 },
  );
});

Deno.test("FR-003 a split that is to come leaves every label before it as it was", () => {
  const closes = [10, 11, 12, 11, 9, 8, 9, 12];
  const { bars } = history("equity", FROM, closes);
  const exDate = parseDate("2024-06-28");
  const quartered = bars.close.map((close, row) =>
    bars.openTime[row]! < exDate ? close : close / 4
  );
  const split = { symbol: "SPY", exDate, kind: "split", value: 4 } as const;
  const raw = { bars: { ...bars, close: quartered }, splits: [split], splitsApplied: false };
  const ignorant = { ...raw, splits: [] };
  const [told, untold] = [raw, ignorant].map((equity) =>
    regimeTimeline(DECISIONS, { equity }, SHORT_RULES)
  );
  const count = DECISIONS.findIndex((time) => time >= exDate);
  deepStrictEqual(firstDecisions(told!, count), firstDecisions(untold!, count));
  ok(told!.equity.some((code, i) => code !== untold!.equity[i]));
});

Deno.test("FR-037 without any data every label is its default", () => {
  const timeline = regimeTimeline(DECISIONS, {});
  const expected = {
    equity: "NEUTRAL",
    volatility: "NORMAL",
    crypto: "RISK_OFF",
    macro: "SLOWDOWN",
  };
  for (const i of DECISIONS.keys()) deepStrictEqual(timeline.labelsAt(i), expected);
  for (const column of Object.values(timeline.defaults)) ok(column.every((flag) => flag === 1));
  for (const column of Object.values(timeline.inputs)) ok(column.every(Number.isNaN));
});

Deno.test("FR-037 a timeline of no decisions is empty, and an index outside one is a mistake", () => {
  const data = { equity: history("equity", FROM, [1, 2, 3]), vix: vixOf(FROM, [20]) };
  const empty = regimeTimeline(new Float64Array(0), data);
  deepStrictEqual([empty.equity.length, empty.notes], [0, []]);
  throws(() => empty.labelsAt(0), { name: "RangeError", message: "No decision 0: there are 0" });
  throws(() => regimeTimeline(DECISIONS, data).labelsAt(-1), RangeError);
});

Deno.test("FR-037 data that begin after the last decision leave the defaults", () => {
  const data = {
    equity: history("equity", "2025-03-03", [1, 2, 3]),
    vix: vixOf("2025-03-03", [9]),
  };
  const { defaults } = regimeTimeline(DECISIONS, data, SHORT_RULES);
  ok(defaults.equity.every(Boolean) && defaults.volatility.every(Boolean));
});
