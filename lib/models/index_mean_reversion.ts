import { z } from "zod";
import { h4 } from "../features/mod.ts";
import { type AssetView, BUDGET_TOLERANCE, defineModel, each } from "./model.ts";

type Seen = "price" | "rsi" | "lowerBand" | "middleBand";

/** Buys oversold dips below the lower band with small weights; leaves on recovery or after a while (FR-015). */
export const indexMeanReversion = defineModel({
  name: "IndexMeanReversionModel_v1",
  version: "1.0.0",
  universe: ["SPY", "QQQ"],
  parameters: z.strictObject({
    rsi_period: z.int().min(2).max(5).default(2)
      .describe("H4 bars in Wilder's RSI."),
    rsi_oversold: z.number().min(0).max(100).default(10)
      .describe("RSI below which a dip is bought; below rsi_overbought."),
    rsi_overbought: z.number().min(0).max(100).default(90)
      .describe("RSI from which on a position is closed."),
    bb_period: z.int().min(2).max(2_000).default(20)
      .describe("H4 bars in the Bollinger Bands."),
    bb_std: z.number().positive().max(10).default(2)
      .describe("Population deviations between the middle band and the lower one."),
    max_bars_held: z.int().min(1).max(10_000).default(12)
      .describe("Bars after which a position is closed at any price, the filling bar included."),
    weight: z.number().min(0).max(1).default(0.25)
      .describe("Share of the budget in each asset while it is held."),
  }).refine(({ rsi_oversold, rsi_overbought }) => rsi_oversold < rsi_overbought, {
    path: ["rsi_oversold"],
    error: "must be below rsi_overbought",
  }),
  check({ weight }, universe) {
    const count = universe.length;
    if (weight * count <= 1 + BUDGET_TOLERANCE) return undefined;
    return `weight: found ${weight} for each of ${count} symbols, expected at most 1 together`;
  },
  features: ({ rsi_period, bb_period, bb_std }) => ({
    price: h4.close(),
    rsi: h4.rsi(rsi_period),
    lowerBand: h4.bollingerLow(bb_period, bb_std),
    middleBand: h4.bollingerMiddle(bb_period),
  }),
  decide: each((asset: AssetView<Seen>, { parameters }) => {
    const { price, rsi, lowerBand, middleBand, barsHeld } = asset;
    const { weight, rsi_oversold, rsi_overbought, max_bars_held } = parameters;
    const holds = barsHeld > 0
      ? price < middleBand && rsi < rsi_overbought && barsHeld < max_bars_held
      : price < lowerBand && rsi < rsi_oversold;
    return holds ? weight : 0;
  }),
});
