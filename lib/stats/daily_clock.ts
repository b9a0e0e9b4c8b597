import { DAY_MS, type Millis, upperBound } from "../core/bars.ts";
import { ceilToGrid, sessionsBetween } from "../core/calendar.ts";
import type { RunRecord } from "../core/run_record.ts";
import { dailyMarks, type Marks } from "./monthly.ts";

/** Where daily returns are taken: at 00:00 UTC, or after each session's close when only equities trade. */
export interface DailyClock {
  /** 365, or 252 when only equities trade. */
  readonly periodsPerYear: number;
  /** The marks of a curve that daily returns are taken from. */
  daily(curve: Marks): { readonly dailyTimes: Float64Array; readonly dailyNav: Float64Array };
}

/** The daily clock of a run: one for the portfolio, its models and its benchmarks. */
export function dailyClock(
  { assets, markTimes, timeframe }: Pick<RunRecord, "assets" | "markTimes" | "timeframe">,
): DailyClock {
  const equitiesOnly = assets.length > 0 &&
    assets.every(({ assetClass }) => assetClass === "equity");
  const daily = ({ times, nav }: Marks) => ({ dailyTimes: times, dailyNav: nav });
  if (!equitiesOnly || markTimes.length === 0) {
    return {
      periodsPerYear: 365,
      daily: (curve: Marks) => daily(dailyMarks(curve.times, curve.nav)),
    };
  }
  const at = sessionMarks(markTimes[0]!, markTimes.at(-1)!, timeframe);
  return {
    periodsPerYear: 252,
    daily({ times, nav }: Marks) {
      // A final mark on a closed day would add a return of 0 that no session had.
      const end = at.length === 0 ? times.length : upperBound(times, at.at(-1)!);
      return daily(dailyMarks(times.subarray(0, end), nav.subarray(0, end), { at }));
    },
  };
}

/** The first decision time at or after each session close from the first mark to the last. */
function sessionMarks(
  first: Millis,
  last: Millis,
  timeframe: RunRecord["timeframe"],
): Float64Array {
  const from = Math.floor(first / DAY_MS) * DAY_MS;
  const marks = sessionsBetween(from, last).map(({ close }) => ceilToGrid(close, timeframe));
  return Float64Array.from(marks.filter((mark) => mark <= last));
}
