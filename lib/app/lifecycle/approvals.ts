import { HOUR_MS } from "../../core/bars.ts";
import { parseTime } from "../../core/clock.ts";
import { canonicalJson } from "../../core/hash.ts";
import type {
  LifecycleEvent,
  LifecycleEvidence,
  ModelBinding,
  Stage,
} from "../../core/lifecycle.ts";
import { wallTime } from "../../results/mod.ts";

/** What an approval is about: another code, setting or evidence needs another approval. */
export interface ApprovedStep {
  readonly model: string;
  readonly to: Stage;
  readonly binding: ModelBinding;
  readonly evidence: LifecycleEvidence;
  /** Of a step to live: where, and under which settings. */
  readonly account_number?: string;
  readonly settings?: string;
}

/** The approvals of a step: those that stand, and those that came to nothing. */
export interface Approvals {
  /** Of different people, oldest first. */
  readonly standing: readonly LifecycleEvent[];
  /** Too old, or of a time to come: a clock was set back. */
  readonly expired: readonly LifecycleEvent[];
  /** Of other code, settings or evidence. */
  readonly other: readonly LifecycleEvent[];
}

/** Which approvals of a step stand at `now` (ISO). Those before the model last changed its stage count for nothing. */
export function approvalsOf(
  events: readonly LifecycleEvent[],
  step: ApprovedStep,
  now: string,
): Approvals {
  const moved = events.findLastIndex((event) =>
    event.model === step.model && (event.kind === "promoted" || event.kind === "demoted")
  );
  const given = events.slice(moved + 1).filter((event) =>
    event.model === step.model && event.kind === "approved" && event.to_stage === step.to
  );
  const ofThis = given.filter((event) => isOf(event, step));
  const isLate = (event: LifecycleEvent) =>
    now < event.at || (event.details.expires_at ?? "") < now;
  return {
    standing: ofThis.filter((event) => !isLate(event)),
    expired: given.filter(isLate),
    other: given.filter((event) => !ofThis.includes(event) && !isLate(event)),
  };
}

function isOf({ details }: LifecycleEvent, step: ApprovedStep): boolean {
  const { binding, evidence } = step;
  return isSamePlace(details, step) &&
    canonicalJson(details.binding ?? null) === canonicalJson(binding) &&
    details.evidence !== undefined && proofOf(details.evidence) === proofOf(evidence);
}

function isSamePlace(details: LifecycleEvent["details"], step: ApprovedStep): boolean {
  return details.account_number === step.account_number && details.settings === step.settings;
}

/** What of the evidence must be the same; the number of trials may have grown. */
function proofOf({ run_id, card, certificate, paper }: LifecycleEvidence): string {
  return canonicalJson({ run_id, card, certificate, paper });
}

/** Whether two names are one person's. */
export function isSamePerson(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** When an approval given at `at` (ISO) is worth nothing any more. */
export function expiryOf(at: string, hours: number): string {
  return wallTime(parseTime(at) + Math.round(hours * HOUR_MS));
}
