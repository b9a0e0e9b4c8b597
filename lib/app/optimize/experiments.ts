import type { ExperimentCard } from "../../core/experiment.ts";
import type { DeflatedFigures } from "../../report/experiment_honesty.ts";
import {
  deflate,
  experimentStore,
  type LedgerCount,
  openDatabase,
  type ResultsDatabase,
  type StoredExperiment,
} from "../../results/mod.ts";
import { NOTEBOOK_DISPLAY } from "../../report/charts/chart.ts";
import { showExperiment } from "../../report/show_experiment.ts";
import { RESULTS_ROOT } from "../project.ts";
import { databaseFile } from "../trial.ts";

/** A finished experiment with what the ledger makes of its winner by now. */
export interface OpenExperiment extends StoredExperiment {
  /** Absent without a winner. */
  readonly deflated?: DeflatedFigures;
  /** Older experiments of the same name, the newest first. */
  readonly namesakes?: readonly ExperimentCard[];
}

/** Where finished experiments lie. */
export interface ExperimentOptions {
  readonly resultsRoot?: string;
}

/** Opens a finished experiment by its name, the newest of several, or the beginning of its id; it shows itself in a notebook. */
export async function openExperiment(
  name: string,
  { resultsRoot = RESULTS_ROOT }: ExperimentOptions = {},
): Promise<OpenExperiment> {
  const store = experimentStore(resultsRoot);
  const [newest, ...namesakes] = await store.matching(name);
  const stored = await store.find(newest.experiment_id);
  const opened = await withDeflated(stored!, { resultsRoot });
  return showingItself(namesakes.length === 0 ? opened : { ...opened, namesakes });
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

/** Experiments as they are listed. */
export interface ListedExperiments {
  /** Cards with their winners' figures, by name and id. */
  readonly experiments: readonly {
    readonly card: ExperimentCard;
    readonly deflated?: DeflatedFigures;
  }[];
  /** One line for each that is damaged and left out, with what to do. */
  readonly warnings: readonly string[];
}

/** All finished experiments; a damaged one is left out with a warning. */
export async function listExperiments(
  { resultsRoot = RESULTS_ROOT }: ExperimentOptions = {},
): Promise<ListedExperiments> {
  const { cards, damaged } = await experimentStore(resultsRoot).list();
  const warnings = damaged.map(({ id, name, damage }) =>
    `experiment ${name === undefined ? id : `${name} (${id})`} is left out: ${damage.message}`
  );
  if (cards.length === 0) return { experiments: [], warnings };
  const sorted = cards.toSorted((a, b) =>
    a.name === b.name ? (a.experiment_id < b.experiment_id ? -1 : 1) : a.name < b.name ? -1 : 1
  );
  const database = await openDatabase(databaseFile(resultsRoot));
  try {
    const experiments = sorted.map((card) => {
      const deflated = deflatedWinner(card, database);
      return { card, ...(deflated && { deflated }) };
    });
    return { experiments, warnings };
  } finally {
    database.close();
  }
}

/** The same with what notebooks ask a value for: its verdict, its best trials and the main charts. */
export function showingItself<Opened extends OpenExperiment>(opened: Opened): Opened {
  const display = async () => {
    const shown = await showExperiment(opened);
    return (shown as unknown as { [NOTEBOOK_DISPLAY](): unknown })[NOTEBOOK_DISPLAY]();
  };
  return Object.defineProperty({ ...opened }, NOTEBOOK_DISPLAY, { value: display });
}

/** What the ledger counts for an experiment by now. */
export async function ledgerCountOf(
  { family, data_set }: ExperimentCard,
  { resultsRoot = RESULTS_ROOT }: ExperimentOptions = {},
): Promise<LedgerCount> {
  const database = await openDatabase(databaseFile(resultsRoot));
  try {
    return database.ledgerOf({ family, dataSet: data_set });
  } finally {
    database.close();
  }
}

function deflatedWinner(
  card: ExperimentCard,
  database: ResultsDatabase,
): DeflatedFigures | undefined {
  if (!card.winner) return undefined;
  return deflatedBy(card, database.ledgerOf({ family: card.family, dataSet: card.data_set }));
}

/** The winner on the data it was chosen on, against so many trials; undefined without either. */
export function deflatedBy(
  { winner, family, data_set: dataSet, periods_per_year: periodsPerYear }: ExperimentCard,
  count: LedgerCount | undefined,
): DeflatedFigures | undefined {
  if (!winner) return undefined;
  const { sharpe, days, skew, kurtosis } = winner.figures;
  const deflated = deflate({
    sharpe: sharpe === null ? null : sharpe / Math.sqrt(periodsPerYear),
    ...{ days, skew, kurtosis },
  }, { family, dataSet, count, periodsPerYear });
  return deflated && {
    trials: deflated.trials,
    familyTrials: deflated.family_trials,
    deflatedSharpe: deflated.deflated_sharpe,
    expectedBestSharpe: deflated.expected_best_sharpe,
    minTrackRecordDays: deflated.min_track_record_days,
    detectableSharpe: deflated.detectable_sharpe,
  };
}
