import type { ExperimentCard } from "../../core/experiment.ts";
import type { DeflatedFigures } from "../../report/experiment_honesty.ts";
import {
  deflate,
  experimentStore,
  openDatabase,
  type ResultsDatabase,
  type StoredExperiment,
} from "../../results/mod.ts";
import { RESULTS_ROOT } from "../project.ts";
import { databaseFile } from "../trial.ts";

/** A finished experiment with what the ledger makes of its winner by now. */
export interface OpenExperiment extends StoredExperiment {
  /** Absent without a winner. */
  readonly deflated?: DeflatedFigures;
}

/** Where finished experiments lie. */
export interface ExperimentOptions {
  readonly resultsRoot?: string;
}

/** Opens a finished experiment by its name or the beginning of its id. Refuses none and several. */
export async function openExperiment(
  name: string,
  { resultsRoot = RESULTS_ROOT }: ExperimentOptions = {},
): Promise<OpenExperiment> {
  const store = experimentStore(resultsRoot);
  const stored = await store.find(await store.resolve(name));
  return await withDeflated(stored!, { resultsRoot });
}

/** An experiment with its winner's Sharpe ratio held against all trials on record of its family. */
export async function withDeflated<Stored extends { readonly card: ExperimentCard }>(
  stored: Stored,
  { resultsRoot = RESULTS_ROOT }: ExperimentOptions = {},
): Promise<Stored & { readonly deflated?: DeflatedFigures }> {
  const database = await openDatabase(databaseFile(resultsRoot));
  try {
    const deflated = deflatedWinner(stored.card, database);
    return { ...stored, ...(deflated && { deflated }) };
  } finally {
    database.close();
  }
}

/** Cards of all finished experiments with their winners' figures, by name and id. */
export async function listExperiments(
  { resultsRoot = RESULTS_ROOT }: ExperimentOptions = {},
): Promise<readonly { readonly card: ExperimentCard; readonly deflated?: DeflatedFigures }[]> {
  const cards = (await experimentStore(resultsRoot).list()).toSorted((a, b) =>
    a.name === b.name ? (a.experiment_id < b.experiment_id ? -1 : 1) : a.name < b.name ? -1 : 1
  );
  if (cards.length === 0) return [];
  const database = await openDatabase(databaseFile(resultsRoot));
  try {
    return cards.map((card) => {
      const deflated = deflatedWinner(card, database);
      return { card, ...(deflated && { deflated }) };
    });
  } finally {
    database.close();
  }
}

/** The winner on the data it was chosen on, against every trial on record. */
function deflatedWinner(
  { winner, family, data_set, periods_per_year: periodsPerYear }: ExperimentCard,
  database: ResultsDatabase,
): DeflatedFigures | undefined {
  if (!winner) return undefined;
  const { sharpe, days, skew, kurtosis } = winner.figures;
  const key = { family, dataSet: data_set };
  const deflated = deflate({
    sharpe: sharpe === null ? null : sharpe / Math.sqrt(periodsPerYear),
    ...{ days, skew, kurtosis },
  }, { ...key, count: database.ledgerOf(key), periodsPerYear });
  return deflated && {
    trials: deflated.trials,
    deflatedSharpe: deflated.deflated_sharpe,
    expectedBestSharpe: deflated.expected_best_sharpe,
    minTrackRecordDays: deflated.min_track_record_days,
    detectableSharpe: deflated.detectable_sharpe,
  };
}
