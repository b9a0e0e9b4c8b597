import type { Assignment } from "../../core/search_space.ts";

/** Trials that are proposed together: none of them depends on another's score. */
export interface Batch {
  readonly count: number;
  /** Combinations that a constraint or a model's own check left out on the way to these. */
  readonly excluded: number;
  /** What trial `place` sets, 0 to `count` - 1; always the same for the same place. */
  at(place: number): Assignment;
}

/** What may be tried beside what the space says: the models' own checks. */
export interface SearchOptions {
  readonly accepts?: ((assignment: Assignment) => boolean) | undefined;
}
