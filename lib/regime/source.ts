import { asOf, DAY_MS, lowerBound } from "../core/bars.ts";
import { floorToGrid, sessionsBetween } from "../core/calendar.ts";

/** When the rows of one source count: row `i` of each column is one observation, oldest first. */
export interface Source extends Lifetime {
  readonly availableAt: Float64Array;
  /** First row that has enough rows before it for the label's indicators. */
  readonly warmRow: number;
}

/** How long each row serves when no newer one comes. */
export interface Lifetime {
  /** When a newer row should have been known: from here on this one is held, and a warning says so. */
  readonly dueAt: Float64Array;
  /** From here on it says nothing any more. */
  readonly expiresAt: Float64Array;
}

/** What a source knows at each decision. */
export interface Known {
  /** Newest row available by then, or -1. */
  readonly rows: Int32Array;
  /** FRESH, HELD, WARMING, EXPIRED or UNKNOWN. */
  readonly states: Uint8Array;
}

export const FRESH = 0;
/** A newer row is overdue; the last one still counts. */
export const HELD = 1;
/** Too few rows for an indicator. */
export const WARMING = 2;
/** The last row is too old to count. */
export const EXPIRED = 3;
/** Not one row is available. */
export const UNKNOWN = 4;

/** Whether a label may be read off a row in this state. */
export function isUsable(state: number): boolean {
  return state <= HELD;
}

/** Lays a source onto the decision clock (FR-003, FR-004): a row counts from `availableAt` on, equality included. */
export function knownAt(decisions: Float64Array, source: Source): Known {
  const { availableAt, dueAt, expiresAt, warmRow } = source;
  const rows = asOf(decisions, availableAt);
  const states = new Uint8Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const time = decisions[i]!;
    if (row < 0) states[i] = UNKNOWN;
    else if (time >= expiresAt[row]!) states[i] = EXPIRED;
    else if (row < warmRow) states[i] = WARMING;
    else if (time >= dueAt[row]!) states[i] = HELD;
  }
  return { rows, states };
}

/** A column of the source's rows as each decision saw it; NaN where its last row is none or too old. */
export function seen(column: Float64Array, { rows, states }: Known): Float64Array {
  const values = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    values[i] = states[i]! <= WARMING ? column[rows[i]!]! : NaN;
  }
  return values;
}

/**
 * Rows named by the dates of New York sessions: due `delayMs` after the next session's close, expired after that of
 * the session which makes `sessions` missed. Right for decisions up to `lastDecision`.
 */
export function sessionLifetime(
  dates: Float64Array,
  lastDecision: number,
  { sessions, delayMs }: { sessions: number; delayMs: number },
): Lifetime {
  const until = floorToGrid(lastDecision, "daily") + DAY_MS;
  const rows = lowerBound(dates, until); // later ones cannot be known yet
  const coming = rows === 0 ? [] : sessionsBetween(floorToGrid(dates[0]!, "daily"), until);
  const comingDates = Float64Array.from(coming, ({ date }) => date);
  const dueAt = new Float64Array(dates.length).fill(Infinity);
  const expiresAt = new Float64Array(dates.length).fill(Infinity);
  const further = Math.max(0, sessions - 1);
  let next = 0;
  for (let row = 0; row < rows; row++) {
    while (next < comingDates.length && comingDates[next]! <= dates[row]!) next++;
    dueAt[row] = (coming[next]?.close ?? Infinity) + delayMs;
    expiresAt[row] = (coming[next + further]?.close ?? Infinity) + delayMs;
  }
  return { dueAt, expiresAt };
}

/** Rows of which the next is due `everyMs` after `from`, and which expire `holdMs` after that. */
export function periodicLifetime(
  from: Float64Array,
  { everyMs, holdMs }: { everyMs: number; holdMs: number },
): Lifetime {
  const dueAt = from.map((time) => time + everyMs);
  return { dueAt, expiresAt: dueAt.map((time) => time + Math.max(0, holdMs)) };
}
