import { type Bars, H4_MS } from "../../lib/core/bars.ts";
import { parseDate } from "../../lib/core/clock.ts";
import { type Random, seededRandom } from "../../lib/core/random.ts";
import type { RunRequest } from "../../lib/engine/execute.ts";
import type { AssetData, Plan, PlannedAsset } from "../../lib/engine/plan.ts";
import { movingAverageCross } from "../../lib/models/moving_average_cross.ts";

const START = parseDate("2020-01-01");
const COST_BPS = 5;

// Prices lie on a grid of 1/64, so that every sum of closes is exact whatever the algorithm.
const TICKS_PER_UNIT = 64;
const CENTRE = 100;
const STEP = 0.01;
// A slow pull to the centre: trends of some hundred bars, and no price that leaves the range of prices.
const PULL = 0.001;

/** W1's plan and costs on `assets` synthetic assets of `bars` H4 bars: the same request for the same sizes. */
export function crossRequest({ bars, assets }: { bars: number; assets: number }): RunRequest {
  const symbols = Array.from({ length: assets }, (_, i) => `C${String(i).padStart(4, "0")}`);
  const random = seededRandom(1);
  return {
    plan: crossPlan(symbols, bars),
    data: symbols.map((symbol): AssetData => ({
      symbol,
      bars: { h4: syntheticBars(symbol, bars, random.fork(symbol)) },
      actions: [],
      splitsApplied: false,
    })),
  };
}

function crossPlan(symbols: readonly string[], bars: number): Plan {
  return {
    timeframe: "h4",
    start: START,
    end: START + bars * H4_MS,
    initialNav: 100_000,
    seed: 1,
    assets: symbols.map(plannedAsset),
    models: [{
      name: movingAverageCross.name,
      version: movingAverageCross.version,
      budgetFraction: 1,
      universe: symbols,
      parameters: { fast_ma: 50, slow_ma: 200 },
      missing: "ffill",
    }],
    risk: {
      perAssetCap: null,
      classCaps: {},
      maxLeverage: null,
      maxNetLeverage: null,
      perTradeRisk: null,
      allowShort: false,
      drawdown: { trigger: null, deriskingFactor: 0.5, recover: 0, halt: null, resumeDays: null },
    },
    regimeBudgets: {},
    regimeLimits: {},
    fill: "next_open",
    sizing: "fill_price",
    // Half of an asset's weight: only entries and exits trade.
    rebalanceThreshold: 0.5 / symbols.length,
    allowBorrowing: false,
    cashRate: 0,
    maxGapBars: 5,
  };
}

function plannedAsset(symbol: string): PlannedAsset {
  return {
    symbol,
    assetClass: "crypto",
    venue: "binance",
    minOrderSize: 0,
    quantityPrecision: null,
    pricePrecision: null,
    feeBps: COST_BPS,
    slippageBps: COST_BPS,
  };
}

/** Shared memory, as the reader of files gives it. */
function syntheticBars(symbol: string, length: number, random: Random): Bars {
  const column = () => new Float64Array(new SharedArrayBuffer(length * 8));
  const bars = {
    symbol,
    timeframe: "h4" as const,
    openTime: column(),
    availableAt: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column().fill(1),
  };
  let price = CENTRE;
  for (let i = 0; i < length; i++) {
    const open = price;
    const moved = price + (CENTRE - price) * PULL + price * (random.next() - 0.5) * 2 * STEP;
    price = Math.max(1, Math.round(moved * TICKS_PER_UNIT) / TICKS_PER_UNIT);
    bars.openTime[i] = START + i * H4_MS;
    bars.availableAt[i] = START + (i + 1) * H4_MS;
    bars.open[i] = open;
    bars.close[i] = price;
    bars.high[i] = Math.max(open, price);
    bars.low[i] = Math.min(open, price);
  }
  return bars;
}
