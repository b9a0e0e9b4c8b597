import { formatTime } from "../core/clock.ts";
import { canonicalJson } from "../core/hash.ts";
import type { CardStatistics, RunCard } from "./run_card.ts";

/** Runs side by side (FR-065); every list of values is in the order of `runs`. */
export interface Comparison {
  readonly runs: readonly string[];
  readonly portfolio: readonly FigureRow[];
  /** Models that take part in at least two of the runs; a run without one has null. */
  readonly models: Readonly<Record<string, readonly FigureRow[]>>;
  /** What the plans do not have in common. */
  readonly plan: readonly PlanDifference[];
  readonly data: Fingerprints;
  readonly code: Fingerprints;
}

/** One figure of every run; `difference` is the second less the first where just two numbers are compared. */
export interface FigureRow {
  readonly figure: keyof CardStatistics;
  readonly values: readonly (number | string | null)[];
  readonly difference: number | null;
}

/** A place in the plans whose values differ; a plan that does not have it lacks the value. */
export interface PlanDifference {
  /** `models.EquityTrendModel_v1.parameters.slow_ma_period`. */
  readonly path: string;
  readonly values: readonly unknown[];
}

/** Whether all runs were made of the same. */
export interface Fingerprints {
  readonly equal: boolean;
  readonly fingerprints: readonly string[];
}

/** Compares the cards of two or more runs; RangeError for fewer. */
export function compareCards(cards: readonly RunCard[]): Comparison {
  if (cards.length < 2) throw new RangeError(`Comparing takes two runs, found ${cards.length}`);
  // order: as the first run lists its models
  const names = [...new Set(cards.flatMap(({ statistics }) => Object.keys(statistics.models)))];
  const shared = names.map((name) =>
    [name, cards.map(({ statistics }) => statistics.models[name])] as const
  ).filter(([, figures]) => figures.filter((found) => found).length > 1);
  return {
    runs: cards.map(({ run_id }) => run_id),
    portfolio: figureRows(cards.map(({ statistics }) => statistics.portfolio)),
    models: Object.fromEntries(shared.map(([name, figures]) => [name, figureRows(figures)])),
    plan: planDifferences(cards.map(({ plan }) => plan)),
    data: fingerprints(cards.map(({ data }) => data.fingerprint)),
    code: fingerprints(cards.map(({ code }) => code.fingerprint)),
  };
}

function figureRows(accounts: readonly (CardStatistics | undefined)[]): readonly FigureRow[] {
  const first = accounts.find((account) => account !== undefined)!;
  // order: as the card lists its figures
  const figures = Object.keys(first) as (keyof CardStatistics)[];
  return figures.map((figure) => {
    const values = accounts.map((account) => account?.[figure] ?? null);
    const [from, to] = values;
    const numeric = values.length === 2 && typeof from === "number" && typeof to === "number";
    return { figure, values, difference: numeric ? to - from : null };
  });
}

/** Every leaf at which the plans are not all equal, paths in order. */
function planDifferences(plans: readonly unknown[]): readonly PlanDifference[] {
  const leaves = plans.map((plan) => new Map(leavesOf(plan, [])));
  const paths = [...new Set(leaves.flatMap((found) => [...found.keys()]))].sort();
  return paths.flatMap((path) => {
    const values = leaves.map((found) => found.get(path));
    const texts = new Set(values.map((value) => value === undefined ? "" : canonicalJson(value)));
    return texts.size === 1 ? [] : [{ path, values }];
  });
}

type Leaf = readonly [path: string, value: unknown];

/** Everything in a plan that has no further parts. Lists of named things are told apart by name, not by place. */
function leavesOf(value: unknown, path: readonly string[]): readonly Leaf[] {
  if (Array.isArray(value)) {
    const names = value.map(nameOf);
    if (value.length > 0 && names.every((name) => name !== undefined)) {
      return value.flatMap((item, place) => leavesOf(item, [...path, names[place]!]));
    }
    return [[path.join("."), value]];
  }
  if (typeof value === "object" && value !== null) {
    // order: paths are sorted by compareCards()
    const entries = Object.entries(value).filter(([key]) => !NAMING.includes(key));
    if (entries.length === 0) return [[path.join("."), value]];
    return entries.flatMap(([key, item]) => leavesOf(item, [...path, key]));
  }
  const isMoment = path.length === 1 && MOMENTS.includes(path[0]!) && typeof value === "number";
  return [[path.join("."), isMoment ? formatTime(value) : value]];
}

/** What the things in a list are called. */
const NAMING: readonly string[] = ["name", "symbol"];

/** Parts of a plan that are times in milliseconds. */
const MOMENTS: readonly string[] = ["start", "end"];

function nameOf(item: unknown): string | undefined {
  if (typeof item !== "object" || item === null) return undefined;
  const named = item as Readonly<Record<string, unknown>>;
  const name = NAMING.map((key) => named[key]).find((found) => typeof found === "string");
  return name as string | undefined;
}

function fingerprints(found: readonly string[]): Fingerprints {
  return { equal: new Set(found).size === 1, fingerprints: found };
}
