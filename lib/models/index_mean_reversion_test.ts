import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { indexMeanReversion as model } from "./index_mean_reversion.ts";
import { weightsOver } from "./model_fixtures.ts";

const short = { rsi_period: 2, bb_period: 4, bb_std: 1 };

/** The weights of one asset after each bar from the fifth on, the first with a dip. */
function weightsAfter(closes: readonly number[], parameters: object = {}): number[] {
  const market = [[10, 10, 10, 10, ...closes]];
  return weightsOver(model, market, { parameters: { ...short, ...parameters } }).flat().slice(4);
}

Deno.test("FR-015 a dip below the lower band with an oversold RSI is bought with a small weight", () => {
  deepStrictEqual(weightsAfter([8]), [0.25]);
  deepStrictEqual(weightsAfter([8], { weight: 0.1 }), [0.1]);
  deepStrictEqual(weightsAfter([10, 11]), [0, 0]);
});

Deno.test("FR-015 a dip inside the bands is left alone; bb_std widens them", () => {
  // One bar of four that differs stands √3 deviations from their mean.
  deepStrictEqual(weightsAfter([8], { bb_std: 1.7 }), [0.25]);
  deepStrictEqual(weightsAfter([8], { bb_std: 1.8 }), [0]);
});

Deno.test("FR-015 a close at the lower band is not below it", () => {
  // Mean 9 and deviation 1: the band is 8, and so is the close.
  deepStrictEqual(weightsAfter([8, 10, 8], { rsi_oversold: 89, bb_std: 1 }).at(-1), 0);
  deepStrictEqual(weightsAfter([8, 10, 8], { rsi_oversold: 89, bb_std: 0.9 }).at(-1), 0.25);
});

Deno.test("FR-015 a dip whose RSI is not below rsi_oversold is left alone", () => {
  // Average gain 1 then 0.5, average loss 2: RSI 20, and the close is below the band of 8.59.
  deepStrictEqual(weightsAfter([12, 8], { rsi_oversold: 20 }), [0, 0]);
  deepStrictEqual(weightsAfter([12, 8], { rsi_oversold: 20.5 }), [0, 0.25]);
});

Deno.test("FR-015 a longer RSI remembers the rise before a dip", () => {
  const dip = [11, 12, 13, 14, 15, 9];
  const after = (rsi_period: number) => weightsAfter(dip, { rsi_period, rsi_oversold: 20 }).at(-1);
  deepStrictEqual([2, 3, 4, 5].map(after), [0.25, 0, 0, 0]);
});

Deno.test("FR-015 a position is closed at the middle band", () => {
  deepStrictEqual(weightsAfter([8, 8, 9]), [0.25, 0.25, 0]); // middle 8.75
  deepStrictEqual(weightsAfter([8, 8, 8.6]), [0.25, 0.25, 0.25]); // middle 8.65
  deepStrictEqual(weightsAfter([4, 4, 6]), [0.25, 0.25, 0]); // middle 6, exactly
});

Deno.test("FR-015 a position is closed once RSI is overbought, though below the middle band", () => {
  // After the fall of 6 the average loss is 3, then 1.5; the gain of 0.5 averages 0.25: RSI 14.3.
  const bounce = [4, 4.5];
  deepStrictEqual(weightsAfter(bounce, { rsi_overbought: 15 }), [0.25, 0.25]);
  deepStrictEqual(weightsAfter(bounce, { rsi_overbought: 14 }), [0.25, 0]);
});

const falling = [8, 7, 6, 5, 4, 3];

Deno.test("FR-015 a position is closed after max_bars_held bars, the filling one included", () => {
  // Held from the bar after 8 on, and never oversold enough again: four falling bars are 1.34 deviations deep.
  const held = (max_bars_held: number) => weightsAfter(falling, { bb_std: 1.5, max_bars_held });
  deepStrictEqual(held(1), [0.25, 0, 0, 0, 0, 0]);
  deepStrictEqual(held(3), [0.25, 0.25, 0.25, 0, 0, 0]);
  deepStrictEqual(held(12), [0.25, 0.25, 0.25, 0.25, 0.25, 0.25]);
});

Deno.test("FR-015 what is held 12 bars is closed by default", () => {
  const long = Array.from({ length: 20 }, (_, i) => 8 - i / 10);
  const weights = weightsAfter(long, { bb_std: 1.7 });
  strictEqual(weights.indexOf(0), 12);
});

Deno.test("FR-015 a dip that lasts beyond the time stop is bought again", () => {
  deepStrictEqual(weightsAfter(falling, { max_bars_held: 2 }), [0.25, 0.25, 0, 0.25, 0.25, 0]);
});

Deno.test("FR-015 each asset is decided by itself", () => {
  const market = [[10, 10, 10, 10, 8, 9], [10, 10, 10, 10, 10, 8], [5, 6, 7, 8, 9, 10]];
  const weights = weightsOver(model, market, { parameters: short });
  deepStrictEqual(weights.slice(4), [[0.25, 0, 0], [0.25, 0.25, 0]]);
});

Deno.test("FR-015 property: nothing is held at or above the middle band", () => {
  const closes = fc.array(fc.integer({ min: 90, max: 110 }), { minLength: 30, maxLength: 30 });
  fc.assert(
    fc.property(closes, fc.integer({ min: 2, max: 5 }), (closes, rsi_period) => {
      const parameters = { ...short, rsi_period, rsi_oversold: 40 };
      const weights = weightsOver(model, [closes], { parameters }).flat();
      weights.forEach((weight, t) => {
        if (Number.isNaN(weight)) return;
        const mean = closes.slice(t - 3, t + 1).reduce((sum, close) => sum + close, 0) / 4;
        if (closes[t]! >= mean) strictEqual(weight, 0);
      });
    }),
    { seed: 1 },
  );
});

Deno.test("FR-015 each period reaches the feature it belongs to, all on H4 bars", () => {
  const named = (parameters: object) =>
    Object.values(model.features(model.parameters.parse(parameters)))
      .map(({ timeframe, name }) => `${timeframe}.${name}`);
  deepStrictEqual(named({}), [
    "h4.close()",
    "h4.rsi(2)",
    "h4.bollinger(20, 2).lower",
    "h4.sma(20)",
  ]);
  deepStrictEqual(named({ rsi_period: 5, bb_period: 10, bb_std: 1.5 }), [
    "h4.close()",
    "h4.rsi(5)",
    "h4.bollinger(10, 1.5).lower",
    "h4.sma(10)",
  ]);
});

Deno.test("FR-015 reversion refuses parameters that cannot mean anything", () => {
  const wrong = [
    { rsi_period: 1 },
    { rsi_period: 6 },
    { rsi_period: 2.5 },
    { rsi_oversold: -1 },
    { rsi_overbought: 101 },
    { bb_period: 1 },
    { bb_std: 0 },
    { bb_std: Infinity },
    { max_bars_held: 0 },
    { max_bars_held: 1.5 },
    { weight: 1.01 },
    { weight: -0.1 },
    { rsi_exit: 50 },
  ];
  for (const parameters of wrong) {
    ok(!model.parameters.safeParse(parameters).success, JSON.stringify(parameters));
  }
  const crossed = model.parameters.safeParse({ rsi_oversold: 90 });
  deepStrictEqual(crossed.error!.issues.map(({ path, message }) => [...path, message]), [
    ["rsi_oversold", "must be below rsi_overbought"],
  ]);
});

Deno.test("FR-018 weights that would sum to more than 1 over the universe are told before a run", () => {
  const check = (weight: number, ...universe: string[]) =>
    model.check(model.parameters.parse({ weight }), universe);
  strictEqual(check(0.25, "A", "B", "C", "D"), undefined);
  strictEqual(
    check(0.5, "A", "B", "C"),
    "weight: found 0.5 for each of 3 symbols, expected at most 1 together",
  );
});
