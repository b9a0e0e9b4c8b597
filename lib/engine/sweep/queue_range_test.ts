import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { planWith, tradable } from "../fixtures.ts";
import type { FinishedTrial, SweepTrials } from "./crew.ts";
import {
  differencesOf,
  exactText,
  fromExactText,
  type PackedTrials,
  unpacked,
} from "./queue_patch.ts";
import { type OpenJob, TrialRange } from "./queue_range.ts";
import { type ArrivedTrial, headOf, packResult, unpackResult } from "./queue_results.ts";

const base = planWith([tradable("AAA")], []);

/** Trials that differ in their seeds. */
function seeds(...values: readonly number[]): SweepTrials {
  return {
    count: values.length,
    *[Symbol.iterator]() {
      for (const [place, seed] of values.entries()) yield { place, patch: { seed } };
    },
  };
}

/** What a worker would send back: each trial's seed as its figure. */
function done({ id, trials }: Pick<OpenJob, "id" | "trials">): readonly ArrivedTrial[] {
  const asked = fromExactText(trials) as PackedTrials;
  const finished = unpacked(asked).map((differences, place): FinishedTrial => ({
    place,
    figures: Float64Array.of(Number(differences[0]?.value ?? base.seed), NaN, -0),
    returns: place % 2 === 0 ? Float64Array.of(0.1, 5e-324) : null,
    failure: place % 3 === 2 ? "not this\none" : null,
    ...(place === 2 ? { isCutShort: true } : {}),
  }));
  const packed = packResult(finished.toReversed(), {
    job: id,
    worker: "w",
    ms: 1,
    trials: asked,
    width: 3,
  });
  return unpackResult(headOf(packed.head), packed.body);
}

const rangeOf = (trials: SweepTrials, leftovers = new Map<string, ArrivedTrial>()) =>
  new TrialRange(trials, { base, leftovers });

function placesOf(finished: readonly FinishedTrial[]) {
  return finished.map(({ place, figures }) => [place, figures[0]]);
}

Deno.test("SC-008 a result arrives as it was sent: bits, returns and failures", () => {
  const range = rangeOf(seeds(7, 8, 9, 10));
  const { job } = range.next(1, 0)!;
  const { finished } = range.settle(job!.id, done(job!));
  deepStrictEqual(placesOf(finished), [[0, 7], [1, 8]]);
  deepStrictEqual(finished[0]!.figures, Float64Array.of(7, NaN, -0));
  deepStrictEqual(finished[0]!.returns, Float64Array.of(0.1, 5e-324));
  deepStrictEqual([finished[1]!.returns, finished[1]!.failure], [null, null]);
  strictEqual(range.isDone, false);
});

Deno.test("SC-008 a trial that a limit ended is told apart from one that failed by itself", () => {
  const range = rangeOf(seeds(...Array(16).keys()));
  const { job } = range.next(1, 0)!;
  const { finished } = range.settle(job!.id, done(job!));
  deepStrictEqual(finished.map(({ failure, isCutShort }) => [failure, isCutShort]), [
    [null, undefined],
    [null, undefined],
    ["not this\none", true],
    [null, undefined],
  ]);
});

Deno.test("SC-008 a result that is not whole is no result", () => {
  const range = rangeOf(seeds(1, 2));
  const { job } = range.next(1, 0)!;
  const asked = fromExactText(job!.trials) as PackedTrials;
  const finished = [{ place: 0, figures: Float64Array.of(1), returns: null, failure: null }];
  const { head, body } = packResult(finished, {
    job: "a",
    worker: "w",
    ms: 1,
    trials: asked,
    width: 1,
  });
  throws(() => unpackResult(headOf(head), body.subarray(0, 4)), /has 4 bytes, 8 were expected/);
});

Deno.test("SC-008 a trial that comes twice, or that two places want, counts once for each place", () => {
  const range = rangeOf(seeds(5, 5, 6));
  const jobs: OpenJob[] = [];
  for (let next = range.next(1, 0); next; next = range.next(1, 0)) {
    if (next.job) jobs.push(next.job);
  }
  const first = jobs.flatMap((job) => range.settle(job.id, done(job)).finished);
  deepStrictEqual(placesOf(first), [[0, 5], [1, 5], [2, 6]]);
  const second = jobs.flatMap((job) => range.settle(job.id, done(job)).finished);
  deepStrictEqual([second.length, range.isDone], [0, true]);
});

Deno.test("SC-008 results that an earlier coordinator asked for count, however it cut its jobs", () => {
  const earlier = rangeOf(seeds(1, 2, 3, 4, 5, 6));
  const { job } = earlier.next(1, 0)!;
  const arrived = done(job!);
  const leftovers = new Map(arrived.map((trial) => [exactText(trial.differences), trial]));
  const range = rangeOf(seeds(9, 3, 2, 1), leftovers);
  const known: FinishedTrial[] = [];
  const asked: unknown[] = [];
  for (let next = range.next(1, 0); next; next = range.next(1, 0)) {
    known.push(...next.known);
    if (next.job) asked.push(...unpacked(fromExactText(next.job.trials) as PackedTrials));
    if (next.job) range.settle(next.job.id, done(next.job));
  }
  deepStrictEqual(placesOf(known), [[1, 3], [2, 2], [3, 1]]);
  deepStrictEqual(asked, [differencesOf(base, { seed: 9 })]);
  strictEqual(range.isDone, true);
});

Deno.test("SC-008 a lost job is asked for again as it was, one that nobody could do in halves", () => {
  const range = rangeOf(seeds(...Array(16).keys()));
  const { job } = range.next(1, 0)!;
  const [same] = range.again(job!.id, 5, { failed: false });
  deepStrictEqual([same!.id, same!.since, same!.failures], [job!.id, 5, 0]);
  const halves = range.again(same!.id, 6, { failed: true });
  deepStrictEqual(
    halves.map(({ parts, failures }) => [parts.map(({ place }) => place), failures]),
    [
      [[0, 1], 1],
      [[2, 3], 1],
    ],
  );
  deepStrictEqual(placesOf(range.settle("late", done(job!)).finished).length, 4);
  deepStrictEqual(halves.flatMap(({ id }) => range.again(id, 7, { failed: false })), []);
});

Deno.test("SC-008 jobs grow until they take half a second or two megabytes, and shrink towards the end", () => {
  const range = rangeOf(seeds(...Array(10_000).keys()));
  const sizes: number[] = [];
  for (let next = range.next(2, 0); next; next = range.next(2, 0)) {
    sizes.push(next.job!.parts.length);
    const count = next.job!.parts.length;
    range.took(count, { ms: count, bytes: sizes.length > 8 ? 10_000 * count : count, slots: 2 });
    range.settle(next.job!.id, done(next.job!));
  }
  deepStrictEqual(sizes.slice(0, 5), [4, 16, 64, 256, 500]);
  deepStrictEqual(sizes.slice(9, 12), [200, 200, 200]);
  strictEqual(sizes.at(-1), 1);
  strictEqual(range.isDone, true);
});

Deno.test("SC-008 whatever is lost, doubled and late, each place gets its own result exactly once", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 40 }),
      fc.infiniteStream(fc.constantFrom("done", "done", "twice", "lost", "failed")),
      (values, fates) => {
        const range = rangeOf(seeds(...values));
        const got = new Map<number, number>();
        const take = (finished: readonly FinishedTrial[]) => {
          for (const { place, figures } of finished) {
            strictEqual(got.has(place), false);
            got.set(place, figures[0]!);
          }
        };
        for (let steps = 0; !range.isDone && steps < 10_000; steps++) {
          const next = range.next(2, steps);
          take(next?.known ?? []);
          const [id, job] = range.jobs.entries().next().value ?? [];
          if (id === undefined) continue;
          const fate = fates.next().value;
          if (fate === "lost" || fate === "failed") {
            range.again(id, steps, { failed: fate === "failed" });
          } else take(range.settle(id, done(job!)).finished);
          if (fate === "twice") take(range.settle(id, done(job!)).finished);
        }
        deepStrictEqual([...got].toSorted(([a], [b]) => a - b), [...values.entries()]);
      },
    ),
    { seed: 11, numRuns: 200 },
  );
});
