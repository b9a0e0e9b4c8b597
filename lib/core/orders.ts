import type { Millis } from "./bars.ts";

/** Targets after risk, as the portfolio hands them to a broker: one entry per asset, in the plan's order. */
export interface TargetWeights {
  /** Place of the decision on the decision clock. */
  index: number;
  decisionTime: Millis;
  /** NAV known at the decision, at closes known then. */
  nav: number;
  /** Share of NAV per asset; negative is short. */
  readonly weights: Float64Array;
  /** 1 where the asset is to be traded towards its target, 0 where it is left alone. */
  readonly trade: Uint8Array;
  /** Changes that wait for a price, and the stops in force until the next decision; usually none. */
  limits: readonly LimitLeg[];
  stops: readonly StopLeg[];
}

/** One model's change of one asset, made only at `limit` or better. */
export interface LimitLeg {
  readonly asset: number;
  readonly model: number;
  /** The model's target as a share of NAV, and the quantity it holds now. */
  readonly weight: number;
  readonly held: number;
  readonly limit: number;
}

/** The price at which one model's quantity of one asset is given up. */
export interface StopLeg {
  readonly asset: number;
  readonly model: number;
  readonly stop: number;
}

/** How an order was priced. */
export type OrderKind = "market" | "limit" | "stop";

/** Why an order was not made. Skipping is an answer, not an error (FR-043). */
export type SkipReason = "below_minimum" | "no_cash" | "closed";

/** A fill: signed units, the price paid, and what it cost. */
export interface Fill {
  readonly status: "filled";
  /** Place on the decision clock of the decision behind it. */
  readonly index: number;
  readonly asset: number;
  readonly kind: OrderKind;
  /** The model whose own leg this was; -1 for the netted order of all. */
  readonly model: number;
  /** Units bought (positive) or sold (negative). */
  readonly quantity: number;
  /** Price paid or received, slippage included. */
  readonly price: number;
  /** The market's price before slippage. */
  readonly referencePrice: number;
  /** Money; never negative. */
  readonly fee: number;
  readonly slippage: number;
  /** Units held after the order should have filled whole, and units held before. */
  readonly target: number;
  readonly held: number;
  /** NAV and price that turned the weight into units. */
  readonly sizingNav: number;
  readonly sizingPrice: number;
  /** Row of the bar that filled it, its open time, and when trading in it began. */
  readonly row: number;
  readonly time: Millis;
  readonly executedAt: Millis;
  /** NAV just before the fill. */
  readonly nav: number;
  /** True for a stop whose bar could also have filled the model's limit: the worse order of events was taken. */
  readonly pessimistic: boolean;
}

/** An order that was due and not sent. */
export interface Skip {
  readonly status: "skipped";
  /** Place on the decision clock of the decision behind it. */
  readonly index: number;
  readonly reason: SkipReason;
  readonly asset: number;
  readonly kind: OrderKind;
  readonly model: number;
  /** Units that would have been bought (positive) or sold. */
  readonly quantity: number;
  readonly target: number;
  readonly held: number;
  readonly time: Millis;
}

/** What became of one intended order. */
export type OrderOutcome = Fill | Skip;
