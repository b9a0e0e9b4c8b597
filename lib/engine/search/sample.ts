import { type Random, seededRandom } from "../../core/random.ts";
import type { Assignment, SearchSpace } from "../../core/search_space.ts";
import type { Batch, SearchOptions } from "./batch.ts";
import { type Candidates, candidatesOf, shuffledPoints } from "./candidates.ts";
import { sobolPoints } from "./sobol.ts";
import { type Point, sizeOf } from "./unit.ts";

/** How a sample is drawn; spelled as in YAML. */
export interface SampleSettings {
  readonly sampling: "random" | "latin_hypercube" | "sobol";
  readonly trials: number;
  readonly seed: number;
}

/** A combination that was drawn, and where it lies. */
export interface Drawn {
  readonly point: Point;
  readonly assignment: Assignment;
}

/**
 * Different combinations drawn by chance or evenly. Fewer than asked for where the space has no more, or where rules
 * leave out nearly everything that is drawn. Throws Refusal when nothing is left.
 */
export function sampleBatch(
  space: SearchSpace,
  settings: SampleSettings,
  options: SearchOptions = {},
): Batch {
  const candidates = candidatesOf(space, options);
  const drawn = drawSample(space, settings, candidates);
  if (drawn.length === 0) candidates.rules.refuseNone();
  return batchOf(drawn, candidates.rules.excluded());
}

/** Drawn combinations as a batch. */
export function batchOf(drawn: readonly Drawn[], excluded: number): Batch {
  return { count: drawn.length, excluded, at: (place) => drawn[place]!.assignment };
}

/** Combinations that `candidates` has not seen yet, at most `settings.trials`. */
export function drawSample(
  space: SearchSpace,
  { sampling, trials, seed }: SampleSettings,
  candidates: Candidates,
): Drawn[] {
  const random = seededRandom(seed).fork("search sample");
  const points = pointStream(sampling, { dimensions: space.dimensions.length, trials, random });
  const drawn: Drawn[] = [];
  const size = space.dimensions.reduce((product, { choice }) => product * sizeOf(choice), 1);
  // Where all are wanted, chance would find the last of them late.
  const tries = size <= trials ? 0 : 1_000 + 100 * trials;
  for (let i = 0; i < tries && drawn.length < trials; i++) keep(points(), candidates, drawn);
  if (drawn.length === trials) return drawn;
  for (const point of shuffledPoints(space, random.fork("rest"))) {
    keep(point, candidates, drawn);
    if (drawn.length === trials) break;
  }
  return drawn;
}

function keep(point: Point, candidates: Candidates, drawn: Drawn[]): void {
  const assignment = candidates.take(point);
  if (assignment !== undefined) drawn.push({ point, assignment });
}

interface StreamSettings {
  readonly dimensions: number;
  /** Strata of a Latin hypercube. */
  readonly trials: number;
  readonly random: Random;
}

/** Points of the unit cube without end. */
export function pointStream(
  sampling: SampleSettings["sampling"],
  { dimensions, trials, random }: StreamSettings,
): () => Point {
  if (sampling === "random") return () => new Float64Array(dimensions).map(() => random.next());
  if (sampling === "sobol") {
    const shift = new Uint32Array(dimensions).map(() => random.integer(0x1_0000_0000));
    const points = sobolPoints(dimensions, shift);
    let place = 0;
    return () => points(place++);
  }
  let block: Point[] = [];
  return () => {
    if (block.length === 0) block = latinHypercube(dimensions, trials, random).reverse();
    return block.pop()!;
  };
}

/** As many points as strata: in every dimension each of the strata holds one (McKay, Beckman and Conover 1979). */
export function latinHypercube(dimensions: number, strata: number, random: Random): Point[] {
  const columns = Array.from({ length: dimensions }, () => {
    const order = Uint32Array.from({ length: strata }, (_, i) => i);
    for (let i = strata - 1; i > 0; i--) {
      const other = random.integer(i + 1);
      [order[i], order[other]] = [order[other]!, order[i]!];
    }
    return order;
  });
  return Array.from(
    { length: strata },
    (_, i) => Float64Array.from(columns, (order) => (order[i]! + random.next()) / strata),
  );
}
