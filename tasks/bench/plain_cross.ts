import type { Bars } from "../../lib/core/bars.ts";

/** What W1 comes to. */
export interface CrossResult {
  readonly finalEquity: number;
  readonly orders: number;
  /** A fraction; equities at closes only, the first is the first peak. */
  readonly maxDrawdown: number;
  /** Of returns per bar × √2190. */
  readonly sharpe: number;
}

const H4_BARS_A_YEAR = 2190;

/** W1 as one bare loop over typed arrays, without records: the measure of the machine. */
export function plainCross(
  { open, close }: Pick<Bars, "open" | "close">,
  { fast, slow, cash: start, costBps }: {
    readonly fast: number;
    readonly slow: number;
    readonly cash: number;
    readonly costBps: number;
  },
): CrossResult {
  const equity = new Float64Array(close.length);
  const cost = costBps / 10_000;
  let cash = start;
  let quantity = 0;
  let orders = 0;
  let fastSum = 0;
  let slowSum = 0;
  let wanted = false;
  for (let i = 0; i < close.length; i++) {
    const price = open[i]!;
    if (wanted && quantity === 0) {
      quantity = cash / (price * (1 + cost) * (1 + cost));
      cash = 0;
      orders++;
    } else if (!wanted && quantity > 0) {
      cash += quantity * price * (1 - cost) * (1 - cost);
      quantity = 0;
      orders++;
    }
    const last = close[i]!;
    fastSum += last - (i < fast ? 0 : close[i - fast]!);
    slowSum += last - (i < slow ? 0 : close[i - slow]!);
    wanted = i >= slow - 1 && fastSum / fast > slowSum / slow;
    equity[i] = cash + quantity * last;
  }
  return { finalEquity: equity.at(-1) ?? start, orders, ...figures(equity) };
}

function figures(equity: Float64Array): { maxDrawdown: number; sharpe: number } {
  const count = equity.length - 1;
  let peak = equity[0]!;
  let maxDrawdown = 0;
  let sum = 0;
  let squares = 0;
  for (let i = 1; i <= count; i++) {
    const value = equity[i]!;
    if (value > peak) peak = value;
    maxDrawdown = Math.max(maxDrawdown, 1 - value / peak);
    const change = value / equity[i - 1]! - 1;
    sum += change;
    squares += change * change;
  }
  const mean = sum / count;
  const deviation = Math.sqrt((squares - count * mean * mean) / (count - 1));
  return { maxDrawdown, sharpe: mean / deviation * Math.sqrt(H4_BARS_A_YEAR) };
}
