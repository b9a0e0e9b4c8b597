import type { Millis } from "../../core/bars.ts";
import { parseDate } from "../../core/clock.ts";
import { oneLine, UnusableAnswer } from "./answers.ts";

/** One value of one reference date, and when it was known. */
export interface Observation {
  readonly date: Millis;
  readonly availableAt: Millis;
  readonly value: number;
}

/** A span of moments of publication: [from, to). */
export interface Span {
  readonly from: Millis;
  readonly to: Millis;
}

/** The number of an observation; undefined where there is none. Throws UnusableAnswer for other text. */
export function observed(text: string): number | undefined {
  if (text === "." || text === "") return undefined;
  const value = /^-?\d*\.?\d+(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : NaN;
  if (Number.isFinite(value)) return value;
  throw new UnusableAnswer(`a value "${oneLine(text)}"`, "numbers");
}

/** 00:00 UTC of a date of an answer. Throws UnusableAnswer for other text. */
export function dateOf(text: string): Millis {
  try {
    return parseDate(text);
  } catch {
    throw new UnusableAnswer(`a date "${oneLine(text)}"`, "dates YYYY-MM-DD");
  }
}
