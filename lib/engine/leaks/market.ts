import { DAY_MS, HOUR_MS, type Series } from "../../core/bars.ts";
import { expectedBars } from "../../core/calendar.ts";
import { parseDate } from "../../core/clock.ts";
import { seededRandom } from "../../core/random.ts";
import type { RegimeData, RegimeRules } from "../../regime/mod.ts";
import { randomAsset, tradable } from "../fixtures.ts";
import type { AssetData, PlannedAsset } from "../plan.ts";

const FROM = parseDate("2024-01-15");
const TO = parseDate("2024-03-25");
const SEED = 11;

/** First decision of the planted runs, and the mark after the last; the data begin before and go on behind. */
export const START = parseDate("2024-02-12");
/** New York changes its clock on the way. */
export const END = parseDate("2024-03-13");

const costs = { feeBps: 10, slippageBps: 5 };
/** Two coins and a share that pays dividends and splits. */
export const ASSETS: readonly PlannedAsset[] = [
  { ...tradable("AAA"), ...costs },
  { ...tradable("BBB"), ...costs },
  { ...tradable("SHR", "equity"), ...costs },
];

/** Ten weeks of bars with volume, the same at each call and new in memory. */
export function plantedMarket(): readonly AssetData[] {
  return ASSETS.map((asset) => {
    const data = randomAsset(asset, { from: FROM, to: TO, seed: SEED });
    const random = seededRandom(SEED).fork(`volume of ${asset.symbol}`);
    const traded = (length: number) =>
      Float64Array.from({ length }, () => 500 + random.next() * 1000);
    const h4 = data.bars.h4!;
    return { ...data, bars: { ...data.bars, h4: { ...h4, volume: traded(h4.volume.length) } } };
  });
}

/** Periods so short that these weeks are history enough. */
export const PLANTED_RULES: RegimeRules = {
  equity: { average: 5, momentum: 3 },
  volatility: { low: 15, high: 25, realised: 5 },
  crypto: { average: 5, momentum: 3 },
  macro: { pmi: 50, inverted_observations: 3 },
  holding: { equity_sessions: 2, volatility_sessions: 2, crypto_hours: 48, macro_days: 45 },
};

/** What regimes are told from on that market; a month's PMI is published a month later and revised after another. */
export function plantedRegimes(market: readonly AssetData[]): RegimeData {
  const history = (symbol: string) => {
    const { bars, actions, splitsApplied } = market.find((asset) => asset.symbol === symbol)!;
    return { bars: bars.daily!, splits: actions, splitsApplied };
  };
  const sessions = expectedBars("equity", "daily", FROM, TO);
  const vixTimes = sessions.availableAt.map((close) => close + HOUR_MS / 4);
  const nextDay = sessions.openTime.map((date) => date + DAY_MS);
  return {
    equity: history("SHR"),
    crypto: history("AAA"),
    vix: series("vix", sessions.openTime, vixTimes, { from: 12, to: 28, noise: 12 }),
    tenYear: series("ten years", sessions.openTime, nextDay, { from: 4, to: 4, noise: 1 }),
    twoYear: series("two years", sessions.openTime, nextDay, { from: 4, to: 4, noise: 1 }),
    pmi: publications(),
  };
}

/** Values that wander from one level to another, up to `noise` away from the line between them. */
function series(
  name: string,
  date: Float64Array,
  availableAt: Float64Array,
  { from, to, noise }: { from: number; to: number; noise: number },
): Series {
  const random = seededRandom(SEED).fork(name);
  const value = date.map((_, row) =>
    from + (to - from) * row / date.length + (random.next() * 2 - 1) * noise
  );
  return { name, date, availableAt, value };
}

/** First values and revisions, each a row of its own, in the order in which they were published. */
function publications(): Series {
  const months = ["2023-11", "2023-12", "2024-01", "2024-02"].map((month) =>
    parseDate(`${month}-01`)
  );
  const rows = months.flatMap((date) => [
    { date, availableAt: date + 32 * DAY_MS },
    { date, availableAt: date + 62 * DAY_MS },
  ]).sort((a, b) => a.availableAt - b.availableAt);
  return series(
    "pmi",
    Float64Array.from(rows, ({ date }) => date),
    Float64Array.from(rows, ({ availableAt }) => availableAt),
    { from: 50, to: 50, noise: 5 },
  );
}
