import type { Millis } from "./bars.ts";
import type { DecimalText } from "./ports.ts";

/** Something that was otherwise than a backtest takes for granted, or of which the account has to tell. */
export interface ParityInstance {
  readonly time: Millis;
  readonly text: string;
}

/** One swapped assumption and its part of the difference. */
export interface ParityRung {
  readonly id: string;
  readonly title: string;
  /** What is as it was in the session from this rung on. */
  readonly swapped: string;
  /** Money, exact; and to the cent so that the column adds up as it stands. */
  readonly amount: DecimalText;
  readonly cents: DecimalText;
  /** Closing NAV with this assumption and all before it swapped. */
  readonly nav: DecimalText;
  /** What was otherwise, oldest first. */
  readonly instances: readonly ParityInstance[];
}

/** How a session's decisions compare, made again and with the backtest's. */
export interface ParityDecisions {
  readonly compared: number;
  /** Made again bit by bit: weights, shares, mode, and the state that the next one takes over. */
  readonly identical: number;
  readonly missed: number;
  /** Not made again, each with its cause; without one it is unexplained. */
  readonly differing: readonly (ParityInstance & { readonly cause: string | undefined })[];
  /** The first close at which account and backtest want other weights, with the assumption that makes the difference. */
  readonly first: (ParityInstance & { readonly title: string }) | undefined;
}

/** NAV by time; times in milliseconds. */
export interface NavCurve {
  readonly times: readonly Millis[];
  readonly nav: readonly number[];
}

/** The way from the backtest of a session to its account. */
export interface ParityReport {
  readonly session: string;
  readonly venue: string;
  readonly mode: string;
  readonly opening: {
    readonly time: Millis;
    readonly nav: DecimalText;
    readonly cents: DecimalText;
  };
  readonly closing: {
    readonly time: Millis;
    readonly nav: DecimalText;
    readonly cents: DecimalText;
  };
  /** What the backtest of the same plan over the range earned from the same start. */
  readonly backtest: {
    readonly amount: DecimalText;
    readonly cents: DecimalText;
    readonly nav: DecimalText;
  };
  readonly rungs: readonly ParityRung[];
  /** What no rung explains: 0, or the books are wrong. */
  readonly remainder: DecimalText;
  readonly remainderCents: DecimalText;
  readonly decisions: ParityDecisions;
  /** False where the account held something at the start: the backtest then begins in raw units. */
  readonly beginsFlat: boolean;
  readonly curves: { readonly backtest: NavCurve; readonly account: NavCurve };
  readonly review: PaperReview;
}

/** What one order cost against the price at which it was decided (Perold 1988); costs are positive. */
export interface ShortfallRow {
  readonly time: Millis;
  readonly symbol: string;
  readonly side: "buy" | "sell";
  readonly ordered: DecimalText;
  readonly filled: DecimalText;
  readonly decisionPrice: DecimalText;
  readonly arrivalPrice: DecimalText;
  /** Mean of the fills; absent where there were none. */
  readonly fillPrice: DecimalText | undefined;
  /** From the decision until the order left, from there to the fills, fees, and what was left unfilled. */
  readonly delay: DecimalText;
  readonly execution: DecimalText;
  readonly fees: DecimalText;
  readonly unfilled: DecimalText;
}

/** What own fills say of one kind of cost of one class, in basis points of the money traded; null where undefined. */
export interface CostEvidence {
  readonly assetClass: string;
  readonly kind: "fee" | "slippage";
  /** Orders with fills, each an observation. */
  readonly orders: number;
  readonly meanBps: number | null;
  readonly standardErrorBps: number | null;
  /** 95 % interval of the mean. */
  readonly lowBps: number | null;
  readonly highBps: number | null;
  /** All money of this cost ÷ all money traded: what the account felt. */
  readonly weightedBps: number | null;
  /** What is configured, and what would be: the same where too little is known. */
  readonly configuredBps: number;
  readonly proposedBps: number;
  /** Why nothing is proposed; null where something is. */
  readonly kept: string | null;
}

/** What evidence a paper account gives about a model's stage. */
export interface StageAdvice {
  readonly model: string;
  readonly advice: "demote" | "keep" | "ready for live";
  readonly reasons: readonly string[];
}

/** A paper account in review. */
export interface PaperReview {
  /** Quantiles of what the backtest's own daily returns would have made of the opening NAV; absent without a history. */
  readonly band: ExpectationBand | undefined;
  readonly shortfall: readonly ShortfallRow[];
  readonly totals: Readonly<
    Record<"turnover" | "delay" | "execution" | "fees" | "unfilled" | "total", DecimalText>
  >;
  /** Costs of own fills beside the configured ones, by class. */
  readonly costs: readonly CostEvidence[];
  /** A configuration that would set what they say otherwise; null where nothing changes. Nobody applies it but a person. */
  readonly proposal: string | null;
  /** Holdings that our fills did not explain, and what became of it. */
  readonly drift: readonly ParityInstance[];
  readonly stages: readonly StageAdvice[];
}

/** NAV that was to be expected, day after day. */
export interface ExpectationBand {
  readonly times: readonly Millis[];
  readonly low: readonly number[];
  readonly middle: readonly number[];
  readonly high: readonly number[];
  /** Share of drawn histories below the account's closing NAV. */
  readonly rank: number;
  readonly days: number;
  readonly blockLength: number;
}
