import { stat } from "node:fs/promises";
import { parseDate, parseTime } from "../core/clock.ts";
import { didYouMean, Refusal } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import type { Proofs } from "../core/proofs.ts";
import {
  type Attribution,
  attributionAt,
  type AttributionTables,
  cardText,
  compareCards,
  type Comparison,
  type Deflated,
  openDatabase,
  openTables,
  proofStore,
  type RegimeStatistics,
  type RunCard,
  type RunFilter,
  type RunRow,
  runStore,
  type StoredTables,
} from "../results/mod.ts";
import { deflatedOnRecord, withDeflated } from "./deflated.ts";
import { RESULTS_ROOT } from "./project.ts";
import { type DataQuality, storedQuality } from "./quality.ts";
import { databaseFile } from "./trial.ts";

/** A finished run, opened: its card at once, its tables when asked for. */
export interface OpenRun {
  readonly id: string;
  readonly folder: string;
  readonly card: RunCard;
  readonly tables: StoredTables;
  /** What it can show for itself, as far as that was made. */
  readonly proofs: Proofs;
  /** What validation said of the files behind it, when it last looked at these data. */
  readonly quality?: DataQuality;
  /** Its Sharpe ratio against all trials on record by now; absent where there are none. */
  readonly deflated?: Deflated;
  /** Names of proofs that are on file and not to be believed: changed, or those of another run. */
  readonly damagedProofs: readonly string[];
}

/** Opens a run by its id or any unique beginning of it. Refuses an unknown or ambiguous one. */
export async function openRun(
  idOrPrefix: string,
  { resultsRoot = RESULTS_ROOT }: { resultsRoot?: string } = {},
): Promise<OpenRun> {
  const store = runStore(resultsRoot);
  const id = await store.resolve(idOrPrefix);
  const { folder, card } = (await store.find(id))!;
  const binding = { run_id: id, card: sha256(cardText(card)) };
  const { proofs, damaged } = await proofStore(resultsRoot).read(binding);
  const quality = await storedQuality(resultsRoot, card.data.fingerprint);
  const deflated = await deflatedOnRecord(card, resultsRoot);
  return {
    id,
    folder,
    card,
    tables: openTables(folder),
    proofs,
    damagedProofs: damaged,
    ...(quality && { quality }),
    ...(deflated && { deflated }),
  };
}

/** Runs side by side (FR-065), in the order given. */
export async function compareRuns(
  idsOrPrefixes: readonly string[],
  options: { resultsRoot?: string } = {},
): Promise<RunsCompared> {
  const runs: OpenRun[] = [];
  for (const id of idsOrPrefixes) runs.push(await openRun(id, options));
  const cards = runs.map(({ card }) => card);
  return {
    comparison: compareCards(cards),
    cards,
    proofs: runs.map(({ proofs }) => proofs),
    damagedProofs: runs.map(({ damagedProofs }) => damagedProofs),
    deflated: runs.map(({ deflated }) => deflated),
  };
}

/** What is compared, the cards it is compared from, and what each run can show for itself. */
export interface RunsCompared {
  readonly comparison: Comparison;
  readonly cards: readonly RunCard[];
  readonly proofs: readonly Proofs[];
  /** For each run the names of proofs that are on file and not to be believed. */
  readonly damagedProofs: readonly (readonly string[])[];
  readonly deflated: readonly (Deflated | undefined)[];
}

/** How a run's position of `symbol` came about (FR-062); `at` is a date (00:00 UTC) or a moment in ISO form. */
export async function attributionOf(
  { id, card, tables }: OpenRun,
  { symbol, at }: { symbol: string; at: string },
): Promise<Attribution> {
  const symbols = Object.keys(card.statistics.assets);
  if (!symbols.includes(symbol)) {
    throw new Refusal(
      `--symbol: found "${symbol}"${didYouMean(symbol, symbols)}, ` +
        `expected an asset of run ${id}: ${symbols.join(", ")}`,
    );
  }
  const time = momentOf(at);
  const names = [
    ...["nav", "models", "weights", "orders"] as const,
    ...["trades", "bookings", "attribution", "risk"] as const,
    // A run of an earlier version has none.
    ...(Object.hasOwn(card.artefacts, "features.parquet") ? ["features"] as const : []),
  ];
  const read = await Promise.all(names.map(async (name) => [name, await tables[name]()] as const));
  const found = Object.fromEntries(read) as unknown as AttributionTables;
  return attributionAt(found, { run: id, symbol, at: time });
}

function momentOf(at: string): number {
  try {
    return at.includes("T") ? parseTime(at) : parseDate(at);
  } catch {
    throw new Refusal(
      `--at: found "${at}", expected a date or moment, 2022-06-01 or 2022-06-01T12:00:00Z`,
      { exitCode: 2 },
    );
  }
}

/** Performance of a run by regime (FR-063). Refuses a run that was not told of regimes. */
export function regimesOf({ id, card }: OpenRun): RegimeStatistics {
  const { regimes } = card.statistics;
  if (!regimes) throw new Refusal(`Run ${id} was not told of any regime, nothing to show`);
  return regimes;
}

/** A run as it is listed, with what is left of its Sharpe ratio; null where the ledger has no figures of it. */
export interface ListedRun extends RunRow {
  readonly deflated: Deflated | null;
}

/** Runs on record, newest first (FR-064); none where nothing was ever stored. */
export async function listRuns(
  filter: RunFilter = {},
  { resultsRoot = RESULTS_ROOT }: { resultsRoot?: string } = {},
): Promise<readonly ListedRun[]> {
  const file = databaseFile(resultsRoot);
  // Asking must not make a database where there is none.
  if (!await stat(file).then(() => true, () => false)) return [];
  const database = await openDatabase(file);
  try {
    return withDeflated(database, database.listRuns(filter));
  } finally {
    database.close();
  }
}
