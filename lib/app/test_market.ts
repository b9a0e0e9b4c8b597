import type { Asset } from "../core/asset.ts";
import type { Bars, Timeframe } from "../core/bars.ts";
import { expectedBars } from "../core/calendar.ts";
import { parseDate } from "../core/clock.ts";
import { btc, described, spy } from "../data/bar_fixtures.ts";
import { barFile, writeBars } from "../data/mod.ts";
import { type LoadedPlan, loadPlan, type PlanOptions } from "./load_plan.ts";
import { inProject } from "./project.ts";

/** The configuration of one model that is alike in every regime: a cross on four assets. */
export const CROSS_FILE: string = inProject("configs/experiments/moving_average_cross.yaml");

/** First day of the made-up bars, and the day after their last unless a test says otherwise. */
const FROM = "2024-01-01";
const UNTIL = "2024-03-01";

const CROSS = "models.MovingAverageCrossModel_v1";

/** Bars of an asset that rise and fall in waves, so that averages cross. */
export function waves(asset: Asset, timeframe: Timeframe, until: string = UNTIL): Bars {
  const { openTime, availableAt } = expectedBars(
    asset.assetClass,
    timeframe,
    parseDate(FROM),
    parseDate(until),
  );
  const price = (row: number) => 100 + 20 * Math.sin(row / 7);
  const open = openTime.map((_, row) => price(row - 1));
  const close = openTime.map((_, row) => price(row));
  return {
    symbol: asset.symbol,
    timeframe,
    openTime,
    availableAt,
    open,
    high: open.map((value, row) => Math.max(value, close[row]!) + 1),
    low: open.map((value, row) => Math.min(value, close[row]!) - 1),
    close,
    volume: openTime.map(() => 10),
  };
}

/** Writes two months of BTC under a data root; `bars` are written in place of the waves. */
export async function writeBtc(root: string, bars: Bars = waves(btc, "h4")): Promise<void> {
  await writeBars(barFile(root, btc, "h4"), bars, described(btc));
}

/** Writes two months of SPY, the timeframes named. */
export async function writeSpy(root: string, timeframes: readonly Timeframe[]): Promise<void> {
  for (const timeframe of timeframes) {
    await writeBars(barFile(root, spy, timeframe), waves(spy, timeframe), described(spy));
  }
}

/** February 2024 on the bars of a data root: a cross of short averages on BTC, unless the options say otherwise. */
export function tinyPlan(root: string, options: PlanOptions = {}): Promise<LoadedPlan> {
  return loadPlan(CROSS_FILE, {
    start: "2024-02-01",
    end: "2024-02-15",
    ...options,
    sets: [
      `data.root=${root}`,
      `${CROSS}.universe=[BTC]`,
      `${CROSS}.parameters={fast_ma: 3, slow_ma: 8}`,
      ...options.sets ?? [],
    ],
  });
}
