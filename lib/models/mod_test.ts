import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import type { z } from "zod";
import { REGIME, weightsOver } from "./model_fixtures.ts";
import { findModel, MODELS } from "./mod.ts";
import { movingAverageCross } from "./moving_average_cross.ts";

Deno.test("FR-013 a model is found by its whole name, else the nearest is offered", () => {
  strictEqual(findModel("MovingAverageCrossModel_v1"), movingAverageCross);
  throws(() => findModel("MovingAverageCrosModel_v1", [movingAverageCross]), {
    name: "Refusal",
    message: "MovingAverageCrosModel_v1 is not a known model " +
      '(did you mean "MovingAverageCrossModel_v1"?); known: MovingAverageCrossModel_v1',
  });
});

Deno.test("FR-017 no two models share a name", () => {
  strictEqual(new Set(MODELS.map(({ name }) => name)).size, MODELS.length);
});

Deno.test("FR-013 every model runs on its defaults: features, schedule and universe go together", () => {
  for (const model of MODELS) {
    const parameters = model.parameters.parse({});
    const features = Object.entries(model.features(parameters));
    ok(features.length > 0, model.name);
    for (const [name, { warmUp }] of features) ok(warmUp > 0, `${model.name}: ${name}`);
    strictEqual(model.check(parameters, model.universe), undefined, model.name);
    const schedule = model.schedule(parameters);
    ok(schedule === undefined || Number.isInteger(schedule.days) && schedule.days > 0, model.name);
  }
});

Deno.test("FR-013 every parameter of every model says what it is and has a default or may be left out", () => {
  for (const { name, parameters } of MODELS) {
    for (const [key, schema] of Object.entries(parameters.shape)) {
      ok((schema as z.ZodType).description, `${name}: ${key}`);
      ok((schema as z.ZodType).safeParse(undefined).success, `${name}: ${key}`);
    }
  }
});

/** Periods short enough for a handful of bars. */
const SHORT: Readonly<Record<string, object>> = {
  EquityTrendModel_v1: { slow_ma_period: 4, exit_ma_period: 2, momentum_lookback_days: 3 },
  IndexMeanReversionModel_v1: { bb_period: 4, bb_std: 1, rsi_oversold: 40, max_bars_held: 3 },
  CryptoMomentumModel_v1: { short_lookback: 1, long_lookback: 3 },
  MovingAverageCrossModel_v1: { fast_ma: 2, slow_ma: 4 },
};
const LENGTH = 20;
const closes = fc.array(fc.integer({ min: 90, max: 110 }), {
  minLength: LENGTH,
  maxLength: LENGTH,
});
const regimes = fc.array(
  fc.constantFrom("RISK_ON" as const, "RISK_OFF" as const).map((crypto) => ({ ...REGIME, crypto })),
  { minLength: LENGTH, maxLength: LENGTH },
);

for (const model of MODELS) {
  Deno.test(`FR-003 property: ${model.name} answers the same whether or not later bars exist`, () => {
    const parameters = SHORT[model.name]!;
    let held = 0;
    fc.assert(
      fc.property(closes, closes, regimes, fc.integer({ min: 1, max: LENGTH }), (
        one,
        other,
        regimes,
        count,
      ) => {
        const all = weightsOver(model, [one, other], { parameters, regimes });
        const known = [one.slice(0, count), other.slice(0, count)];
        deepStrictEqual(weightsOver(model, known, { parameters, regimes }), all.slice(0, count));
        held += all.flat().filter((weight) => weight > 0).length;
      }),
      { seed: 1 },
    );
    ok(held > 0, `${model.name} never held anything`);
  });
}
