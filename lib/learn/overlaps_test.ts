import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { overlapsOf } from "./overlaps.ts";

const intervals = {
  start: Float64Array.of(0, 10, 20, 30, 40),
  end: Float64Array.of(5, 20, 25, 100, 45),
};

Deno.test("AI-9 overlapsOf() finds what was planted, pair by pair", () => {
  const of = (train: readonly number[], test: readonly number[], embargoMs = 0) =>
    overlapsOf({ train: Int32Array.from(train), test: Int32Array.from(test) }, intervals, {
      embargoMs,
    });
  deepStrictEqual(of([0, 2], [3, 4]), { overlaps: 0, samples: 0, embargoBreaches: 0 });
  // 1 ends in the moment at which 2 starts.
  deepStrictEqual(of([1], [2]), { overlaps: 1, samples: 1, embargoBreaches: 0 });
  deepStrictEqual(of([3], [2, 4]), { overlaps: 1, samples: 1, embargoBreaches: 0 });
  // 3 meets 4, 0 none of them.
  deepStrictEqual(of([0, 3], [1, 4]), { overlaps: 1, samples: 1, embargoBreaches: 0 });
  // 3 begins 5 after the end of 2 and 10 after that of 1.
  deepStrictEqual(of([3], [1, 2], 4), { overlaps: 0, samples: 0, embargoBreaches: 0 });
  deepStrictEqual(of([3], [1, 2], 5), { overlaps: 0, samples: 0, embargoBreaches: 1 });
  deepStrictEqual(of([3], [1, 2], 10), { overlaps: 0, samples: 0, embargoBreaches: 2 });
});

Deno.test("AI-9 overlapsOf() agrees with every pair looked at", () => {
  const sample = fc.record({
    start: fc.integer({ min: 0, max: 60 }),
    lasts: fc.integer({ min: 0, max: 20 }),
    tested: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 30 }), fc.nat(10), (samples, embargoMs) => {
      const start = Float64Array.from(samples, (row) => row.start);
      const end = Float64Array.from(samples, (row) => row.start + row.lasts);
      const places = [...samples.keys()];
      const train = places.filter((i) => !samples[i]!.tested);
      const test = places.filter((i) => samples[i]!.tested);
      const pairs = train.flatMap((a) => test.map((b) => [a, b] as const));
      const found = overlapsOf(
        { train: Int32Array.from(train), test: Int32Array.from(test) },
        { start, end },
        { embargoMs },
      );
      const sharing = pairs.filter(([a, b]) => start[a]! <= end[b]! && start[b]! <= end[a]!);
      const soon = pairs.filter(([a, b]) =>
        start[a]! > end[b]! && start[a]! - end[b]! <= embargoMs
      );
      strictEqual(found.overlaps, sharing.length);
      strictEqual(found.samples, new Set(sharing.map(([sample]) => sample)).size);
      strictEqual(found.embargoBreaches, soon.length);
    }),
    { seed: 1 },
  );
});
