import { z } from "zod";
import { H4_MS, type Millis } from "../core/bars.ts";
import { trading } from "../features/mod.ts";
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
