import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Asset } from "../core/asset.ts";
import { type Bars, DAY_MS, H4_MS } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import { randomCase } from "./random_case.ts";
import type { Case, Settings } from "./settings.ts";
import { simulateExactly } from "./simulate.ts";

const start = parseDate("2024-03-01");
const coin: Asset = {
  symbol: "COIN",
  assetClass: "crypto",
  venue: "venue",
  minOrderSize: 0,
  quantityPrecision: 1,
  pricePrecision: null,
};

/** One day of bars that open at 100 and close at `close`, and the bar before it. */
function barsClosingAt(close: number): Bars {
  const openTime = Float64Array.from({ length: 7 }, (_, row) => start + (row - 1) * H4_MS);
  const column = (value: number) => new Float64Array(7).fill(value);
  return {
    symbol: "COIN",
    timeframe: "h4",
    openTime,
    availableAt: openTime.map((time) => time + H4_MS),
    open: column(100),
    high: column(Math.max(100, close)),
    low: column(Math.min(100, close)),
    close: column(close),
    volume: column(1),
  };
}

/** A model that wants `weight` of the coin once, on the first of March 2024. */
function caseOf(weight: number, close: number, changes: Partial<Settings> = {}): Case {
  const costs = { feeBps: 10, slippageBps: 10 };
  const model = {
    name: "Once_v1",
    budget: 1,
    universe: ["COIN"],
    wishes: new Map([[start, { COIN: weight }]]),
    stops: new Map(),
  };
  return {
    listings: [{ asset: coin, bars: barsClosingAt(close) }],
    models: [model],
    settings: {
      ...randomCase(0).settings,
      start,
      end: start,
      initialNav: 1000,
      fill: "next_open",
      sizing: "decision_price",
      rebalanceThreshold: 0.1,
      allowBorrowing: true,
      cashRate: 0,
      costs: { equity: costs, crypto: costs },
      limits: {
        perAssetCap: null,
        classCaps: {},
        maxLeverage: null,
        maxNetLeverage: null,
        perTradeRisk: null,
      },
      regimeBudgets: {},
      regimeLimits: {},
      drawdownTrigger: 0.5,
      drawdownHalt: 0.6,
      ...changes,
    },
    regimeKeys: () => [],
  };
}

Deno.test("FR-040 the reference pays the fee on the slipped notional", () => {
  const { fills, cash, marks } = simulateExactly(caseOf(0.5, 100));
  deepStrictEqual(fills, [{ time: start, symbol: "COIN", quantity: 5, price: 100.1, fee: 0.5005 }]);
  strictEqual(cash, 498.9995);
  deepStrictEqual(marks.at(-1), { time: start + DAY_MS, nav: 998.9995, cash: 498.9995 });
});

Deno.test("FR-042 the reference truncates targets toward zero, shorts too", () => {
  // 1000 × 0.57 ÷ 101 = 5.64…
  const quantityOf = (weight: number) => simulateExactly(caseOf(weight, 101)).quantities[0];
  strictEqual(quantityOf(0.57), 5.6);
  strictEqual(quantityOf(-0.57), -5.6);
});

Deno.test("FR-028 the reference cuts a target to the asset's cap", () => {
  const limits = { ...caseOf(1, 100).settings.limits, perAssetCap: 0.25 };
  const { fills } = simulateExactly(caseOf(1, 100, { limits }));
  // The costs leave 2.5 coins above a quarter of what is left: the next decision cuts them.
  deepStrictEqual(fills.map(({ quantity }) => quantity), [2.5, -0.1]);
});

Deno.test("FR-039 the reference buys no more than cash pays for", () => {
  // 1000 ÷ (100.1 × 1.001) = 9.98…
  strictEqual(simulateExactly(caseOf(1, 100, { allowBorrowing: false })).quantities[0], 9.9);
});
