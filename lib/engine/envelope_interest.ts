import type { Fill } from "../core/orders.ts";
import type { RunRecord } from "../core/run_record.ts";
import { DUST } from "../execution/simulated_book.ts";

/**
 * Interest on a unit of cash at each mark. A record says what was paid and not the rate, which is one for all the run: it
 * is read off the first mark that there was cash for, and no mark before that one knows it.
 */
export function interestOf(
  { markTimes, cash }: RunRecord,
  fills: readonly Fill[],
  allowBorrowing: boolean,
): Float64Array {
  const interest = new Float64Array(markTimes.length);
  let next = 0;
  for (let mark = 1; mark < markTimes.length; mark++) {
    let before = cash[mark - 1]!;
    for (; fills[next]?.index === mark - 1; next++) {
      const { quantity, price, fee, nav } = fills[next]!;
      before -= quantity * price + fee;
      if (!allowBorrowing && before < 0 && before > -DUST * nav) before = 0;
    }
    if (before === 0) continue;
    const perMs = (cash[mark]! - before) / before / (markTimes[mark]! - markTimes[mark - 1]!);
    for (let later = mark; perMs !== 0 && later < interest.length; later++) {
      interest[later] = perMs * (markTimes[later]! - markTimes[later - 1]!);
    }
    return interest;
  }
  return interest;
}
