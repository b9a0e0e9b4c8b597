import { type Bars, H4_MS, type Millis } from "../../core/bars.ts";
import { exp, log } from "../../core/math.ts";
import type { Random } from "../../core/random.ts";
import { fatTailed } from "./student.ts";

/** What a synthetic market is made with. */
export interface GarchOptions {
  readonly random: Random;
  readonly symbol: string;
  readonly start: Millis;
  /** Number of H4 bars. */
  readonly bars: number;
  /** Sharpe ratio a year of the planted edge, before costs; 0 for a market without one. */
  readonly strength: number;
}

/** A synthetic market, and what nobody who trades it knows. */
export interface GarchMarket {
  readonly bars: Bars;
  /** 1 for each bar that the hidden trend lifts, −1 for each that it presses down; it matters only with an edge. */
  readonly trend: Int8Array;
}

const BARS_PER_YEAR = 365 * 6;
const ANNUAL_VOLATILITY = 0.6;
/** σ² of a bar is the long-run variance, drawn to by what news and memory leave: 1 − 0.08 − 0.9. */
const NEWS = 0.08;
const MEMORY = 0.9;
/** Mean length of a trend in bars: forty days, as long as the slowest average of the sweep. */
const TREND_BARS = 240;
/** A bar beyond this would be the end of most markets; cut on both sides alike, so that the game stays fair. */
const LARGEST_MOVE = 0.5;

/**
 * A market of H4 bars that never closes: GARCH(1,1) (Bollerslev 1986) with Student-t news. Without an edge its simple
 * returns are symmetric around 0 whatever happened before, so no rule earns anything before costs. An edge is a hidden
 * trend, up or down for `TREND_BARS` on average: being long in the one and flat in the other has the Sharpe ratio
 * `strength`. The same chance gives the same news and the same trends at any strength.
 */
export function garchMarket({ random, symbol, start, bars, strength }: GarchOptions): GarchMarket {
  const reach = random.fork("reach");
  const { shocks, spreads } = garchShocks(random.fork("news"), bars);
  const trend = hiddenTrend(random.fork("trend"), bars);
  // Of this market, not of all: with such tails five years rarely show the deviation of the long run.
  const drift = driftOf(strength) * rootMeanSquare(shocks);
  const market = emptyBars(symbol, start, bars);
  let price = 100;
  for (let i = 0; i < bars; i++) {
    const wanted = shocks[i]! + drift * trend[i]!;
    const move = Math.max(-LARGEST_MOVE, Math.min(LARGEST_MOVE, wanted));
    price = setBar(market, i, { open: price, move, spread: spreads[i]!, reach });
  }
  return { bars: market, trend };
}

/** Simple returns without any edge, and the deviation that each was drawn with. */
function garchShocks(news: Random, bars: number) {
  const longRun = ANNUAL_VOLATILITY * ANNUAL_VOLATILITY / BARS_PER_YEAR;
  const shocks = new Float64Array(bars);
  const spreads = new Float64Array(bars);
  let variance = longRun;
  for (let i = 0; i < bars; i++) {
    const spread = Math.sqrt(variance);
    const shock = spread * fatTailed(news);
    shocks[i] = shock;
    spreads[i] = spread;
    variance = longRun * (1 - NEWS - MEMORY) + NEWS * shock * shock + MEMORY * variance;
  }
  return { shocks, spreads };
}

function hiddenTrend(turns: Random, bars: number): Int8Array {
  let direction = turns.next() < 0.5 ? 1 : -1;
  return Int8Array.from({ length: bars }, () => {
    if (turns.next() < 1 / TREND_BARS) direction = -direction;
    return direction;
  });
}

function rootMeanSquare(values: Float64Array): number {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += values[i]! * values[i]!;
  return values.length === 0 ? 0 : Math.sqrt(squares / values.length);
}

/**
 * Drift per bar of a trend, in deviations of the shocks. Half the time long at drift k: mean k ÷ 2 and variance ½ + k² ÷ 4, so
 * that s = (k ÷ 2) ÷ √(½ + k² ÷ 4) is the Sharpe ratio of a bar.
 */
function driftOf(strength: number): number {
  const ratio = strength / Math.sqrt(BARS_PER_YEAR);
  if (!(ratio >= 0 && ratio < 1)) {
    throw new RangeError(`The strength of an edge lies from 0 to below 46, found ${strength}`);
  }
  return ratio * Math.sqrt(2 / (1 - ratio * ratio));
}

/** Sets one bar and answers with its close. */
function setBar(
  { open: opens, high, low, close: closes }: Bars,
  i: number,
  { open, move, spread, reach }: {
    readonly open: number;
    readonly move: number;
    readonly spread: number;
    readonly reach: Random;
  },
): number {
  const growth = log(1 + move);
  const close = open * (1 + move);
  opens[i] = open;
  closes[i] = close;
  high[i] = Math.max(open, close, open * exp(bridgeMaximum(growth, spread, reach)));
  low[i] = Math.min(open, close, open * exp(-bridgeMaximum(-growth, spread, reach)));
  return close;
}

/** How far a Brownian path that ends at `end` went up: (e + √(e² − 2σ²·ln U)) ÷ 2, from its law (Karatzas and Shreve 1991). */
function bridgeMaximum(end: number, spread: number, random: Random): number {
  return (end + Math.sqrt(end * end - 2 * spread * spread * log(1 - random.next()))) / 2;
}

function emptyBars(symbol: string, start: Millis, count: number): Bars {
  return {
    symbol,
    timeframe: "h4",
    openTime: Float64Array.from({ length: count }, (_, i) => start + i * H4_MS),
    availableAt: Float64Array.from({ length: count }, (_, i) => start + (i + 1) * H4_MS),
    open: new Float64Array(count),
    high: new Float64Array(count),
    low: new Float64Array(count),
    close: new Float64Array(count),
    volume: new Float64Array(count).fill(1),
  };
}
