import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { weightsOver } from "./model_fixtures.ts";
import { movingAverageCross as model } from "./moving_average_cross.ts";

const universe = ["BTC", "ETH", "SPY"];

const parse = (parameters: unknown) => model.parameters.parse(parameters);

Deno.test("FR-013 the cross holds an asset while its fast average is above its slow one", () => {
  const closes = [[5, 5, 6, 7, 5, 4], [5, 4, 3, 2, 3, 5]];
  deepStrictEqual(weightsOver(model, closes, { parameters: { fast_ma: 1, slow_ma: 2 } }), [
    [NaN, NaN],
    [0, 0], // equal averages are not above
    [0.5, 0],
    [0.5, 0],
    [0, 0.5],
    [0, 0.5],
  ]);
});

Deno.test("FR-013 the cross takes configured weights, and 0 for a symbol without one", () => {
  const parameters = { fast_ma: 1, slow_ma: 2, weights: { ETH: 0.75 } };
  const closes = [[5, 6], [5, 6]];
  deepStrictEqual(weightsOver(model, closes, { parameters }).at(-1), [0, 0.75]);
});

Deno.test("FR-014 the cross is 50 over 200 bars of the trading timeframe by default", () => {
  const { up } = model.features(parse({}));
  strictEqual(up!.name, "above(sma(50), sma(200))");
  deepStrictEqual([up!.timeframe, up!.warmUp], ["trading", 200]);
});

Deno.test("FR-013 the cross refuses parameters that cannot mean anything", () => {
  const issues = (parameters: unknown) =>
    model.parameters.safeParse(parameters).error!.issues.map(({ path, message }) =>
      `${path.join(".")}: ${message}`
    );
  deepStrictEqual(issues({ fast_ma: 200 }), ["fast_ma: must be below slow_ma"]);
  const wrong = [{ fast_ma: 0 }, { fast_ma: 1.5 }, { slow_ma: 1e6 }, { weights: { BTC: 1.5 } }, {
    weights: { BTC: -1 },
  }, { period: 3 }];
  for (const parameters of wrong) ok(!model.parameters.safeParse(parameters).success);
});

Deno.test("FR-018 weights outside the universe, or over 1 together, are told before a run", () => {
  const check = (weights?: Record<string, number>) =>
    model.check(parse(weights ? { weights } : {}), universe);
  strictEqual(check(), undefined);
  strictEqual(check({}), undefined);
  strictEqual(check({ BTC: 0.1, ETH: 0.2, SPY: 0.7 }), undefined);
  strictEqual(
    check({ BTC: 0.5, QQQ: 0.5 }),
    'weights: found "QQQ", expected a symbol of its universe, BTC, ETH, SPY',
  );
  strictEqual(check({ BTC: 0.7, ETH: 0.6 }), "weights: found a sum of 1.3, expected at most 1");
});

Deno.test("FR-018 property: weights that pass the check are never refused in a run", () => {
  const closes = fc.array(fc.integer({ min: 90, max: 110 }), { minLength: 20, maxLength: 20 });
  const weights = fc.dictionary(
    fc.constantFrom(...universe),
    fc.double({ min: 0, max: 1, noNaN: true }),
  );
  fc.assert(
    fc.property(closes, closes, closes, weights, (btc, eth, spy, weights) => {
      const parameters = parse({ fast_ma: 2, slow_ma: 5, weights });
      fc.pre(model.check(parameters, universe) === undefined);
      for (const row of weightsOver(model, [btc, eth, spy], { parameters })) {
        row.forEach((weight, place) =>
          ok(Number.isNaN(weight) || weight === 0 || weight === weights[universe[place]!])
        );
      }
    }),
    { seed: 1 },
  );
});
