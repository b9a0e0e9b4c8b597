import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import type { Batch } from "./batch.ts";
import { gridBatch, gridPoints } from "./grid.ts";
import { list, range, spaceOf } from "./test_spaces.ts";
import { valuesAt } from "./unit.ts";

const OPTIONS = { maxTrials: 1_000 };

function all({ count, at }: Batch) {
  return Array.from({ length: count }, (_, place) => at(place));
}

Deno.test("FR-045 a grid is every combination, the last parameter moving fastest", () => {
  const batch = gridBatch(spaceOf([list(1, 2), list("x", null, true)]), OPTIONS);
  deepStrictEqual(all(batch), [
    ...[[1, "x"], [1, null], [1, true]],
    ...[[2, "x"], [2, null], [2, true]],
  ]);
  strictEqual(batch.excluded, 0);
});

Deno.test("FR-045 combinations that a rule or a model leaves out are skipped and counted", () => {
  const space = spaceOf([list(1, 2, 3), list(2, 3)], {
    "a < b": ([a, b]) => Number(a) < Number(b),
  });
  const batch = gridBatch(space, { ...OPTIONS, accepts: ([a]) => a !== 1 });
  deepStrictEqual(all(batch), [[2, 3]]);
  strictEqual(batch.excluded, 5);
});

Deno.test("FR-045 a parameter that is not set makes no second combination", () => {
  const space = spaceOf([list("on", "off"), list(1, 2, 3), list(7, 8)], {}, {
    1: [{ dimension: 0, values: ["on"] }],
    2: [{ dimension: 1, values: [2] }],
  });
  const batch = gridBatch(space, OPTIONS);
  deepStrictEqual(all(batch), [
    ["on", 1, undefined],
    ["on", 2, 7],
    ["on", 2, 8],
    ["on", 3, undefined],
    ["off", undefined, undefined],
  ]);
  strictEqual(batch.excluded, 0);
});

Deno.test("FR-045 a billion combinations are refused without going through them", () => {
  const values = list(...Array.from({ length: 1_000 }, (_, i) => i));
  const space = spaceOf([values, values, values], { never: () => false });
  throws(() => gridBatch(space, { maxTrials: 100_000 }), {
    name: "Refusal",
    message: "experiment: the grid has 1,000,000,000 combinations, expected at most 100,000; " +
      "set experiment.max_trials to run them all, or sample them with method: random and trials: N",
  });
  const many = spaceOf(Array.from({ length: 20 }, () => values));
  throws(() => gridBatch(many, { maxTrials: 1e9 }), /has 1,000(,000){19} combinations/);
});

Deno.test("FR-045 a large grid without rules is there at once, at any place", () => {
  const values = list(...Array.from({ length: 1_000 }, (_, i) => i));
  const batch = gridBatch(spaceOf([values, values, values]), { maxTrials: 1e9 });
  deepStrictEqual(batch.at(123_456_789), [123, 456, 789]);
});

Deno.test("FR-045 a grid of which nothing is left names the rules, the strictest first", () => {
  const space = spaceOf([list(1, 2), list(1, 2)], {
    "a + b < 4": ([a, b]) => Number(a) + Number(b) < 4,
    "a > 9": ([a]) => Number(a) > 9,
  });
  throws(() => gridBatch(space, OPTIONS), {
    name: "Refusal",
    message:
      "experiment: no combination satisfies a > 9 (broken by 3) and a + b < 4 (broken by 1), expected at least one",
  });
  throws(() => gridBatch(spaceOf([list(1)]), { ...OPTIONS, accepts: () => false }), {
    message:
      "experiment: no combination satisfies the rules of the models, budgets and limits themselves (broken by 1), expected at least one",
  });
});

Deno.test("FR-045 a grid of a range is a mistake of the caller", () => {
  throws(() => gridBatch(spaceOf([range(1, 2)]), OPTIONS), RangeError);
});

const lists = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })
  .map((sizes) => sizes.map((size) => list(...Array.from({ length: size }, (_, i) => i))));

Deno.test("FR-045 a grid holds each allowed combination once, in order", () => {
  fc.assert(
    fc.property(lists, fc.integer({ min: 1, max: 6 }), (choices, divisor) => {
      const rule = (values: readonly unknown[]) =>
        values.reduce<number>((sum, value, i) => sum + (i + 1) * Number(value), 0) % divisor === 0;
      const space = spaceOf(choices, { rule });
      const points = [...gridPoints(space, 1_000)].map((point) =>
        valuesAt(space.dimensions, point)
      );
      strictEqual(new Set(points.map(String)).size, points.length);
      deepStrictEqual(points, points.toSorted((a, b) => a.join() < b.join() ? -1 : 1));
      const batch = gridBatch(space, OPTIONS);
      deepStrictEqual(all(batch), points.filter(rule));
      strictEqual(batch.count + batch.excluded, points.length);
    }),
    { seed: 8 },
  );
});
