import { deepStrictEqual, notDeepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import type { Assignment } from "../../core/search_space.ts";
import type { MethodSettings } from "./search.ts";
import { list, range, spaceOf } from "./test_spaces.ts";
import { windowedSearch } from "./windowed.ts";

const SETTINGS: MethodSettings = {
  ...{ method: "evolutionary", sampling: "random", seed: 1, trials: 10, max_trials: 1_000 },
  evolution: {
    ...{ population: 8, generations: 5, start: "sample", elite: 2 },
    ...{ tournament: 3, crossover: 0.9, mutation: 0.2 },
  },
};
const SPACE = spaceOf([range(1, 100, { whole: true }), range(1, 100, { whole: true })]);

type Score = (assignment: Assignment) => number;

/** As near as can be to a point. */
const near = (a: number, b: number): Score => ([x, y]) =>
  -Math.abs(Number(x) - a) - Math.abs(Number(y) - b);

/** Everything that is tried where windows score so, and what each window proposed. */
function searched(scores: readonly Score[], settings = SETTINGS, space = SPACE) {
  const { trials, pools } = windowedSearch(space, settings, { windows: scores.length });
  const tried: Assignment[] = [];
  let excluded = 0;
  for (let step = trials.next(); !step.done;) {
    const { count, at } = step.value;
    excluded += step.value.excluded;
    const batch = Array.from({ length: count }, (_, i) => at(i));
    tried.push(...batch);
    step = trials.next(
      Float64Array.from(batch.flatMap((trial) => scores.map((score) => score(trial)))),
    );
  }
  return { tried, excluded, pools: pools.map((pool) => pool.map((place) => tried[place]!)) };
}

Deno.test("FR-048 each window breeds as if it were alone, from scores on its own range", () => {
  const [one, two] = [near(20, 80), near(90, 5)];
  const { pools } = searched([one, two]);
  deepStrictEqual(pools[0], searched([one]).pools[0]);
  deepStrictEqual(pools[1], searched([two]).pools[0]);
  notDeepStrictEqual(pools[0], pools[1]);
  const best = (pool: readonly Assignment[], score: Score) => Math.max(...pool.map(score));
  ok(best(pools[0]!, one) > best(pools[1]!, one));
  ok(best(pools[1]!, two) > best(pools[0]!, two));
});

Deno.test("FR-048 whatever later windows score, what earlier ones try stays the same, place by place", () => {
  const before = searched([near(20, 80), near(50, 50), near(90, 5)]);
  const after = searched([near(20, 80), near(50, 50), near(1, 1)]);
  deepStrictEqual(after.pools.slice(0, 2), before.pools.slice(0, 2));
  notDeepStrictEqual(after.pools[2], before.pools[2]);
  const same = new Set(before.pools.slice(0, 2).flat().map(String)).size;
  deepStrictEqual(after.tried.slice(0, same), before.tried.slice(0, same));
});

Deno.test("FR-048 what several windows propose is tried once", () => {
  const { tried, pools } = searched([near(20, 80), near(90, 5), near(20, 80)]);
  strictEqual(new Set(tried.map(String)).size, tried.length);
  deepStrictEqual(pools[2], pools[0]);
  // Where there is little to try, all windows end up with all of it.
  const small = searched(
    [near(1, 1), near(2, 2)],
    SETTINGS,
    spaceOf([list(1, 2, 3), list(1, 2, 3)], { "a < 3": ([a]) => Number(a) < 3 }),
  );
  strictEqual(small.tried.length, 6);
  for (const pool of small.pools) {
    deepStrictEqual(new Set(pool.map(String)), new Set(small.tried.map(String)));
  }
});

Deno.test("FR-048 a batch of a windowed search that is answered with too few scores is refused", () => {
  const { trials } = windowedSearch(SPACE, SETTINGS, { windows: 2 });
  const { value } = trials.next();
  throws(() => trials.next(new Float64Array(value!.count)), /Found 8 scores, expected 16/);
});
