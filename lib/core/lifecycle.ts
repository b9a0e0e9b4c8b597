/** How far a model has come, in order. */
export const STAGES = ["research", "candidate", "paper", "live"] as const;
export type Stage = typeof STAGES[number];

/** Whether a text names a stage. */
export function isStage(text: string): text is Stage {
  return (STAGES as readonly string[]).includes(text);
}

/** The stage after this one; undefined after the last. */
export function nextStage(stage: Stage): Stage | undefined {
  return STAGES[STAGES.indexOf(stage) + 1];
}

/** Whether `stage` lies before `other`. */
export function isBefore(stage: Stage, other: Stage): boolean {
  return STAGES.indexOf(stage) < STAGES.indexOf(other);
}

/** What exactly is promoted. Another code, setting or a larger budget is not what was looked at. */
export interface ModelBinding {
  readonly version: string;
  /** Fingerprint of the model's own code: its modules and the packages behind them. */
  readonly code: string;
  /** SHA-256 of the parameters, defaults filled in. */
  readonly parameters: string;
  /** Symbols in order. */
  readonly universe: readonly string[];
  /** Length of the bars it decides on. */
  readonly timeframe: string;
  /** Its policy for missing values. */
  readonly missing: string;
  /** Largest share of NAV that it may use in any regime. */
  readonly budget: number;
}

/** What a promotion rests on, by hashes, as it was on that day. */
export interface LifecycleEvidence {
  readonly run_id: string;
  /** SHA-256 of the run's card, and so of all its files. */
  readonly card: string;
  /** SHA-256 of the run's causality certificate. */
  readonly certificate: string;
  readonly data_fingerprint: string;
  /** With the number of trials on record at that time. */
  readonly deflated_sharpe: number | null;
  readonly trials: number;
  /** The experiment that the run was a trial of; null where there is none. */
  readonly experiment_id: string | null;
  /** Hash of the record of paper trading; null before there is any. */
  readonly paper: string | null;
}

/** One thing that a gate asks for, with what was found. */
export interface GateCheck {
  readonly name: string;
  readonly found: string;
  readonly expected: string;
  readonly passed: boolean;
}

/**
 * `approved`: one person's word for a step. `promoted`, `demoted`: the stage is another from here on. `written`: the
 * configuration file says so, too.
 */
export type LifecycleKind = "approved" | "promoted" | "demoted" | "written";

/** What an event says beside its columns: plain JSON. */
export interface LifecycleDetails {
  readonly binding?: ModelBinding;
  readonly evidence?: LifecycleEvidence;
  readonly checks?: readonly GateCheck[];
  /** Of a step to live: the broker's own number of the account that may be traded. */
  readonly account_number?: string;
  /** Of a step to live: hash of everything that decides beside the models; see liveSettings. */
  readonly settings?: string;
  /** Of an approval, ISO: from then on it is worth nothing. */
  readonly expires_at?: string;
  /** Of a promotion: whose approvals it took. */
  readonly approved_by?: readonly string[];
  /** Of a demotion made by a rule. */
  readonly rule?: string;
  /** The configuration file that was written. */
  readonly file?: string;
}

/** Something that is about to be written down of a model's lifecycle. */
export interface LifecycleDraft {
  /** Wall time, ISO with milliseconds. */
  readonly at: string;
  readonly model: string;
  readonly kind: LifecycleKind;
  readonly from_stage: Stage;
  readonly to_stage: Stage;
  /** Who; `assay` where a rule acted. */
  readonly operator: string;
  readonly reason: string;
  readonly details: LifecycleDetails;
}

/** One link of the chain of lifecycle events. */
export interface LifecycleEvent extends LifecycleDraft {
  /** From 1, without gaps. */
  readonly seq: number;
  /** Hash of the event before; empty for the first. */
  readonly prev_hash: string;
  /** SHA-256 over all of the above. */
  readonly hash: string;
}

/** A model's stage after these events of it, up to `until` (ISO, included); research before the first. */
export function stageAfter(
  events: readonly LifecycleEvent[],
  model: string,
  until?: string,
): Stage {
  return stageEvent(events, model, until)?.to_stage ?? "research";
}

/** The event that put a model where it stood at `until`; undefined where it never left research. */
export function stageEvent(
  events: readonly LifecycleEvent[],
  model: string,
  until?: string,
): LifecycleEvent | undefined {
  return events.findLast((event) =>
    event.model === model && (event.kind === "promoted" || event.kind === "demoted") &&
    (until === undefined || event.at <= until)
  );
}
