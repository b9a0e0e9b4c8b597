import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { figureOfValidation, pathSharpes, validationName } from "./experiment_validation.ts";
import { madeUpExperiment } from "./test_experiment.ts";

Deno.test("FR-049 the median of an even number of paths lies between the middle two", () => {
  const odd = { count: 3, low: 0.1, high: 0.7, median: 0.4 };
  deepStrictEqual(pathSharpes([0.4, 0.7, null, 0.1]), odd);
  const even = pathSharpes([0.25, 1, 0, 0.75])!;
  deepStrictEqual(even, { count: 4, low: 0, high: 1, median: 0.5 });
  strictEqual(pathSharpes([null]), undefined);
  const { card } = madeUpExperiment({ validation: "combinatorial" });
  strictEqual(figureOfValidation(card), 0.5);
  strictEqual(figureOfValidation({ ...card, validation: null }), null);
});

Deno.test("FR-049 a validation of one window or one split says so", () => {
  const { card } = madeUpExperiment({ method: "evolutionary", validation: "walk_forward" });
  const walk = card.validation as Extract<typeof card.validation, { windows: unknown }>;
  const one = { ...card, validation: { ...walk, windows: walk.windows.slice(0, 1) } };
  strictEqual(validationName(one), "walk-forward, 1 window");
  strictEqual(validationName(card), "walk-forward, 8 windows");
});
