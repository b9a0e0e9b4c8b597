import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import { maxDrawdown } from "./drawdown.ts";
import {
  annualVolatility,
  bps,
  bpsBand,
  cagr,
  calmar,
  conditionalValueAtRisk,
  kurtosis,
  sharpe,
  simpleReturns,
  skewness,
  sortino,
  turnover,
  valueAtRisk,
} from "./metrics.ts";
import { moments, shape } from "./moments.ts";

const of = (...values: number[]) => Float64Array.of(...values);
const daily = { periodsPerYear: 365 };
const yearly = { periodsPerYear: 1 };
const start = parseDate("2020-01-01");

function near(found: number | null, expected: number, tolerance = 1e-12) {
  ok(
    found !== null && Math.abs(found - expected) <= tolerance * Math.max(1, Math.abs(expected)),
    `found ${found}, expected ${expected}`,
  );
}

Deno.test("FR-061 simple returns are ratios less one, and undefined once nothing is left", () => {
  const returns = simpleReturns(of(100, 150, 75, 0, 0, 10));
  strictEqual(returns.subarray(0, 3).join(), "0.5,-0.5,-1");
  ok(Number.isNaN(returns[3]) && Number.isNaN(returns[4]));
  strictEqual(simpleReturns(of()).length, 0);
});

Deno.test("FR-061 Sharpe is mean over sample deviation, scaled by the root of the periods", () => {
  near(sharpe(of(0, 0.02), yearly), 0.01 / Math.SQRT2 / 0.01); // mean 0.01, deviation 0.01·√2
  near(sharpe(of(0, 0.02), { periodsPerYear: 4 }), Math.SQRT2);
  near(sharpe(of(0, 0.02), { periodsPerYear: 4, riskFree: 0.04 }), 0);
});

Deno.test("FR-061 Sharpe is null without two returns or without any variation", () => {
  strictEqual(sharpe(of(), daily), null);
  strictEqual(sharpe(of(0.01), daily), null);
  strictEqual(sharpe(of(0, 0, 0), daily), null);
  strictEqual(sharpe(new Float64Array(1000).fill(0.1), daily), null);
  strictEqual(sharpe(of(0.01, NaN, 0.02), daily), null);
  strictEqual(sharpe(of(1e300, -1e300), daily), null);
});

Deno.test("FR-061 rounding noise of steady growth is not variation", () => {
  const steps = new Float64Array(12_000).fill(100_000);
  for (let i = 1; i < steps.length; i++) steps[i] = steps[i - 1]! * 1.0001;
  const returns = simpleReturns(steps.filter((_, i) => i % 6 === 0));
  ok(new Set(returns).size > 1, "the returns differ by rounding");
  strictEqual(sharpe(returns, daily), null);
  strictEqual(skewness(returns), null);
  strictEqual(kurtosis(returns), null);
  strictEqual(annualVolatility(returns, daily), 0);
});

Deno.test("FR-061 property: a return is a quotient of NAVs less one, also where nothing moved", () => {
  const nav = fc.array(fc.constantFrom(-1, 0, 1e-300, 1, 3, 7, 1e308, Infinity, NaN), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(nav, (values) => {
      const found = simpleReturns(Float64Array.from(values));
      const expected = values.slice(1).map((after, i) =>
        values[i]! > 0 ? after / values[i]! - 1 : NaN
      );
      deepStrictEqual([...found], expected);
    }),
    { seed: 3, numRuns: 1000 },
  );
});

Deno.test("FR-061 skew and kurtosis from known moments are those of the returns alone", () => {
  const returns = of(0.01, -0.02, 0.005, 0, 0.03, -0.01);
  deepStrictEqual(shape(returns, moments(returns)), {
    skew: skewness(returns),
    kurtosis: kurtosis(returns),
  });
  deepStrictEqual(shape(of(0.1, 0.1)), { skew: null, kurtosis: null });
});

Deno.test("FR-061 Sortino counts only losses, over all periods", () => {
  // Mean 0.01; downside √((0.02² + 0.02²)/4).
  near(sortino(of(0.04, -0.02, 0.04, -0.02), yearly), 0.01 / Math.sqrt(0.0008 / 4));
  strictEqual(sortino(of(0.01, 0, 0.02), daily), null);
  strictEqual(sortino(of(), daily), null);
  near(sortino(of(0.01, 0.03), { periodsPerYear: 1, riskFree: 0.02 }), 0);
});

Deno.test("FR-061 CAGR counts years of 365.25 days", () => {
  const years = (count: number) => of(start, start + count * 365.25 * DAY_MS);
  near(cagr(of(100, 200), years(1)), 1);
  near(cagr(of(100, 121), years(2)), 0.1);
  near(cagr(of(100, 25), years(2)), -0.5);
  strictEqual(cagr(of(100, 100), years(3)), 0);
  strictEqual(cagr(of(100, 0), years(3)), -1);
});

Deno.test("FR-061 CAGR is null without time, without a positive start and after ruin", () => {
  strictEqual(cagr(of(), of()), null);
  strictEqual(cagr(of(100), of(start)), null);
  strictEqual(cagr(of(100, 110), of(start, start)), null);
  strictEqual(cagr(of(0, 110), of(start, start + DAY_MS)), null);
  strictEqual(cagr(of(100, -1), of(start, start + DAY_MS)), null);
  strictEqual(cagr(of(1, 2), of(start, start + 1)), null); // 2 to the power of 3e10
});

Deno.test("FR-061 value at risk lies between the neighbours of position p·(n − 1)", () => {
  const returns = of(0.03, -0.05, 0.01, -0.01, 0.02);
  strictEqual(valueAtRisk(returns, 0), -0.05);
  strictEqual(valueAtRisk(returns, 0.25), -0.01);
  near(valueAtRisk(returns, 0.1), -0.034);
  strictEqual(valueAtRisk(returns, 1), 0.03);
  strictEqual(valueAtRisk(of(), 0.05), null);
  strictEqual(valueAtRisk(of(0.1, NaN), 0.05), null);
  throws(() => valueAtRisk(returns, 5), RangeError);
});

Deno.test("FR-061 conditional value at risk is the mean of what was at least as bad", () => {
  const returns = of(0.03, -0.05, 0.01, -0.01, 0.02);
  strictEqual(conditionalValueAtRisk(returns, 0.1), -0.05);
  near(conditionalValueAtRisk(returns, 0.25), -0.03);
  strictEqual(conditionalValueAtRisk(of(), 0.05), null);
});

Deno.test("FR-061 the tail is never better than its threshold, nor the threshold than the largest return", () => {
  const columns = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(columns, fc.double({ min: 0, max: 1, noNaN: true }), (values, p) => {
      const returns = Float64Array.from(values);
      const threshold = valueAtRisk(returns, p)!;
      ok(conditionalValueAtRisk(returns, p)! <= threshold + 1e-15);
      ok(threshold >= Math.min(...values) && threshold <= Math.max(...values) + 1e-15);
      strictEqual(valueAtRisk(returns.toReversed(), p), threshold);
    }),
    { seed: 1 },
  );
});

Deno.test("FR-061 skew and kurtosis are population figures, kurtosis is 3 for a normal", () => {
  // Mean 1, squares 1, 1, 1, 9 → m2 = 3; cubes −1 −1 −1 +27 → m3 = 6; fourths 84 → m4 = 21.
  near(skewness(of(0, 0, 0, 4)), 6 / (3 * Math.sqrt(3)));
  near(kurtosis(of(0, 0, 0, 4)), 21 / 9);
  near(skewness(of(-1, 0, 1)), 0);
  strictEqual(skewness(of()), null);
  strictEqual(kurtosis(of(0.5)), null);
});

Deno.test("FR-059 turnover 1 means that the mean NAV was bought and sold once a year", () => {
  strictEqual(turnover([100, -100], 100, 1), 1);
  strictEqual(turnover(of(300, 300, -600), 200, 2), 1.5);
  strictEqual(turnover([], 100, 1), 0);
  strictEqual(turnover([1], 0, 1), null);
  strictEqual(turnover([1], 100, 0), null);
});

Deno.test("FR-047 BPS weighs Sharpe, CAGR, win rate and drawdown, and is null when one is", () => {
  const parts = { sharpe: 1.5, cagr: 0.2, winRate: 0.6, maxDrawdown: 0.1 };
  near(bps(parts), 0.6 + 0.06 + 0.12 - 0.01);
  strictEqual(bps({ ...parts, winRate: null }), null);
  strictEqual(bps({ ...parts, sharpe: null }), null);
});

Deno.test("FR-047 the bands begin above 0.8, 1.0 and 1.2", () => {
  const bands = [null, 0.8, 0.81, 1, 1.01, 1.2, 1.21].map(bpsBand);
  strictEqual(
    JSON.stringify(bands),
    '[null,null,"good","good","excellent","excellent","outstanding"]',
  );
});

Deno.test("FR-061 Calmar is CAGR over max drawdown, null when nothing was lost", () => {
  strictEqual(calmar(0.2, 0.1), 2);
  strictEqual(calmar(0.2, 0), null);
  strictEqual(calmar(null, 0.1), null);
  strictEqual(calmar(0.1, null), null);
});

Deno.test("FR-061 Sharpe ignores the scale of returns and follows the periods", () => {
  const columns = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 50 });
  fc.assert(
    fc.property(columns, (values) => {
      const returns = Float64Array.from(values, (value) => value / 10_000);
      const found = sharpe(returns, yearly);
      if (found === null) return ok(new Set(values).size === 1);
      near(sharpe(returns.map((value) => value * 3), yearly), found, 1e-9);
      near(sharpe(returns, { periodsPerYear: 252 }), found * Math.sqrt(252), 1e-9);
      near(sharpe(returns.map((value) => -value), yearly), -found, 1e-9);
    }),
    { seed: 1 },
  );
});

Deno.test("FR-061 a wrong number of periods is refused", () => {
  throws(() => sharpe(of(0.1, 0.2), { periodsPerYear: 0 }), RangeError);
  throws(() => sortino(of(0.1, -0.2), { periodsPerYear: NaN }), RangeError);
});

Deno.test("SC-008 metrics agree with NumPy 2.4.6 and SciPy 1.17.1 on one series", () => {
  // deno-fmt-ignore
  const nav = of(
    100000, 101250.5, 100480.25, 99870.75, 102310, 103995.5, 103120.125, 98765.5, 97340.25, 99215.75, 101880.5,
    104620.25, 104100, 106333.5, 105512.75, 107240.125, 106018.5, 108450.75, 107777.25, 110204.5, 109133.625,
  );
  const times = nav.map((_, day) => start + day * DAY_MS);
  const returns = simpleReturns(nav); // r = nav[1:] / nav[:-1] - 1
  const free = { ...daily, riskFree: 0.02 }; // rf = 0.02 / 365
  // r.mean() / r.std(ddof=1) * sqrt(365)
  near(sharpe(returns, daily), 4.629177188423006);
  // (r - rf).mean() / r.std(ddof=1) * sqrt(365)
  near(sharpe(returns, free), 4.573398515478252);
  // r.mean() / sqrt((minimum(r, 0) ** 2).mean()) * sqrt(365)
  near(sortino(returns, daily), 7.764431443271402);
  // (r - rf).mean() / sqrt((minimum(r - rf, 0) ** 2).mean()) * sqrt(365)
  near(sortino(returns, free), 7.650972233475041);
  // r.std(ddof=1) * sqrt(365)
  near(annualVolatility(returns, daily), 0.35855998259064314);
  // (nav[-1] / nav[0]) ** (365.25 / 20) - 1
  near(cagr(nav, times), 3.9342208738423023);
  // (1 - nav / maximum.accumulate(nav)).max()
  near(maxDrawdown(nav), 0.06399555750008412);
  // v = quantile(r, 0.05)
  near(valueAtRisk(returns, 0.05), -0.015820547159020742);
  // r[r <= v].mean()
  near(conditionalValueAtRisk(returns, 0.05), -0.04222866293073246);
  // stats.skew(r), stats.kurtosis(r, fisher=False)
  near(skewness(returns), -0.581897982804483);
  near(kurtosis(returns), 2.7571648339919155);
});
