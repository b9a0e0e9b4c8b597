import { didYouMean } from "../core/errors.ts";
import { isPlain } from "./frozen.ts";
import { BUDGET_TOLERANCE, type Target } from "./model.ts";

/** What a model may answer: symbols of its universe and their places in it, and whether weights below 0 count. */
export interface AnswerRules {
  readonly universe: readonly string[];
  readonly places: ReadonlyMap<string, number>;
  readonly shorts: boolean;
}

/** What a model wishes for the asset at one place of its universe. */
export interface Wish {
  readonly place: number;
  readonly weight: number;
  /** The model's own words where it gave more than a number. */
  readonly target: Target | undefined;
}

/** The wishes in an answer, or what is wrong with it, to follow the model's name: `returned NaN as weight of SPY, …`. */
export type Answer = { readonly wishes: readonly Wish[] } | { readonly problem: string };

/**
 * Reads an answer (FR-018), each property once, so that what a getter or proxy would say the next time counts for
 * nothing. Throws only what the answer's own getters and traps throw.
 */
export function readAnswer(answer: unknown, rules: AnswerRules): Answer {
  if (!isPlain(answer)) {
    return { problem: `returned ${kindOf(answer)}, expected weights by symbol` };
  }
  const wishes: Wish[] = [];
  let sum = 0;
  // order: as the model answered; its code is part of the run id
  for (const symbol of Object.keys(answer)) {
    const place = rules.places.get(symbol);
    if (place === undefined) return { problem: unknownSymbol(symbol, rules) };
    const said = answer[symbol];
    const target = isPlain(said) ? { ...said } : undefined;
    const weight = target ? target["weight"] : said;
    const problem = weightProblem(weight, symbol, rules) ?? (target && hintProblem(target, symbol));
    if (problem !== undefined) return { problem };
    sum += Math.abs(weight as number);
    wishes.push({ place, weight: weight as number, target: target as Target | undefined });
  }
  const problem = sumProblem(sum);
  return problem === undefined ? { wishes } : { problem };
}

/** What is wrong with a weight, if anything. */
export function weightProblem(
  weight: unknown,
  symbol: string,
  { shorts }: AnswerRules,
): string | undefined {
  const least = shorts ? -1 - BUDGET_TOLERANCE : 0;
  if (typeof weight === "number" && weight >= least && weight <= 1 + BUDGET_TOLERANCE) {
    return undefined;
  }
  return `returned ${found(weight)} as weight of ${symbol}, ` +
    `expected a number from ${shorts ? "-1" : "0"} to 1`;
}

/** What is wrong with weights of this sum, signs aside, if anything. */
export function sumProblem(sum: number): string | undefined {
  if (sum <= 1 + BUDGET_TOLERANCE) return undefined;
  return `returned weights that sum to ${sum}, expected at most 1 (its whole budget)`;
}

interface Hint {
  readonly expected: string;
  holds(value: unknown): boolean;
}

const PRICE: Hint = { expected: "a price above 0", holds: isAboveZero };
const HINTS: ReadonlyMap<string, Hint> = new Map<string, Hint>([
  ["stop", PRICE],
  ["limit", PRICE],
  ["confidence", {
    expected: "a number from 0 to 1",
    holds: (value) => typeof value === "number" && value >= 0 && value <= 1,
  }],
  ["urgency", {
    expected: "low, normal or high",
    holds: (value) => value === "low" || value === "normal" || value === "high",
  }],
  ["horizon_hours", { expected: "a number above 0", holds: isAboveZero }],
]);

/** A misspelled stop must not go unnoticed, so a name that means nothing is as wrong as a value. */
function hintProblem(target: Readonly<Record<string, unknown>>, symbol: string) {
  // order: as the model answered
  for (const name of Object.keys(target)) {
    const value = target[name];
    if (name === "weight" || value === undefined) continue;
    const hint = HINTS.get(name);
    if (!hint) {
      const known = ["weight", ...HINTS.keys()];
      return `returned ${JSON.stringify(name)} for ${symbol}${didYouMean(name, known)}, ` +
        `expected only ${known.join(", ")}`;
    }
    if (!hint.holds(value)) {
      return `returned ${found(value)} as ${name} of ${symbol}, expected ${hint.expected}`;
    }
  }
  return undefined;
}

function isAboveZero(value: unknown): boolean {
  return typeof value === "number" && value > 0 && value < Infinity;
}

function unknownSymbol(symbol: string, { universe }: AnswerRules): string {
  return `named ${JSON.stringify(symbol)}${didYouMean(symbol, universe)}, ` +
    `which is not in its universe (${universe.join(", ")})`;
}

function found(value: unknown): string {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? JSON.stringify(value) : kindOf(value);
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "nothing";
  if (typeof value !== "object") return `a ${typeof value}`;
  if (Array.isArray(value)) return "a list";
  if (value instanceof Promise) {
    // Nobody will wait for it; without this its failure would end the process before the refusal is told.
    value.catch(() => {});
    return "a promise";
  }
  return isPlain(value) ? "an object" : "an object that is not plain";
}
