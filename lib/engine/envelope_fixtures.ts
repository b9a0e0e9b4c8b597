import { z } from "zod";
import { DAY_MS, H4_MS, type Millis } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import type { Fill } from "../core/orders.ts";
import type { EnvelopeName, EnvelopeRecord } from "../core/proofs.ts";
import type { RunRecord } from "../core/run_record.ts";
import { daily, h4, trading } from "../features/mod.ts";
import { defineModel, type Model, type Targets } from "../models/model.ts";
import { fillEnvelope } from "./envelope.ts";
import { execute } from "./execute.ts";
import {
  BASE_LIMITS,
  dataOf,
  garbledFrom,
  type HandBar,
  handBars,
  modelOf,
  planWith,
  randomAsset,
  seat,
  tradable,
} from "./fixtures.ts";
import { buildMarket } from "./market.ts";
import type { AssetData, Plan, PlannedAsset } from "./plan.ts";

/** A run with its envelope. */
export interface Envelope {
  readonly run: RunRecord;
  readonly members: readonly EnvelopeRecord[];
  member(name: EnvelopeName): RunRecord;
}

/** Runs a plan and prices its decisions under other fills. */
export function envelope(
  plan: Plan,
  data: readonly AssetData[],
  models: readonly Model[],
): Envelope {
  const run = execute({ plan, data }, models);
  const members = fillEnvelope(run, buildMarket(plan, data));
  return {
    run,
    members,
    member(name) {
      const found = members.find((member) => member.name === name);
      if (!found) throw new RangeError(`No member ${name} in ${members.map(({ name }) => name)}`);
      return found.record;
    },
  };
}

/** What was filled. */
export function fillsOf({ outcomes }: RunRecord): readonly Fill[] {
  return outcomes.filter((outcome) => outcome.status === "filled");
}

const handStart = parseDate("2024-03-01");

/** A day of one asset: `bars[0]` has closed at 100 before the first decision, `bars[t + 1]` opens at decision `t`. */
export function handMade(
  bars: readonly (readonly [open: number, high: number, low: number, close: number])[],
  targets: readonly Targets[],
  given: { asset?: Partial<PlannedAsset>; plan?: Partial<Plan> } = {},
): Envelope {
  const asset = { ...tradable("AAA"), ...given.asset };
  const model = modelOf(
    "Script_v1",
    ["AAA"],
    ({ time }) => targets[(time - handStart) / H4_MS] ?? {},
    {
      shorts: given.plan?.risk?.allowShort ?? false,
    },
  );
  const rows: HandBar[] = [[100, 100, 100, 100] as const, ...bars].map(
    ([open, high, low, close]) => ({ open, high, low, close }),
  );
  const plan = planWith([asset], [seat(model)], {
    end: handStart + DAY_MS,
    rebalanceThreshold: 0.4,
    ...given.plan,
  });
  return envelope(plan, [dataOf(handBars(asset, "h4", handStart - H4_MS, rows))], [model]);
}

const universe = ["AAA", "BBB", "SHR"];
const parameters = z.strictObject({});

/** Holds what stands above its daily mean, nearly all of the budget at times. */
const trend = defineModel({
  name: "Trend_v1",
  version: "1.0.0",
  universe,
  parameters,
  features: () => ({ close: daily.close(), mean: daily.sma(5), swing: daily.momentum(3) }),
  decide: ({ assets }) => {
    const up = assets.filter(({ close, mean, swing }) => close > mean || swing > 0.02);
    return Object.fromEntries(up.map(({ symbol }) => [symbol, 1 / up.length]));
  },
});

/** Buys dips with stops and limits, and takes profit at a limit while its stop stands. */
const dips = defineModel({
  name: "Dips_v1",
  version: "1.0.0",
  universe,
  parameters,
  features: () => ({ price: h4.close(), rsi: h4.rsi(2), range: h4.atr(3) }),
  decide: ({ assets }) => {
    const wished = assets.filter(({ rsi, barsHeld }) => barsHeld > 0 || rsi < 45);
    return Object.fromEntries(wished.map(({ symbol, price, range, barsHeld }) => {
      const stop = Math.max(price / 2, price - range / 2);
      if (barsHeld > 2) return [symbol, { weight: 0.1, stop, limit: price + range / 2 }];
      return [symbol, { weight: 0.33, stop, limit: price * (symbol === "BBB" ? 0.995 : 1.02) }];
    }));
  },
});

/** Follows a fast average with weights that change at every decision. */
const cross = defineModel({
  name: "Cross_v1",
  version: "1.0.0",
  universe,
  parameters,
  features: () => ({
    up: trading.above(trading.ema(3), trading.sma(8)),
    swing: trading.momentum(2),
  }),
  decide: ({ assets }) =>
    Object.fromEntries(
      assets.map(({ symbol, up, swing }) => [symbol, up === 0 ? 0 : swing > 0 ? 0.33 : 0.3]),
    ),
});

/** The models of random runs; those without legs make market orders only. */
export const MODELS: { readonly legs: readonly Model[]; readonly market: readonly Model[] } = {
  legs: [cross, dips, trend],
  market: [cross, trend],
};

const costs = { feeBps: 10, slippageBps: 5, minOrderSize: 5, quantityPrecision: 3 };
const randomFrom = parseDate("2024-02-20");
export const RANDOM_START: number = parseDate("2024-03-04");
const randomEnd = parseDate("2024-03-22"); // New York changes its clock on the way

/** Two coins and a share with dividends and a split, in lots and with costs. */
const RANDOM_ASSETS: readonly PlannedAsset[] = [
  { ...tradable("AAA"), ...costs },
  { ...tradable("BBB"), ...costs },
  { ...tradable("SHR", "equity"), ...costs },
];

/** A run on a random market, and its envelope; what is known after `noiseFrom` is noise. */
export function randomEnvelope(
  seed: number,
  changes: Partial<Plan> = {},
  options: { readonly models?: readonly Model[]; readonly noiseFrom?: Millis } = {},
): Envelope {
  const { models = MODELS.legs, noiseFrom = Infinity } = options;
  const budgetFraction = 1 / models.length;
  const assets = changes.assets ?? RANDOM_ASSETS;
  const symbols = assets.map(({ symbol }) => symbol);
  const seats = models.map((model) => seat(model, { budgetFraction, universe: symbols }));
  const drawdown = { ...BASE_LIMITS.drawdown, trigger: 0.1, recover: 0.05, halt: 0.3 };
  const plan = planWith(assets, seats, {
    start: RANDOM_START,
    end: randomEnd,
    initialNav: 100_000,
    rebalanceThreshold: 0.01,
    risk: { ...BASE_LIMITS, perAssetCap: null, classCaps: {}, drawdown },
    ...changes,
  });
  const data = assets.map((asset) => {
    const clean = randomAsset(asset, { from: randomFrom, to: randomEnd, seed });
    return noiseFrom === Infinity ? clean : garbledFrom(clean, noiseFrom, seed);
  });
  return envelope(plan, data, models);
}
