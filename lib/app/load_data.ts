import {
  type Bars,
  type CorporateAction,
  DAY_MS,
  lowerBound,
  type Timeframe,
} from "../core/bars.ts";
import { formatDate, formatTime } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import { canonicalJson, sha256 } from "../core/hash.ts";
import { columnTree } from "../core/merkle.ts";
import { type LoadedBars, readActions, readBars } from "../data/mod.ts";
import { type DeclaredTimeframes, declaredTimeframes } from "../engine/feature_shares.ts";
import type { AssetData, Plan, PlannedAsset } from "../engine/plan.ts";
import type { LoadedPlan } from "./load_plan.ts";
import { type LoadedRegimes, loadRegimes, type RegimeParts, regimesRoot } from "./load_regimes.ts";

/** One file that a run read, and the rows of it that the run could see. */
export interface DataFile {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** Rows before the end of the plan. */
  readonly rows: number;
  readonly first: string;
  readonly last: string;
  /** Root of the tree over the values of those rows only, so that newer bars leave it as it is. */
  readonly hash: string;
  /** The leaves of that tree (`columnTree`), by column. */
  readonly leaves: Readonly<Record<string, string>>;
}

/** What adjusts the prices of one asset. */
export interface DataAdjustment {
  readonly symbol: string;
  /** Whether its files carry splits already. */
  readonly splits_applied: boolean;
  /** Dividends and splits before the end of the plan, each as `2024-03-15 dividend 1.59`. */
  readonly actions: readonly string[];
}

/** Everything of the data that a run could read, as hashes and texts. */
export interface DataParts {
  readonly files: readonly DataFile[];
  readonly adjustments: readonly DataAdjustment[];
  readonly regimes: RegimeParts;
}

/** Data of a plan, with the fingerprint of exactly what the run may read. */
export interface LoadedData {
  readonly assets: readonly AssetData[];
  readonly files: readonly DataFile[];
  readonly adjustments: readonly DataAdjustment[];
  /** What the regimes are told from. */
  readonly regimes: LoadedRegimes;
  readonly fingerprint: string;
  /** One line each: what is not there and should be looked at. */
  readonly warnings: readonly string[];
}

/**
 * Reads and checks every file that a plan needs. Refuses a range that misses all its bars. `askDeclared` asks the models
 * which bars they want; where a sandbox is at hand, there.
 */
export async function loadData(
  { plan, models, dataRoot }: Pick<LoadedPlan, "plan" | "models" | "dataRoot">,
  askDeclared: () => Promise<DeclaredTimeframes> | DeclaredTimeframes = () =>
    declaredTimeframes(plan, { models }),
): Promise<LoadedData> {
  warmUp(plan, dataRoot);
  const regimesToCome = loadRegimes(dataRoot, { end: plan.end, maxGapBars: plan.maxGapBars });
  regimesToCome.catch(() => {}); // told below, after what stands first
  const actions = await readActions(dataRoot);
  const declared = await askDeclared();
  const loaded = await allInOrder(plan.assets.map(async (asset) => {
    const own = actions.filter(({ symbol, exDate }) =>
      symbol === asset.symbol && exDate < plan.end
    );
    const timeframes = neededTimeframes(plan, declared, asset, own.length > 0);
    const bars = await allInOrder(
      timeframes.map((timeframe) =>
        readBars(dataRoot, asset, timeframe, { maxGapBars: plan.maxGapBars })
      ),
    );
    return { asset, actions: own, bars };
  }));
  refuseMissedRange(plan, loaded.map(({ bars }) => bars[0]!));
  const assets = loaded.map(({ asset, actions, bars }): AssetData => ({
    symbol: asset.symbol,
    bars: Object.fromEntries(bars.map((item) => [item.bars.timeframe, item.bars])),
    actions,
    splitsApplied: splitsApplied(bars),
  }));
  const files = loaded.flatMap(({ bars: items }) =>
    items.map(({ bars }) => dataFile(bars, lowerBound(bars.openTime, plan.end)))
  );
  const adjustments = assets.map(({ symbol, actions, splitsApplied }) => ({
    symbol,
    splits_applied: splitsApplied,
    actions: actions.map(actionText),
  }));
  const regimes = await regimesToCome;
  const fingerprint = dataFingerprint({ files, adjustments, regimes });
  const warnings = actionWarnings(plan, adjustments);
  return { assets, files, adjustments, regimes, fingerprint, warnings };
}

/** The root over all that a run could read, from the roots of the parts. */
export function dataFingerprint({ files, adjustments, regimes }: DataParts): string {
  return sha256(canonicalJson({
    files: files.map(({ symbol, timeframe, hash }) => ({ symbol, timeframe, hash })),
    adjustments,
    regimes: regimesRoot(regimes),
  }));
}

/** The first `rows` bars of a file as a card keeps them. */
export function dataFile(bars: Bars, rows: number): DataFile {
  const { symbol, timeframe, openTime, open, high, low, close, volume } = bars;
  const columns = { open_time: openTime, open, high, low, close, volume };
  const { root, leaves } = columnTree(
    Object.fromEntries(
      Object.entries(columns).map(([name, column]) => [name, column.subarray(0, rows)]),
    ),
  );
  return {
    symbol,
    timeframe,
    rows,
    first: rows === 0 ? "" : formatTime(openTime[0]!),
    last: rows === 0 ? "" : formatTime(openTime[rows - 1]!),
    hash: root,
    leaves,
  };
}

function actionText({ exDate, kind, value }: CorporateAction): string {
  const moment = exDate % DAY_MS === 0 ? formatDate(exDate) : formatTime(exDate);
  return `${moment} ${kind} ${value}`;
}

/** An equity without a single dividend or split on file is more likely an absent file than a frugal company. */
function actionWarnings(plan: Plan, adjustments: readonly DataAdjustment[]): readonly string[] {
  const bare = plan.assets.filter(({ assetClass }, place) =>
    assetClass === "equity" && adjustments[place]!.actions.length === 0
  );
  if (bare.length === 0) return [];
  const symbols = bare.map(({ symbol }) => symbol).join(", ");
  return [`no dividends or splits are on file for ${symbols}: prices are taken as they are`];
}

/** Begins to read what will be wanted for sure, while the models are being asked; what fails will fail again. */
function warmUp(plan: Plan, dataRoot: string): void {
  for (const asset of plan.assets) {
    readBars(dataRoot, asset, plan.timeframe, { maxGapBars: plan.maxGapBars }).catch(() => {});
  }
}

/** All results; of several failures always the one that stands first, whichever happened first. */
async function allInOrder<Result>(work: readonly Promise<Result>[]): Promise<Result[]> {
  await Promise.allSettled(work);
  const results: Result[] = [];
  for (const one of work) results.push(await one);
  return results;
}

/** Trading bars first, then what declared features and the adjustment need. */
function neededTimeframes(
  plan: Plan,
  declared: DeclaredTimeframes,
  asset: PlannedAsset,
  hasActions: boolean,
): readonly Timeframe[] {
  const needed = new Set<Timeframe>([plan.timeframe]);
  for (const { name, universe } of plan.models) {
    if (!universe.includes(asset.symbol)) continue;
    for (const timeframe of declared[name]!) needed.add(timeframe);
  }
  if (hasActions) needed.add("daily");
  return [...needed];
}

/** Whether the files already carry splits: all of an asset's files must agree, as one adjustment serves them all. */
function splitsApplied(bars: readonly LoadedBars[]): boolean {
  const [first, ...others] = bars;
  const odd = others.find(({ splits }) => splits !== first!.splits);
  if (odd === undefined) return first!.splits === "applied";
  throw new Refusal(
    `${odd.file}: metadata splits: found "${odd.splits}", expected "${first!.splits}" as in ${
      first!.file
    }`,
  );
}

function refuseMissedRange(plan: Plan, trading: readonly LoadedBars[]): void {
  const inside = trading.some(({ bars }) =>
    lowerBound(bars.openTime, plan.end) > lowerBound(bars.openTime, plan.start)
  );
  if (inside) return;
  const spans = trading.map(({ bars }) =>
    `${bars.symbol} ${formatDate(bars.openTime[0]!)} to ${
      formatDate(bars.openTime[bars.openTime.length - 1]!)
    }`
  );
  throw new Refusal(
    `The range ${formatDate(plan.start)} to ${formatDate(plan.end - 1)} misses all data: ${
      spans.join(", ")
    }`,
  );
}
