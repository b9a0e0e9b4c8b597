import { canonicalJson } from "../../core/hash.ts";
import type { ExperimentDimension } from "../../core/experiment.ts";
import { exp, log } from "../../core/math.ts";
import type { ParameterValue } from "../../core/search_space.ts";
import { formatNumber } from "../format.ts";
import { objectiveTitle } from "../trial_figure_text.ts";
import { type ExperimentSource, type ScoredTrial, valueText } from "./experiment_source.ts";

/** An upright axis from 0 at the bottom to 1 at the top. */
export interface ParallelAxis {
  readonly label: string;
  readonly ticks: readonly { readonly share: number; readonly text: string }[];
  shareOf(trial: ScoredTrial): number;
}

/** So many values of a list have a name each. */
const MOST_NAMES = 10;

/** Where values that were not set are drawn: at the foot, below all others. */
const FOOT = 0.12;

/** The parameters of an experiment in their order, and the score as the last. */
export function parallelAxes(
  { card, trials }: ExperimentSource,
  { scores, digits }: { readonly scores: readonly number[]; readonly digits: number },
): readonly ParallelAxis[] {
  const [high, low] = [scores[0]!, scores.at(-1)!];
  const score: ParallelAxis = {
    label: objectiveTitle(card.objective),
    ticks: (low === high ? [0.5] : [0, 0.25, 0.5, 0.75, 1]).map((share) => ({
      share,
      text: formatNumber(low + (high - low) * share, digits),
    })),
    shareOf: (trial) => low === high ? 0.5 : (trial.score - low) / (high - low),
  };
  const axes = card.dimensions.map((dimension, at) =>
    parameterScale(dimension, trials.map(({ values }) => values[at] ?? null), at)
  );
  return [...axes, score];
}

function parameterScale(
  dimension: ExperimentDimension,
  found: readonly (ParameterValue | null)[],
  at: number,
): ParallelAxis {
  const isUnset = (value: ParameterValue | undefined) =>
    value === undefined || (value === null && !dimension.values?.includes(null));
  const foot = found.some(isUnset) ? FOOT : 0;
  const scale = dimension.values
    ? listScale(dimension.values)
    : rangeScale(dimension, found.filter((value) => typeof value === "number"));
  const lifted = (share: number) => foot + (1 - foot) * share;
  return {
    label: dimension.label,
    ticks: [
      ...(foot > 0 ? [{ share: 0, text: "not set" }] : []),
      ...scale.ticks.map(({ share, text }) => ({ share: lifted(share), text })),
    ],
    shareOf({ values }) {
      const value = values[at];
      return isUnset(value) ? 0 : lifted(scale.shareOf(value!));
    },
  };
}

interface Scale {
  readonly ticks: ParallelAxis["ticks"];
  shareOf(value: ParameterValue): number;
}

/** Values at equal distances: numbers by size, others in the order of the list. */
function listScale(values: readonly ParameterValue[]): Scale {
  const sorted = values.every((value) => typeof value === "number")
    ? values.toSorted((a, b) => Number(a) - Number(b))
    : values;
  const places = new Map(sorted.map((value, place) => [canonicalJson(value), place]));
  const share = (place: number) => sorted.length < 2 ? 0.5 : place / (sorted.length - 1);
  const every = Math.ceil(sorted.length / MOST_NAMES);
  return {
    ticks: sorted.flatMap((value, place) =>
      place % every === 0 ? [{ share: share(place), text: valueText(value) }] : []
    ),
    shareOf: (value) => share(places.get(canonicalJson(value)) ?? 0),
  };
}

function rangeScale(dimension: ExperimentDimension, found: readonly number[]): Scale {
  const low = dimension.low ?? found.reduce((least, value) => Math.min(least, value), Infinity);
  const high = dimension.high ?? found.reduce((most, value) => Math.max(most, value), -Infinity);
  const isLog = dimension.log === true && low > 0;
  const [from, to] = isLog ? [log(low), log(high)] : [low, high];
  const shareOf = (value: ParameterValue) => {
    const at = isLog ? log(Number(value)) : Number(value);
    return to > from ? Math.max(0, Math.min(1, (at - from) / (to - from))) : 0.5;
  };
  const ticks = (to > from ? [0, 0.25, 0.5, 0.75, 1] : [0.5]).map((share) => {
    const at = to > from ? from + (to - from) * share : from;
    return { share, text: String(Number((isLog ? exp(at) : at).toPrecision(3))) };
  });
  return { ticks: Number.isFinite(from) ? ticks : [], shareOf };
}
