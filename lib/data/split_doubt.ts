import { type Bars, type CorporateAction, DAY_MS, lowerBound, type Millis } from "../core/bars.ts";
import { formatDate } from "../core/clock.ts";
import { isWild, SPLIT_TOLERANCE, splitRatio } from "./check_adjustment.ts";

/** From when on prices and actions cannot be believed together, and why in a few words. */
export interface SplitDoubt {
  /** 00:00 UTC of the day. */
  readonly from: Millis;
  readonly reason: string;
}

/** What is believed without another look. */
export interface Believed {
  /** Splits that were on file beside their bars. */
  readonly splits: readonly CorporateAction[];
  /** Open time of the last bar that was on file; jumps up to it are history. */
  readonly until: Millis;
  readonly splitsApplied: boolean;
}

/**
 * The first day on which the bars do not show a split that somebody tells of, or show one that nobody tells of; undefined
 * while they agree. A split counts as shown by the first price after its ex-date began over the last one before.
 */
export function doubtOf(
  bars: Bars,
  actions: readonly CorporateAction[],
  believed: Believed,
): SplitDoubt | undefined {
  const told = actions.filter((action) => action.kind === "split" && !isIn(believed, action))
    .flatMap((split) => splitDoubt(bars, split, believed) ?? []);
  const jump = jumpDoubt(bars, actions, believed);
  return [...told, ...jump ? [jump] : []].sort((a, b) => a.from - b.from)[0];
}

function isIn({ splits }: Believed, { exDate, value }: CorporateAction): boolean {
  return splits.some((one) => one.exDate === exDate && one.value === value);
}

function splitDoubt(
  { openTime, open, close }: Bars,
  { exDate, value }: CorporateAction,
  { splitsApplied }: Believed,
): SplitDoubt | undefined {
  const name = `the split of ${value} of ${formatDate(exDate)}`;
  const doubt = (reason: string) => ({ from: exDate, reason: `${name} ${reason}` });
  if (splitsApplied) {
    return doubt(
      "cannot follow prices on file that carry splits already; download its files anew and start again",
    );
  }
  const row = lowerBound(openTime, exDate);
  if (row === 0) return undefined; // before the story
  if (row === openTime.length) return doubt("is not shown by any bar yet");
  const price = open[row]! / close[row - 1]!;
  const isNearer = Math.abs(Math.log(price * value)) < Math.abs(Math.log(price));
  if (isNearer && Math.abs(price * value - 1) <= SPLIT_TOLERANCE) return undefined;
  return doubt(
    `is not shown by the bars: the price moved by ${price.toFixed(4)}, expected about ${
      (1 / value).toFixed(4)
    }`,
  );
}

/** A night over which the price moved like a split, with no split on its two sides. */
function jumpDoubt(
  { openTime, open, close }: Bars,
  actions: readonly CorporateAction[],
  { until }: Believed,
): SplitDoubt | undefined {
  for (let row = Math.max(1, lowerBound(openTime, until)); row < openTime.length; row++) {
    const [before, time] = [openTime[row - 1]!, openTime[row]!];
    const date = dayOf(time);
    const price = open[row]! / close[row - 1]!;
    if (time <= until || dayOf(before) === date || !isWild(price)) continue;
    const ratio = splitRatio(1 / price);
    const isTold = actions.some(({ kind, exDate }) =>
      kind === "split" && exDate > before && exDate <= time
    );
    if (ratio === undefined || isTold) continue;
    const reason = `on ${formatDate(date)} the price moved by ${
      price.toFixed(4)
    }, like a split of ${ratio} that nobody tells of`;
    return { from: date, reason };
  }
  return undefined;
}

function dayOf(time: Millis): Millis {
  return Math.floor(time / DAY_MS) * DAY_MS;
}
