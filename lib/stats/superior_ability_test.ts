import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { seededRandom } from "../core/random.ts";
import { stationaryBlockLength } from "./block_length.ts";
import { drawDays } from "./bootstrap_resample.ts";
import { longRunDeviation } from "./long_run_deviation.ts";
import { normalQuantile } from "./normal.ts";
import { spaAccumulator, superiorPredictiveAbility } from "./superior_ability.ts";

interface Market {
  readonly trials: number;
  readonly days: number;
  readonly mean?: number;
  readonly deviation?: number;
}

/** Normal returns, independent. */
function drawnTrials(seed: number | string, market: Market): Float64Array[] {
  const { trials, days, mean = 0, deviation = 1 } = market;
  const random = seededRandom(seed);
  const drawn = () =>
    mean + deviation * normalQuantile((random.next() * 0xffff_fffe + 1) / 2 ** 32);
  return Array.from({ length: trials }, () => Float64Array.from({ length: days }, drawn));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Hansen's kernel, lag by lag. */
function slowDeviation(returns: readonly number[], blockLength: number): number {
  const n = returns.length;
  const centre = mean(returns);
  const stay = 1 - 1 / blockLength;
  let variance = 0;
  for (let lag = 0; lag < n; lag++) {
    const products = returns.slice(lag).map((value, i) =>
      (value - centre) * (returns[i]! - centre)
    );
    const covariance = products.reduce((sum, product) => sum + product, 0) / n;
    const kernel = (n - lag) / n * stay ** lag + lag / n * stay ** (n - lag);
    variance += lag === 0 ? covariance : 2 * kernel * covariance;
  }
  return Math.sqrt(variance);
}

/** The paper read aloud: every resample written out day by day, every trial recentred, every maximum taken. */
function slowTest(
  matrix: readonly Float64Array[],
  { seed, resamples, blockLength }: { seed: number; resamples: number; blockLength: number },
) {
  const n = matrix[0]!.length;
  const trials = matrix.map((column) => {
    const returns = [...column];
    const [centre, omega] = [mean(returns), slowDeviation(returns, blockLength)];
    const bar = -Math.sqrt(2 * Math.max(0, Math.log(Math.log(n))));
    return {
      returns,
      omega,
      statistic: Math.sqrt(n) * centre / omega,
      recentred: {
        consistent: Math.sqrt(n) * centre / omega >= bar ? centre : 0,
        lower: Math.max(0, centre),
        upper: centre,
      },
    };
  });
  const statistic = Math.max(0, ...trials.map((trial) => trial.statistic));
  const random = seededRandom(seed).fork("superior ability");
  const beaten = { consistent: 0, lower: 0, upper: 0 };
  for (let resample = 0; resample < resamples; resample++) {
    const days = new Int32Array(n);
    drawDays(days, { random, blockLength });
    for (const kind of ["consistent", "lower", "upper"] as const) {
      const best = Math.max(
        0,
        ...trials.map(({ returns, omega, recentred }) =>
          Math.sqrt(n) * mean([...days].map((day) => returns[day]! - recentred[kind])) / omega
        ),
      );
      if (best > statistic + 1e-10) beaten[kind]++;
    }
  }
  return {
    consistent: beaten.consistent / resamples,
    lower: beaten.lower / resamples,
    upper: beaten.upper / resamples,
    statistic,
  };
}

Deno.test("FR-049 superiorPredictiveAbility() of two days is what can be counted on fingers", () => {
  const options = { seed: 1, resamples: 4_000, blockLength: 1 };
  // Mean 1, ω 2: the statistic is √½. Of the four draws of two days only 3, 3 exceeds it, by √2.
  const some = superiorPredictiveAbility([Float64Array.of(-1, 3)], options);
  ok(Math.abs(some.statistic! - Math.SQRT1_2) < 1e-15);
  ok(Math.abs(some.consistent! - 0.25) < 0.03, `${some.consistent}`);
  strictEqual(some.lower, some.consistent);
  strictEqual(some.upper, some.consistent);
  // Mean 2, ω 1: no draw of these days comes near 2·√2.
  const strong = superiorPredictiveAbility([Float64Array.of(1, 3)], options);
  deepStrictEqual([strong.consistent, strong.lower, strong.upper], [0, 0, 0]);
});

Deno.test("FR-049 superiorPredictiveAbility() agrees with the definition carried out day by day", () => {
  const shapes = fc.record({
    seed: fc.nat(),
    trials: fc.integer({ min: 1, max: 8 }),
    days: fc.integer({ min: 5, max: 60 }),
    blockLength: fc.constantFrom(1, 1.5, 3, 5),
    edge: fc.constantFrom(-0.5, 0, 0.2),
  });
  fc.assert(
    fc.property(shapes, ({ seed, trials, days, blockLength, edge }) => {
      const matrix = drawnTrials(seed, { trials, days, mean: edge });
      matrix.push(...drawnTrials(`${seed}`, { trials: 1, days, mean: -2 }));
      const options = { seed, resamples: 50, blockLength };
      const { statistic, ...shares } = superiorPredictiveAbility(matrix, options);
      const expected = slowTest(matrix, options);
      ok(Math.abs(statistic! - expected.statistic) < 1e-10);
      for (const kind of ["consistent", "lower", "upper"] as const) {
        strictEqual(shares[kind], expected[kind], kind);
      }
    }),
    { seed: 1, numRuns: 100 },
  );
});

Deno.test("FR-049 longRunDeviation() sums every lag of the kernel", () => {
  for (const [days, blockLength] of [[2, 1], [2, 2], [7, 1], [9, 4], [200, 15], [200, 200]]) {
    const returns = drawnTrials(days!, { trials: 1, days: days! })[0]!;
    const centre = mean([...returns]);
    const found = longRunDeviation(returns.map((value) => value - centre), blockLength!);
    const expected = slowDeviation([...returns], blockLength!);
    ok(Math.abs(found / expected - 1) < 1e-9, `${days} ${blockLength}: ${found} ${expected}`);
  }
});

Deno.test("FR-049 superiorPredictiveAbility() finds about as much as chance says where nothing is", () => {
  const values = Array.from({ length: 200 }, (_, seed) => {
    const matrix = drawnTrials(`null ${seed}`, { trials: 10, days: 120 });
    return superiorPredictiveAbility(matrix, { seed, resamples: 200, blockLength: 2 }).consistent!;
  });
  const below = (p: number) => values.filter((value) => value < p).length / values.length;
  ok(below(0.05) <= 0.1, `${below(0.05)}`);
  for (const p of [0.25, 0.5, 0.75]) ok(Math.abs(below(p) - p) < 0.12, `${p}: ${below(p)}`);
});

Deno.test("FR-049 superiorPredictiveAbility() sees a strong edge among many trials without any", () => {
  const matrix = drawnTrials(3, { trials: 100, days: 500 });
  matrix.push(...drawnTrials(4, { trials: 1, days: 500, mean: 0.3 }));
  const { consistent, upper } = superiorPredictiveAbility(matrix, { seed: 5 });
  ok(consistent! < 0.01 && upper! < 0.01, `${consistent} ${upper}`);
});

Deno.test("FR-049 superiorPredictiveAbility() lets hopeless trials dilute only the upper p-value", () => {
  const matrix = drawnTrials(6, { trials: 5, days: 300 });
  matrix.push(...drawnTrials(7, { trials: 1, days: 300, mean: 0.13 }));
  const options = { seed: 8, blockLength: 1 };
  const before = superiorPredictiveAbility(matrix, options);
  const hopeless = drawnTrials(9, { trials: 300, days: 300, mean: -1 });
  const after = superiorPredictiveAbility([...matrix, ...hopeless], options);
  strictEqual(after.consistent, before.consistent);
  strictEqual(after.lower, before.lower);
  ok(after.upper! > before.upper! + 0.1, `${before.upper} then ${after.upper}`);
  ok(before.consistent! < 0.2, `${before.consistent}`);
});

Deno.test("FR-049 spaAccumulator() gives the same bits however trials are dealt out", () => {
  const matrix = drawnTrials(10, { trials: 40, days: 100 });
  const options = { seed: 11, resamples: 300, blockLength: 4 };
  const dealt = (hands: number) => {
    const accumulators = Array.from({ length: hands }, () => spaAccumulator(100, options));
    matrix.forEach((column, trial) => accumulators[trial * 7 % hands]!.add(column));
    const whole = spaAccumulator(100, options);
    // As a worker would send it.
    for (const hand of accumulators.reverse()) whole.merge(structuredClone(hand.state()));
    return whole;
  };
  const alone = dealt(1);
  for (const hands of [2, 8]) {
    deepStrictEqual(dealt(hands).state(), alone.state());
    deepStrictEqual(dealt(hands).result(), alone.result());
  }
  deepStrictEqual(alone.result(), superiorPredictiveAbility(matrix, options));
});

Deno.test("FR-049 superiorPredictiveAbility() takes the block length of the mean return when none is given", () => {
  const matrix = drawnTrials(12, { trials: 3, days: 80 });
  const average = Float64Array.from(matrix[0]!, (_, day) => {
    let sum = 0;
    for (const column of matrix) sum += column[day]!;
    return sum / 3;
  });
  const { blockLength, resamples } = superiorPredictiveAbility(matrix, { seed: 1 });
  strictEqual(blockLength, stationaryBlockLength(average));
  strictEqual(resamples, 1_000);
});

Deno.test("FR-049 superiorPredictiveAbility() leaves out what never varies and is null without trials", () => {
  const flat = new Float64Array(20).fill(0.1);
  const [varying] = drawnTrials(13, { trials: 1, days: 20 });
  const options = { seed: 1, resamples: 100, blockLength: 2 };
  deepStrictEqual(
    superiorPredictiveAbility([flat, varying!], options),
    superiorPredictiveAbility([varying!], options),
  );
  const nothing = { consistent: null, lower: null, upper: null, statistic: null };
  for (const matrix of [[], [flat], [Float64Array.of(1)], [new Float64Array()]]) {
    const { resamples: _, blockLength: __, ...found } = superiorPredictiveAbility(matrix, {
      seed: 1,
      resamples: 10,
    });
    deepStrictEqual(found, nothing);
  }
});

Deno.test("FR-049 superiorPredictiveAbility() names what it cannot use", () => {
  const column = Float64Array.of(1, 2, 3);
  const of = (other: Float64Array) => () => superiorPredictiveAbility([column, other], { seed: 1 });
  throws(of(Float64Array.of(1)), /a trial of 1 returns, expected 3/);
  throws(of(Float64Array.of(1, NaN, 3)), /return 1 is NaN, expected finite/);
  const options = { seed: 1, resamples: 10, blockLength: 2 };
  throws(() => spaAccumulator(3, { ...options, resamples: 0 }), /whole number from 1, found 0/);
  throws(() => spaAccumulator(3, { ...options, blockLength: 4 }), /and the 3 days, found 4/);
  throws(() => spaAccumulator(0.5, options), /whole number from 0, found 0.5/);
  const other = spaAccumulator(3, { ...options, seed: 2 }).state();
  throws(() => spaAccumulator(3, options).merge(other), /seed is 2, expected 1/);
});
