import type { Millis } from "../core/bars.ts";
import { formatTime } from "../core/clock.ts";
import type { SeriesReport, UpdateReport } from "../data/upkeep.ts";

/** What became of one file of a request. */
export interface UpdateItem {
  /** `SPY h4`, `SPY actions`, `vix`. */
  readonly what: string;
  readonly outcome?: string;
  readonly added?: number;
  readonly rows?: number;
  readonly first?: string;
  readonly last?: string;
  readonly file?: string;
  readonly content_hash?: string;
  /** One line, where it failed. */
  readonly failure?: string;
  readonly notes: readonly string[];
  /** Whether history was revised, or does not agree with its actions: somebody should look. */
  readonly differs: boolean;
}

/** A report as the item of a list. */
export function itemOf(report: UpdateReport): UpdateItem {
  const { revision, leftOut, before } = report;
  const notes = [
    ...report.notes,
    ...leftOut.map(({ reason, rows, first }) =>
      `${rows} rows of the source left out, ${reason}, the first of ${timeOf(first)}`
    ),
    ...(revision
      ? [
        `revised history: ${revision.rows} bars differ, the first of ${
          timeOf(revision.first.time)
        }: ` +
        `${revision.first.column} ${revision.first.stored} here, ${revision.first.found} at the source` +
        (report.outcome === "revised"
          ? `; taken over, the old file is ${before}`
          : revision.scale === undefined
          ? "; kept as stored, --accept-revisions takes the source's"
          : `; all prices moved by ${
            revision.scale.toFixed(4)
          }, so nothing was added: a split or dividend, take it over with --accept-revisions`),
      ]
      : []),
  ];
  return {
    what: `${report.symbol} ${report.timeframe}`,
    ...fileFacts(report),
    notes,
    differs: revision !== undefined && report.outcome !== "revised",
  };
}

/** What an update says of its file. */
export function fileFacts(
  { outcome, added, rows, first, last, file, contentHash }: UpdateReport | SeriesReport,
) {
  return { outcome, added, rows, first, last, file, content_hash: contentHash };
}

function timeOf(time: Millis): string {
  return formatTime(time).slice(0, 16).replace("T", " ");
}
