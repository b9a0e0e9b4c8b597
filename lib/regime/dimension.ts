import type { RegimeDimension } from "./labels.ts";
import { EXPIRED, HELD, UNKNOWN, WARMING } from "./source.ts";

/** One of the four labels at every decision, as a code, with what it came from. */
export interface Dimension {
  readonly codes: Uint8Array;
  /** 1 where the label is the default. */
  readonly defaults: Uint8Array;
  /** By name, one value a decision. */
  readonly inputs: Readonly<Record<string, Float64Array>>;
  readonly notes: readonly RegimeNote[];
}

/** A stretch of decisions in which a label did not come from the newest value of its own source. */
export interface RegimeNote {
  readonly dimension: RegimeDimension;
  /** An old value was held, another source stood in, or the default did. */
  readonly kind: "held" | "substitute" | "default";
  /** One clause that names the source. */
  readonly reason: string;
  /** Index of the first decision of the stretch. */
  readonly from: number;
  /** Index after the last one. */
  readonly to: number;
}

/** What is worth telling about a source in each state; a state without an entry passes in silence. */
export type StateNotes = Readonly<Record<number, Pick<RegimeNote, "kind" | "reason">>>;

/** What most sources have to say: `what` names one value of it. */
export function sourceNotes(what: string): StateNotes {
  return {
    [HELD]: { kind: "held", reason: `a newer ${what} is overdue` },
    [WARMING]: { kind: "default", reason: `the history of the ${what} is too short` },
    [EXPIRED]: { kind: "default", reason: `the last ${what} is too old` },
    [UNKNOWN]: { kind: "default", reason: `no ${what} is known` },
  };
}

/** One note for each stretch of equal states that has something to say. */
export function notesOf(
  dimension: RegimeDimension,
  states: Uint8Array,
  texts: StateNotes,
): readonly RegimeNote[] {
  const notes: RegimeNote[] = [];
  for (let from = 0, to = 0; from < states.length; from = to) {
    while (to < states.length && states[to] === states[from]) to++;
    const text = texts[states[from]!];
    if (text) notes.push({ dimension, ...text, from, to });
  }
  return notes;
}
