import { z } from "zod";
import { daily } from "../features/mod.ts";
import { defineModel } from "./model.ts";

/** Rotates into the strongest coins, and holds none while the crypto regime is RISK_OFF (FR-016). */
export const cryptoMomentum = defineModel({
  name: "CryptoMomentumModel_v1",
  version: "1.0.0",
  universe: ["BTC", "ETH"],
  parameters: z.strictObject({
    short_lookback: z.int().min(1).max(2_000).default(30)
      .describe("Days of the shorter momentum; at most long_lookback."),
    long_lookback: z.int().min(1).max(2_000).default(60)
      .describe("Days of the longer momentum."),
    top_n: z.int().min(1).max(100).default(2)
      .describe("Coins held at most; each has the weight 1 ÷ top_n."),
    rebalance_days: z.int().min(1).max(365).default(7)
      .describe("Days from one rotation to the next, counted from a Monday."),
  }).refine(({ short_lookback, long_lookback }) => short_lookback <= long_lookback, {
    path: ["short_lookback"],
    error: "must be at most long_lookback",
  }),
  // Being due while RISK_OFF is how it leaves at once; without a word from it, it would wait for its day.
  schedule: ({ rebalance_days }) => ({ days: rebalance_days, orWhile: { crypto: "RISK_OFF" } }),
  features: ({ short_lookback, long_lookback }) => ({
    shortMomentum: daily.momentum(short_lookback),
    longMomentum: daily.momentum(long_lookback),
  }),
  decide({ assets, regime, parameters: { top_n } }) {
    if (regime.crypto === "RISK_OFF") return {};
    const scored = assets.map(({ symbol, shortMomentum, longMomentum }) => ({
      symbol,
      score: (shortMomentum + longMomentum) / 2,
    }));
    // Sorting keeps equals in their order, which is that of symbols.
    const ranked = scored.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score);
    return Object.fromEntries(ranked.slice(0, top_n).map(({ symbol }) => [symbol, 1 / top_n]));
  },
});
