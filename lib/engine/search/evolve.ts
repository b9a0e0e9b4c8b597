import { type Random, seededRandom } from "../../core/random.ts";
import type { Choice, SearchSpace } from "../../core/search_space.ts";
import type { Batch, SearchOptions } from "./batch.ts";
import { type Candidates, candidatesOf, shuffledPoints } from "./candidates.ts";
import { gridPoints } from "./grid.ts";
import { batchOf, type Drawn, drawSample, pointStream, type SampleSettings } from "./sample.ts";
import { type Point, valueAt } from "./unit.ts";

/** How generations are bred; spelled as in YAML, shares are chances from 0 to 1. */
export interface EvolveSettings extends Omit<SampleSettings, "trials"> {
  readonly max_trials: number;
  readonly evolution: {
    readonly population: number;
    readonly generations: number;
    readonly start: "sample" | "grid";
    readonly elite: number;
    readonly tournament: number;
    readonly crossover: number;
    readonly mutation: number;
  };
}

/** How far a changed number moves at most, as a share of its range. */
const STEP = 0.1;
/** Children that are bred in vain before one is drawn by chance instead. */
const MOST_TRIES = 20;

interface Parent extends Drawn {
  /** Higher is better; -Infinity for a trial without one. */
  readonly score: number;
}

/**
 * A sample or a grid, then generation after generation bred from the best: tournaments choose parents, children mix them
 * parameter by parameter, some are changed, and the elite stays among the parents. Nothing is proposed twice; it ends
 * early when there is nothing new. Each batch is answered with its scores. Throws Refusal when nothing may be tried.
 */
export function* evolve(
  space: SearchSpace,
  settings: EvolveSettings,
  options: SearchOptions = {},
): Generator<Batch, void, Float64Array> {
  const { population, generations, elite } = settings.evolution;
  const candidates = candidatesOf(space, options);
  const random = seededRandom(settings.seed).fork("search evolution");
  let excluded = 0;
  let drawn = firstGeneration(space, settings, candidates);
  if (drawn.length === 0) candidates.rules.refuseNone();
  let best: Parent[] = [];
  for (let generation = 1;; generation++) {
    const before = excluded;
    excluded = candidates.rules.excluded();
    const scores = yield batchOf(drawn, excluded - before);
    if (generation === generations) return;
    const scored = withScores(drawn, scores);
    const parents = ranked([...best, ...scored]).slice(0, population);
    best = parents.slice(0, elite);
    drawn = nextGeneration(space, { settings, parents, candidates, random });
    if (drawn.length === 0) return;
  }
}

function firstGeneration(
  space: SearchSpace,
  { sampling, seed, max_trials, evolution: { start, population } }: EvolveSettings,
  candidates: Candidates,
): Drawn[] {
  if (start === "sample") {
    return drawSample(space, { sampling, seed, trials: population }, candidates);
  }
  return [...gridPoints(space, max_trials)].flatMap((point) => {
    const assignment = candidates.take(point);
    return assignment === undefined ? [] : [{ point, assignment }];
  });
}

function withScores(drawn: readonly Drawn[], scores: Float64Array): Parent[] {
  if (scores?.length !== drawn.length) {
    throw new TypeError(`A batch of ${drawn.length} trials needs as many scores`);
  }
  return drawn.map((one, i) => ({
    ...one,
    score: Number.isNaN(scores[i]) ? -Infinity : scores[i]!,
  }));
}

/** Best first; equals stay in their order, the earlier trial first. */
function ranked(parents: readonly Parent[]): Parent[] {
  return parents.toSorted((a, b) => a.score === b.score ? 0 : b.score - a.score);
}

interface Breeding {
  readonly settings: EvolveSettings;
  readonly parents: readonly Parent[];
  readonly candidates: Candidates;
  readonly random: Random;
}

function nextGeneration(space: SearchSpace, breeding: Breeding): Drawn[] {
  const { settings: { evolution }, candidates, random } = breeding;
  const dimensions = space.dimensions.length;
  const fresh = pointStream("random", { dimensions, trials: 1, random });
  const drawn: Drawn[] = [];
  for (let child = 0; child < evolution.population - evolution.elite; child++) {
    const found = firstNew(candidates, MOST_TRIES, (i) => bred(space, breeding, i > 0)) ??
      firstNew(candidates, 50 * MOST_TRIES, fresh) ??
      firstOf(shuffledPoints(space, random), candidates);
    if (found === undefined) break;
    drawn.push(found);
  }
  return drawn;
}

function firstNew(
  candidates: Candidates,
  tries: number,
  propose: (i: number) => Point,
): Drawn | undefined {
  for (let i = 0; i < tries; i++) {
    const point = propose(i);
    const assignment = candidates.take(point);
    if (assignment !== undefined) return { point, assignment };
  }
  return undefined;
}

function firstOf(points: Iterable<Point>, candidates: Candidates): Drawn | undefined {
  for (const point of points) {
    const assignment = candidates.take(point);
    if (assignment !== undefined) return { point, assignment };
  }
  return undefined;
}

/** A child of the parents; with `mustChange` at least one of its parameters is changed. */
function bred(space: SearchSpace, breeding: Breeding, mustChange: boolean): Point {
  const { settings: { evolution: { crossover, mutation } }, random } = breeding;
  const mother = chosen(breeding);
  const father = random.next() < crossover ? chosen(breeding) : mother;
  const point = mother.map((unit, i) => random.next() < 0.5 ? unit : father[i]!);
  const forced = mustChange ? random.integer(point.length) : -1;
  return point.map((unit, i) =>
    random.next() < mutation || i === forced
      ? changed(space.dimensions[i]!.choice, unit, random)
      : unit
  );
}

/** The best of a few parents drawn by chance. */
function chosen({ settings: { evolution }, parents, random }: Breeding): Point {
  let best = parents.length;
  for (let i = 0; i < evolution.tournament; i++) {
    best = Math.min(best, random.integer(parents.length));
  }
  return parents[best]!.point;
}

/** Another value: any other of a list, one nearby of a range. */
function changed(choice: Choice, unit: number, random: Random): number {
  if (choice.kind === "list") {
    const { length } = choice.values;
    if (length === 1) return unit;
    const other = (Math.floor(unit * length) + 1 + random.integer(length - 1)) % length;
    return (other + 0.5) / length;
  }
  const before = valueAt(choice, unit);
  // A step within one whole number changes nothing: the next may go further.
  for (let reach = STEP; reach <= 1; reach *= 2) {
    const moved = reflected(unit + reach * (2 * random.next() - 1));
    if (valueAt(choice, moved) !== before) return moved;
  }
  return random.next();
}

/** A coordinate that left the unit interval, thrown back from its end. */
function reflected(unit: number): number {
  const inside = unit < 0 ? -unit : unit >= 1 ? 2 - unit : unit;
  return Math.min(Math.max(inside, 0), 1 - Number.EPSILON);
}
