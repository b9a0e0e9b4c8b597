import { ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { seededRandom } from "../core/random.ts";
import { kurtosis, moments, skewness } from "./moments.ts";
import { normalQuantile } from "./normal.ts";
import { deflatedSharpe } from "./overfitting.ts";
import { detectableSharpe, powerOfTest } from "./power.ts";

const design = { trials: 1, trialSharpeVariance: null, skew: 0, kurtosis: 3 };

function close(found: number | null, expected: number, tolerance: number): void {
  ok(found !== null && Math.abs(found - expected) < tolerance, `${found}, expected ${expected}`);
}

Deno.test("FR-049 detectableSharpe() of one trial is the sum of both quantiles over √periods, nearly", () => {
  // 1.645 + 0.842 deviations of 1/100 each; the Sharpe ratio's own square adds a little to the deviation.
  close(detectableSharpe({ ...design, periods: 10_001 }), 0.024865, 1e-4);
  // At one half both deviations are none: luck itself is found half of the time.
  strictEqual(detectableSharpe({ ...design, periods: 100, confidence: 0.5, power: 0.5 }), 0);
});

Deno.test("FR-049 detectableSharpe() grows with the trials that luck had", () => {
  const of = (trials: number) =>
    detectableSharpe({ ...design, periods: 1_826, trials, trialSharpeVariance: 1 / 1_826 })!;
  ok(of(2) > of(1) && of(100) > of(2) && of(10_000) > of(100));
});

Deno.test("FR-049 powerOfTest() is the inverse of detectableSharpe()", () => {
  const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });
  const designs = fc.record({
    periods: fc.integer({ min: 60, max: 5_000 }),
    trials: fc.integer({ min: 1, max: 10_000 }),
    trialSharpeVariance: fc.double({ min: 0, max: 0.01, noNaN: true }),
    skew: fc.double({ min: -1, max: 1, noNaN: true }),
    kurtosis: fc.double({ min: 2.5, max: 12, noNaN: true }),
    confidence: share,
  });
  fc.assert(
    fc.property(designs, share, (options, power) => {
      const sharpe = detectableSharpe({ ...options, power });
      // Few, wild returns: no Sharpe ratio is large enough.
      if (sharpe === null) return;
      close(powerOfTest({ ...options, sharpe }), power, 1e-9);
    }),
    { seed: 1 },
  );
});

Deno.test("FR-049 a trial passes at the Sharpe ratio whose deflated Sharpe ratio is the confidence", () => {
  const options = { periods: 500, trials: 50, trialSharpeVariance: 0.002, skew: -0.5, kurtosis: 6 };
  const { periods, skew } = options;
  // With power one half the true Sharpe ratio is the passing one.
  const sharpe = detectableSharpe({ ...options, power: 0.5 })!;
  close(deflatedSharpe({ ...options, periods, skew, sharpe }), 0.95, 1e-12);
});

Deno.test("FR-049 detectableSharpe() is found in four of five simulated searches", () => {
  const options = { periods: 250, trials: 20, trialSharpeVariance: 1 / 250, skew: 0, kurtosis: 3 };
  const sharpe = detectableSharpe(options)!;
  const random = seededRandom(1);
  const drawn = () => sharpe + normalQuantile((random.next() * 0xffff_fffe + 1) / 2 ** 32);
  const searches = 2_000;
  let found = 0;
  for (let search = 0; search < searches; search++) {
    const returns = Float64Array.from({ length: 250 }, drawn);
    const { mean, deviation } = moments(returns);
    const record = {
      sharpe: mean / deviation,
      skew: skewness(returns),
      kurtosis: kurtosis(returns),
    };
    if (deflatedSharpe({ ...options, ...record })! >= 0.95) found++;
  }
  close(found / searches, 0.8, 0.03);
  close(powerOfTest({ ...options, sharpe }), 0.8, 1e-12);
});

Deno.test("FR-049 power is null where it is undefined and refuses shares that mean nothing", () => {
  const options = { ...design, periods: 100 };
  strictEqual(detectableSharpe({ ...options, periods: 1 }), null);
  strictEqual(detectableSharpe({ ...options, trials: 2 }), null);
  strictEqual(detectableSharpe({ ...options, skew: null }), null);
  strictEqual(powerOfTest({ ...options, kurtosis: null, sharpe: 0.1 }), null);
  // Three returns with fat tails: the estimate's deviation grows faster than the Sharpe ratio.
  strictEqual(detectableSharpe({ ...options, periods: 3, kurtosis: 10 }), null);
  strictEqual(powerOfTest({ ...options, periods: 3, kurtosis: 10, sharpe: 1 }), null);
  throws(
    () => detectableSharpe({ ...options, power: 1 }),
    /Power must lie between 0 and 1, found 1/,
  );
  throws(() => powerOfTest({ ...options, confidence: 0, sharpe: 1 }), /Confidence must lie/);
});
