import { z } from "zod";
import type { Millis } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import { daily, h4, trading } from "../features/mod.ts";
import { defineModel, each, type Model } from "../models/model.ts";
import { BASE_LIMITS, planWith, randomAsset, seat, tradable } from "./fixtures.ts";
import type { AssetData, Plan, PlannedAsset } from "./plan.ts";

const universe = ["AAA", "BBB", "SHR"];
/** No parameters. */
export const parameters = z.strictObject({});

/** Holds what stands above its daily mean; looks at daily bars only. */
export const trend = defineModel({
  name: "Trend_v1",
  version: "1.0.0",
  universe,
  parameters,
  features: () => ({ close: daily.close(), mean: daily.sma(5), swing: daily.momentum(3) }),
  decide: ({ assets }) => {
    const up = assets.filter(({ close, mean, swing }) => close > mean || swing > 0.02);
    return Object.fromEntries(up.map(({ symbol }) => [symbol, 1 / 3]));
  },
});

/** Buys dips with stops and limits, counts its bars and reads histories. */
const dips = defineModel({
  name: "Dips_v1",
  version: "1.0.0",
  universe,
  parameters,
  features: () => ({ price: h4.close(), rsi: h4.rsi(2), range: h4.atr(3), low: h4.low() }),
  decide: ({ assets }) => {
    const wished = assets.filter(({ rsi, barsHeld }) => barsHeld > 0 ? barsHeld < 9 : rsi < 45);
    return Object.fromEntries(wished.map((asset) => {
      const { symbol, price, range } = asset;
      const limit = price * (symbol === "BBB" ? 0.995 : 1.02);
      const stop = Math.max(price / 2, price - range) - 0 * asset.history("low", 2)[0]!;
      return [symbol, symbol === "SHR" ? 0.3 : { weight: 0.3, stop, limit }];
    }));
  },
});

/** Turns its holdings over every second day. */
export const rotation = defineModel({
  name: "Rotation_v1",
  version: "1.0.0",
  universe,
  parameters,
  features: () => ({ momentum: trading.momentum(6), spread: daily.rollingStd(3) }),
  decide: ({ assets, budget }) => {
    const best = [...assets].sort((a, b) => b.momentum - a.momentum)[0];
    return best && budget.money > 0 ? { [best.symbol]: 0.9 } : {};
  },
  schedule: () => ({ days: 2 }),
});

/** Decides each asset by itself, holding it with a weight that follows its own. */
export const cross = defineModel({
  name: "Cross_v1",
  version: "1.0.0",
  universe,
  parameters,
  features: () => ({ up: trading.above(trading.ema(3), trading.sma(8)) }),
  decide: each(({ up, weight }) => up === 0 ? 0 : weight > 0 ? 0.32 : 0.3),
});

/** Four models that trade in every way there is. */
export const models: readonly Model[] = [cross, dips, rotation, trend];
const costs = { feeBps: 10, slippageBps: 5, minOrderSize: 0.001, quantityPrecision: 3 };
/** Two coins and a share, with costs and lots. */
export const assets: readonly PlannedAsset[] = [
  { ...tradable("AAA"), ...costs },
  { ...tradable("BBB"), ...costs },
  { ...tradable("SHR", "equity"), ...costs },
];
/** First bar, first decision and end. */
export const from = parseDate("2024-02-20");
export const start = parseDate("2024-03-04");
export const end = parseDate("2024-03-22"); // New York changes its clock on the way

/** The plan of these models up to a date. */
export function planUntil(until: Millis, changes: Partial<Plan> = {}): Plan {
  const seats = models.map((model) => seat(model, { budgetFraction: 0.25 }));
  const risk = { ...BASE_LIMITS, classCaps: { crypto: 0.5 }, perTradeRisk: 0.002 };
  const drawdown = { ...risk.drawdown, trigger: 0.02, recover: 0.01, halt: 0.06, resumeDays: 2 };
  return planWith(assets, seats, {
    start,
    end: until,
    initialNav: 100_000,
    rebalanceThreshold: 0.01,
    risk: { ...risk, drawdown },
    ...changes,
  });
}

/** A random market for them. */
export function market(seed: number): readonly AssetData[] {
  return assets.map((asset) => randomAsset(asset, { from, to: end, seed }));
}
