import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { overlapsOf } from "./overlaps.ts";
import { combinatorialPurged, type Intervals, pathsOf, purgedKFold } from "./splits.ts";

function intervalsOf(rows: readonly (readonly [number, number])[]): Intervals {
  return {
    start: Float64Array.from(rows, ([start]) => start),
    end: Float64Array.from(rows, ([, end]) => end),
  };
}

/** Sample `i` is known from `i` · 10 and lasts. */
function ladder(samples: number, lasts: number): Intervals {
  return intervalsOf(Array.from({ length: samples }, (_, i) => [i * 10, i * 10 + lasts]));
}

/** Starts ascending, some equal, lengths from nothing to many starts. */
const drawnIntervals = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 40 })),
  { minLength: 8, maxLength: 60 },
).map((rows) =>
  intervalsOf(
    rows.toSorted(([a], [b]) => a - b).map(([start, lasts]) => [start, start + lasts] as const),
  )
);

const drawnFolds = fc.record({
  folds: fc.integer({ min: 2, max: 7 }),
  testFolds: fc.integer({ min: 1, max: 3 }),
  embargoMs: fc.integer({ min: 0, max: 30 }),
}).filter(({ folds, testFolds }) => testFolds < folds);

Deno.test("AI-9 purgedKFold() leaves out what overlaps with the test and what follows it too soon", () => {
  const splits = purgedKFold(ladder(6, 15), { folds: 3, embargoMs: 10 });
  deepStrictEqual(splits.map(({ test }) => [...test]), [[0, 1], [2, 3], [4, 5]]);
  // The test of 20 to 45 takes samples 1 (till 25) and 4 (from 40); 5 begins at 50, within 10 of 45.
  deepStrictEqual(splits.map(({ train }) => [...train]), [[4, 5], [0], [0, 1, 2]]);
  deepStrictEqual(splits.map(({ purged }) => purged), [1, 2, 1]);
  deepStrictEqual(splits.map(({ embargoed }) => embargoed), [1, 1, 0]);
});

Deno.test("AI-9 purgedKFold() keeps neighbours whose intervals do not touch", () => {
  const splits = purgedKFold(ladder(4, 9), { folds: 2, embargoMs: 0 });
  deepStrictEqual(splits.map(({ train }) => [...train]), [[2, 3], [0, 1]]);
  // Touching in one moment is sharing it.
  const touching = purgedKFold(ladder(4, 10), { folds: 2, embargoMs: 0 });
  deepStrictEqual(touching.map(({ train }) => [...train]), [[3], [0]]);
});

Deno.test("AI-9 purgedKFold() makes the first folds longer where samples do not divide evenly", () => {
  const splits = purgedKFold(ladder(8, 0), { folds: 3, embargoMs: 0 });
  deepStrictEqual(splits.map(({ test }) => test.length), [3, 3, 2]);
});

Deno.test("AI-9 combinatorialPurged() tests every choice of folds, and paths join them up", () => {
  const splits = combinatorialPurged(ladder(8, 0), { folds: 4, testFolds: 2, embargoMs: 0 });
  deepStrictEqual(
    splits.map(({ testFolds }) => testFolds.join("")),
    ["01", "02", "03", "12", "13", "23"],
  );
  deepStrictEqual([...splits[2]!.test], [0, 1, 6, 7]);
  deepStrictEqual([...splits[2]!.train], [2, 3, 4, 5]);
  deepStrictEqual(pathsOf(4, 2), [[0, 0, 1, 2], [1, 3, 3, 4], [2, 4, 5, 5]]);
});

Deno.test("AI-9 every sample of a split is tested, trained on, purged or embargoed, and nothing overlaps", () => {
  fc.assert(
    fc.property(drawnIntervals, drawnFolds, (intervals, options) => {
      const samples = intervals.start.length;
      const tested = new Int32Array(samples);
      const splits = combinatorialPurged(intervals, options);
      for (const { train, test, testFolds, purged, embargoed } of splits) {
        strictEqual(new Set([...train, ...test]).size, train.length + test.length);
        strictEqual(train.length + test.length + purged + embargoed, samples);
        strictEqual(testFolds.length, options.testFolds);
        for (const sample of test) tested[sample]!++;
        const found = overlapsOf({ train, test }, intervals, options);
        deepStrictEqual(found, { overlaps: 0, samples: 0, embargoBreaches: 0 });
      }
      deepStrictEqual(tested, tested.map(() => splits.length * options.testFolds / options.folds));
    }),
    { seed: 1 },
  );
});

Deno.test("AI-9 purging leaves out no sample without reason", () => {
  fc.assert(
    fc.property(drawnIntervals, drawnFolds, (intervals, options) => {
      for (const { train, test, purged, embargoed } of combinatorialPurged(intervals, options)) {
        const kept = new Set([...train, ...test]);
        const left = [...intervals.start.keys()].filter((sample) => !kept.has(sample));
        const found = left.map((sample) =>
          overlapsOf({ train: Int32Array.of(sample), test }, intervals, options)
        );
        strictEqual(found.filter(({ overlaps }) => overlaps > 0).length, purged);
        ok(found.every(({ overlaps, embargoBreaches }) => overlaps + embargoBreaches > 0));
        strictEqual(purged + embargoed, left.length);
      }
    }),
    { seed: 2 },
  );
});

Deno.test("AI-9 pathsOf() hands each fold of each split to one path", () => {
  for (const [folds, testFolds, count] of [[6, 2, 5], [5, 1, 1], [6, 3, 10]] as const) {
    const paths = pathsOf(folds, testFolds);
    strictEqual(paths.length, count);
    const splits = combinatorialPurged(ladder(folds, 0), { folds, testFolds, embargoMs: 0 });
    const pairs = paths.flatMap((path) =>
      path.map((split, fold) => {
        ok(splits[split]!.testFolds.includes(fold));
        return `${split}/${fold}`;
      })
    );
    strictEqual(new Set(pairs).size, splits.length * testFolds);
  }
});

Deno.test("AI-9 splits refuse intervals and folds that mean nothing", () => {
  const options = { folds: 2, embargoMs: 0 };
  const of = (rows: readonly (readonly [number, number])[]) => () =>
    purgedKFold(intervalsOf(rows), options);
  throws(of([[0, 1], [5, 4]]), /Interval 1 starts at 5 and ends before, at 4/);
  throws(of([[0, 1], [NaN, 4]]), /Interval 1 starts at NaN/);
  throws(of([[5, 6], [4, 7]]), /order of their start: 1 starts before 0/);
  throws(of([[5, 6]]), /Cannot deal 1 samples out to 2 folds/);
  throws(() => purgedKFold(ladder(4, 0), { ...options, folds: 1 }), /from 2, found 1/);
  throws(() => purgedKFold(ladder(4, 0), { ...options, embargoMs: -1 }), /negative, found -1 ms/);
  throws(() => pathsOf(4, 4), /fewer than the 4 folds, found 4/);
  throws(() => pathsOf(20, 10), /184756 splits, expected at most 6435/);
  const uneven = { start: Float64Array.of(1), end: Float64Array.of(1, 2) };
  throws(() => purgedKFold(uneven, options), /1 starts and 2 ends/);
});
