import type { Assignment } from "../../core/search_space.ts";
import type { Batch } from "../../engine/search/batch.ts";

/** One trial of a search as far as it has come. */
export interface SearchedTrial {
  readonly runId: string;
  readonly batch: number;
  readonly assignment: Assignment;
  /** Figures of the whole range, then of each slice; NaN throughout when it failed. */
  readonly figures: Float64Array;
  readonly failure: string | null;
}

/** Trials of a search by place, packed: a hundred thousand of them take some megabytes. */
export interface TrialTable {
  readonly count: number;
  /** Made anew at every call; its figures are the table's own, not to be written to. */
  at(place: number): SearchedTrial;
  failure(place: number): string | null;
  figures(place: number): Float64Array;
}

/** A table that grows by whole batches. */
export interface GrowingTable extends TrialTable {
  /** Makes room for a batch; its trials' places begin where the others end. */
  append(batch: Batch, number: number): void;
  setRunId(place: number, runId: string): void;
  runId(place: number): string;
  settle(place: number, trial: Pick<SearchedTrial, "figures" | "failure">): void;
}

const CHUNK = 4_096;

/** An empty table of trials with `width` figures each. */
export function trialTable(width: number): GrowingTable {
  const chunks: Float64Array[] = [];
  const failures = new Map<number, string>();
  const runIds: string[] = [];
  const batches: { readonly offset: number; readonly number: number; readonly batch: Batch }[] = [];
  let count = 0;
  const batchOf = (place: number) => batches.findLast(({ offset }) => offset <= place)!;
  const figures = (place: number) => {
    const start = place % CHUNK * width;
    return chunks[Math.floor(place / CHUNK)]!.subarray(start, start + width);
  };
  const failure = (place: number) => failures.get(place) ?? null;
  return {
    get count() {
      return count;
    },
    append(batch, number) {
      batches.push({ offset: count, number, batch });
      count += batch.count;
      while (chunks.length * CHUNK < count) chunks.push(new Float64Array(CHUNK * width).fill(NaN));
    },
    setRunId(place, runId) {
      runIds[place] = runId;
    },
    runId: (place) => runIds[place]!,
    settle(place, trial) {
      figures(place).set(trial.figures);
      if (trial.failure !== null) failures.set(place, trial.failure);
    },
    at(place) {
      const { offset, number, batch } = batchOf(place);
      return {
        runId: runIds[place]!,
        batch: number,
        assignment: batch.at(place - offset),
        figures: figures(place),
        failure: failure(place),
      };
    },
    failure,
    figures,
  };
}
