import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { seededRandom } from "../core/random.ts";
import { stationaryBlockLength } from "./block_length.ts";

/** x(t) = memory · x(t − 1) + noise, by sums of uniforms. */
function autoregressive(seed: number, memory: number, count: number): Float64Array {
  const random = seededRandom(seed);
  let value = 0;
  return Float64Array.from({ length: count }, () => {
    value = memory * value + random.next() + random.next() + random.next() - 1.5;
    return value;
  });
}

/** The paper read aloud: sums over −M … M, plain arrays, logarithm and cube root of the language. */
function naive(returns: readonly number[]): number {
  const n = returns.length;
  const mean = returns.reduce((sum, value) => sum + value, 0) / n;
  const covariance = (lag: number) =>
    returns.slice(Math.abs(lag)).reduce(
      (sum, value, i) => sum + (value - mean) * (returns[i]! - mean),
      0,
    ) / n;
  const correlation = (lag: number) => covariance(lag) / covariance(0);
  const lags = Math.min(n - 1, Math.ceil(Math.sqrt(n)) + 5);
  const isQuiet = (lag: number) => Math.abs(correlation(lag)) < 2 * Math.sqrt(Math.log10(n) / n);
  let m = 1;
  while (m + 4 <= lags && ![0, 1, 2, 3, 4].every((k) => isQuiet(m + k))) m++;
  const M = m + 4 <= lags ? Math.min(2 * m, lags) : lags;
  let G = 0;
  let g0 = 0;
  for (let k = -M; k <= M; k++) {
    const share = Math.abs(k) / M;
    const weight = share <= 0.5 ? 1 : 2 * (1 - share);
    G += weight * Math.abs(k) * covariance(k);
    g0 += weight * covariance(k);
  }
  const best = Math.cbrt(2 * G * G / (2 * g0 * g0)) * Math.cbrt(n);
  return Math.max(1, Math.min(best, Math.ceil(Math.min(3 * Math.sqrt(n), n / 3))));
}

Deno.test("AI-9 the block length is the paper's, computed a second time in its own words", () => {
  const shapes = fc.record({
    seed: fc.nat(),
    memory: fc.constantFrom(-0.4, 0, 0.2, 0.6, 0.95),
    count: fc.integer({ min: 3, max: 250 }),
  });
  fc.assert(
    fc.property(shapes, ({ seed, memory, count }) => {
      const returns = autoregressive(seed, memory, count);
      const expected = naive(Array.from(returns));
      const found = stationaryBlockLength(returns)!;
      ok(Math.abs(found - expected) <= 1e-9 * expected, `found ${found}, expected ${expected}`);
    }),
    { seed: 1, numRuns: 60 },
  );
});

Deno.test("AI-9 the longer returns remember, the longer the blocks; noise needs hardly any", () => {
  const means = [0, 0.3, 0.6, 0.9].map((memory) => {
    const lengths = Array.from(
      { length: 20 },
      (_, seed) => stationaryBlockLength(autoregressive(seed, memory, 1_000))!,
    );
    return lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  });
  const [noise, short, middle, long] = means as [number, number, number, number];
  ok(noise < 3 && noise * 1.5 < short && short * 1.5 < middle && middle * 1.5 < long, means.join());
  // For an AR(1) the formula's own limit is (2φ ÷ (1 − φ²))^⅔ · n^⅓: 15.2 at φ = 0.6.
  ok(Math.abs(middle - 15.2) < 3, `found ${middle}`);
});

Deno.test("AI-9 the block length does not depend on the unit or the mean of the returns", () => {
  const returns = autoregressive(5, 0.5, 400);
  const length = stationaryBlockLength(returns)!;
  const scaled = stationaryBlockLength(returns.map((value) => value / 64))!;
  const moved = stationaryBlockLength(returns.map((value) => value + 3))!;
  strictEqual(scaled, length);
  ok(Math.abs(moved - length) < 1e-9);
});

Deno.test("AI-9 a block is never shorter than a day nor longer than a third of the record", () => {
  // Steady waves leave next to no spectrum at zero, which the formula divides by.
  const wave = (length: number, count: number) =>
    Float64Array.from({ length: count }, (_, i) => i % length);
  strictEqual(stationaryBlockLength(wave(4, 30)), 10);
  strictEqual(stationaryBlockLength(wave(6, 400)), 60);
  strictEqual(stationaryBlockLength(new Float64Array(50).fill(0.01)), 1);
  strictEqual(stationaryBlockLength(Float64Array.of(0.01, 0.02)), 1);
});

Deno.test("AI-9 without two finite returns there is no block length", () => {
  strictEqual(stationaryBlockLength(new Float64Array()), null);
  strictEqual(stationaryBlockLength(Float64Array.of(0.01)), null);
  strictEqual(stationaryBlockLength(Float64Array.of(0.01, NaN, 0.02)), null);
  strictEqual(stationaryBlockLength(Float64Array.of(0.01, Infinity, 0.02)), null);
});
