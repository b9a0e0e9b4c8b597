import { type Bars, type CorporateAction, gridMs, type Millis } from "../../core/bars.ts";
import { expectedBars } from "../../core/calendar.ts";
import { parseDate } from "../../core/clock.ts";
import { canonicalJson, hashColumns, sha256 } from "../../core/hash.ts";
import { hasBars, readBars } from "../../data/mod.ts";
import { tradableTimes } from "../../engine/market.ts";
import type { AssetData, Plan } from "../../engine/plan.ts";
import { assetDataAt, regimeDataAt } from "../../engine/trading/mod.ts";
import type { ReplayedBars } from "../../execution/venues/mod.ts";
import type { RegimeData } from "../../regime/mod.ts";
import type { ComputeOptions } from "../compute.ts";
import { loadFor } from "../compute.ts";
import type { LoadedPlan } from "../load_plan.ts";

/** Prices, actions and series, however far they reach. */
export interface MarketContent {
  readonly assets: readonly AssetData[];
  readonly regimes: RegimeData;
}

/** Everything that was known at a close, and what should have been. */
export interface KnownData extends MarketContent {
  /** Hash of all of it. */
  readonly inputsHash: string;
  /** Symbols whose bar of this close is there, and those whose bar is not. */
  readonly arrived: readonly string[];
  readonly late: readonly string[];
  /** Symbols whose prices and splits do not agree, each with the reason: nothing is to be traded of them. */
  readonly doubtful?: readonly DoubtfulSymbol[];
  /** What could not be asked for or taken up, one line each. */
  readonly troubles?: readonly string[];
}

/** A symbol that is not to be traded, and why in one line. */
export interface DoubtfulSymbol {
  readonly symbol: string;
  readonly reason: string;
}

/** Where a session gets its data. */
export interface MarketFeed {
  /** Recorded with each decision. */
  readonly name: string;
  /** What was known at `time`; waits for bars that are about to come no longer than `deadlineMs`. */
  at(time: Millis, options: { readonly deadlineMs: number }): Promise<KnownData>;
  /** Dividends and splits that a venue of our own books on their ex-dates; grows as they become known. */
  readonly actions: readonly CorporateAction[];
}

/** Stored history, read once: nothing new will come. */
export interface StoredFeed extends MarketFeed, MarketContent {
  /** The bars that the built-in venue fills on. */
  readonly replayed: readonly ReplayedBars[];
  /** The newest close after which some bar opens: a decision there meets a price. */
  readonly newestClose: Millis;
}

/** Reads the files of a plan, whatever its range. */
export async function storedFeed(
  loaded: LoadedPlan,
  options: Omit<ComputeOptions, "onProgress">,
): Promise<StoredFeed> {
  const endless = { ...loaded.plan, start: FIRST, end: LAST };
  const data = await loadFor({ ...loaded, plan: endless }, options);
  const { plan } = loaded;
  const hashes = new Map<string, string>();
  const trading = data.assets.map(({ bars }) => bars[plan.timeframe]!);
  return {
    name: "stored",
    assets: data.assets,
    regimes: data.regimes.data,
    actions: data.assets.flatMap(bookedActions),
    replayed: trading.map((bars, place) => ({
      bars,
      tradableAt: tradableTimes(plan.assets[place]!, plan.timeframe, bars.openTime),
    })),
    newestClose: Math.max(...trading.map(({ openTime }) => openTime.at(-1)!)),
    // deno-lint-ignore require-await -- other feeds wait
    async at(time) {
      const known = knownAt(plan, { assets: data.assets, regimes: data.regimes.data }, time);
      return { ...known, inputsHash: inputsHash(known, hashes) };
    },
  };
}

/** The same with the daily bars of every equity that has a file of them: an action to come will adjust by them. */
export async function withDaily(
  { plan, dataRoot }: Pick<LoadedPlan, "plan" | "dataRoot">,
  { assets, regimes }: MarketContent,
): Promise<MarketContent> {
  const whole = await Promise.all(assets.map(async (data): Promise<AssetData> => {
    const asset = plan.assets.find(({ symbol }) => symbol === data.symbol)!;
    const isNeeded = asset.assetClass === "equity" && !data.bars.daily;
    if (!isNeeded || !await hasBars(dataRoot, asset, "daily")) return data;
    const { bars, splits } = await readBars(dataRoot, asset, "daily", {
      maxGapBars: plan.maxGapBars,
    });
    const fits = (splits === "applied") === data.splitsApplied;
    return fits ? { ...data, bars: { ...data.bars, daily: bars } } : data;
  }));
  return { assets: whole, regimes };
}

const FIRST = parseDate("1993-01-01");
const LAST = parseDate("2035-12-31");

/** Actions that move an account: none that its prices carry already. */
export function bookedActions(
  { actions, splitsApplied }: Pick<AssetData, "actions" | "splitsApplied">,
): readonly CorporateAction[] {
  return actions.filter(({ kind }) => !(splitsApplied && kind === "split"));
}

/** The data as they were known at a time. */
export function knownAt(
  plan: Plan,
  { assets, regimes }: MarketContent,
  time: Millis,
): Omit<KnownData, "inputsHash"> {
  const known = assets.map((data) => assetDataAt(data, time));
  const due = plan.assets.filter(({ assetClass }) => isDue(assetClass, plan, time));
  const isThere = (symbol: string) => {
    const bars = known.find((data) => data.symbol === symbol)!.bars[plan.timeframe]!;
    return bars.availableAt.length > 0 && bars.openTime.at(-1)! >= time - gridMs(plan.timeframe);
  };
  const symbols = due.map(({ symbol }) => symbol);
  return {
    assets: known,
    regimes: regimeDataAt(regimes, time),
    arrived: symbols.filter(isThere),
    late: symbols.filter((symbol) => !isThere(symbol)),
  };
}

/** Whether a bar of the class ends with this close. */
function isDue(assetClass: "equity" | "crypto", { timeframe }: Plan, time: Millis): boolean {
  const step = gridMs(timeframe);
  return expectedBars(assetClass, timeframe, time - step, time).openTime.length > 0;
}

/** Hash over every value that could be seen; columns that have not grown are hashed once. */
export function inputsHash(
  { assets, regimes }: MarketContent,
  known: Map<string, string>,
): string {
  const hashOf = (name: string, columns: readonly Float64Array[]) => {
    const key = `${name}/${columns[0]!.length}`;
    const hash = known.get(key) ?? hashColumns(columns);
    known.set(key, hash);
    return { name, hash };
  };
  const bars = (name: string, { openTime, open, high, low, close, volume }: Bars) =>
    hashOf(name, [openTime, open, high, low, close, volume]);
  const series = [regimes.vix, regimes.tenYear, regimes.twoYear, regimes.pmi];
  return sha256(canonicalJson({
    bars: assets.flatMap((data) =>
      Object.entries(data.bars).sort().map(([timeframe, one]) =>
        bars(`${data.symbol} ${timeframe}`, one)
      )
    ),
    actions: assets.map(({ actions }) => actions),
    regimes: [
      ...[regimes.equity, regimes.crypto].flatMap((one, place) =>
        one ? [bars(`regime ${place}`, one.bars)] : []
      ),
      ...series.flatMap((one, place) =>
        one ? [hashOf(`series ${place}`, [one.date, one.availableAt, one.value])] : []
      ),
    ],
    splits: [regimes.equity, regimes.crypto].flatMap((one) => one?.splits ?? []),
  }));
}
