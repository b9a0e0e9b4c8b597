import { DAY_MS, type Millis } from "../core/bars.ts";
import { finiteOrNull } from "./moments.ts";

/** The deepest fall of a NAV from an earlier peak. */
export interface Drawdown {
  /** Share of the peak that was lost; more than 1 once NAV was negative. */
  readonly depth: number;
  /** The last mark at the peak. */
  readonly peakTime: Millis;
  readonly troughTime: Millis;
  /** First mark back at the peak; null when the series ends before. */
  readonly recoveryTime: Millis | null;
  /** Days from the peak to the recovery, or to the end of the series. */
  readonly lengthDays: number;
  /** Days of the longest stay below any peak, which need not be the deepest. */
  readonly longestDays: number;
}

/**
 * Largest fall from an earlier peak, a fraction ≥ 0; the first value counts as a peak. Null when
 * empty or not starting positive.
 */
export function maxDrawdown(nav: Float64Array): number | null {
  let peak = nav.length > 0 ? nav[0]! : NaN;
  if (!(peak > 0)) return null;
  let deepest = 0;
  // Below one peak the lowest value is the deepest drawdown, so one division a peak is enough.
  let trough = peak;
  for (let i = 1; i < nav.length; i++) {
    const value = nav[i]!;
    if (value >= peak) {
      if (trough < peak) deepest = Math.max(deepest, 1 - trough / peak);
      peak = value;
      trough = value;
    } else if (value < trough) trough = value;
    else if (value !== value) return null;
  }
  deepest = Math.max(deepest, 1 - trough / peak);
  return peak === Infinity ? null : finiteOrNull(deepest);
}

/** The drawdown at every mark, 0 at a peak; NaN throughout when the first value is not positive. */
export function drawdownCurve(nav: Float64Array): Float64Array {
  const curve = new Float64Array(nav.length);
  let peak = nav.length > 0 && nav[0]! > 0 ? nav[0]! : NaN;
  for (let i = 0; i < nav.length; i++) {
    if (nav[i]! > peak) peak = nav[i]!;
    curve[i] = 1 - nav[i]! / peak;
  }
  return curve;
}

/**
 * When the deepest drawdown began, bottomed and ended; the first of equals. Null where undefined or
 * NAV never fell.
 */
export function drawdownDetail(nav: Float64Array, timesMs: Float64Array): Drawdown | null {
  const depth = maxDrawdown(nav);
  if (depth === null || depth === 0) return null;
  const rows = deepestRows(nav);
  const last = nav.length - 1;
  const days = (from: number, to: number) => (timesMs[to]! - timesMs[from]!) / DAY_MS;
  return {
    depth,
    peakTime: timesMs[rows.peak]!,
    troughTime: timesMs[rows.trough]!,
    recoveryTime: rows.recovery === null ? null : timesMs[rows.recovery]!,
    lengthDays: days(rows.peak, rows.recovery ?? last),
    longestDays: longestDays(nav, timesMs),
  };
}

function deepestRows(nav: Float64Array): { peak: number; trough: number; recovery: number | null } {
  let deepest = 0;
  let peakRow = 0;
  let found: { peak: number; trough: number; recovery: number | null } = {
    peak: 0,
    trough: 0,
    recovery: null,
  };
  for (let row = 1; row < nav.length; row++) {
    if (nav[row]! >= nav[peakRow]!) {
      if (found.peak === peakRow && deepest > 0) found.recovery = row;
      peakRow = row;
      continue;
    }
    const drawdown = 1 - nav[row]! / nav[peakRow]!;
    if (drawdown <= deepest) continue;
    deepest = drawdown;
    found = { peak: peakRow, trough: row, recovery: null };
  }
  return found;
}

function longestDays(nav: Float64Array, timesMs: Float64Array): number {
  let longest = 0;
  let peakRow = 0;
  for (let row = 1; row < nav.length; row++) {
    const back = nav[row]! >= nav[peakRow]!;
    // From one peak straight to the next there was no drawdown, however far apart the marks are.
    if (!back || row > peakRow + 1) {
      longest = Math.max(longest, timesMs[row]! - timesMs[peakRow]!);
    }
    if (back) peakRow = row;
  }
  return longest / DAY_MS;
}
