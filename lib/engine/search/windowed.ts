import type { Assignment, SearchSpace } from "../../core/search_space.ts";
import type { Batch, SearchOptions } from "./batch.ts";
import { type MethodSettings, search } from "./search.ts";

/** A search that is made anew on each of several training ranges. */
export interface WindowedSearch {
  /**
   * Batches of combinations that no window tried before. Each is answered with a score of every trial on every window, those of
   * the first trial first: what one window tried, another may want to know of.
   */
  readonly trials: Generator<Batch, void, Float64Array>;
  /** By window: places of the trials that its own search proposed. Complete once the search is through. */
  readonly pools: readonly (readonly number[])[];
}

/**
 * One search after the other, each told the scores on its own window alone, so that what it proposes cannot hang on any other.
 * All begin with the same seed: where they propose the same, it is tried once.
 */
export function windowedSearch(
  space: SearchSpace,
  settings: MethodSettings,
  { windows, ...options }: SearchOptions & { readonly windows: number },
): WindowedSearch {
  const pools = Array.from({ length: windows }, (): number[] => []);
  return { trials: windowAfterWindow(pools, () => search(space, settings, options)), pools };
}

function* windowAfterWindow(
  pools: readonly number[][],
  begin: () => ReturnType<typeof search>,
): ReturnType<typeof search> {
  const tried = new Trials(pools.length);
  let excluded = 0;
  for (const [window, pool] of pools.entries()) {
    const own = begin();
    for (let step = own.next(); !step.done;) {
      const proposed = step.value;
      excluded += proposed.excluded;
      const { places, fresh } = tried.placesOf(proposed);
      if (fresh.length > 0) {
        tried.learn(yield { count: fresh.length, excluded, at: (i) => proposed.at(fresh[i]!) });
        excluded = 0;
      }
      pool.push(...places);
      step = own.next(Float64Array.from(places, (place) => tried.score(place, window)));
    }
  }
}

/** What was tried, by place, and its scores on every window. */
class Trials {
  readonly #windows: number;
  readonly #places = new Map<string, number>();
  readonly #scores: number[] = [];

  constructor(windows: number) {
    this.#windows = windows;
  }

  /** Places of proposals, and which of them are new; a new one has the next place. */
  placesOf({ count, at }: Batch): { readonly places: Int32Array; readonly fresh: number[] } {
    const fresh: number[] = [];
    const places = Int32Array.from({ length: count }, (_, i) => {
      const key = keyOf(at(i));
      const known = this.#places.get(key);
      if (known !== undefined) return known;
      const place = this.#places.size;
      this.#places.set(key, place);
      fresh.push(i);
      return place;
    });
    return { places, fresh };
  }

  /** Takes the scores of the newest trials. */
  learn(scores: Float64Array): void {
    for (const score of scores) this.#scores.push(score);
    const expected = this.#places.size * this.#windows;
    if (this.#scores.length !== expected) {
      throw new TypeError(`Found ${this.#scores.length} scores, expected ${expected}`);
    }
  }

  score(place: number, window: number): number {
    return this.#scores[place * this.#windows + window]!;
  }
}

function keyOf(assignment: Assignment): string {
  return JSON.stringify(assignment.map((value) => value === undefined ? [] : [value]));
}
