import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { gridBatch } from "./grid.ts";
import { sampleBatch } from "./sample.ts";
import { type MethodSettings, search } from "./search.ts";
import { list, spaceOf } from "./test_spaces.ts";

const SETTINGS: MethodSettings = {
  ...{ method: "grid", sampling: "random", trials: 3, seed: 1, max_trials: 100 },
  evolution: {
    ...{ population: 2, generations: 3, start: "sample", elite: 0 },
    ...{ tournament: 2, crossover: 1, mutation: 0.5 },
  },
};
const SPACE = spaceOf([list(1, 2, 3), list(1, 2, 3)]);

/** How many trials each batch has. */
function counts(settings: MethodSettings): number[] {
  const found: number[] = [];
  const steps = search(SPACE, settings);
  for (let step = steps.next(); !step.done;) {
    found.push(step.value.count);
    step = steps.next(new Float64Array(step.value.count));
  }
  return found;
}

Deno.test("FR-045 a grid and a sample are one batch, an evolution one for each generation", () => {
  deepStrictEqual(counts(SETTINGS), [9]);
  deepStrictEqual(counts({ ...SETTINGS, method: "random" }), [3]);
  deepStrictEqual(counts({ ...SETTINGS, method: "evolutionary" }), [2, 2, 2]);
});

Deno.test("FR-045 the methods propose what they propose by themselves", () => {
  const first = (method: MethodSettings["method"]) => {
    const { value } = search(SPACE, { ...SETTINGS, method }, { accepts: ([a]) => a !== 1 }).next();
    return value!.at(0);
  };
  const options = { accepts: ([a]: readonly unknown[]) => a !== 1 };
  deepStrictEqual(first("grid"), gridBatch(SPACE, { maxTrials: 100, ...options }).at(0));
  deepStrictEqual(first("random"), sampleBatch(SPACE, SETTINGS, options).at(0));
  strictEqual(first("grid")[0], 2);
});
