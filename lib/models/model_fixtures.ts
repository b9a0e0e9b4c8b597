import { z } from "zod";
import { type Bars, H4_MS, type Millis, type Timeframe } from "../core/bars.ts";
import { featureCache, trading } from "../features/mod.ts";
import type { RegimeLabels } from "../regime/mod.ts";
import { type Decide, defineModel, type Model } from "./model.ts";
import { type Proposer, proposer, type ProposerInputs } from "./proposer.ts";
import type { FeatureColumn, OwnState } from "./view.ts";

/** Friday 2024-03-01 00:00 UTC, the first decision of every fixture. */
export const FIRST_DECISION: Millis = Date.UTC(2024, 2, 1);

/** A holding of nothing and a budget of nothing. */
export const FLAT: OwnState = {
  weight: () => 0,
  barsHeld: () => 0,
  budget: () => ({ fraction: 0, money: 0 }),
};

/** Labels of good times. */
export const REGIME: RegimeLabels = {
  equity: "BULL",
  volatility: "LOW",
  crypto: "RISK_ON",
  macro: "EXPANSION",
};

/** A model without parameters that sees the features `price` and `calm`, whatever its columns hold. */
export function modelThat(
  decide: Decide<unknown, "price" | "calm">,
  options: { shorts?: boolean } = {},
): Model {
  return defineModel({
    name: "ProbeModel_v1",
    version: "1.0.0",
    universe: ["BTC", "ETH"],
    parameters: z.strictObject({}),
    features: () => ({ price: trading.close(), calm: trading.sma(2) }),
    decide,
    ...options,
  });
}

/** A column on its own bars that has a new bar at every decision. */
export function columnOf(...values: number[]): FeatureColumn {
  const own = Float64Array.from(values);
  return { own, joined: own, rows: Int32Array.from(values, (_, row) => row) };
}

/** Inputs whose assets, BTC and ETH unless told otherwise, have one column per feature and four-hour decisions. */
export function inputsOf(
  model: Model,
  columns: readonly (readonly FeatureColumn[])[],
  changes: Partial<ProposerInputs> = {},
): ProposerInputs {
  const length = columns[0]![0]!.joined.length;
  return {
    model,
    parameters: {},
    universe: ["BTC", "ETH", "SPY"].slice(0, columns.length),
    featureNames: ["price", "calm"].slice(0, columns[0]!.length),
    columns,
    usable: columns.map(() => new Uint8Array(length).fill(1)),
    times: Float64Array.from({ length }, (_, t) => FIRST_DECISION + t * H4_MS),
    allowShort: false,
    ...changes,
  };
}

/** A proposer over BTC at 10, 11, 12 and ETH at 20, 21, 22, with a `calm` that never moves. */
export function smallProposer(model: Model, changes: Partial<ProposerInputs> = {}): Proposer {
  const calm = columnOf(1, 1, 1);
  const columns = [[columnOf(10, 11, 12), calm], [columnOf(20, 21, 22), calm]];
  return proposer(inputsOf(model, columns, changes));
}

/** What may be told of a hand-made market beside its closes. */
export interface HandMarket {
  /** As in YAML; what is left out has the model's default. */
  readonly parameters?: object;
  /** The labels in force after each bar. */
  readonly regimes?: readonly RegimeLabels[];
  /** Whether the model is asked after bar `t`; it keeps its weights where not. */
  readonly asked?: (t: number) => boolean;
}

/** A model's weights after each bar of closes, by place; what it wishes it holds from the next bar on. */
export function weightsOver(
  model: Model,
  closes: readonly (readonly number[])[],
  { parameters, regimes, asked = () => true }: HandMarket = {},
): number[][] {
  const parsed = model.parameters.parse(parameters ?? {});
  const features = Object.entries(model.features(parsed));
  const columns = closes.map((values) =>
    features.map(([, feature]) => {
      const timeframe = feature.timeframe === "trading" ? "h4" : feature.timeframe;
      return columnOf(...featureCache().column(barsOf(values, timeframe), feature));
    })
  );
  const usable = columns.map((own) =>
    Uint8Array.from(closes[0]!, (_, t) => own.some(({ joined }) => Number.isNaN(joined[t])) ? 0 : 1)
  );
  const featureNames = features.map(([name]) => name);
  const regimeAt = regimes && ((t: number) => regimes[t]!);
  const run = proposer(
    inputsOf(model, columns, { parameters: parsed, usable, featureNames, regimeAt }),
  );
  const held = closes.map(() => 0);
  const state: OwnState = {
    weight: (place) => run.weights[place]!,
    barsHeld: (place) => held[place]!,
    budget: () => ({ fraction: 1, money: 1000 }),
  };
  return closes[0]!.map((_, t) => {
    run.weights.forEach((weight, place) => held[place] = weight > 0 ? held[place]! + 1 : 0);
    if (asked(t)) run.propose(t, state);
    return Array.from(run.weights);
  });
}

function barsOf(closes: readonly number[], timeframe: Timeframe): Bars {
  const close = Float64Array.from(closes);
  const openTime = close.map((_, i) => i * H4_MS);
  const availableAt = openTime.map((time) => time + H4_MS);
  const prices = { open: close, high: close, low: close, close, volume: close };
  return { symbol: "SPY", timeframe, openTime, availableAt, ...prices };
}
