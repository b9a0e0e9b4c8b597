import { DAY_MS } from "../../core/bars.ts";
import type { ExpectedBars } from "../../core/calendar.ts";
import { timeText } from "../refusals.ts";
import type { RawBars } from "../validate_bars.ts";
import { commonRows } from "./bar_checks.ts";
import type { Finding, Thresholds } from "./report.ts";

const BPS = 1e4;
type Price = "open" | "high" | "low" | "close";

/**
 * Days whose H4 bars, put together, tell other prices than the daily bar. Days that lack an H4 bar are passed over. Highs
 * and lows hang on single trades that one feed counts and another does not, so they have a threshold of their own.
 */
export function h4AgainstDaily(
  h4: RawBars,
  expected: ExpectedBars | undefined,
  daily: RawBars,
  { h4_against_daily_bps, h4_extremes_bps }: Thresholds,
): readonly Finding[] {
  if (!expected) return [];
  const wanted = countByDay(expected.openTime);
  const have = countByDay(h4.openTime);
  const days = daysOf(h4);
  const rows = commonRows(days.openTime, daily.openTime)
    .filter(([row]) => have.get(days.openTime[row]!) === wanted.get(days.openTime[row]!));
  const differences = (names: readonly Price[]) =>
    rows.map(([row, place]) => {
      const bps = names.map((name) => BPS * Math.abs(days[name][row]! / daily[name][place]! - 1));
      const most = Math.max(...bps);
      return { date: days.openTime[row]!, bps: most, name: names[bps.indexOf(most)]! };
    });
  return [
    ...finding(
      "h4_against_daily",
      differences(["open", "close"]),
      { told: h4_against_daily_bps, beyond: h4_against_daily_bps },
      "days whose H4 bars open or close otherwise than the daily bar",
    ),
    ...finding(
      "h4_extremes",
      differences(["high", "low"]),
      { told: h4_against_daily_bps, beyond: h4_extremes_bps },
      "days whose H4 bars have other extremes than the daily bar",
    ),
  ];
}

/** Bars whose closes differ from those of a second source. */
export function againstSecondSource(
  one: RawBars,
  other: RawBars,
  source: string,
  { second_source_bps }: Thresholds,
): readonly Finding[] {
  const differences = commonRows(one.openTime, other.openTime).map(([row, place]) => ({
    date: one.openTime[row]!,
    bps: BPS * Math.abs(one.close[row]! / other.close[place]! - 1),
    name: "close",
  }));
  return finding(
    "second_source",
    differences,
    { told: second_source_bps, beyond: second_source_bps },
    `bars whose close is another at ${source}`,
  );
}

function finding(
  check: Finding["check"],
  differences: readonly { date: number; bps: number; name: string }[],
  thresholds: { told: number; beyond: number },
  what: string,
): readonly Finding[] {
  const { told } = thresholds;
  const large = differences.filter(({ bps }) => bps > told);
  const [worst] = large.toSorted((a, b) => b.bps - a.bps);
  if (!worst) return [];
  return [{
    check,
    count: large.length,
    beyond: worst.bps > thresholds.beyond,
    detail: `${what}, by more than ${told} bps, of ${differences.length} compared; the largest by ${
      worst.bps.toFixed(0)
    } bps, the ${worst.name} of ${timeText(worst.date)}`,
  }];
}

function countByDay(times: Float64Array): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const time of times) {
    const day = Math.floor(time / DAY_MS) * DAY_MS;
    counts.set(day, (counts.get(day) ?? 0) + 1);
  }
  return counts;
}

/** The bars of each day put together, in the order of the file. */
function daysOf({ openTime, open, high, low, close }: RawBars) {
  const rows: { date: number; open: number; high: number; low: number; close: number }[] = [];
  for (const [row, time] of openTime.entries()) {
    const date = Math.floor(time / DAY_MS) * DAY_MS;
    const last = rows.at(-1);
    if (last?.date === date) {
      last.high = Math.max(last.high, high[row]!);
      last.low = Math.min(last.low, low[row]!);
      last.close = close[row]!;
    } else {
      rows.push({ date, open: open[row]!, high: high[row]!, low: low[row]!, close: close[row]! });
    }
  }
  return {
    openTime: Float64Array.from(rows, (one) => one.date),
    open: Float64Array.from(rows, (one) => one.open),
    high: Float64Array.from(rows, (one) => one.high),
    low: Float64Array.from(rows, (one) => one.low),
    close: Float64Array.from(rows, (one) => one.close),
  };
}
