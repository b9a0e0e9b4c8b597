import { asOf, gridMs, lowerBound, type Timeframe } from "../core/bars.ts";
import { expectedBars } from "../core/calendar.ts";
import { type CountedRows, countedRows, type Join, joinBars, joinColumn } from "../core/panel.ts";
import { costRates } from "../execution/costs.ts";
import type { SimulatedMarket, TradedAsset } from "../execution/simulated_market.ts";
import { type AdjustedBars, adjustedBars } from "./adjusted.ts";
import type { AssetData, Plan, PlannedAsset } from "./plan.ts";

/** One asset on the decision clock. */
export interface MarketAsset extends TradedAsset {
  readonly asset: PlannedAsset;
  /** Price adjustment per row of `bars`. */
  readonly factors: Float64Array;
  /** Row of the last bar known at each mark, -1 before the first. */
  readonly knownRow: Int32Array;
  /** The join of bars of a timeframe onto the decisions, nothing carried over more than `maxMissing` bars. */
  join(timeframe: Timeframe, maxMissing: number): Join;
  adjusted(timeframe: Timeframe): AdjustedBars;
}

/** All assets of a plan on its decision clock. */
export interface Market extends SimulatedMarket {
  readonly assets: readonly MarketAsset[];
  /** Decisions, then the final mark. */
  readonly markTimes: Float64Array;
}

/** The decision times of a plan: every grid time from its start to before its end. */
export function decisionTimes(plan: Plan): Float64Array {
  const step = gridMs(plan.timeframe);
  const count = Math.max(0, Math.ceil((plan.end - plan.start) / step));
  const times = new Float64Array(count);
  for (let i = 0; i < count; i++) times[i] = plan.start + i * step;
  return times;
}

/** Lays the adjusted bars of every asset of the plan onto its decision clock. */
export function buildMarket(plan: Plan, data: readonly AssetData[]): Market {
  const decisions = decisionTimes(plan);
  const markTimes = new Float64Array(decisions.length + 1);
  markTimes.set(decisions);
  markTimes[decisions.length] = plan.end;
  const counted = countedRows();
  const bySymbol = new Map(data.map((item) => [item.symbol, item]));
  const assets = plan.assets.map((asset) => {
    const found = bySymbol.get(asset.symbol);
    if (!found) throw new RangeError(`No data were loaded for ${asset.symbol}`);
    return marketAsset(plan, asset, found, { decisions, markTimes, counted });
  });
  return {
    assets,
    decisionTimes: decisions,
    markTimes,
    fill: plan.fill,
    sizing: plan.sizing,
    allowBorrowing: plan.allowBorrowing,
    allowShort: plan.risk.allowShort,
  };
}

function marketAsset(
  plan: Plan,
  asset: PlannedAsset,
  data: AssetData,
  times: { decisions: Float64Array; markTimes: Float64Array; counted: CountedRows },
): MarketAsset {
  const { bars, factors } = adjustedBars(data, plan.timeframe, plan.end);
  const adjusted = (timeframe: Timeframe) => adjustedBars(data, timeframe, plan.end);
  const joins = new Map<string, Join>();
  const joinOf = (timeframe: Timeframe, maxMissing: number, clock: Float64Array) =>
    joinBars(clock, adjusted(timeframe).bars, {
      expected: () => expectedOf(asset, timeframe, adjusted(timeframe), plan),
      maxMissing,
      counted: times.counted,
    });
  const marks = joinOf(plan.timeframe, Infinity, times.markTimes);
  return {
    asset,
    bars,
    factors,
    tradableAt: tradableTimes(asset, plan.timeframe, bars.openTime),
    rowAt: openingRows(times.markTimes, bars.openTime, times.counted),
    closeAt: joinColumn(bars.close, marks),
    knownRow: marks.rows,
    rates: costRates({ fee_bps: asset.feeBps, slippage_bps: asset.slippageBps }),
    join(timeframe, maxMissing) {
      const key = `${timeframe}/${maxMissing}`;
      const join = joins.get(key) ?? joinOf(timeframe, maxMissing, times.decisions);
      joins.set(key, join);
      return join;
    },
    adjusted,
  };
}

/** The bars an unbroken history would hold, from the first bar there is to the end of the plan. */
function expectedOf(
  asset: PlannedAsset,
  timeframe: Timeframe,
  { bars }: AdjustedBars,
  plan: Plan,
) {
  const from = bars.openTime[0] ?? plan.end;
  return expectedBars(asset.assetClass, timeframe, from, plan.end);
}

/** When trading in each bar begins: at its open for crypto, not before the session for equities. */
export function tradableTimes(
  asset: Pick<PlannedAsset, "assetClass">,
  timeframe: Timeframe,
  openTime: Float64Array,
): Float64Array {
  if (asset.assetClass === "crypto" || openTime.length === 0) return openTime;
  const until = openTime[openTime.length - 1]! + 1;
  const expected = expectedBars(asset.assetClass, timeframe, openTime[0]!, until);
  const rows = asOf(openTime, expected.openTime);
  return openTime.map((time, row) => Math.max(time, expected.tradableAt[rows[row]!] ?? time));
}

/** Row of the first bar that opens at or after each decision and before the next, else -1. */
function openingRows(
  markTimes: Float64Array,
  openTime: Float64Array,
  counted: CountedRows,
): Int32Array {
  const decisions = markTimes.length - 1;
  const first = lowerBound(openTime, markTimes[0]!);
  if (opensAtEach(markTimes, openTime, first)) return counted(first, decisions);
  const rows = new Int32Array(decisions);
  let row = first;
  for (let t = 0; t < rows.length; t++) {
    while (row < openTime.length && openTime[row]! < markTimes[t]!) row++;
    rows[t] = row < openTime.length && openTime[row]! < markTimes[t + 1]! ? row : -1;
  }
  return rows;
}

/** Whether bars from row `first` on open exactly at the decisions, one each. */
function opensAtEach(markTimes: Float64Array, openTime: Float64Array, first: number): boolean {
  const decisions = markTimes.length - 1;
  if (first + decisions > openTime.length) return false;
  for (let t = 0; t < decisions; t++) if (openTime[first + t] !== markTimes[t]) return false;
  return true;
}
