import type { Asset, AssetClass } from "../core/asset.ts";
import { DAY_MS, type Millis, type Timeframe } from "../core/bars.ts";
import { Refusal } from "../core/errors.ts";
import { barFile } from "../data/mod.ts";
import {
  type BarDownload,
  checkAdjustment,
  type DataReport,
  disagreementText,
  listFiles,
  MACRO_FILES,
  readActions,
  readStoredBars,
  type SourceName,
  sourceNamed,
  type StoredFile,
  updateActions,
  updateBars,
  updateSeries,
  validateData,
} from "../data/upkeep.ts";
import { type DataFolder, type DataOptions, openDataFolder } from "./data_folder.ts";
import { fileFacts, itemOf, type UpdateItem } from "./data_item.ts";

/** What is to be brought up to date. */
export interface UpdateRequest {
  /** Symbols, and names of macro files such as `vix`; none means every file that is there. */
  readonly symbols?: readonly string[];
  readonly assetClass?: AssetClass;
  readonly timeframes?: readonly Timeframe[];
  /** First day wanted; a file that is not there needs one. */
  readonly from?: Millis;
  readonly to?: Millis;
  /** Name of the source; the usual one of the asset when left out. */
  readonly source?: string;
  /** Takes the source's word where it contradicts what is stored; old files are kept beside. */
  readonly acceptRevisions?: boolean;
  /** Keeps the bars as a second source, which only validation reads. */
  readonly beside?: boolean;
}

/** How far one file is: its name, rows that have come, and the share of the span that is done. */
export type UpdateProgress = (what: string, done: { rows: number; share: number }) => void;

const BOTH: readonly Timeframe[] = ["h4", "daily"];

/**
 * Brings files up to date one after the other; what fails is told and stops no other. A new file needs `from`. Stops only
 * when aborted, and then throws the signal's reason.
 */
export async function updateData(
  request: UpdateRequest,
  options: DataOptions & { readonly signal?: AbortSignal; readonly onProgress?: UpdateProgress } =
    {},
): Promise<readonly UpdateItem[]> {
  asked(request); // an unknown source is wrong usage, not the failure of one file
  const folder = await openDataFolder(options);
  const items: UpdateItem[] = [];
  const attempt = async (what: string, work: () => Promise<UpdateItem>) => {
    try {
      items.push(await work());
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof Refusal && error.exitCode === 2) throw error;
      const message = error instanceof Error ? error.message : String(error);
      items.push({ what, failure: message.split("\n")[0]!, notes: [], differs: false });
    }
  };
  const { signal, onProgress } = options;
  const context: Context = {
    folder,
    request,
    ...(signal ? { signal } : {}),
    ...(onProgress ? { onProgress } : {}),
  };
  for (const { symbol, asset, timeframes } of await wanted(folder, request)) {
    if (!asset) {
      await attempt(symbol, () => macro(context, symbol));
      continue;
    }
    if (asset.assetClass === "equity" && !request.beside) {
      await attempt(`${symbol} actions`, () => actions(context, asset, timeframes));
    }
    for (const timeframe of timeframes) {
      await attempt(`${symbol} ${timeframe}`, () => bars(context, asset, timeframe));
    }
    if (asset.assetClass === "equity" && !request.beside) {
      const checked = await adjustment(context, asset).catch(() => undefined); // told by what failed before
      if (checked) items.push(checked);
    }
  }
  return items;
}

interface Context {
  readonly folder: DataFolder;
  readonly request: UpdateRequest;
  readonly signal?: AbortSignal;
  readonly onProgress?: UpdateProgress;
}

async function bars(
  { folder, request, signal, onProgress }: Context,
  asset: Asset,
  timeframe: Timeframe,
): Promise<UpdateItem> {
  const what = `${asset.symbol} ${timeframe}`;
  const source = folder.bars(asset, timeframe, asked(request));
  const report = await updateBars(folder.root, asset, timeframe, source, {
    ...spanOf(request),
    clock: folder.clock,
    ...(signal ? { signal } : {}),
    ...(onProgress ? { onProgress: (progress) => onProgress(what, progress) } : {}),
    acceptRevisions: request.acceptRevisions ?? false,
    beside: request.beside ?? false,
  });
  return itemOf(report);
}

async function actions(
  { folder, request, signal }: Context,
  asset: Asset,
  timeframes: readonly Timeframe[],
): Promise<UpdateItem> {
  const timeframe = timeframes.includes("daily") ? "daily" : timeframes[0]!;
  const source = folder.bars(asset, timeframe, asked(request));
  const file = barFile(folder.root, asset, "daily");
  const daily = await readStoredBars(file, asset, "daily").catch(() => undefined); // updating it will say so
  const now = folder.clock.now();
  const from = Math.min(request.from ?? now, daily?.bars.openTime[0] ?? now);
  const report = await updateActions(folder.root, asset, source, {
    from: from < now ? from : now - DAY_MS,
    to: Math.max(now, from + DAY_MS),
    clock: folder.clock,
    ...(signal ? { signal } : {}),
    splits: daily?.description.splits ?? source.splits,
    acceptRevisions: request.acceptRevisions ?? false,
  });
  const notes = [
    ...report.revised.map(({ action, stored, found }) =>
      `${action} is ${stored} here and ${found} at the source`
    ),
    ...(report.unknownAtSource.length === 0 ? [] : [
      `${report.unknownAtSource.length} stored actions are unknown at the source, the first ${
        report.unknownAtSource[0]
      }`,
    ]),
  ];
  return {
    what: `${asset.symbol} actions`,
    outcome: report.added > 0 ? "extended" : "unchanged",
    added: report.added,
    rows: report.rows,
    notes,
    differs: report.revised.length > 0 && !request.acceptRevisions,
  };
}

/** Holds the adjustment that follows from actions against the source's own, where it has one. */
async function adjustment(
  { folder, request, signal }: Context,
  asset: Asset,
): Promise<UpdateItem | undefined> {
  const source: BarDownload = folder.bars(asset, "daily", asked(request));
  const daily = await readStoredBars(barFile(folder.root, asset, "daily"), asset, "daily");
  if (!daily || !source.adjustedCloses) return undefined;
  const [from, last] = [daily.bars.openTime[0]!, daily.bars.openTime.at(-1)!];
  const adjusted = await source.adjustedCloses({ asset, from, to: last + DAY_MS }, { signal });
  const own = (await readActions(folder.root)).filter(({ symbol }) => symbol === asset.symbol);
  const found = checkAdjustment(daily.bars, own, daily.description.splits === "applied", adjusted);
  if (found.length === 0) return undefined;
  const shown = found.slice(0, 5).map(disagreementText);
  const rest = found.length > 5 ? [`and ${found.length - 5} more`] : [];
  return {
    what: `${asset.symbol} adjustment`,
    outcome: "differs",
    notes: [...shown, ...rest],
    differs: true,
  };
}

async function macro({ folder, request, signal }: Context, name: string): Promise<UpdateItem> {
  const report = await updateSeries(folder.root, name, folder.fred(), {
    ...spanOf(request),
    clock: folder.clock,
    ...(signal ? { signal } : {}),
  });
  const { revisions, notes } = report;
  return {
    what: name,
    ...fileFacts(report),
    notes: revisions > 0 ? [...notes, `${revisions} revised values, each a row of its own`] : notes,
    differs: false,
  };
}

interface Wanted {
  readonly symbol: string;
  /** Absent for a macro file. */
  readonly asset?: Asset;
  readonly timeframes: readonly Timeframe[];
}

/** What a request names; without symbols, the files that are there. Refuses an unknown symbol before anything begins. */
async function wanted(folder: DataFolder, request: UpdateRequest): Promise<readonly Wanted[]> {
  const { symbols, timeframes } = request;
  const isMacro = (name: string) => Object.hasOwn(MACRO_FILES, name);
  if (symbols) {
    const list: Wanted[] = [];
    for (const symbol of symbols) {
      const asset = isMacro(symbol) ? undefined : await folder.asset(symbol, request.assetClass);
      list.push({ symbol, ...(asset ? { asset } : {}), timeframes: timeframes ?? BOTH });
    }
    return list;
  }
  const found = new Map<string, Wanted>();
  for (const { file } of await listFiles(folder.root)) {
    const name = /^macro\/(.+)\.parquet$/.exec(file)?.[1];
    if (name !== undefined && isMacro(name)) found.set(file, { symbol: name, timeframes: [] });
    const match = /^(equities|crypto)\/(.+)_(h4|daily)\.parquet$/.exec(file);
    if (!match) continue;
    const [, kind, symbol, timeframe] = match as unknown as [string, string, string, Timeframe];
    if (timeframes && !timeframes.includes(timeframe)) continue;
    const asset = await folder.asset(symbol, kind === "crypto" ? "crypto" : "equity");
    const before = found.get(`${kind}/${symbol}`)?.timeframes ?? [];
    found.set(`${kind}/${symbol}`, { symbol, asset, timeframes: [...before, timeframe] });
  }
  return [...found.values()];
}

function asked({ source }: UpdateRequest): SourceName | undefined {
  return source === undefined ? undefined : sourceNamed(source);
}

function spanOf({ from, to }: UpdateRequest): { from?: Millis; to?: Millis } {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

/** Looks at every file of the data folder; thresholds come from the configuration. */
export async function validateStored(options: DataOptions = {}): Promise<DataReport> {
  const { root, thresholds } = await openDataFolder(options);
  return await validateData(root, { thresholds });
}

/** Every file of the data folder with span, source and time of its last update. */
export async function listData(options: DataOptions = {}): Promise<readonly StoredFile[]> {
  return await listFiles((await openDataFolder(options)).root);
}
