import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { Assignment } from "../../core/search_space.ts";
import { gridBatch } from "./grid.ts";
import { nearestOthers } from "./nearest.ts";
import { plateauScores } from "./plateau.ts";
import { list, range, spaceOf } from "./test_spaces.ts";

Deno.test("FR-049 a plateau is the median of a trial and those one step away in one parameter", () => {
  const space = spaceOf([list(10, 30, 20), list("x", "y")]);
  const { at, count } = gridBatch(space, { maxTrials: 10 });
  const assignments = Array.from({ length: count }, (_, place) => at(place));
  // By size, the first parameter is 10 (1, 2), 20 (5, 9), 30 (3, NaN).
  const plateau = plateauScores(space, assignments, [1, 2, 3, NaN, 5, 9]);
  deepStrictEqual(plateau, Float64Array.of(2, 2, 4, NaN, 4, 5));
});

Deno.test("FR-049 a trial without neighbours has no plateau", () => {
  const space = spaceOf([list(1, 2, 3), list(1, 2, 3)]);
  deepStrictEqual(
    plateauScores(space, [[1, 1], [2, 2], [3, 3], [3, 2]], [1, 2, 3, 8]),
    Float64Array.of(NaN, 5, 5.5, 3),
  );
  const conditional = spaceOf([list("on", "off"), list(1, 2)], {}, {
    1: [{ dimension: 0, values: ["on"] }],
  });
  deepStrictEqual(
    plateauScores(conditional, [["on", 1], ["on", 2], ["off", undefined]], [1, 2, 3]),
    Float64Array.of(1.5, 1.5, NaN),
  );
});

Deno.test("FR-049 in a range the nearest two per parameter are the neighbours", () => {
  const space = spaceOf([range(0, 100)]);
  const at: Assignment[] = [[0], [1], [3], [50], [52], [100]];
  deepStrictEqual(
    plateauScores(space, at, [1, 2, 3, 10, 20, 30]),
    Float64Array.of(2, 2, 2, 10, 20, 20),
  );
  const log = spaceOf([range(1, 1_000, { log: true })]);
  deepStrictEqual(
    plateauScores(log, [[1], [10], [100], [1_000]], [1, 2, 3, 4]),
    Float64Array.of(2, 2, 3, 3),
  );
});

Deno.test("FR-049 the plateaus of ten thousand pairs take no comparison of all with all", () => {
  const values = list(...Array.from({ length: 100 }, (_, i) => i));
  const space = spaceOf([values, values]);
  const { at, count } = gridBatch(space, { maxTrials: 10_000 });
  const assignments = Array.from({ length: count }, (_, place) => at(place));
  const scores = Float64Array.from(assignments, ([a, b]) => Number(a) + Number(b));
  const plateau = plateauScores(space, assignments, scores);
  strictEqual(plateau[5 * 100 + 7], 12);
  strictEqual(plateau[0], 1);
});

Deno.test("FR-049 the nearest points are those that comparing all with all finds", () => {
  const point = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 2, maxLength: 2 });
  fc.assert(
    fc.property(
      fc.array(point, { maxLength: 80 }),
      fc.integer({ min: 1, max: 5 }),
      (list, count) => {
        const points = list.map((values) => Float64Array.from(values));
        const distance = (one: number, other: number) =>
          points[one]!.reduce((sum, value, i) => sum + (value - points[other]![i]!) ** 2, 0);
        const slow = points.map((_, place) =>
          Uint32Array.from(
            points.map((_, other) => other).filter((other) => other !== place)
              .sort((a, b) => distance(place, a) - distance(place, b) || a - b).slice(0, count),
          )
        );
        deepStrictEqual(nearestOthers(points, count), slow);
      },
    ),
    { seed: 8 },
  );
  ok(nearestOthers([Float64Array.of(1)], 3)[0]!.length === 0);
});
