import { adjustmentFactors } from "../core/adjustment.ts";
import type { CorporateAction, Millis } from "../core/bars.ts";
import { formatDate } from "../core/clock.ts";

/** A day on which prices and actions together tell another return than the source's own adjusted closes. */
export interface Disagreement {
  readonly date: Millis;
  /** What the day's return is multiplied by, by our actions and by the source's; 1 when nothing happened. */
  readonly ours: number;
  readonly theirs: number;
  /** What probably happened, in a few words. */
  readonly cause: string;
}

// Adjusted closes come rounded; a dividend worth less than this share of the price cannot be told from rounding.
const TOLERANCE = 5e-4;
/** How near to a round ratio a jump must be to be called a split. */
export const SPLIT_TOLERANCE = 0.06;
const SPLIT_RATIOS = [1.5, 2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 40, 50];

/**
 * Holds the factors that follow from actions against a source's adjusted closes, day by day, and looks for jumps that
 * look like a split which nobody has. Days without a close on either side are passed over.
 */
export function checkAdjustment(
  daily: { readonly openTime: Float64Array; readonly close: Float64Array },
  actions: readonly CorporateAction[],
  splitsApplied: boolean,
  adjusted: { readonly openTime: Float64Array; readonly close: Float64Array },
): readonly Disagreement[] {
  const factors = adjustmentFactors(daily.openTime, daily.close, actions, splitsApplied);
  const theirs = new Map(Array.from(adjusted.openTime, (time, i) => [time, adjusted.close[i]!]));
  const found: Disagreement[] = [];
  for (let row = 1; row < daily.openTime.length; row++) {
    const date = daily.openTime[row]!;
    const price = daily.close[row]! / daily.close[row - 1]!;
    const ours = factors[row]! / factors[row - 1]!;
    const now = theirs.get(date);
    const before = theirs.get(daily.openTime[row - 1]!);
    const their = now === undefined || before === undefined ? NaN : now / before / price;
    const today = actions.filter(({ exDate }) =>
      exDate > daily.openTime[row - 1]! && exDate <= date
    );
    const cause = causeOf({ price, ours, theirs: their, today });
    if (cause !== undefined) found.push({ date, ours, theirs: their, cause });
  }
  return found;
}

interface Day {
  /** Close ÷ close of the day before. */
  readonly price: number;
  readonly ours: number;
  readonly theirs: number;
  readonly today: readonly CorporateAction[];
}

/** In a few words what probably happened; undefined when both agree and nothing looks odd. */
function causeOf({ price, ours, theirs, today }: Day): string | undefined {
  const split = today.find(({ kind }) => kind === "split");
  const dividend = today.find(({ kind }) => kind === "dividend");
  const jump = splitRatio(1 / price);
  if (Number.isNaN(theirs) || isNear(ours, theirs)) {
    // Both agree: only a price that falls like a split, with no split behind it, is suspicious.
    return jump !== undefined && isNear(ours, 1) && (jump >= 2 || jump <= 0.5)
      ? `a split of ${jump} is missing from the actions and from the source: the price moved by ${
        price.toFixed(4)
      }`
      : undefined;
  }
  const rest = ours / theirs;
  if (split && isNear(rest, split.value, SPLIT_TOLERANCE)) {
    return jump === undefined
      ? `the split of ${split.value} is counted twice: prices carry it already`
      : `the source misses the split of ${split.value}`;
  }
  const missing = splitRatio(1 / rest);
  if (!split && missing !== undefined && missing !== 1) {
    return `a split of ${missing} is missing from the actions`;
  }
  if (dividend) {
    if (isNear(theirs, 1)) return `the source misses the dividend of ${dividend.value}`;
    if (isNear(theirs, ours * ours)) return "the source counts the dividend twice";
    if (isNear(ours, theirs * theirs)) return "the dividend is counted twice";
    return `the dividend of ${dividend.value} is another at the source`;
  }
  if (isNear(ours, 1) && theirs > 1) {
    return `a dividend of ${
      (100 * (1 - 1 / theirs)).toFixed(2)
    }% of the price is missing from the actions`;
  }
  return "the prices are not those that the source adjusted";
}

/** Days on which a price falls or rises like a split and no split is on file, one line each. */
export function suspiciousJumps(
  daily: { readonly openTime: Float64Array; readonly close: Float64Array },
  actions: readonly CorporateAction[],
  splitsApplied: boolean,
): readonly string[] {
  const splits = splitsApplied ? [] : actions.filter(({ kind }) => kind === "split");
  return Array.from(daily.close.keys()).flatMap((row) => {
    const price = daily.close[row]! / daily.close[row - 1]!;
    if (!isWild(price)) return [];
    const [before, date] = [daily.openTime[row - 1]!, daily.openTime[row]!];
    const known = splits.some(({ exDate }) => exDate > before && exDate <= date);
    const ratio = splitRatio(1 / price);
    if (known || ratio === undefined) return [];
    return [
      `${formatDate(date)}: the price moved by ${
        price.toFixed(4)
      }, like a split of ${ratio} that is not on file`,
    ];
  });
}

/** Whether a price over the one before it is so far from 1 that a split is more likely than a market. */
export function isWild(price: number): boolean {
  return price > 0 && !(price > 0.53 && price < 1.9);
}

/** The line that a report shows for it. */
export function disagreementText({ date, cause }: Disagreement): string {
  return `${formatDate(date)}: ${cause}`;
}

/** The round ratio, or one part of it, that a factor stands for: 2 for about 2, 0.1 for about 0.1. */
export function splitRatio(factor: number): number | undefined {
  const ratio = SPLIT_RATIOS.find((one) =>
    isNear(factor, one, SPLIT_TOLERANCE) || isNear(1 / factor, one, SPLIT_TOLERANCE)
  );
  if (ratio === undefined) return undefined;
  return factor > 1 ? ratio : 1 / ratio;
}

function isNear(a: number, b: number, tolerance = TOLERANCE): boolean {
  return Math.abs(a / b - 1) <= tolerance;
}
