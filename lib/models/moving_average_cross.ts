import { z } from "zod";
import { trading } from "../features/mod.ts";
import { BUDGET_TOLERANCE, defineModel, each } from "./model.ts";

/** Holds each asset while its fast average is above its slow one; periods count bars of the trading timeframe. */
export const movingAverageCross = defineModel({
  name: "MovingAverageCrossModel_v1",
  version: "1.0.0",
  universe: ["SPY", "QQQ", "BTC", "ETH"],
  parameters: z.strictObject({
    fast_ma: z.int().min(1).max(100_000).default(50)
      .describe("Bars in the fast simple moving average of closes."),
    slow_ma: z.int().min(2).max(100_000).default(200)
      .describe("Bars in the slow simple moving average of closes; above fast_ma."),
    weights: z.record(z.string(), z.number().min(0).max(1)).optional()
      .describe("Share of the budget per symbol while it is held; 1 ÷ universe each when absent."),
  }).refine(({ fast_ma, slow_ma }) => fast_ma < slow_ma, {
    path: ["fast_ma"],
    error: "must be below slow_ma",
  }),
  check({ weights = {} }, universe) {
    const stranger = Object.keys(weights).sort().find((symbol) => !universe.includes(symbol));
    if (stranger !== undefined) {
      return `weights: found "${stranger}", expected a symbol of its universe, ${
        universe.join(", ")
      }`;
    }
    const sum = Object.keys(weights).sort().reduce((total, name) => total + weights[name]!, 0);
    if (sum <= 1 + BUDGET_TOLERANCE) return undefined;
    return `weights: found a sum of ${Number(sum.toFixed(9))}, expected at most 1`;
  },
  features: ({ fast_ma, slow_ma }) => ({
    up: trading.above(trading.sma(fast_ma), trading.sma(slow_ma)),
  }),
  decide: each(({ symbol, up }, { parameters, universe }) => {
    if (up === 0) return 0;
    return parameters.weights ? parameters.weights[symbol] ?? 0 : 1 / universe.length;
  }),
});
