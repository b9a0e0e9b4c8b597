import { z } from "zod";
import { daily } from "../features/mod.ts";
import { defineModel } from "./model.ts";

/** Holds the strongest of the equities in an upward trend (FR-014); slots that none fills are cash. */
export const equityTrend = defineModel({
  name: "EquityTrendModel_v1",
  version: "1.0.0",
  universe: ["SPY", "QQQ"],
  parameters: z.strictObject({
    slow_ma_period: z.int().min(2).max(2_000).default(200)
      .describe("Days in the average that the close must stand above; sessions for equities."),
    momentum_lookback_days: z.int().min(1).max(2_000).default(60)
      .describe("Days over which momentum must be positive, and by which assets are ranked."),
    exit_ma_period: z.int().min(2).max(2_000).default(50)
      .describe("Days in the average that ends a position once the close is not above it."),
    equal_weight: z.boolean().default(true)
      .describe("Equal weights; false splits the same total in proportion to momentum."),
    max_positions: z.int().min(1).max(100).default(2)
      .describe("Assets held at most; each slot is 1 ÷ max_positions of the budget."),
  }),
  features: ({ slow_ma_period, momentum_lookback_days, exit_ma_period }) => ({
    price: daily.close(),
    slowAverage: daily.sma(slow_ma_period),
    exitAverage: daily.sma(exit_ma_period),
    momentum: daily.momentum(momentum_lookback_days),
  }),
  decide({ assets, parameters: { equal_weight, max_positions } }) {
    const rising = assets.filter(({ price, slowAverage, exitAverage, momentum }) =>
      price > slowAverage && momentum > 0 && price > exitAverage
    );
    // Sorting keeps equals in their order, which is that of symbols.
    const held = rising.toSorted((a, b) => b.momentum - a.momentum).slice(0, max_positions);
    const slot = 1 / max_positions;
    const meanMomentum = held.reduce((sum, { momentum }) => sum + momentum, 0) / held.length;
    return Object.fromEntries(held.map(({ symbol, momentum }) => [
      symbol,
      equal_weight ? slot : slot * momentum / meanMomentum,
    ]));
  },
});
