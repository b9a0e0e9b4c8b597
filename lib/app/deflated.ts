import { stat } from "node:fs/promises";
import {
  deflate,
  type Deflated,
  deflatedOf,
  hasSqlite,
  type LedgerCount,
  type LedgerKey,
  ledgerKeyOfCard,
  openDatabase,
  type ResultsDatabase,
  type RunCard,
  type RunRow,
} from "../results/mod.ts";
import { databaseFile } from "./trial.ts";

/** What the ledger of a results folder counts for each run; undefined where there is none, or no SQLite to read it with. */
export async function ledgerCounts(
  cards: readonly RunCard[],
  root: string,
): Promise<readonly (LedgerCount | undefined)[]> {
  const file = databaseFile(root);
  // Asking must not make a record where there is none.
  const isThere = await stat(file).then(() => true, () => false);
  if (!isThere || !await hasSqlite()) return cards.map(() => undefined);
  const database = await openDatabase(file);
  try {
    return cards.map((card) => database.ledgerOf(ledgerKeyOfCard(card)));
  } finally {
    database.close();
  }
}

/** A run's Sharpe ratio against all trials on record by now; undefined where there are none. */
export async function deflatedOnRecord(
  card: RunCard,
  root: string,
): Promise<Deflated | undefined> {
  const [count] = await ledgerCounts([card], root);
  return deflatedOf(card, count);
}

/** Listed runs with their Sharpe ratios against all trials on record; each family is counted once. */
export function withDeflated<Row extends Pick<RunRow, "run_id" | "periods_per_year">>(
  database: ResultsDatabase,
  rows: readonly Row[],
): readonly (Row & { readonly deflated: Deflated | null })[] {
  const results = database.resultsOf(rows.map(({ run_id }) => run_id));
  const counts = new Map<string, LedgerCount>();
  const countOf = (key: LedgerKey) => {
    const name = JSON.stringify([key.family, key.dataSet]);
    const count = counts.get(name) ?? database.ledgerOf(key);
    counts.set(name, count);
    return count;
  };
  return rows.map((row) => {
    const found = results.get(row.run_id);
    if (!found) return { ...row, deflated: null };
    const facts = { ...found, count: countOf(found), periodsPerYear: row.periods_per_year };
    return { ...row, deflated: deflate(found.result, facts) ?? null };
  });
}
