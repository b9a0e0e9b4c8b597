import { z } from "zod";
import { trading } from "../features/mod.ts";
import { defineModel, each, type Model } from "./model.ts";

const weights = z.record(z.string(), z.number().min(0).max(1))
  .describe("Share of NAV per symbol.");

/** Buys each asset once, when it can first be traded, and never touches it again. */
export const holdBenchmark: Model = defineModel({
  name: "HoldBenchmark_v1",
  version: "1.0.0",
  universe: ["SPY", "QQQ", "BTC", "ETH"],
  parameters: z.strictObject({ weights }),
  features: () => ({ price: trading.close() }),
  // What is held is wanted as it stands, however far it has drifted; what is still to come gets what that leaves.
  decide({ assets, parameters }) {
    const held = assets.filter(({ weight }) => weight > 0);
    const coming = assets.filter(({ weight }) => weight <= 0);
    const spent = held.reduce((sum, { weight }) => sum + weight, 0);
    const wanted = coming.reduce((sum, { symbol }) => sum + (parameters.weights[symbol] ?? 0), 0);
    const factor = wanted === 0 ? 0 : Math.min(1, Math.max(0, 1 - spent) / wanted);
    return Object.fromEntries([
      ...held.map(({ symbol, weight }) => [symbol, weight / Math.max(1, spent)] as const),
      ...coming.map(({ symbol }) => [symbol, (parameters.weights[symbol] ?? 0) * factor] as const),
    ]);
  },
});

/** The plainest buyer of dips: in when RSI(2) falls below 10, out when it rises above 50. */
export const reversionBenchmark: Model = defineModel({
  name: "ReversionBenchmark_v1",
  version: "1.0.0",
  universe: ["SPY", "QQQ", "BTC", "ETH"],
  parameters: z.strictObject({ weights }),
  features: () => ({ rsi: trading.rsi(2) }),
  decide: each(({ symbol, rsi, barsHeld }, { parameters }) => {
    const wanted = barsHeld > 0 ? rsi <= 50 : rsi < 10;
    return wanted ? parameters.weights[symbol] ?? 0 : 0;
  }),
});

/** Models that only benchmarks use: no configuration can name them. */
export const BENCHMARK_MODELS: readonly Model[] = [holdBenchmark, reversionBenchmark];
