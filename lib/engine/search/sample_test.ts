import { deepStrictEqual, notDeepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { seededRandom } from "../../core/random.ts";
import type { Batch } from "./batch.ts";
import { latinHypercube, sampleBatch } from "./sample.ts";
import { sobolPoints } from "./sobol.ts";
import { list, range, spaceOf } from "./test_spaces.ts";

const SETTINGS = { sampling: "random", trials: 20, seed: 1 } as const;
const METHODS = ["random", "latin_hypercube", "sobol"] as const;

function all({ count, at }: Batch) {
  return Array.from({ length: count }, (_, place) => at(place));
}

Deno.test("FR-046 each sample repeats itself, differs by seed and proposes nothing twice", () => {
  const space = spaceOf([range(1, 9, { whole: true }), list("x", "y", "z"), range(0, 1)]);
  for (const sampling of METHODS) {
    const sample = all(sampleBatch(space, { ...SETTINGS, sampling }));
    deepStrictEqual(all(sampleBatch(space, { ...SETTINGS, sampling })), sample);
    notDeepStrictEqual(all(sampleBatch(space, { ...SETTINGS, sampling, seed: 2 })), sample);
    strictEqual(new Set(sample.map(String)).size, 20);
  }
});

Deno.test("FR-046 a space with fewer combinations than trials is gone through, each once", () => {
  const space = spaceOf([range(1, 3, { whole: true }), list("x", "y")], {
    "a < 3": ([a]) => Number(a) < 3,
  });
  for (const sampling of METHODS) {
    const batch = sampleBatch(space, { ...SETTINGS, sampling });
    deepStrictEqual(all(batch).map(String).sort(), ["1,x", "1,y", "2,x", "2,y"]);
    strictEqual(batch.excluded, 2);
  }
});

Deno.test("FR-046 combinations that are hard to find are found where they can be listed", () => {
  const values = list(...Array.from({ length: 300 }, (_, i) => i));
  const space = spaceOf([values, values], {
    "a == b and a > 290": ([a, b]) => a === b && Number(a) > 290,
  });
  const found = all(sampleBatch(space, { ...SETTINGS, trials: 9 }));
  deepStrictEqual(found.map(([a]) => Number(a)).sort((a, b) => a - b), [
    ...[291, 292, 293, 294, 295, 296, 297, 298, 299],
  ]);
});

Deno.test("FR-046 a rule that nothing satisfies is named after a bounded number of draws", () => {
  const space = spaceOf([range(0, 1), range(0, 1)], {
    "a < 2": () => true,
    "a > b + 1": ([a, b]) => Number(a) > Number(b) + 1,
  });
  throws(() => sampleBatch(space, SETTINGS), {
    name: "Refusal",
    message:
      "experiment: no combination satisfies a > b + 1 (broken by 3,000), expected at least one",
  });
});

Deno.test("FR-046 what a condition switches off is not set, and does not make two of one", () => {
  const space = spaceOf([list("on", "off"), range(0, 1)], {}, {
    1: [{ dimension: 0, values: ["on"] }],
  });
  const sample = all(sampleBatch(space, SETTINGS));
  strictEqual(sample.length, 20);
  deepStrictEqual(sample.filter(([a]) => a === "off"), [["off", undefined]]);
});

Deno.test("FR-046 a Latin hypercube has one point in each stratum of each parameter", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 40 }), fc.nat(), (
      dimensions,
      strata,
      seed,
    ) => {
      const points = latinHypercube(dimensions, strata, seededRandom(seed));
      for (let i = 0; i < dimensions; i++) {
        const hit = points.map((point) => Math.floor(point[i]! * strata)).sort((a, b) => a - b);
        deepStrictEqual(hit, Array.from({ length: strata }, (_, stratum) => stratum));
      }
    }),
    { seed: 8 },
  );
  const space = spaceOf([range(1, 20, { whole: true }), range(0, 1)]);
  const drawn = all(sampleBatch(space, { ...SETTINGS, sampling: "latin_hypercube" }));
  strictEqual(new Set(drawn.map(([a]) => a)).size, 20);
});

Deno.test("FR-046 Sobol points are those of Joe and Kuo's direction numbers", () => {
  const points = sobolPoints(40);
  const columns = [0, 1, 2, 5, 12, 39];
  // An independent implementation (scipy 1.17, unscrambled).
  deepStrictEqual(
    Array.from({ length: 8 }, (_, place) => columns.map((i) => points(place)[i])),
    [
      [0, 0, 0, 0, 0, 0],
      [0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
      [0.75, 0.25, 0.25, 0.75, 0.25, 0.25],
      [0.25, 0.75, 0.75, 0.25, 0.75, 0.75],
      [0.375, 0.375, 0.625, 0.125, 0.375, 0.875],
      [0.875, 0.875, 0.125, 0.625, 0.875, 0.375],
      [0.625, 0.125, 0.875, 0.875, 0.125, 0.625],
      [0.125, 0.625, 0.375, 0.375, 0.625, 0.125],
    ],
  );
  throws(() => sobolPoints(41), {
    name: "Refusal",
    message:
      "experiment.sampling: found sobol for 41 parameters, expected at most 40; latin_hypercube takes any number",
  });
});

Deno.test("FR-046 2ᵏ Sobol points, shifted or not, have one in each of 2ᵏ strata of each parameter", () => {
  const shift = new Uint32Array(40).map((_, i) => seededRandom(i).integer(2 ** 32));
  for (const points of [sobolPoints(40), sobolPoints(40, shift)]) {
    for (let i = 0; i < 40; i++) {
      const hit = new Set(
        Array.from({ length: 256 }, (_, place) => Math.floor(points(place)[i]! * 256)),
      );
      strictEqual(hit.size, 256);
      ok(points(0)[i]! >= 0 && points(255)[i]! < 1);
    }
  }
});
