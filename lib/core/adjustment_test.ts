import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { adjustmentFactors, adjustmentSteps, factorsAt, factorsForBars } from "./adjustment.ts";
import { type Bars, type CorporateAction, DAY_MS, H4_MS } from "./bars.ts";

const dividend = (day: number, value: number): CorporateAction => ({
  symbol: "SPY",
  exDate: day * DAY_MS,
  kind: "dividend",
  value,
});
const split = (day: number, value: number): CorporateAction => ({
  ...dividend(day, value),
  kind: "split",
});
const days = (...numbers: number[]) => Float64Array.from(numbers, (day) => day * DAY_MS);

Deno.test("FR-003 one dividend raises the factor from its ex-date on", () => {
  const factors = adjustmentFactors(
    days(0, 1, 2),
    Float64Array.of(100, 100, 80),
    [dividend(2, 20)],
    true,
  );
  deepStrictEqual(factors, Float64Array.of(1, 1, 1.25)); // 1 ÷ (1 − 20 ÷ 100)
});

Deno.test("FR-003 a split moves the factor only where the file's prices are raw", () => {
  const [times, closes] = [days(0, 1, 2), Float64Array.of(100, 50, 50)];
  deepStrictEqual(
    adjustmentFactors(times, closes, [split(1, 2)], false),
    Float64Array.of(1, 2, 2),
  );
  deepStrictEqual(adjustmentFactors(times, closes, [split(1, 2)], true), Float64Array.of(1, 1, 1));
});

Deno.test("FR-003 actions up to the first daily bar are left out", () => {
  const factors = adjustmentFactors(
    days(5, 6),
    Float64Array.of(100, 100),
    [dividend(1, 10), dividend(5, 10), split(5, 2)],
    false,
  );
  deepStrictEqual(factors, Float64Array.of(1, 1));
});

Deno.test("FR-003 an ex-date between sessions takes effect at the next session", () => {
  const factors = adjustmentFactors(
    days(0, 1, 4),
    Float64Array.of(10, 100, 90),
    [dividend(2, 50)],
    true,
  );
  deepStrictEqual(factors, Float64Array.of(1, 1, 2));
});

Deno.test("FR-003 actions count in order of time however the table lists them", () => {
  const [times, closes] = [days(0, 1, 2, 3), Float64Array.of(100, 90, 45, 40)];
  const actions = [dividend(1, 10), split(2, 2), dividend(3, 9), dividend(3, 0.3)];
  deepStrictEqual(
    adjustmentFactors(times, closes, actions.toReversed(), false),
    adjustmentFactors(times, closes, actions, false),
  );
});

Deno.test("FR-004 an H4 bar takes the factor of its own session, also on the ex-date's first bar", () => {
  const openTime = Float64Array.of(
    -H4_MS,
    3 * H4_MS,
    DAY_MS + 3 * H4_MS,
    DAY_MS + 4 * H4_MS,
    9 * DAY_MS,
  );
  const bars = { symbol: "SPY", timeframe: "h4", openTime } as Bars;
  const expected = Float64Array.of(1, 1, 1.25, 1.25, 1.25);
  deepStrictEqual(factorsForBars(bars, days(0, 1), Float64Array.of(1, 1.25)), expected);
});

Deno.test("FR-004 the day's H4 bars are adjusted before the day's own daily bar exists", () => {
  const steps = adjustmentSteps(days(0), Float64Array.of(100), [dividend(1, 20)], true);
  deepStrictEqual(
    factorsAt(Float64Array.of(3 * H4_MS, DAY_MS + 3 * H4_MS), steps),
    days(1, 1.25).map((x) => x / DAY_MS),
  );
});

Deno.test("FR-009 a dividend that is no less than the close before it is refused", () => {
  throws(
    () => adjustmentFactors(days(0, 1), Float64Array.of(10, 10), [dividend(1, 10)], true),
    {
      name: "Refusal",
      message:
        'Cannot adjust "SPY": its dividend of 1970-01-02 is 10, expected less than the close before, 10',
    },
  );
});

const history = fc.record({
  closes: fc.array(fc.double({ min: 50, max: 200, noNaN: true }), { minLength: 2, maxLength: 30 }),
  payouts: fc.array(
    fc.tuple(fc.integer({ min: -2, max: 40 }), fc.double({ min: 0.01, max: 5, noNaN: true })),
    { maxLength: 10 },
  ),
});

Deno.test("FR-003 property: cutting off the future never changes an earlier factor", () => {
  fc.assert(
    fc.property(history, fc.integer({ min: 1, max: 30 }), ({ closes, payouts }, cut) => {
      const times = Float64Array.from(closes, (_, day) => day * DAY_MS);
      const close = Float64Array.from(closes);
      const actions = payouts.map(([day, value]) => dividend(day, value));
      const whole = adjustmentFactors(times, close, actions, true);
      const known = actions.filter((action) => action.exDate <= (cut - 1) * DAY_MS);
      const part = adjustmentFactors(times.slice(0, cut), close.slice(0, cut), known, true);
      deepStrictEqual(part, whole.slice(0, cut));
    }),
    { seed: 1 },
  );
});

Deno.test("FR-003 property: adjusted closes grow as a holder who is paid each dividend grows", () => {
  fc.assert(
    fc.property(history, ({ closes, payouts }) => {
      const times = Float64Array.from(closes, (_, day) => day * DAY_MS);
      const paid = new Map(payouts); // at most one payout a day
      const actions = [...paid].map(([day, value]) => dividend(day, value));
      const factors = adjustmentFactors(times, Float64Array.from(closes), actions, true);
      strictEqual(factors[0], 1);
      let wealth = closes[0]!;
      for (let day = 1; day < closes.length; day++) {
        // The share goes ex at the close before less the dividend; what it pays buys more of it there.
        wealth *= closes[day]! / (closes[day - 1]! - (paid.get(day) ?? 0));
        ok(Math.abs(factors[day]! * closes[day]! / wealth - 1) < 1e-12);
      }
    }),
    { seed: 1 },
  );
});
