import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { equityTrend as model } from "./equity_trend.ts";
import { weightsOver } from "./model_fixtures.ts";

const short = { slow_ma_period: 4, exit_ma_period: 2, momentum_lookback_days: 3 };

/** The weights on the last day of some closes, by place. */
function lastWeights(closes: readonly (readonly number[])[], parameters: object = {}) {
  return weightsOver(model, closes, { parameters: { ...short, ...parameters } }).at(-1)!;
}

/** Days on which everything speaks for an asset that closes at `last`, its momentum being last ÷ 10 − 1. */
const risingTo = (last: number) => [10, 10, 10, last];

const days: readonly [string, readonly number[], number][] = [
  ["everything speaks for it", [10, 10, 10, 11], 1],
  ["the close is below the slow average", [10, 20, 10, 12], 0],
  ["the close is the slow average", [9, 14, 10, 11], 0],
  ["the close is below the exit average", [10, 10, 14, 13], 0],
  ["the close is the exit average", [10, 10, 11, 11], 0],
  ["momentum is negative", [13, 5, 5, 12], 0],
  ["momentum is zero", [12, 5, 5, 12], 0],
];
for (const [circumstance, closes, weight] of days) {
  Deno.test(`FR-014 the trend is ${weight === 1 ? "held" : "not held"} when ${circumstance}`, () => {
    deepStrictEqual(lastWeights([closes], { max_positions: 1 }), [weight]);
  });
}

Deno.test("FR-014 the trend is entered and left day by day, not before its averages exist", () => {
  const closes = [10, 10, 10, 11, 12, 13, 12, 14];
  const weights = weightsOver(model, [closes], { parameters: { ...short, max_positions: 1 } });
  deepStrictEqual(weights.flat(), [NaN, NaN, NaN, 1, 1, 1, 0, 1]);
});

Deno.test("FR-014 the strongest get a slot each, and slots that nobody fills are cash", () => {
  const three = [risingTo(12), risingTo(11), risingTo(13)];
  deepStrictEqual(lastWeights(three), [0.5, 0, 0.5]);
  deepStrictEqual(lastWeights(three, { max_positions: 1 }), [0, 0, 1]);
  deepStrictEqual(lastWeights(three, { max_positions: 4 }), [0.25, 0.25, 0.25]);
  deepStrictEqual(lastWeights([risingTo(12), risingTo(9)]), [0.5, 0]);
  deepStrictEqual(lastWeights([risingTo(9), risingTo(9)]), [0, 0]);
});

Deno.test("FR-014 equal momentum is ranked by symbol", () => {
  const three = [risingTo(11), risingTo(12), risingTo(12)];
  deepStrictEqual(lastWeights(three, { max_positions: 1 }), [0, 1, 0]);
  deepStrictEqual(lastWeights([risingTo(12), risingTo(12), risingTo(12)]), [0.5, 0.5, 0]);
});

Deno.test("FR-014 an asset that is not in trend takes no slot, however strong", () => {
  const strongButFalling = [10, 10, 30, 20];
  deepStrictEqual(lastWeights([strongButFalling, risingTo(11), risingTo(12)]), [0, 0.5, 0.5]);
});

Deno.test("FR-014 without equal_weight the same total is split in proportion to momentum", () => {
  const parameters = { equal_weight: false };
  const pair = [[8, 8, 8, 11], [8, 8, 8, 9]]; // momenta 3/8 and 1/8
  deepStrictEqual(lastWeights(pair, parameters), [0.75, 0.25]);
  deepStrictEqual(lastWeights(pair, { ...parameters, max_positions: 4 }), [0.375, 0.125]);
  deepStrictEqual(lastWeights(pair, { ...parameters, max_positions: 1 }), [1, 0]);
  deepStrictEqual(lastWeights([risingTo(12), risingTo(9)], parameters), [0.5, 0]);
});

Deno.test("FR-014 property: the split changes neither the total nor who is held", () => {
  const closes = fc.array(fc.integer({ min: 90, max: 110 }), { minLength: 20, maxLength: 20 });
  fc.assert(
    fc.property(fc.array(closes, { minLength: 3, maxLength: 3 }), fc.integer({ min: 1, max: 4 }), (
      market,
      max_positions,
    ) => {
      const [equal, split] = [true, false].map((equal_weight) =>
        weightsOver(model, market, { parameters: { ...short, max_positions, equal_weight } })
      );
      equal!.forEach((weights, t) => {
        const total = (list: readonly number[]) => list.reduce((sum, weight) => sum + weight, 0);
        deepStrictEqual(weights.map((weight) => weight > 0), split![t]!.map((other) => other > 0));
        if (t < 3) return; // averages do not exist yet
        ok(Math.abs(total(weights) - total(split![t]!)) < 1e-12);
        ok(weights.filter((weight) => weight > 0).length <= max_positions);
      });
    }),
    { seed: 1 },
  );
});

Deno.test("FR-014 each period reaches the feature it belongs to, all on daily bars", () => {
  const named = (parameters: object) =>
    Object.values(model.features(model.parameters.parse(parameters)))
      .map(({ timeframe, name }) => `${timeframe}.${name}`);
  deepStrictEqual(named({}), [
    "daily.close()",
    "daily.sma(200)",
    "daily.sma(50)",
    "daily.momentum(60)",
  ]);
  deepStrictEqual(named(short), [
    "daily.close()",
    "daily.sma(4)",
    "daily.sma(2)",
    "daily.momentum(3)",
  ]);
  strictEqual(model.schedule(model.parameters.parse({})), undefined);
});

Deno.test("FR-014 the trend refuses parameters that cannot mean anything", () => {
  const wrong = [
    { slow_ma_period: 1 },
    { slow_ma_period: 200.5 },
    { slow_ma_period: 1e6 },
    { exit_ma_period: 1 },
    { exit_ma_period: "50" },
    { momentum_lookback_days: 0 },
    { max_positions: 0 },
    { max_positions: 1.5 },
    { equal_weight: 1 },
    { fast_ma: 50 },
  ];
  for (const parameters of wrong) {
    ok(!model.parameters.safeParse(parameters).success, JSON.stringify(parameters));
  }
});
