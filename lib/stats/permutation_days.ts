import type { Random } from "../core/random.ts";
import type { MarketSteps } from "./permutation.ts";

/** Groups of days that may change places, each ascending and of at least two; the first and the last day are in none. */
export function daysThatSwap({ dayStarts, assetReturns }: MarketSteps): readonly Int32Array[] {
  const kinds = new Map<string, number[]>();
  for (let day = 1; day < dayStarts.length - 2; day++) {
    const [from, to] = [dayStarts[day]!, dayStarts[day + 1]!];
    const traded = assetReturns.map((returns) => hasTraded(returns, from, to) ? "1" : "0").join("");
    const kind = `${to - from} ${traded}`;
    const alike = kinds.get(kind);
    if (alike) alike.push(day);
    else kinds.set(kind, [day]);
  }
  return [...kinds.values()].filter((days) => days.length > 1).map((days) => Int32Array.from(days));
}

/** Whether any step moved the price; a market open all day without a move is as good as closed. */
function hasTraded(returns: Float64Array, from: number, to: number): boolean {
  for (let step = from; step < to; step++) {
    const value = returns[step]!;
    if (value !== 0 && !Number.isNaN(value)) return true;
  }
  return false;
}

/** Puts the days of each kind in a new order, every order equally likely (Fisher and Yates, Durstenfeld 1964). */
export function shuffleWithin(
  kinds: readonly Int32Array[],
  days: Int32Array,
  random: Random,
): void {
  for (const places of kinds) {
    for (let last = places.length - 1; last > 0; last--) {
      const here = places[last]!;
      const there = places[random.integer(last + 1)]!;
      const day = days[here]!;
      days[here] = days[there]!;
      days[there] = day;
    }
  }
}
