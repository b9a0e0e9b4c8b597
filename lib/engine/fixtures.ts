import { z } from "zod";
import type { Asset, AssetClass } from "../core/asset.ts";
import {
  type Bars,
  type CorporateAction,
  DAY_MS,
  type Millis,
  type Timeframe,
} from "../core/bars.ts";
import { expectedBars } from "../core/calendar.ts";
import { parseDate } from "../core/clock.ts";
import { seededRandom } from "../core/random.ts";
import { trading } from "../features/mod.ts";
import { type Context, defineModel, type Model, type Targets } from "../models/model.ts";
import type { AssetData, Plan, PlannedAsset, PlannedModel, RiskPlan } from "./plan.ts";

/** An asset for tests: any fraction at any price, no costs. */
export function tradable(symbol: string, assetClass: AssetClass = "crypto"): PlannedAsset {
  const asset: Asset = {
    symbol,
    assetClass,
    venue: assetClass === "crypto" ? "binance" : "alpaca",
    minOrderSize: 0,
    quantityPrecision: null,
    pricePrecision: null,
  };
  return { ...asset, feeBps: 0, slippageBps: 0 };
}

/** No limit of any kind. */
export const NO_LIMITS: RiskPlan = {
  perAssetCap: null,
  classCaps: {},
  maxLeverage: null,
  maxNetLeverage: null,
  perTradeRisk: null,
  allowShort: false,
  drawdown: { trigger: null, deriskingFactor: 0.5, recover: 0, halt: null, resumeDays: 30 },
};

/** The limits of the base configuration. */
export const BASE_LIMITS: RiskPlan = {
  ...NO_LIMITS,
  perAssetCap: 0.4,
  classCaps: { crypto: 0.2, equity: null },
  maxLeverage: 1.2,
  drawdown: { trigger: 0.15, deriskingFactor: 0.5, recover: 0.1, halt: 0.2, resumeDays: 30 },
};

/** A plan from 1 to 4 March 2024 without limits or costs; `end` is the day after the last. */
export function planWith(
  assets: readonly PlannedAsset[],
  models: readonly PlannedModel[],
  changes: Partial<Plan> = {},
): Plan {
  return {
    timeframe: "h4",
    start: parseDate("2024-03-01"),
    end: parseDate("2024-03-05"),
    initialNav: 1000,
    seed: 1,
    assets,
    models,
    risk: NO_LIMITS,
    regimeBudgets: {},
    regimeLimits: {},
    fill: "next_open",
    sizing: "decision_price",
    rebalanceThreshold: 0,
    allowBorrowing: false,
    cashRate: 0,
    maxGapBars: 5,
    ...changes,
  };
}

/** A place in the plan for a model, with the whole budget unless told otherwise. */
export function seat(model: Model, changes: Partial<PlannedModel> = {}): PlannedModel {
  return {
    name: model.name,
    version: model.version,
    budgetFraction: 1,
    universe: model.universe,
    parameters: {},
    missing: "ffill",
    ...changes,
  };
}

/** A model that sees closing prices and decides by `decide`. */
export function modelOf(
  name: string,
  universe: readonly string[],
  decide: (context: Context<object, "price">) => Targets,
  options: { days?: number; shorts?: boolean } = {},
): Model {
  const { days, shorts = false } = options;
  return defineModel({
    name,
    version: "1.0.0",
    universe,
    parameters: z.strictObject({}),
    features: () => ({ price: trading.close() }),
    decide,
    shorts,
    ...(days === undefined ? {} : { schedule: () => ({ days }) }),
  });
}

/** A model that always wants the same weights of the assets it sees. */
export function constantly(
  name: string,
  weights: Readonly<Record<string, number>>,
  options: { days?: number; shorts?: boolean } = {},
): Model {
  const decide = ({ assets }: Context<object, "price">) =>
    Object.fromEntries(assets.map(({ symbol }) => [symbol, weights[symbol]!]));
  return modelOf(name, Object.keys(weights).sort(), decide, options);
}

/** What one hand-made bar is made of; high and low follow from open and close where they are left out. */
export interface HandBar {
  readonly open: number;
  readonly close: number;
  readonly high?: number;
  readonly low?: number;
}

/** Bars made by hand: the first ones that an unbroken history holds from `from` on. */
export function handBars(
  asset: Asset,
  timeframe: Timeframe,
  from: Millis,
  rows: readonly HandBar[],
): Bars {
  const until = from + (rows.length + 5) * 7 * DAY_MS;
  const expected = expectedBars(asset.assetClass, timeframe, from, until);
  const column = (value: (row: HandBar) => number) => Float64Array.from(rows, value);
  return {
    symbol: asset.symbol,
    timeframe,
    openTime: expected.openTime.slice(0, rows.length),
    availableAt: expected.availableAt.slice(0, rows.length),
    open: column(({ open }) => open),
    high: column(({ open, close, high }) => high ?? Math.max(open, close)),
    low: column(({ open, close, low }) => low ?? Math.min(open, close)),
    close: column(({ close }) => close),
    volume: column(() => 1),
  };
}

/** Hand-made bars in which each opens where the one before closed. */
export function closingAt(
  asset: Asset,
  timeframe: Timeframe,
  from: Millis,
  closes: readonly number[],
): Bars {
  const rows = closes.map((close, i) => ({ open: closes[i - 1] ?? close, close }));
  return handBars(asset, timeframe, from, rows);
}

/** Raw data of an asset that has bars of one timeframe and no actions. */
export function dataOf(...bars: readonly Bars[]): AssetData {
  return {
    symbol: bars[0]!.symbol,
    bars: Object.fromEntries(bars.map((item) => [item.timeframe, item])),
    actions: [],
    splitsApplied: false,
  };
}

/** A random but reproducible history of [from, to): H4 bars, the daily bars they add up to, and actions. */
export function randomAsset(
  asset: Asset,
  { from, to, seed }: { from: Millis; to: Millis; seed: number },
): AssetData {
  const random = seededRandom(seed).fork(asset.symbol);
  const expected = expectedBars(asset.assetClass, "h4", from, to);
  let price = 50 + random.integer(100);
  const rows = Array.from(expected.openTime, () => {
    const open = price * (1 + (random.next() - 0.5) * 0.02);
    const close = open * (1 + (random.next() - 0.495) * 0.06);
    price = close;
    const high = Math.max(open, close) * (1 + random.next() * 0.02);
    return { open, close, high, low: Math.min(open, close) * (1 - random.next() * 0.02) };
  });
  const h4 = { ...handBars(asset, "h4", from, []), ...columnsOf(rows, expected) };
  const daily = dailyOf(asset, h4, to);
  const actions = asset.assetClass === "equity" ? randomActions(asset.symbol, daily, random) : [];
  return { symbol: asset.symbol, bars: { h4, daily }, actions, splitsApplied: false };
}

function columnsOf(
  rows: readonly Required<HandBar>[],
  { openTime, availableAt }: { openTime: Float64Array; availableAt: Float64Array },
): Omit<Bars, "symbol" | "timeframe"> {
  const column = (value: (row: Required<HandBar>) => number) => Float64Array.from(rows, value);
  return {
    openTime,
    availableAt,
    open: column(({ open }) => open),
    high: column(({ high }) => high),
    low: column(({ low }) => low),
    close: column(({ close }) => close),
    volume: column(() => 1),
  };
}

/** Daily bars that the H4 bars of each UTC date add up to. */
export function dailyOf(asset: Asset, h4: Bars, to: Millis): Bars {
  const from = h4.openTime[0]!;
  const expected = expectedBars(asset.assetClass, "daily", from - from % DAY_MS, to);
  const days = Array.from(expected.openTime, (date) => {
    const inside = [...h4.openTime.keys()].filter((row) =>
      h4.openTime[row]! >= date && h4.openTime[row]! < date + DAY_MS
    );
    return {
      open: h4.open[inside[0]!]!,
      close: h4.close[inside.at(-1)!]!,
      high: Math.max(...inside.map((row) => h4.high[row]!)),
      low: Math.min(...inside.map((row) => h4.low[row]!)),
    };
  });
  return { symbol: asset.symbol, timeframe: "daily", ...columnsOf(days, expected) };
}

/** A dividend now and then and one split, on session dates. */
function randomActions(
  symbol: string,
  daily: Bars,
  random: { next(): number; integer(below: number): number },
): CorporateAction[] {
  const actions: CorporateAction[] = [];
  for (let row = 3; row < daily.openTime.length; row += 4 + random.integer(5)) {
    const value = daily.close[row - 1]! * 0.01 * (1 + random.next());
    actions.push({ symbol, exDate: daily.openTime[row]!, kind: "dividend", value });
  }
  const middle = Math.floor(daily.openTime.length / 2);
  actions.push({ symbol, exDate: daily.openTime[middle]!, kind: "split", value: 2 });
  return actions;
}

/** The same data with the rows of every file from `time` on replaced by noise; times stay as they are. */
export function garbledFrom(data: AssetData, time: Millis, seed: number): AssetData {
  const random = seededRandom(seed).fork(data.symbol);
  const garbled = (bars: Bars): Bars => {
    const noise = (column: Float64Array) =>
      column.map((value, row) => bars.availableAt[row]! > time ? 1 + random.next() * 1000 : value);
    return {
      ...bars,
      // What opens before `time` has opened: only the rest of such a bar is still to come.
      open: bars.open.map((value, row) =>
        bars.openTime[row]! >= time ? 1 + random.next() * 1000 : value
      ),
      high: noise(bars.high),
      low: noise(bars.low),
      close: noise(bars.close),
      volume: noise(bars.volume),
    };
  };
  return {
    ...data,
    bars: Object.fromEntries(
      Object.values(data.bars).map((bars) => [bars.timeframe, garbled(bars)]),
    ),
    actions: data.actions.filter(({ exDate }) => exDate < time),
  };
}
