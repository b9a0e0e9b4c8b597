import { deepStrictEqual, notDeepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import type { Assignment, SearchSpace } from "../../core/search_space.ts";
import type { SearchOptions } from "./batch.ts";
import { evolve, type EvolveSettings } from "./evolve.ts";
import { list, range, spaceOf } from "./test_spaces.ts";

const EVOLUTION: EvolveSettings["evolution"] = {
  ...{ population: 10, generations: 8, start: "sample", elite: 2 },
  ...{ tournament: 3, crossover: 0.9, mutation: 0.2 },
};
const SETTINGS: EvolveSettings = {
  ...{ sampling: "random", seed: 1, max_trials: 1_000 },
  evolution: EVOLUTION,
};

/** All generations of a search whose trials score as `score` says. */
function generations(
  space: SearchSpace,
  settings: EvolveSettings,
  score: (assignment: Assignment) => number,
  options: SearchOptions = {},
): Assignment[][] {
  const all: Assignment[][] = [];
  const steps = evolve(space, settings, options);
  for (let step = steps.next(); !step.done;) {
    const { count, at } = step.value;
    const trials = Array.from({ length: count }, (_, place) => at(place));
    all.push(trials);
    step = steps.next(Float64Array.from(trials, score));
  }
  return all;
}

const numbers = (assignment: Assignment) => assignment.map(Number);
const hill = (assignment: Assignment) => {
  const [a, b] = numbers(assignment);
  return -((a! - 70) * (a! - 70)) - (b! - 0.3) * (b! - 0.3) * 1_000;
};
const SPACE = spaceOf([range(1, 100, { whole: true }), range(0, 1)]);

Deno.test("FR-048 the same seed and scores breed the same generations", () => {
  const all = generations(SPACE, SETTINGS, hill);
  deepStrictEqual(all.map(({ length }) => length), [10, 8, 8, 8, 8, 8, 8, 8]);
  deepStrictEqual(generations(SPACE, SETTINGS, hill), all);
  notDeepStrictEqual(generations(SPACE, { ...SETTINGS, seed: 2 }, hill), all);
  notDeepStrictEqual(generations(SPACE, SETTINGS, (trial) => -hill(trial)), all);
});

Deno.test("FR-048 later generations are better than the sample they come from", () => {
  const gains = [1, 2, 3, 4, 5].map((seed) => {
    const all = generations(SPACE, { ...SETTINGS, seed }, hill);
    const best = (trials: readonly Assignment[]) => Math.max(...trials.map(hill));
    const mean = (trials: readonly Assignment[]) =>
      trials.reduce((sum, trial) => sum + hill(trial), 0) / trials.length;
    ok(mean(all.at(-1)!) > mean(all[0]!));
    return best(all.flat()) - best(all[0]!);
  });
  ok(gains.every((gain) => gain > 0), String(gains));
});

Deno.test("FR-048 a generation can start from a whole grid, whose best breed", () => {
  const space = spaceOf([list(1, 2, 3, 4, 5, 6), list(1, 2, 3, 4, 5, 6)], {
    "a + b < 9": (trial) => Number(trial[0]) + Number(trial[1]) < 9,
  });
  const evolution = { ...EVOLUTION, start: "grid", population: 4 } as const;
  const [first, ...rest] = generations(
    space,
    { ...SETTINGS, evolution },
    (trial) => Number(trial[0]),
  );
  strictEqual(first!.length, 26);
  deepStrictEqual(rest, []);
  throws(() => evolve(space, { ...SETTINGS, max_trials: 35, evolution }).next(), {
    name: "Refusal",
    message: /the grid has 36 combinations, expected at most 35/,
  });
});

Deno.test("FR-048 a small space is gone through once and then the search ends", () => {
  const space = spaceOf([list(1, 2, 3, 4, 5), list("x", "y", "z")]);
  const all = generations(space, SETTINGS, () => NaN);
  deepStrictEqual(all.map(({ length }) => length), [10, 5]);
  strictEqual(new Set(all.flat().map(String)).size, 15);
});

Deno.test("FR-048 trials without a score breed no children while there are others", () => {
  const space = spaceOf([range(0, 1)]);
  const evolution = { ...EVOLUTION, mutation: 0, crossover: 0, elite: 0 };
  const score = (trial: Assignment) => Number(trial[0]) < 0.5 ? NaN : 1;
  const [, second] = generations(space, { ...SETTINGS, evolution }, score);
  // Children differ from a parent above one half by one step of at most a tenth.
  const fromBelow = second!.filter((trial) => Number(trial[0]) < 0.4);
  ok(fromBelow.length < second!.length / 2, String(second));
});

Deno.test("FR-048 a batch is answered with as many scores", () => {
  const steps = evolve(SPACE, SETTINGS);
  steps.next();
  throws(() => steps.next(new Float64Array(3)), TypeError);
});

Deno.test("FR-048 nothing that may be tried is refused by its rules", () => {
  const space = spaceOf([list(1, 2)], { "a > 2": () => false });
  throws(() => evolve(space, SETTINGS).next(), /no combination satisfies a > 2 \(broken by 2\)/);
});

Deno.test("FR-048 no evolution proposes a combination twice or one that a rule forbids", () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 2, max: 6 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (seed, population, rate) => {
        const space = spaceOf(
          [list("on", "off"), range(1, 40, { whole: true, log: true }), list(1, 2, 3)],
          { "b > c": ([, b, c]) => b === undefined || Number(b) > Number(c) },
          { 1: [{ dimension: 0, values: ["on"] }] },
        );
        const evolution = {
          ...EVOLUTION,
          ...{ population, elite: 1, mutation: rate, crossover: 1 - rate },
        };
        const accepts = ([, b]: Assignment) => b !== 7;
        const all = generations(
          space,
          { ...SETTINGS, seed, evolution },
          ([, b = 0, c]) => Number(b) * 3 - Number(c),
          { accepts },
        ).flat();
        strictEqual(new Set(all.map((trial) => JSON.stringify(trial))).size, all.length);
        ok(all.every((trial) => accepts(trial) && space.constraints[0]!.holds(trial)));
        ok(all.every(([a, b]) => (a === "on") === (b !== undefined)));
      },
    ),
    { seed: 8 },
  );
});
