import type { Disk } from "../core/atomic_file.ts";
import type { Asset } from "../core/asset.ts";
import { type Bars, gridMs, type Millis, type Timeframe } from "../core/bars.ts";
import { floorToGrid } from "../core/calendar.ts";
import { type Clock, formatDate, formatTime, parseTime } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import { readActions } from "./actions.ts";
import { hashBars } from "./bar_metadata.ts";
import { type BarFeed, collectBars, type Collected, type DownloadProgress } from "./collect.ts";
import { descriptionOf, extraOf } from "./describe_update.ts";
import type { LeftOut } from "./build_bars.ts";
import { keepOld, lockFile, removeLeftovers } from "./file_upkeep.ts";
import { type ManifestEntry, noteInManifest, readManifest } from "./manifest.ts";
import { mergeBars, type Merged, type Revision } from "./merge_bars.ts";
import { partialFile, removePartial } from "./partial.ts";
import { barFile, besideFile, placeOf } from "./places.ts";
import { readStoredBars, type StoredBars } from "./stored_bars.ts";
import { requireSoundRows } from "./validate_bars.ts";
import { writeBars } from "./write_bars.ts";

/** How a file is brought up to date. */
export interface UpdateOptions {
  /** First moment wanted; an absent file starts here, an existing one is only extended backwards by it. */
  readonly from?: Millis;
  /** End of what is wanted; now when left out. */
  readonly to?: Millis;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Takes the source's word where it contradicts the file; the old file is kept beside it. */
  readonly acceptRevisions?: boolean;
  /** Stored bars that are asked for once more, to see whether history was revised. */
  readonly overlapBars?: number;
  /** Asks for all of [from, to), whatever is stored; all of it is compared. */
  readonly wholeSpan?: boolean;
  /** Keeps the bars as a second source, which only validation reads. */
  readonly beside?: boolean;
  /** Least time between two savings of what a running download has got. */
  readonly savePartialMs?: number;
  readonly disk?: Disk;
}

/** What became of one file. */
export interface UpdateReport {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly file: string;
  readonly source: string;
  /** `withheld`: new bars were not written since the past was moved as a whole. */
  readonly outcome: "created" | "extended" | "revised" | "unchanged" | "withheld";
  readonly added: number;
  readonly rows: number;
  readonly first: string;
  readonly last: string;
  readonly contentHash: string;
  readonly revision?: Revision;
  /** Rows of the source that became no part of a bar. */
  readonly leftOut: readonly LeftOut[];
  /** Where the file was kept that revisions replaced. */
  readonly before?: string;
  /** Things to know, one line each. */
  readonly notes: readonly string[];
}

const OVERLAP_BARS = 10;

/**
 * Downloads what a bar file lacks and puts it in, in one step (FR-008): what is there is asked for again only as far as
 * the overlap, and compared. Whatever stops it, the file is the old or the new one; what a long download had got by then
 * is gone on with. Refuses while somebody else updates the same file.
 */
export async function updateBars(
  root: string,
  asset: Asset,
  timeframe: Timeframe,
  source: BarFeed,
  options: UpdateOptions,
): Promise<UpdateReport> {
  const file = options.beside
    ? besideFile(root, asset, timeframe, source.name)
    : barFile(root, asset, timeframe);
  const release = await lockFile(root, file);
  try {
    for (const one of [file, partialFile(root, file)]) await removeLeftovers(one);
    const stored = await readStoredBars(file, asset, timeframe);
    const job: Job = { root, file, asset, timeframe, source, stored };
    await refuseMixedSplits(job, options.from);
    return await bringUpToDate(job, options);
  } finally {
    await release();
  }
}

interface Job {
  readonly root: string;
  readonly file: string;
  readonly asset: Asset;
  readonly timeframe: Timeframe;
  readonly source: BarFeed;
  readonly stored: StoredBars | undefined;
}

async function bringUpToDate(job: Job, options: UpdateOptions): Promise<UpdateReport> {
  const { root, file, asset, timeframe, source, stored } = job;
  const now = options.clock.now();
  const to = Math.min(options.to ?? now, now);
  const manifest = await readManifest(root);
  const askedFrom = manifest[placeOf(root, file)]?.asked_from;
  const stretches = stretchesOf(job, {
    from: options.from,
    to,
    askedFrom: askedFrom === undefined ? undefined : parseTime(askedFrom),
    overlapBars: options.overlapBars ?? OVERLAP_BARS,
    whole: options.wholeSpan || options.acceptRevisions || false,
  });
  for (const { from, until } of stretches) source.check({ asset, timeframe, from, to: until });
  let state: State = {
    bars: stored?.bars,
    storedRows: Int32Array.from(stored?.bars.openTime ?? [], (_, row) => row),
    added: 0,
    notes: [],
    leftOut: [],
  };
  for (const stretch of stretches) {
    const got = await collectBars(root, file, { asset, timeframe, source, ...stretch }, options);
    state = withStretch(state, got, stretch, options.acceptRevisions ?? false);
  }
  const earliest = Math.min(
    ...stretches.map(({ from }) => from),
    askedFrom === undefined ? Infinity : parseTime(askedFrom),
    stored?.bars.openTime[0] ?? Infinity,
  );
  return await settle(job, state, { askedFrom: earliest, now }, options);
}

interface Stretch {
  readonly from: Millis;
  readonly until: Millis;
}

/** What has to be asked for: all of it, or what comes before the file and what comes after it. */
function stretchesOf(
  { file, timeframe, stored }: Job,
  wish: {
    readonly from: Millis | undefined;
    readonly to: Millis;
    readonly askedFrom: Millis | undefined;
    readonly overlapBars: number;
    readonly whole: boolean;
  },
): readonly Stretch[] {
  const from = wish.from === undefined ? undefined : floorToGrid(wish.from, timeframe);
  const times = stored?.bars.openTime;
  if (!times) {
    if (from !== undefined) return from < wish.to ? [{ from, until: wish.to }] : [];
    throw new Refusal(
      `Cannot update ${file}: found no such file, expected one, or a first day (--start)`,
    );
  }
  const first = times[0]!;
  if (wish.whole) return [{ from: from ?? first, until: wish.to }];
  const overlap = times[Math.max(0, times.length - wish.overlapBars)]!;
  const isAsked = from === undefined || from >= Math.min(first, wish.askedFrom ?? Infinity);
  const headUntil = Math.min(
    times[Math.min(times.length, wish.overlapBars) - 1]! + gridMs(timeframe),
    wish.to,
  );
  return [
    ...(isAsked ? [] : [{ from, until: headUntil }]),
    ...(overlap < wish.to ? [{ from: overlap, until: wish.to }] : []),
  ];
}

interface State {
  readonly bars: Bars | undefined;
  readonly storedRows: Int32Array;
  readonly added: number;
  readonly revision?: Revision;
  readonly notes: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

function withStretch(
  state: State,
  { bars: fresh, until, leftOut }: Collected,
  { from }: Stretch,
  accept: boolean,
): State {
  const all = [...state.leftOut, ...leftOut];
  if (!state.bars) {
    const storedRows = new Int32Array(fresh.openTime.length).fill(-1);
    return { ...state, bars: fresh, storedRows, added: fresh.openTime.length, leftOut: all };
  }
  const merged: Merged = mergeBars(state.bars, fresh, { from, until, accept });
  const revision = state.revision ?? merged.revision;
  return {
    bars: merged.bars,
    storedRows: merged.storedRows.map((row) => row < 0 ? -1 : state.storedRows[row]!),
    added: state.added + merged.added,
    ...(revision ? { revision } : {}),
    notes: [
      ...state.notes,
      ...(merged.gone === 0
        ? []
        : [`${merged.gone} stored bars are not at the source any more; they are kept`]),
    ],
    leftOut: all,
  };
}

/** Writes what has changed, the manifest last, and says what became of the file. */
async function settle(
  job: Job,
  state: State,
  { askedFrom, now }: { askedFrom: Millis; now: Millis },
  options: UpdateOptions,
): Promise<UpdateReport> {
  const { root, file, asset, timeframe, source, stored } = job;
  const disk = options.disk ? { disk: options.disk } : {};
  const withheld = state.revision?.scale !== undefined && !options.acceptRevisions;
  const bars = withheld ? stored!.bars : state.bars;
  if (!bars || bars.openTime.length === 0) throw nothingFound(job, askedFrom);
  const contentHash = hashBars(bars);
  const changed = contentHash !== stored?.contentHash;
  const description = descriptionOf(job, state);
  const replaces = changed && stored !== undefined && options.acceptRevisions === true &&
    state.revision !== undefined;
  const before = replaces ? await keepOld(file, now, disk) : undefined;
  if (changed) {
    requireSoundRows(bars, file); // whatever went wrong, a file that reading refuses is never written
    await writeBars(file, bars, description, extraOf(job, state), disk);
  }
  const [first, last] = [bars.openTime[0]!, bars.openTime.at(-1)!];
  const entry: ManifestEntry = {
    rows: bars.openTime.length,
    first: formatTime(first),
    last: formatTime(last),
    content_hash: contentHash,
    source: (changed ? description : stored!.description).source,
    asked_from: formatTime(Math.min(askedFrom, first)),
    updated_at: formatTime(Math.floor(now / 1_000) * 1_000),
  };
  await noteInManifest(root, file, entry, disk);
  await removePartial(partialFile(root, file));
  const outcome = !stored ? "created" : replaces ? "revised" : changed ? "extended" : "unchanged";
  return {
    symbol: asset.symbol,
    timeframe,
    file,
    source: source.name,
    outcome: withheld ? "withheld" : outcome,
    added: withheld ? 0 : state.added,
    rows: entry.rows,
    first: entry.first,
    last: entry.last,
    contentHash,
    ...(state.revision ? { revision: state.revision } : {}),
    leftOut: state.leftOut,
    ...(before === undefined ? {} : { before }),
    notes: state.notes,
  };
}

function nothingFound({ asset, timeframe, source }: Job, askedFrom: Millis): Refusal {
  const since = Number.isFinite(askedFrom) ? ` since ${formatDate(askedFrom)}` : "";
  return new Refusal(
    `Cannot get ${timeframe} bars of "${asset.symbol}" from ${source.name}: ` +
      `found none${since} that are over, expected at least one`,
  );
}

/** Raw prices do not continue prices with splits in them where a split lies between or after. */
async function refuseMixedSplits(
  { root, asset, source, stored }: Job,
  from = Infinity,
): Promise<void> {
  if (!stored || stored.description.splits === source.splits) return;
  const first = Math.min(from, stored.bars.openTime[0]!);
  const split = (await readActions(root)).find(({ symbol, kind, exDate }) =>
    symbol === asset.symbol && kind === "split" && exDate > first
  );
  if (!split) return;
  const file = barFile(root, asset, stored.bars.timeframe);
  throw new Refusal(
    `Cannot update ${file} from ${source.name}: found prices with splits ${stored.description.splits} ` +
      `in the file and ${source.splits} at the source, and a split on ${
        formatDate(split.exDate)
      }, ` +
      `expected one kind; move the file away and download it anew`,
  );
}
