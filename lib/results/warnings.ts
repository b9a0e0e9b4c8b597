import type { Millis } from "../core/bars.ts";
import { formatTime } from "../core/clock.ts";
import type { Coverage, GapNote, RunRecord } from "../core/run_record.ts";
import { regimeWarnings } from "./regimes.ts";

/** Something a reader of the run should know, at its market time. */
export interface RunWarning {
  readonly time: Millis;
  readonly component: string;
  readonly message: string;
  readonly context: Readonly<Record<string, unknown>>;
}

/** Late joiners, stretches of missing bars or uncertain regimes, and orders that lapsed, in order of time. */
export function runWarnings(record: RunRecord): readonly RunWarning[] {
  const start = record.markTimes[0] ?? 0;
  const end = record.markTimes.at(-1) ?? 0;
  const warnings = [
    ...record.coverage.filter(({ joins }) => joins === null || joins > start)
      .map((coverage) => lateJoiner(coverage, start)),
    ...record.gaps.map(gapWarning),
    ...regimeWarnings(record),
    ...record.lapsed.map(({ asset, weight }) => {
      const { symbol } = record.assets[asset]!;
      return {
        time: end,
        component: "execution",
        message: `The order for ${symbol} still waited for a market at the end and lapsed`,
        context: { symbol, target_weight: weight },
      };
    }),
  ];
  return warnings.sort((a, b) => a.time - b.time);
}

function lateJoiner({ model, symbol, joins, firstBar }: Coverage, start: Millis): RunWarning {
  const since = firstBar === null ? "it has no bars" : `its bars begin ${formatTime(firstBar)}`;
  return {
    time: joins ?? start,
    component: "data",
    message: joins === null
      ? `${symbol} never joins ${model}: ${since}`
      : `${symbol} joins ${model} only at ${formatTime(joins)}: ${since}`,
    context: {
      model,
      symbol,
      joins: joins === null ? null : formatTime(joins),
      first_bar: firstBar === null ? null : formatTime(firstBar),
    },
  };
}

function gapWarning({ model, symbol, timeframe, policy, from, to, missing }: GapNote): RunWarning {
  const span = `${formatTime(from)} to ${formatTime(to)}`;
  return {
    time: from,
    component: "data",
    message: `${symbol} misses up to ${missing} ${timeframe} bars of ${model}, ${span} (${policy})`,
    context: {
      model,
      symbol,
      timeframe,
      policy,
      from: formatTime(from),
      to: formatTime(to),
      missing,
    },
  };
}
