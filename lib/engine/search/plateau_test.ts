import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { Assignment } from "../../core/search_space.ts";
import { gridBatch } from "./grid.ts";
import { nearestOthers } from "./nearest.ts";
import { mostSupported, neighboursOf, plateausOf } from "./plateau.ts";
import { list, range, spaceOf } from "./test_spaces.ts";

type Space = Parameters<typeof neighboursOf>[0];

function plateaus(space: Space, assignments: readonly Assignment[], scores: readonly number[]) {
  const { medians, counts } = plateausOf(neighboursOf(space, assignments), scores);
  return { medians: [...medians], counts: [...counts] };
}

Deno.test("FR-049 a plateau is the median of those one step away in one parameter, without the trial's own score", () => {
  const space = spaceOf([list(10, 30, 20), list("x", "y")]);
  const { at, count } = gridBatch(space, { maxTrials: 10 });
  const assignments = Array.from({ length: count }, (_, place) => at(place));
  // By size, the first parameter is 10 (1, 2), 20 (5, 9), 30 (3, 8).
  deepStrictEqual(plateaus(space, assignments, [1, 2, 3, 8, 5, 9]), {
    medians: [3.5, 5, 6.5, 6, 3, 5],
    counts: [2, 2, 2, 2, 3, 3],
  });
});

Deno.test("FR-049 a neighbour without a score counts as the worst", () => {
  const space = spaceOf([list(1, 2, 3, 4, 5)]);
  const line: Assignment[] = [[1], [2], [3], [4], [5]];
  deepStrictEqual(plateaus(space, line, [1, NaN, 3, 4, 5]), {
    medians: [-Infinity, NaN, -Infinity, 4, 4],
    counts: [1, 2, 2, 2, 1],
  });
  // Two of three do: the third does not hide them.
  const cross = spaceOf([list(1, 2), list(1, 2, 3)]);
  const pairs: Assignment[] = [[1, 1], [1, 2], [1, 3], [2, 2]];
  strictEqual(plateaus(cross, pairs, [NaN, 1, 2, 3]).medians[1], 2);
});

Deno.test("FR-049 a trial without neighbours has no plateau", () => {
  const space = spaceOf([list(1, 2, 3), list(1, 2, 3)]);
  deepStrictEqual(plateaus(space, [[1, 1], [2, 2], [3, 3], [3, 2]], [1, 2, 3, 8]), {
    medians: [NaN, 8, 8, 2.5],
    counts: [0, 1, 1, 2],
  });
  const conditional = spaceOf([list("on", "off"), list(1, 2)], {}, {
    1: [{ dimension: 0, values: ["on"] }],
  });
  deepStrictEqual(plateaus(conditional, [["on", 1], ["on", 2], ["off", undefined]], [1, 2, 3]), {
    medians: [2, 1, NaN],
    counts: [1, 1, 0],
  });
});

Deno.test("FR-049 in a range the nearest two per parameter are the neighbours", () => {
  const space = spaceOf([range(0, 100)]);
  const at: Assignment[] = [[0], [1], [3], [50], [52], [100]];
  deepStrictEqual(plateaus(space, at, [1, 2, 3, 10, 20, 30]), {
    medians: [2.5, 2, 1.5, 11.5, 20, 15],
    counts: [2, 2, 2, 2, 2, 2],
  });
  const log = spaceOf([range(1, 1_000, { log: true })]);
  deepStrictEqual(
    plateaus(log, [[1], [10], [100], [1_000]], [1, 2, 3, 4]).medians,
    [2.5, 2, 3, 2.5],
  );
});

Deno.test("FR-049 the winner is borne out by its neighbours: a lonely spike does not win", () => {
  const won = (scores: readonly number[], medians: readonly number[]) =>
    mostSupported(scores, { medians: Float64Array.from(medians) });
  strictEqual(won([9, 5, 4], [1, 4, 4.5]), 1);
  // Of equals the higher score, then the earlier.
  strictEqual(won([4, 5, 5], [4, 4, 4]), 1);
  // Without neighbours the score alone counts; scoreless neighbours are worse than any.
  strictEqual(won([3, 2, 9], [NaN, 2, -Infinity]), 0);
  strictEqual(won([1, 2], [-Infinity, -Infinity]), 1);
  strictEqual(won([NaN, NaN], [NaN, NaN]), -1);
  strictEqual(won([], []), -1);
});

Deno.test("FR-049 the winner's own rule, one by one: no trial has a higher lower of score and plateau", () => {
  const value = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(NaN));
  const median = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(NaN, -Infinity));
  fc.assert(
    fc.property(fc.array(fc.tuple(value, median), { maxLength: 12 }), (rows) => {
      const scores = rows.map(([score]) => score);
      const medians = Float64Array.from(rows, ([, around]) => around);
      const best = mostSupported(scores, { medians });
      const support = (trial: number) =>
        Number.isNaN(medians[trial]!) ? scores[trial]! : Math.min(scores[trial]!, medians[trial]!);
      const scored = [...scores.keys()].filter((trial) => !Number.isNaN(scores[trial]!));
      const expected = scored.sort((a, b) =>
        (support(a) === support(b) ? 0 : support(a) > support(b) ? -1 : 1) ||
        scores[b]! - scores[a]! || a - b
      )[0] ?? -1;
      strictEqual(best, expected);
    }),
    { seed: 17 },
  );
});

Deno.test("FR-049 the plateaus of ten thousand pairs take no comparison of all with all", () => {
  const values = list(...Array.from({ length: 100 }, (_, i) => i));
  const space = spaceOf([values, values]);
  const { at, count } = gridBatch(space, { maxTrials: 10_000 });
  const assignments = Array.from({ length: count }, (_, place) => at(place));
  const scores = Float64Array.from(assignments, ([a, b]) => Number(a) + Number(b));
  const { medians } = plateausOf(neighboursOf(space, assignments), scores);
  strictEqual(medians[5 * 100 + 7], 12);
  strictEqual(medians[0], 1);
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
