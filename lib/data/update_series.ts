import type { Disk } from "../core/atomic_file.ts";
import { DAY_MS, type Millis, type Series } from "../core/bars.ts";
import { type Clock, formatDate, formatTime, parseDate } from "../core/clock.ts";
import { didYouMean, Refusal } from "../core/errors.ts";
import { lockFile, removeLeftovers } from "./file_upkeep.ts";
import { MACRO_FILES, type MacroFile } from "./macro_files.ts";
import { noteInManifest } from "./manifest.ts";
import {
  type MergedSeries,
  mergeSeries,
  type RevisedValue,
  withThreeMonthIndex,
} from "./merge_series.ts";
import { seriesFile } from "./places.ts";
import {
  hashPublications,
  type Publications,
  readSeriesFile,
  requirePublications,
  type StoredSeries,
  writeSeries,
} from "./series.ts";
import type { SeriesDownload } from "./sources/source.ts";

/** How a macro file is brought up to date. */
export interface SeriesOptions {
  /** First moment of publication wanted; 1993 when left out and the file is new. */
  readonly from?: Millis;
  readonly to?: Millis;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  readonly disk?: Disk;
}

/** What became of one macro file. */
export interface SeriesReport {
  readonly name: string;
  readonly file: string;
  readonly source: string;
  readonly outcome: "created" | "extended" | "unchanged";
  /** Dates that are new. */
  readonly added: number;
  /** Changed values of dates that were there, each a row of its own now. */
  readonly revisions: number;
  readonly firstRevision?: RevisedValue;
  readonly rows: number;
  /** First and last reference date. */
  readonly first: string;
  readonly last: string;
  readonly contentHash: string;
  readonly notes: readonly string[];
}

/** Where the exchange calendar begins, which dates the VIX. */
const FIRST_TIME = parseDate("1993-02-01");
/** How far back publications are asked for again, to see revisions. */
const OVERLAP_MS = 400 * DAY_MS;

/**
 * Downloads what a macro file lacks and puts it in, in one step. A changed value never replaces one: it is a row of its
 * own, known from its own publication on. Refuses a name that is no macro file, and while somebody else updates it.
 */
export async function updateSeries(
  root: string,
  name: string,
  source: SeriesDownload,
  options: SeriesOptions,
): Promise<SeriesReport> {
  const recipe = MACRO_FILES[name];
  if (!recipe || !Object.hasOwn(MACRO_FILES, name)) throw unknownSeries(name);
  const file = seriesFile(root, name);
  const release = await lockFile(root, file);
  try {
    await removeLeftovers(file);
    const stored = await readSeriesFile(root, name);
    const now = options.clock.now();
    const to = Math.min(options.to ?? now, now) + 1; // published by then, that moment included
    const from = Math.min(startOf(stored, options.from), to - DAY_MS);
    const fresh: Record<string, Series> = {};
    for (const [column, series] of Object.entries(recipe.columns)) {
      source.check(series);
      fresh[column] = await source.series(series, { from, to }, { signal: options.signal });
    }
    const merged = withDerived(
      mergeSeries(stored?.publications, fresh, { now, revise: name !== "vix" }),
      recipe,
    );
    return await settle({ root, name, file, source, stored, merged, now, from }, options);
  } finally {
    await release();
  }
}

/** The refusal of a name that no macro file has, with exit code 2. */
export function unknownSeries(name: string): Refusal {
  const names = Object.keys(MACRO_FILES).sort();
  return new Refusal(
    `found the series "${name}"${didYouMean(name, names)}, expected one of ${names.join(", ")}`,
    { exitCode: 2 },
  );
}

function startOf(stored: StoredSeries | undefined, wish: Millis | undefined): Millis {
  if (!stored) return wish ?? FIRST_TIME;
  const times = stored.publications.availableAt.filter((time) => !Number.isNaN(time));
  const overlap = (times.at(-1) ?? FIRST_TIME) - OVERLAP_MS;
  const isEarlier = wish !== undefined && wish < stored.publications.date[0]!;
  return isEarlier ? wish : overlap;
}

function withDerived(merged: MergedSeries, { derived }: MacroFile): MergedSeries {
  if (!derived || merged.publications.date.length === 0) return merged;
  return { ...merged, publications: withThreeMonthIndex(merged.publications, derived) };
}

async function settle(
  { root, name, file, source, stored, merged, now, from }: {
    readonly root: string;
    readonly name: string;
    readonly file: string;
    readonly source: SeriesDownload;
    readonly stored: StoredSeries | undefined;
    readonly merged: MergedSeries;
    readonly now: Millis;
    readonly from: Millis;
  },
  options: SeriesOptions,
): Promise<SeriesReport> {
  const disk = options.disk ? { disk: options.disk } : {};
  const { date, availableAt, values } = merged.publications;
  if (date.length === 0) {
    throw new Refusal(
      `Cannot get the series "${name}" from ${source.name}: found no observation since ${
        formatDate(from)
      }, expected at least one`,
    );
  }
  const timed = stored ? stored.timed : name !== "vix";
  const publications: Publications = timed ? { date, availableAt, values } : { date, values };
  const contentHash = hashPublications(publications);
  const changed = contentHash !== stored?.contentHash;
  const description = {
    source: joined(stored?.source, source.description),
    licence: joined(stored?.licence, source.licence),
  };
  if (changed) {
    requirePublications(file, publications);
    await writeSeries(root, name, publications, description, disk);
  }
  const newest = date.reduce((most, day) => Math.max(most, day), -Infinity);
  const [first, last] = [formatTime(date[0]!), formatTime(newest)];
  await noteInManifest(root, file, {
    rows: date.length,
    first,
    last,
    content_hash: contentHash,
    source: (changed ? description : stored!).source,
    asked_from: first,
    updated_at: formatTime(Math.floor(now / 1_000) * 1_000),
  }, disk);
  return {
    name,
    file,
    source: source.name,
    outcome: !stored ? "created" : changed ? "extended" : "unchanged",
    added: merged.added,
    revisions: merged.revisions,
    ...(merged.firstRevision ? { firstRevision: merged.firstRevision } : {}),
    rows: date.length,
    first,
    last,
    contentHash,
    notes: notesOf(name, merged),
  };
}

function notesOf(name: string, { late, revisions }: MergedSeries): readonly string[] {
  return [
    ...(late === 0 ? [] : [
      `${late} observations of older dates were left out: they had never been published in time`,
    ]),
    ...(name === "vix" && revisions > 0
      ? [
        `${revisions} stored values are others at the source; they are kept, as the VIX is never revised`,
      ]
      : []),
  ];
}

function joined(old: string | undefined, added: string): string {
  if (old === undefined || old === "") return added;
  return old.includes(added) ? old : `${old}; ${added}`;
}
