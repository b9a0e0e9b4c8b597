import { ok, strictEqual, throws } from "node:assert/strict";
import type { z } from "zod";
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
