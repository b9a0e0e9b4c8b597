import type { Asset } from "../core/asset.ts";
import type { Disk } from "../core/atomic_file.ts";
import type { Bars, Millis, Timeframe } from "../core/bars.ts";
import type { Clock } from "../core/clock.ts";
import { barBuilder, type LeftOut } from "./build_bars.ts";
import { partialFile, readPartial, savePartial } from "./partial.ts";
import type { BarDownload } from "./sources/source.ts";

/** Where bars come from: a source, or a file of another program. */
export type BarFeed = Omit<BarDownload, "name"> & { readonly name: string };

/** How far a download is. */
export interface DownloadProgress {
  /** Rows that have come from the source in this session. */
  readonly rows: number;
  /** Share of the span that is done, 0 to 1. */
  readonly share: number;
}

/** A stretch of history as it came. */
export interface Collected {
  readonly bars: Bars;
  /** Everything that was over and opens before this has come. */
  readonly until: Millis;
  readonly leftOut: readonly LeftOut[];
}

/** What is to be collected, and for which file. */
export interface CollectRequest {
  readonly asset: Asset;
  readonly timeframe: Timeframe;
  readonly source: BarFeed;
  readonly from: Millis;
  readonly until: Millis;
}

const SAVE_EVERY_MS = 2_000;

/**
 * Downloads and builds the bars that open in [from, until) and are over. Pages are let go as soon as they are built in;
 * what is built is saved from time to time, and the same request goes on from there.
 */
export async function collectBars(
  root: string,
  file: string,
  { asset, timeframe, source, from, until }: CollectRequest,
  options: {
    readonly clock: Clock;
    readonly signal?: AbortSignal;
    readonly onProgress?: (progress: DownloadProgress) => void;
    readonly savePartialMs?: number;
    readonly disk?: Disk;
  },
): Promise<Collected> {
  const { clock, signal } = options;
  const partial = partialFile(root, file);
  const key = { symbol: asset.symbol, timeframe, source: source.name, from };
  const earlier = await readPartial(partial, key);
  const start = earlier?.resumeFrom ?? from;
  const builder = barBuilder(asset, timeframe, {
    now: clock.now(),
    from: start,
    ...(earlier ? { earlier: earlier.bars } : {}),
  });
  let rows = 0;
  let savedAt = clock.elapsed();
  const tell = (doneUntil: Millis) =>
    options.onProgress?.({ rows, share: Math.min(1, (doneUntil - from) / (until - from)) });
  tell(start);
  const pages = start < until
    ? source.pages({ asset, timeframe, from: start, to: until }, { signal })
    : [];
  const save = async () => {
    const resumeFrom = builder.resumeFrom();
    const bars = builder.bars();
    if (bars.openTime.length === 0 || resumeFrom <= start || resumeFrom >= until) return;
    await savePartial(partial, key, { bars, resumeFrom }, diskOf(options));
  };
  try {
    for await (const page of pages) {
      signal?.throwIfAborted();
      builder.add(page);
      rows += page.bars.openTime.length;
      tell(page.doneUntil);
      if (clock.elapsed() - savedAt < (options.savePartialMs ?? SAVE_EVERY_MS)) continue;
      await save();
      savedAt = clock.elapsed();
    }
  } catch (error) {
    await save().catch(() => {}); // the first failure is the one to tell
    throw error;
  }
  return { bars: builder.bars(), until: builder.resumeFrom(), leftOut: builder.leftOut() };
}

function diskOf({ disk }: { readonly disk?: Disk }): { disk?: Disk } {
  return disk ? { disk } : {};
}
