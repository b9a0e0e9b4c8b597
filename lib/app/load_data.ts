import { type CorporateAction, lowerBound, type Timeframe } from "../core/bars.ts";
import { formatDate, formatTime } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import { canonicalJson, hashColumns, sha256 } from "../core/hash.ts";
import { type LoadedBars, readActions, readBars } from "../data/mod.ts";
import { type DeclaredTimeframes, declaredTimeframes } from "../engine/feature_shares.ts";
import type { AssetData, Plan, PlannedAsset } from "../engine/plan.ts";
import type { LoadedPlan } from "./load_plan.ts";
import { type LoadedRegimes, loadRegimes } from "./load_regimes.ts";

/** One file that a run read, and the rows of it that the run could see. */
export interface DataFile {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  /** Rows before the end of the plan. */
  readonly rows: number;
  readonly first: string;
  readonly last: string;
  /** Over the values of those rows only, so that newer bars leave it as it is. */
  readonly hash: string;
}

/** Data of a plan, with the fingerprint of exactly what the run may read. */
export interface LoadedData {
  readonly assets: readonly AssetData[];
  readonly files: readonly DataFile[];
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
  { plan, models, dataRoot }: LoadedPlan,
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
  const files = loaded.flatMap(({ bars }) => bars.map((item) => dataFile(item, plan)));
  const regimes = await regimesToCome;
  const seen = {
    regimes: regimes.fingerprint,
    files: files.map(({ symbol, timeframe, hash }) => ({ symbol, timeframe, hash })),
    adjustments: assets.map(({ symbol, actions, splitsApplied }) => ({
      symbol,
      actions,
      splitsApplied,
    })),
  };
  const warnings = actionWarnings(plan, actions);
  return { assets, files, regimes, fingerprint: sha256(canonicalJson(seen)), warnings };
}

/** An equity without a single dividend or split on file is more likely an absent file than a frugal company. */
function actionWarnings(plan: Plan, actions: readonly CorporateAction[]): readonly string[] {
  const bare = plan.assets.filter(({ assetClass, symbol }) =>
    assetClass === "equity" && !actions.some((action) => action.symbol === symbol)
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

function dataFile({ bars }: LoadedBars, plan: Plan): DataFile {
  const rows = lowerBound(bars.openTime, plan.end);
  const { symbol, timeframe } = bars;
  const columns = [bars.openTime, bars.open, bars.high, bars.low, bars.close, bars.volume];
  return {
    symbol,
    timeframe,
    rows,
    first: rows === 0 ? "" : formatTime(bars.openTime[0]!),
    last: rows === 0 ? "" : formatTime(bars.openTime[rows - 1]!),
    hash: hashColumns(columns.map((column) => column.subarray(0, rows))),
  };
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
