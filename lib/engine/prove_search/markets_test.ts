import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import type { Bars } from "../../core/bars.ts";
import { H4_MS } from "../../core/bars.ts";
import { seededRandom } from "../../core/random.ts";
import { closingAt, handBars, tradable } from "../fixtures.ts";
import { garchMarket } from "./garch_market.ts";
import { signFlipped } from "./sign_flip.ts";
import { fatTailed } from "./student.ts";

const market = (seed: number, strength = 0, bars = 10_950) =>
  garchMarket({ random: seededRandom(seed), symbol: "GARCH", start: 0, bars, strength });
const returnsOf = ({ close }: Bars) => close.slice(1).map((price, i) => price / close[i]! - 1);
const meanOf = (values: Float64Array) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function correlation(values: Float64Array, lag: number): number {
  const mean = meanOf(values);
  let own = 0;
  let with_ = 0;
  for (let i = 0; i < values.length; i++) {
    own += (values[i]! - mean) * (values[i]! - mean);
    if (i >= lag) with_ += (values[i]! - mean) * (values[i - lag]! - mean);
  }
  return with_ / own;
}

function requireSound({ open, high, low, close }: Bars) {
  for (let i = 0; i < close.length; i++) {
    ok(low[i]! > 0, `bar ${i}`);
    ok(high[i]! >= Math.max(open[i]!, close[i]!), `bar ${i}`);
    ok(low[i]! <= Math.min(open[i]!, close[i]!), `bar ${i}`);
  }
}

Deno.test("FR-049 news has the tails of Student's t with four degrees of freedom, scaled to variance 1", () => {
  const random = seededRandom(7);
  const draws = Float64Array.from({ length: 400_000 }, () => fatTailed(random));
  // P(|t₄| > x) = 1 − s·(3 − s²) ÷ 2 with s = x ÷ √(4 + x²), from the closed form of its distribution.
  for (const x of [0.5, 1, 2, 4, 8]) {
    const s = x / Math.sqrt(4 + x * x);
    const expected = 1 - s * (3 - s * s) / 2;
    const seen = draws.filter((draw) => Math.abs(draw) * Math.SQRT2 > x).length / draws.length;
    const error = Math.sqrt(expected * (1 - expected) / draws.length);
    ok(Math.abs(seen - expected) < 4 * error, `beyond ${x}: ${seen}, expected ${expected}`);
  }
  ok(Math.abs(draws.filter((draw) => draw > 0).length / draws.length - 0.5) < 0.003);
  ok(Math.abs(meanOf(draws.map((draw) => draw * draw)) - 1) < 0.05);
});

Deno.test("FR-049 synthetic returns have no memory of their own, while their size does", () => {
  let own = 0;
  let size = 0;
  let mean = 0;
  const markets = 20;
  for (let seed = 0; seed < markets; seed++) {
    const returns = returnsOf(market(seed).bars);
    own += correlation(returns, 1) / markets;
    size += correlation(returns.map(Math.abs), 5) / markets;
    mean += meanOf(returns) / markets;
  }
  ok(Math.abs(own) < 0.015, `autocorrelation ${own}`);
  ok(size > 0.1, `autocorrelation of sizes ${size}`);
  // A deviation of 1.3 % a bar leaves 0.003 % of the mean of 219,000 bars.
  ok(Math.abs(mean) < 1e-4, `mean ${mean}`);
});

Deno.test("FR-049 every synthetic bar is sound and opens where the one before closed", () => {
  const { bars } = market(3, 2);
  requireSound(bars);
  deepStrictEqual(bars.open.slice(1), bars.close.slice(0, -1));
  strictEqual(bars.openTime[10], 10 * H4_MS);
  strictEqual(bars.availableAt[10], 11 * H4_MS);
  const beyond = bars.high.filter((high, i) => high > Math.max(bars.open[i]!, bars.close[i]!));
  ok(beyond.length > 0.9 * bars.high.length, "highs reach beyond open and close");
});

Deno.test("FR-049 one seed makes one market, and the same news at any strength", () => {
  deepStrictEqual(market(5, 1, 600), market(5, 1, 600));
  const [without, with_] = [market(5, 0, 600), market(5, 2, 600)];
  deepStrictEqual(without.trend, with_.trend);
  const [calm, lifted] = [returnsOf(without.bars), returnsOf(with_.bars)];
  const drifts = lifted.map((value, i) => (value - calm[i]!) * with_.trend[i + 1]!);
  ok(drifts.every((drift) => Math.abs(drift - drifts[0]!) < 1e-12), "only the drift differs");
});

Deno.test("FR-049 whoever knows the hidden trend earns the Sharpe ratio that was planted", () => {
  for (const strength of [1, 3]) {
    let sharpe = 0;
    const markets = 40;
    for (let seed = 0; seed < markets; seed++) {
      const { bars, trend } = market(seed, strength);
      const earned = returnsOf(bars).map((value, i) => trend[i + 1] === 1 ? value : 0);
      const mean = meanOf(earned);
      const variance = meanOf(earned.map((value) => (value - mean) * (value - mean)));
      sharpe += mean / Math.sqrt(variance) * Math.sqrt(365 * 6) / markets;
    }
    // Five years leave an error of 1/√5 in each of forty markets.
    ok(Math.abs(sharpe - strength) < 0.25, `${sharpe}, expected ${strength}`);
  }
});

Deno.test("FR-049 an edge that no trend could carry is refused", () => {
  throws(() => market(1, 47, 10), /strength of an edge lies from 0 to below 46, found 47/);
  throws(() => market(1, -1, 10), /found -1/);
});

Deno.test("FR-049 a flipped bar is the mirror of the real one at the close before", () => {
  const real = handBars(tradable("BTC"), "h4", 0, [
    { open: 100, close: 100 },
    { open: 101, close: 110, high: 120, low: 95 },
    { open: 110, close: 99, high: 115.5, low: 88 },
  ]);
  const coins = (...values: readonly number[]) => {
    let at = 0;
    const next = () => values[at++]!;
    return { next, integer: () => 0, fork: () => coins(...values) };
  };
  const rows = ({ open, high, low, close }: Bars) =>
    Array.from(
      close,
      (_, i) => [open[i]!, high[i]!, low[i]!, close[i]!].map((price) => Number(price.toFixed(9))),
    );
  deepStrictEqual(rows(signFlipped(real, coins(0.9, 0.9))), rows(real));
  deepStrictEqual(rows(signFlipped(real, coins(0.2, 0.9))), [
    [100, 100, 100, 100],
    [99, 105, 80, 90],
    [90, 94.5, 72, 81],
  ]);
  deepStrictEqual(rows(signFlipped(real, coins(0.2, 0.2)))[2], [90, 108, 85.5, 99]);
});

Deno.test("FR-049 sign flips keep the size of every move and make both directions as likely", () => {
  // A history that only rises: no trend of it may be left.
  const closes = Array.from({ length: 4_000 }, (_, i) => 100 + i + (i % 7) / 10);
  const real = closingAt(tradable("BTC"), "h4", 0, closes);
  const flipped = signFlipped(real, seededRandom(11));
  requireSound(flipped);
  const [before, after] = [returnsOf(real), returnsOf(flipped)];
  ok(before.every((value, i) => Math.abs(Math.abs(value) - Math.abs(after[i]!)) < 1e-12));
  const up = after.filter((value) => value > 0).length;
  ok(Math.abs(up - 2_000) < 4 * Math.sqrt(1_000), `${up} of 3999 rise`);
  ok(Math.abs(correlation(after.map(Math.sign), 1)) < 0.06);
  deepStrictEqual(signFlipped(real, seededRandom(11)), flipped);
  deepStrictEqual(real.close[3], closes[3], "the real history stays as it is");
});

Deno.test("FR-049 a bar whose mirror would fall below zero is refused, whatever the coin says", () => {
  const real = closingAt(tradable("BTC"), "h4", 0, [100, 101, 205, 200]);
  throws(
    () => signFlipped(real, seededRandom(1)),
    /Cannot flip the returns of BTC: the bar of 1970-01-01T08:00:00Z reaches 205, expected less than twice the close before, 101/,
  );
});
