import { deepStrictEqual, notDeepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS } from "../core/bars.ts";
import type { Interval } from "../core/proofs.ts";
import { seededRandom } from "../core/random.ts";
import { stationaryBootstrap } from "./bootstrap.ts";
import { drawDays, resampleColumns } from "./bootstrap_resample.ts";
import { maxDrawdown } from "./drawdown.ts";
import { cagr, sharpe, simpleReturns } from "./metrics.ts";

const options = { seed: 1, years: 1, periodsPerYear: 365, resamples: 200 };
const of = (...values: number[]) => Float64Array.of(...values);

function near(found: number | null, expected: number, tolerance = 1e-12) {
  ok(
    found !== null && Math.abs(found - expected) <= tolerance * Math.max(1, Math.abs(expected)),
    `found ${found}, expected ${expected}`,
  );
}

/** Returns of known mean and deviation per day, correlated by `memory` with the day before; near enough to normal. */
function noise(
  seed: number,
  shape: { mean: number; deviation: number; memory: number; count: number },
): Float64Array {
  const random = seededRandom(seed).fork("noise");
  const { mean, deviation, memory, count } = shape;
  const shock = deviation * Math.sqrt(1 - memory * memory);
  let distance = deviation * normal();
  return Float64Array.from({ length: count }, () => {
    distance = memory * distance + shock * normal();
    return mean + distance;
  });

  function normal(): number {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += random.next();
    return sum;
  }
}

Deno.test("AI-9 blocks run on from day to day, wrap round, and last as long as asked on average", () => {
  const random = seededRandom(2);
  const days = new Int32Array(50_000);
  for (const blockLength of [1, 2.5, 20]) {
    drawDays(days, { random, blockLength });
    let jumps = 0;
    const counts = new Float64Array(10);
    for (let i = 0; i < days.length; i++) {
      ok(days[i]! >= 0 && days[i]! < days.length);
      counts[Math.floor(days[i]! / 5_000)]!++;
      if (i > 0 && days[i] !== (days[i - 1]! + 1) % days.length) jumps++;
    }
    near(days.length / jumps, blockLength, 0.05);
    // Every day is as likely as any other: with blocks, the counts' deviation is about √(2 · length) times wider.
    const widest = Math.max(...counts.map((count) => Math.abs(count - 5_000)));
    ok(widest < 4 * Math.sqrt(5_000 * 2 * blockLength), `block ${blockLength}: off by ${widest}`);
  }
});

Deno.test("AI-9 every history can be drawn, and the first day follows the last", () => {
  const random = seededRandom(3);
  const days = new Int32Array(3);
  const seen = new Set<string>();
  let [wraps, stays] = [0, 0];
  for (let i = 0; i < 900; i++) {
    drawDays(days, { random, blockLength: 1.5 });
    seen.add(days.join(""));
    if (days[0] === 2 && days[1] === 0) wraps++;
    if (days[0] === 2 && days[1] === 2) stays++;
  }
  // After the last day: a third goes on to the first, and two thirds begin anywhere.
  ok(Math.abs(wraps - 300 * 5 / 9) < 40, `${wraps} wraps`);
  ok(Math.abs(stays - 300 * 2 / 9) < 40, `${stays} stays`);
  strictEqual(seen.size, 27);
});

Deno.test("AI-9 a resample's figures are those of the same days walked by hand", () => {
  const returns = noise(1, { mean: 0.001, deviation: 0.02, memory: 0, count: 40 });
  const other = noise(2, { mean: 0, deviation: 0.05, memory: 0, count: 40 });
  const third = noise(3, { mean: 0, deviation: 0.3, memory: 0, count: 40 }).map((value) =>
    Math.max(-0.9, value)
  );
  const drawn = { blockLength: 3, resamples: 5 };
  const columns = resampleColumns([returns, other, third], { random: seededRandom(9), ...drawn });
  const random = seededRandom(9);
  const days = new Int32Array(40);
  for (let resample = 0; resample < 5; resample++) {
    drawDays(days, { random, blockLength: 3 });
    for (const column of columns) {
      const path = Float64Array.from(days, (day) => column.returns[day]!);
      const nav = Float64Array.from([1, ...path]);
      for (const [i, value] of path.entries()) nav[i + 1] = nav[i]! * (1 + value);
      near(column.sums[resample]!, path.reduce((sum, value) => sum + value, 0));
      near(column.squares[resample]!, path.reduce((sum, value) => sum + value * value, 0));
      near(column.growths[resample]!, nav.at(-1)!);
      near(1 - column.troughs[resample]!, maxDrawdown(nav)!);
    }
  }
});

Deno.test("AI-9 estimates are the figures of the record itself, and bounds lie in order", () => {
  const shapes = fc.record({ seed: fc.nat(), count: fc.integer({ min: 5, max: 60 }) });
  fc.assert(
    fc.property(shapes, ({ seed, count }) => {
      const nav = new Float64Array(count + 1).fill(100);
      const path = noise(seed, { mean: 0.001, deviation: 0.02, memory: 0.2, count });
      for (const [i, value] of path.entries()) nav[i + 1] = nav[i]! * (1 + value);
      const times = nav.map((_, i) => i * DAY_MS);
      const years = count / 365.25;
      const figures = stationaryBootstrap([simpleReturns(nav)], { ...options, years })[0]!;
      strictEqual(
        figures.sharpe.estimate,
        sharpe(simpleReturns(nav), { periodsPerYear: 365 }),
      );
      near(figures.cagr.estimate, cagr(nav, times)!, 1e-9);
      near(figures.max_drawdown.estimate, maxDrawdown(nav)!);
      for (const { low, high } of [figures.sharpe, figures.cagr, figures.max_drawdown]) {
        ok(low! <= high!);
      }
      const { p50, p75, p90, p95, p99 } = figures.drawdown_quantiles;
      ok(0 <= p50! && p50! <= p75! && p75! <= p90! && p90! <= p95! && p95! <= p99! && p99! <= 1);
      ok(figures.max_drawdown.low! <= p50! && p95! <= figures.max_drawdown.high!);
    }),
    { seed: 1, numRuns: 40 },
  );
});

Deno.test("AI-9 the interval is cut from the resamples at even shares, linear between neighbours", () => {
  // Two days drawn one by one: growth is 1.1², 1.1 · 0.9 (twice as often) or 0.9².
  const returns = of(0.1, -0.1);
  const figures = stationaryBootstrap([returns], {
    ...options,
    resamples: 4_000,
    confidence: 0.4,
    blockLength: 1,
  })[0]!;
  near(figures.cagr.low, 0.99 - 1); // a share of 0.3 lies between the quarters
  near(figures.cagr.high, 0.99 - 1);
  const wide = stationaryBootstrap([returns], { ...options, resamples: 4_000, blockLength: 1 })[0]!;
  near(wide.cagr.low, 0.81 - 1);
  near(wide.cagr.high, 1.21 - 1);
  near(wide.max_drawdown.high, 0.19);
  near(wide.max_drawdown.low, 0);
});

Deno.test("AI-9 a resample's Sharpe ratio is the definition's, less the risk-free rate", () => {
  const returns = noise(12, { mean: 0.001, deviation: 0.02, memory: 0, count: 15 });
  const annual = { periodsPerYear: 252, riskFree: 0.05 };
  const drawn = { seed: 3, years: 1, blockLength: 2, resamples: 41, ...annual };
  const figures = stationaryBootstrap([returns], drawn)[0]!;
  const random = seededRandom(3).fork("bootstrap");
  const days = new Int32Array(15);
  const ratios = Float64Array.from({ length: 41 }, () => {
    drawDays(days, { random, blockLength: 2 });
    return sharpe(Float64Array.from(days, (day) => returns[day]!), annual)!;
  }).sort();
  near(figures.sharpe.estimate, sharpe(returns, annual)!);
  near(figures.sharpe.low, ratios[1]!, 1e-9); // a share of 0.025 of 40 distances
  near(figures.sharpe.high, ratios[39]!, 1e-9);
});

Deno.test("FR-060 one seed gives the same bits, another seed other bounds and the same estimates", () => {
  const returns = noise(4, { mean: 0.0005, deviation: 0.01, memory: 0, count: 300 });
  const first = stationaryBootstrap([returns], options);
  deepStrictEqual(stationaryBootstrap([returns], options), first);
  const other = stationaryBootstrap([returns], { ...options, seed: 2 });
  notDeepStrictEqual(other[0]!.sharpe, first[0]!.sharpe);
  strictEqual(other[0]!.sharpe.estimate, first[0]!.sharpe.estimate);
});

Deno.test("AI-9 columns share their days: equal columns get equal figures, in any place but the first", () => {
  const shape = { mean: 0.0005, deviation: 0.01, memory: 0.3, count: 200 };
  const [a, b, c] = [noise(1, shape), noise(2, shape), noise(3, shape)];
  const [first, second, third, fourth] = stationaryBootstrap([a, b, c, a], options);
  deepStrictEqual(fourth, first);
  deepStrictEqual(stationaryBootstrap([a, c, b], options), [first, third, second]);
  deepStrictEqual(stationaryBootstrap([a], options), [first]);
});

Deno.test("AI-9 twice the stake leaves the Sharpe ratio's bounds where they are and deepens drawdowns", () => {
  const returns = noise(7, { mean: 0.0005, deviation: 0.01, memory: 0, count: 250 });
  const [single, double] = stationaryBootstrap([returns, returns.map((value) => 2 * value)], {
    ...options,
  });
  strictEqual(double!.sharpe.low, single!.sharpe.low);
  strictEqual(double!.sharpe.high, single!.sharpe.high);
  ok(double!.max_drawdown.low! > single!.max_drawdown.low!);
  ok(double!.drawdown_quantiles.p99! > single!.drawdown_quantiles.p99!);
});

const NOTHING: Interval = { estimate: null, low: null, high: null };

Deno.test("AI-9 what is undefined is null: too few days, nothing left, no variation, no time", () => {
  for (const returns of [of(), of(0.1), of(0.1, NaN), of(0.1, -1, 0.1), of(0.1, -1.5)]) {
    const figures = stationaryBootstrap([returns], options)[0]!;
    deepStrictEqual([figures.sharpe, figures.cagr, figures.max_drawdown], [
      NOTHING,
      NOTHING,
      NOTHING,
    ]);
    strictEqual(figures.block_days, null);
    strictEqual(figures.drawdown_quantiles.p50, null);
  }
  const steady = stationaryBootstrap([new Float64Array(20).fill(0.01)], options)[0]!;
  deepStrictEqual(steady.sharpe, NOTHING);
  near(steady.cagr.low, steady.cagr.high!);
  deepStrictEqual(steady.max_drawdown, { estimate: 0, low: 0, high: 0 });
  const timeless = stationaryBootstrap([of(0.1, 0.2, -0.1)], { ...options, years: 0 })[0]!;
  deepStrictEqual(timeless.cagr, NOTHING);
});

Deno.test("AI-9 an unusable column leaves the others their figures", () => {
  const returns = noise(7, { mean: 0.0005, deviation: 0.01, memory: 0, count: 30 });
  const ruined = returns.map((value, i) => i === 9 ? -1 : value);
  const [whole, none, again] = stationaryBootstrap([returns, ruined, returns], options);
  deepStrictEqual(again, whole);
  deepStrictEqual(none!.sharpe, NOTHING);
});

Deno.test("AI-9 when too many resamples drew nothing but idle days, the Sharpe ratio has no bounds", () => {
  const idle = new Float64Array(100);
  idle[50] = 0.01;
  const { sharpe } = stationaryBootstrap([idle], { ...options, blockLength: 1 })[0]!;
  ok(sharpe.estimate! > 0);
  strictEqual(sharpe.low, null);
  strictEqual(sharpe.high, null);
});

Deno.test("AI-9 wrong arguments are refused by name", () => {
  const returns = of(0.1, 0.2);
  throws(() => stationaryBootstrap([], options), /found lengths none/);
  throws(() => stationaryBootstrap([returns, of(1)], options), /found lengths 2, 1/);
  throws(() => stationaryBootstrap([returns], { ...options, resamples: 0 }), /found 0/);
  throws(() => stationaryBootstrap([returns], { ...options, confidence: 1 }), /found 1/);
  throws(() => stationaryBootstrap([returns], { ...options, blockLength: 0.5 }), /found 0.5/);
  throws(
    () => stationaryBootstrap([returns], { ...options, blockLength: 3 }),
    /2 returns, found 3/,
  );
});

Deno.test("AI-9 the interval holds the true Sharpe ratio about nineteen times in twenty", () => {
  const mean = 0.0006, deviation = 0.01;
  const truth = mean / deviation * Math.sqrt(365);
  for (const memory of [0, 0.3]) {
    let covered = 0;
    for (let seed = 0; seed < 200; seed++) {
      const returns = noise(seed, { mean, deviation, memory, count: 600 });
      const { sharpe } = stationaryBootstrap([returns], { ...options, seed, resamples: 400 })[0]!;
      if (sharpe.low! <= truth && truth <= sharpe.high!) covered++;
    }
    ok(covered >= 180 && covered <= 196, `memory ${memory}: ${covered} of 200`);
  }
});

Deno.test("AI-9 quiet and wild weeks stay together, so that drawn drawdowns are not too mild", () => {
  const random = seededRandom("clusters");
  const days = Float64Array.from({ length: 1_200 }, () => (random.next() - 0.5) / 40);
  // The same days twice: once as they are, once with their size going up and down every forty.
  const clustered = days.map((value, day) => day % 80 < 40 ? value / 8 : value);
  const options = { seed: 1, years: 3.3, periodsPerYear: 365, resamples: 200 };
  const [stretches] = stationaryBootstrap([clustered], options);
  const [even] = stationaryBootstrap([days], options);
  ok(stretches!.block_days! > 10, `blocks of ${stretches!.block_days} days`);
  ok(even!.block_days! < 3, `blocks of ${even!.block_days} days`);
});
