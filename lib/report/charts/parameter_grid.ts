import { canonicalJson } from "../../core/hash.ts";
import type { ExperimentDimension, TrialRecord } from "../../core/experiment.ts";
import { exp, log } from "../../core/math.ts";
import type { ParameterValue } from "../../core/search_space.ts";
import { type ExperimentSource, isScored, valueText } from "./experiment_source.ts";

/** One parameter cut into places along an axis: its values, or stretches of them. */
export interface ParameterAxis {
  readonly label: string;
  readonly names: readonly string[];
  /** Whether a place holds several values. */
  readonly isBinned: boolean;
  /** The place of a value, or -1. */
  placeOf(value: ParameterValue | null | undefined): number;
}

/** Trials of one cell; the mean is NaN where none has a score. */
export interface GridCell {
  readonly column: number;
  readonly row: number;
  readonly mean: number;
  /** Trials with a score, and all of them. */
  readonly scored: number;
  readonly count: number;
}

/** Scores over two parameters, and what became of the others. */
export interface ParameterGrid {
  readonly x: ParameterAxis;
  readonly y: ParameterAxis;
  readonly cells: readonly GridCell[];
  /** `slice`: only trials that share every other value with the winner. */
  readonly others: "none" | "slice" | "mean";
  readonly winner: GridCell | undefined;
  /** Cells joined to the winner's that keep at least `PLATEAU` of its score, itself among them. */
  readonly plateau: readonly GridCell[];
}

/** Share of the winner's score that its plateau keeps. */
export const PLATEAU = 0.95;

const MOST_PLACES = 40;
const MOST_VALUES = 12;
const BINS = 10;
const UNSET = "not set";

/** The places of the dimension at `at`, by size for numbers, else in the order of its list. */
function parameterAxis({ card, trials }: ExperimentSource, at: number): ParameterAxis {
  const dimension = card.dimensions[at]!;
  const found = trials.map(({ values }) => values[at] ?? null);
  const hasUnset = found.includes(null);
  const axis = dimension.values === undefined
    ? rangeAxis(dimension, found.filter((value) => typeof value === "number"))
    : listAxis(dimension.label, dimension.values);
  if (!hasUnset || axis.placeOf(null) >= 0) return axis;
  const { names } = axis;
  return {
    ...axis,
    names: [...names, UNSET],
    placeOf: (value) => value === null || value === undefined ? names.length : axis.placeOf(value),
  };
}

/**
 * Scores over the dimensions at `x` and `y` (the same one twice: over one alone). Of further parameters the slice through
 * the winner is kept where it fills half of the cells, as in a grid; else their mean.
 */
export function parameterGrid(source: ExperimentSource, x: number, y: number): ParameterGrid {
  const { card, trials } = source;
  const xs = parameterAxis(source, x);
  const ys = x === y
    ? { label: "", names: [""], isBinned: false, placeOf: () => 0 }
    : parameterAxis(source, y);
  const hasOthers = card.dimensions.some((_, place) => place !== x && place !== y);
  const all = cellsOf(trials, { x, y, xs, ys });
  const slice = hasOthers ? sliceOf(source, x, y) : [];
  const sliced = cellsOf(slice, { x, y, xs, ys });
  const isSlice = sliced.length > 1 && sliced.length * 2 > all.length;
  const cells = isSlice ? sliced : all;
  const winner = card.winner &&
    cells.find(({ column, row }) =>
      column === xs.placeOf(card.winner!.values[x]) && row === ys.placeOf(card.winner!.values[y])
    );
  return {
    ...{ x: xs, y: ys, cells },
    others: !hasOthers ? "none" : isSlice ? "slice" : "mean",
    winner: winner ?? undefined,
    plateau: winner ? plateauOf(cells, winner) : [],
  };
}

function listAxis(label: string, values: readonly ParameterValue[]): ParameterAxis {
  const sorted = values.every((value) => typeof value === "number")
    ? values.toSorted((a, b) => Number(a) - Number(b))
    : values;
  const keys = [...new Set(sorted.map((value) => canonicalJson(value)))];
  const size = Math.ceil(keys.length / MOST_PLACES);
  const places = new Map(keys.map((key, place) => [key, Math.floor(place / size)]));
  const texts = keys.map((key) => valueText(JSON.parse(key)));
  // A number and a word may read alike.
  const shown = new Set(texts).size === texts.length ? texts : keys;
  const names = Array.from({ length: Math.ceil(keys.length / size) }, (_, place) => {
    const last = Math.min(keys.length, (place + 1) * size) - 1;
    return size === 1 ? shown[place]! : `${shown[place * size]!}–${shown[last]!}`;
  });
  return {
    ...{ label, names, isBinned: size > 1 },
    placeOf: (value) => value === undefined ? -1 : places.get(canonicalJson(value)) ?? -1,
  };
}

function rangeAxis(dimension: ExperimentDimension, found: readonly number[]): ParameterAxis {
  const distinct = [...new Set(found)];
  if (distinct.length <= MOST_VALUES) return listAxis(dimension.label, distinct);
  const { label, log: isLog = false } = dimension;
  const low = dimension.low ?? distinct.reduce((least, value) => Math.min(least, value));
  const high = dimension.high ?? distinct.reduce((most, value) => Math.max(most, value));
  const edges = Array.from(
    { length: BINS },
    (_, place) =>
      isLog
        ? exp(log(low) + (log(high) - log(low)) * place / BINS)
        : low + (high - low) * place / BINS,
  );
  return {
    ...{ label, isBinned: true },
    names: edges.map((edge) => `≥ ${Number(edge.toPrecision(3))}`),
    placeOf: (value) =>
      typeof value === "number" ? Math.max(0, edges.findLastIndex((edge) => edge <= value)) : -1,
  };
}

/** Trials that differ from the winner in the two parameters only. */
function sliceOf({ card, trials }: ExperimentSource, x: number, y: number): readonly TrialRecord[] {
  const others = (values: TrialRecord["values"]) =>
    canonicalJson(values.map((value, place) => place === x || place === y ? 0 : value));
  const wanted = card.winner && others(card.winner.values);
  return trials.filter(({ values }) => others(values) === wanted);
}

function cellsOf(
  trials: readonly TrialRecord[],
  { x, y, xs, ys }: {
    readonly x: number;
    readonly y: number;
    readonly xs: ParameterAxis;
    readonly ys: ParameterAxis;
  },
): readonly GridCell[] {
  const cells = new Map<number, GridCell>();
  for (const trial of trials) {
    const column = xs.placeOf(trial.values[x] ?? null);
    const row = ys.placeOf(trial.values[y] ?? null);
    if (column < 0 || row < 0) continue;
    const key = row * xs.names.length + column;
    const { mean, scored, count } = cells.get(key) ?? { mean: NaN, scored: 0, count: 0 };
    const sum = (scored === 0 ? 0 : mean * scored) + (isScored(trial) ? trial.score : 0);
    const now = scored + (isScored(trial) ? 1 : 0);
    cells.set(key, {
      ...{ column, row, scored: now, count: count + 1 },
      mean: now === 0 ? NaN : sum / now,
    });
  }
  return [...cells.entries()].sort(([a], [b]) => a - b).map(([, cell]) => cell);
}

function plateauOf(cells: readonly GridCell[], winner: GridCell): readonly GridCell[] {
  const least = winner.mean - (1 - PLATEAU) * Math.abs(winner.mean);
  const waiting = [winner];
  const reached = new Set(waiting);
  for (let cell = waiting.pop(); cell; cell = waiting.pop()) {
    const { column, row } = cell;
    for (const other of cells) {
      const isNext = Math.abs(other.column - column) + Math.abs(other.row - row) === 1;
      if (!isNext || !(other.mean >= least) || reached.has(other)) continue;
      reached.add(other);
      waiting.push(other);
    }
  }
  return cells.filter((cell) => reached.has(cell));
}
