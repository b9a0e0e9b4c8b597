import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { ExperimentDimension, TrialRecord } from "../core/experiment.ts";
import type { ParameterValue } from "../core/search_space.ts";
import { TRIAL_FIGURES, type TrialFigure } from "../core/trial_figures.ts";
import {
  notablePlaces,
  rankingLines,
  trialColumns,
  type TrialRecords,
  trialRecords,
  trialSchema,
} from "./experiment_table.ts";
import { encodeParquet } from "./parquet.ts";

const RANGE: ExperimentDimension = { path: "m.fast", label: "fast", low: 1, high: 9, log: false };
const WORDS: ExperimentDimension = { path: "m.how", label: "how", values: ["a", null, true, 2] };
const TAKEN: ExperimentDimension = { path: "m.sharpe", label: "sharpe", values: [1, 2] };
const OWN: ExperimentDimension = { path: "m.rank", label: "rank", values: [["x"], { y: 1 }] };

function figures(of: (place: number) => number | null): TrialRecord["figures"] {
  return Object.fromEntries(
    TRIAL_FIGURES.map((figure, place) => [figure, of(place)]),
  ) as Record<TrialFigure, number | null>;
}

function trial(place: number, rest: Partial<TrialRecord> = {}): TrialRecord {
  return {
    trial: place,
    run_id: `run${place}`,
    batch: 0,
    status: "finished",
    message: null,
    values: [3],
    score: 0.5,
    figures: figures((figure) => figure + place),
    rank: place + 1,
    plateau: null,
    neighbours: 2,
    pareto: false,
    test_score: null,
    ...rest,
  };
}

function recordsOf(trials: readonly TrialRecord[]): TrialRecords {
  const ranked = trials.filter(({ rank }) => rank !== null).toSorted((a, b) => a.rank! - b.rank!);
  return {
    count: trials.length,
    order: Int32Array.from(ranked, ({ trial }) => trial),
    failed: trials.filter(({ status }) => status === "failed").map(({ trial }) => trial),
    front: trials.filter(({ pareto }) => pareto).map(({ trial }) => trial),
    at: (place) => trials[place]!,
  };
}

function readBack(dimensions: readonly ExperimentDimension[], trials: readonly TrialRecord[]) {
  const { at, ...rest } = trialRecords(
    { dimensions },
    trialColumns({ dimensions }, recordsOf(trials)),
  );
  return { ...rest, trials: trials.map((_, place) => at(place)) };
}

Deno.test("FR-049 a table of trials comes back as it was: numbers, words, lists, what was not set, what failed", () => {
  const dimensions = [RANGE, WORDS, TAKEN, OWN];
  const trials = [
    trial(0, { values: [3.5, "a", 1, ["x"]], rank: 2, pareto: true, test_score: -1 }),
    trial(1, { values: [null, null, null, null], plateau: 0.25, rank: 1 }),
    trial(2, {
      ...{ status: "failed", message: 'no, "never"', score: null, rank: null },
      ...{ values: [9, 2, 2, { y: 1 }], figures: figures(() => null) },
    }),
  ];
  const { order, failed, front, ...read } = readBack(dimensions, trials);
  deepStrictEqual(read, { count: 3, trials });
  deepStrictEqual([order, failed, front], [Int32Array.of(1, 0), [2], [0]]);
});

Deno.test("FR-049 a parameter that is called like a figure or a column has a column of its own", () => {
  const names = Object.keys(trialSchema({ dimensions: [RANGE, TAKEN, OWN] }));
  strictEqual(new Set(names).size, names.length);
  deepStrictEqual(names.slice(-3), ["fast", "parameter sharpe", "parameter rank"]);
});

Deno.test("FR-049 equal tables are equal bytes, whatever is in them", async () => {
  const choice: fc.Arbitrary<ParameterValue> = fc.oneof(
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number === 0 ? 0 : number),
    fc.array(fc.string(), { maxLength: 2 }),
  );
  const figure = fc.option(fc.double({ noNaN: true }));
  const rows = fc.array(
    fc.record({
      value: choice,
      number: fc.option(fc.integer()),
      figure,
      score: figure,
      text: fc.string(),
    }),
    { minLength: 1, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(rows, async (drawn) => {
      const dimensions = [RANGE, { ...WORDS, values: ["a", ...drawn.map(({ value }) => value)] }];
      const trials = drawn.map(({ value, number, figure, score, text }, place) =>
        trial(place, {
          values: [number, value],
          figures: figures(() => figure),
          score,
          message: text === "" ? null : text,
          rank: null,
        })
      );
      deepStrictEqual(readBack(dimensions, trials).trials, trials);
      const encoded = async () =>
        await encodeParquet(
          trialSchema({ dimensions }),
          trialColumns({ dimensions }, recordsOf(trials)),
        );
      deepStrictEqual(await encoded(), await encoded());
    }),
    { seed: 8, numRuns: 60 },
  );
});

Deno.test("FR-049 the ranking has the best first and those without a score last, in their order", () => {
  const trials = [
    trial(0, { rank: null, score: null, status: "failed" }),
    trial(1, { rank: 2 }),
    trial(2, { rank: 1, score: 0.75, plateau: 0.5 }),
    trial(3, { rank: null, score: null }),
  ];
  const lines = [...rankingLines({ dimensions: [RANGE] }, recordsOf(trials))];
  deepStrictEqual(lines.map((line) => line.split(",").slice(0, 7).join()), [
    "rank,trial,run_id,fast,score,plateau,test_score",
    "1,2,run2,3,0.75,0.5,",
    "2,1,run1,3,0.5,,",
    ",0,run0,3,,,",
    ",3,run3,3,,,",
  ]);
  ok(lines.every((line) => line.endsWith("\n") && !line.slice(0, -1).includes("\n")));
});

Deno.test("FR-049 no spreadsheet takes a value of the ranking for a formula, and no text breaks its line", () => {
  const told: readonly (readonly [ParameterValue, string])[] = [
    ["=1+1", "'=1+1"],
    ["@x", "'@x"],
    ["-x", "'-x"],
    ["a,b", '"a,b"'],
    ['say "no"', '"say ""no"""'],
    ["two\nlines", '"two\nlines"'],
    ["two\rlines", '"two\rlines"'],
    ["\r=1", `"'\r=1"`],
    [["a", "b"], '"[""a"",""b""]"'],
    [-3, "-3"],
    [true, "true"],
    [null, ""],
  ];
  for (const [value, text] of told) {
    const dimensions = [{ ...WORDS, values: [value, "a"] }];
    const [, line] = [...rankingLines({ dimensions }, recordsOf([trial(0, { values: [value] })]))];
    ok(line!.startsWith(`1,0,run0,${text},0.5,`), line);
  }
});

Deno.test("FR-049 of very many trials the best, the front and some that failed are handed round", () => {
  const count = 20_001;
  const order = Int32Array.from({ length: 19_000 }, (_, place) => place + 1_001);
  const failed = Array.from({ length: 1_001 }, (_, place) => place);
  const places = notablePlaces({ count, order, failed, front: [20_000] }, 7_777);
  deepStrictEqual(places, [
    ...failed.slice(0, 100),
    ...order.subarray(0, 2_000),
    7_777,
    20_000,
  ]);
  const all = notablePlaces({ count: 20_000, order, failed, front: [] }, null);
  deepStrictEqual([all.length, all[0], all.at(-1)], [20_000, 0, 19_999]);
});
