import type { Bars } from "../../core/bars.ts";
import { formatTime } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import type { Random } from "../../core/random.ts";

/**
 * A history without an edge for rules on price: each bar keeps the size of its move and loses its direction, a fair coin
 * decides whether it is mirrored at the close before. Given the past its return is then +r or −r with even odds, so no rule
 * earns anything before costs, while calm and storm follow each other as they did. Simple returns are flipped: flipped
 * logarithms would leave a drift of half the variance.
 *
 * Randomised phases keep the autocorrelations of returns, and shuffled blocks all that lies within a block: both keep
 * the very trends that such rules live on, so what survives on them is no false alarm.
 *
 * Refuses a bar without prices, and one that more than doubles the close before it, as its mirror would fall below zero.
 */
export function signFlipped(bars: Bars, random: Random): Bars {
  const [open, high, low, close] = [bars.open, bars.high, bars.low, bars.close]
    .map((column) => new Float64Array(column)) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
  for (let i = 1; i < close.length; i++) {
    const before = bars.close[i - 1]!;
    const base = close[i - 1]!;
    // Whatever the coin says: what one seed refuses, every other does, too.
    if (!(2 - bars.high[i]! / before > 0)) refuse(bars, i);
    const isFlipped = random.next() < 0.5;
    const placed = (price: number) => base * (isFlipped ? 2 - price / before : price / before);
    open[i] = placed(bars.open[i]!);
    close[i] = placed(bars.close[i]!);
    high[i] = placed(isFlipped ? bars.low[i]! : bars.high[i]!);
    low[i] = placed(isFlipped ? bars.high[i]! : bars.low[i]!);
  }
  return { ...bars, open, high, low, close };
}

function refuse({ symbol, openTime, high, close }: Bars, i: number): never {
  throw new Refusal(
    `Cannot flip the returns of ${symbol}: the bar of ${formatTime(openTime[i]!)} reaches ` +
      `${high[i]}, expected less than twice the close before, ${close[i - 1]}`,
  );
}
