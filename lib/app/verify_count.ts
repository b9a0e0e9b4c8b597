import { canonicalJson } from "../core/hash.ts";
import type { LedgerCount, LedgerKey, ResultsDatabase } from "../results/mod.ts";

/** Whether a page says that no trials were counted: it claims nothing that could be wrong. */
export function countsNothing({ ledgerText = "null" }: { readonly ledgerText?: string }): boolean {
  return ledgerText === "null";
}

/**
 * What is wrong with the count of trials that a page carries, in words; undefined where the ledger gave it at the entry that
 * the page names. That entry cannot be older than `since`, what the page itself needed on record.
 */
export function wrongCount(
  onPage: LedgerCount | undefined,
  database: ResultsDatabase,
  { key, since }: { readonly key: LedgerKey; readonly since: number | undefined },
): string | undefined {
  if (!onPage?.entry) return "it names no entry of the ledger that its trials were counted at";
  const { seq, hash } = onPage.entry;
  if (since !== undefined && seq < since) {
    return `its trials were counted at entry ${seq} of the ledger, before its own at entry ${since}`;
  }
  const now = database.ledgerOf(key, { upTo: seq });
  if (now.entry === null || now.entry.hash !== hash) {
    return `entry ${seq} of the ledger, at which its trials were counted, is not on this ledger`;
  }
  if (canonicalJson(now) === canonicalJson(onPage)) return undefined;
  return `it counts ${countText(onPage)}; the ledger counts ${countText(now)} at entry ${seq}`;
}

function countText({ trials, related }: LedgerCount): string {
  return `${trials} trials, ${related.trials} related`;
}
