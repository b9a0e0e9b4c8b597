import type { RunRecord } from "./run_record.ts";

/**
 * What a run can show for itself, beside its bytes: that it saw no future, what other fills would have made of it, and
 * how much of it may be luck. Plain JSON with moments as ISO text; spelled as it is stored under `results/proofs/`.
 */
export interface Proofs {
  readonly certificate?: Certificate;
  readonly envelope?: Envelope;
  readonly luck?: Luck;
}

/** Whether the past of a run stays as it was, bit for bit, when its future is taken away or replaced by garbage. */
export interface Certificate {
  /** `optimistic`: no future was seen, but fills are at the close that the decision was made on. */
  readonly verdict: "passed" | "optimistic" | "failed";
  readonly seed: number;
  readonly checkpoints: readonly Checkpoint[];
  /** Moments at which features alone were computed from nothing but what was known: where models changed their minds. */
  readonly feature_cuts: number;
  /** How much was compared: values over all checkpoints and variants, decisions and what came of them once. */
  readonly compared: {
    readonly feature_values: number;
    readonly regime_values: number;
    readonly decisions: number;
    readonly orders: number;
    readonly fills: number;
  };
  /** The first difference of each kind at each checkpoint; empty when the verdict is not `failed`. */
  readonly findings: readonly AuditFinding[];
}

/** One moment after which the future was changed. */
export interface Checkpoint {
  readonly time: string;
  readonly why: "first trade" | "last trade" | "seed";
  /** Decisions that were made again before it, it included. */
  readonly decisions: number;
  readonly cut: "identical" | "different";
  readonly garbage: "identical" | "different";
}

/** Something that was not the same when only the future was another. */
export interface AuditFinding {
  readonly checkpoint: string;
  /** `again`: the same data gave something else; `rule`: a fill is not what the plan declares. */
  readonly variant: "cut" | "garbage" | "again" | "rule";
  readonly what: "feature" | "regime" | "wish" | "risk" | "order" | "fill" | "account" | "failure";
  /** What exactly: model, asset, column. */
  readonly where: string;
  /** When the value stands, not later than the checkpoint. */
  readonly time: string;
  readonly expected: string;
  readonly found: string;
}

/** What the audit made of one planted leak and of its clean twin. */
export interface LeakResult {
  readonly name: string;
  readonly kind: string;
  /** What the researcher did wrong. */
  readonly what: string;
  readonly caught: boolean;
  /** What differed, where, and under which future; empty when nothing did. */
  readonly how: string;
  /** Whether the clean twin was accused, and of what. */
  readonly falseAlarm: boolean;
  readonly alarm?: string;
}

/** A run's decisions under other fills. */
export interface EnvelopeRecord {
  readonly name: EnvelopeName;
  readonly title: string;
  /**
   * The run's record with NAV, cash and fills as they would have been, without skips, wishes, adjustments, bookings and
   * benchmarks. A fill that moved to a later bar has the newest decision before it as its index.
   */
  readonly record: RunRecord;
}

/** `high_first` and `low_first` only where a bar could have set off a stop and a limit. */
export type EnvelopeName =
  | "next_open"
  | "same_close"
  | "next_close"
  | "next_worst"
  | "bar_later"
  | "double_costs"
  | "high_first"
  | "low_first";

/** The figures of each fill assumption, the run's own first. */
export interface Envelope {
  readonly members: readonly EnvelopeMember[];
  /** One line when the edge lives only in the friendliest member, or is gone in one where the run has it; else null. */
  readonly headline: string | null;
}

/** One fill assumption; null is undefined. */
export interface EnvelopeMember {
  readonly name: EnvelopeName;
  readonly title: string;
  readonly final_nav: number | null;
  readonly total_return: number | null;
  readonly cagr: number | null;
  readonly sharpe: number | null;
  readonly max_drawdown: number | null;
  readonly bps: number | null;
}

/** How much of a result chance alone could have made. */
export interface Luck {
  readonly seed: number;
  /** Share of resamples inside each interval, 0.95. */
  readonly confidence: number;
  readonly resamples: number;
  readonly permutations: number;
  readonly portfolio: LuckFigures;
  readonly models: Readonly<Record<string, LuckFigures>>;
}

/** The figures of one account's daily returns. */
export interface LuckFigures {
  /** Mean length of the blocks that were drawn, in days: chosen for the portfolio, whose days its models share. */
  readonly block_days: number | null;
  readonly sharpe: Interval;
  readonly cagr: Interval;
  /** Of daily NAV: a fraction, 0 or more. */
  readonly max_drawdown: Interval;
  /** Max drawdown of the resampled histories: what should have been expected. */
  readonly drawdown_quantiles: Readonly<
    Record<"p50" | "p75" | "p90" | "p95" | "p99", number | null>
  >;
  /** The same decisions on shuffled days; null where there is nothing to shuffle. */
  readonly permutation: {
    /** Sharpe ratio of the account, and the mean of it over shuffled histories. */
    readonly observed: number;
    readonly shuffled_mean: number;
    /** Share of shuffled histories at least as good, the observed one counted in. */
    readonly p_value: number;
  } | null;
  /** Daily returns needed to be as sure as the confidence that the Sharpe ratio is above 0; null when no length would do. */
  readonly min_track_record_days: number | null;
  /** Daily returns there are: one a day, or one a session when only equities trade. */
  readonly days: number;
}

/** An estimate with the bounds that chance draws around it. */
export interface Interval {
  readonly estimate: number | null;
  readonly low: number | null;
  readonly high: number | null;
}
