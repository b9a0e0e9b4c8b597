import { stat } from "node:fs/promises";
import type { DatabaseSync } from "node:sqlite";
import type { Millis } from "../core/bars.ts";
import { parseTime } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";

/** One person's word that a model may trade real money, bound to what exactly may trade where. */
export interface PromotionRecord {
  readonly model: string;
  readonly version: string;
  /** Of the plan that may trade. */
  readonly configHash: string;
  /** Of the paper session that speaks for it. */
  readonly paperHash: string;
  /** The broker's own number of the account. */
  readonly accountNumber: string;
  readonly operator: string;
  readonly at: Millis;
}

/** Where approvals are kept in the results database, one row a person; times as `YYYY-MM-DDTHH:MM:SSZ`. */
export const PROMOTION_TABLE = `
CREATE TABLE live_approvals (
  model TEXT NOT NULL,
  version TEXT NOT NULL,
  config_hash TEXT NOT NULL,
  paper_hash TEXT NOT NULL,
  account_number TEXT NOT NULL,
  operator TEXT NOT NULL,
  approved_at TEXT NOT NULL,
  PRIMARY KEY (model, version, config_hash, account_number, operator, approved_at)
) STRICT;
`;

/** Approvals on record, oldest first; none where there is no database or nobody has ever approved. Refuses another file. */
export async function readPromotions(databaseFile: string): Promise<readonly PromotionRecord[]> {
  if (!await stat(databaseFile).then(() => true, () => false)) return [];
  const { DatabaseSync } = await import("node:sqlite"); // not everywhere that this module is bundled for
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(databaseFile, { readOnly: true });
    const table = database.prepare(
      "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'live_approvals'",
    ).get();
    if (!table) return [];
    return database.prepare("SELECT * FROM live_approvals ORDER BY approved_at, operator").all()
      .map((row) => ({
        model: String(row.model),
        version: String(row.version),
        configHash: String(row.config_hash),
        paperHash: String(row.paper_hash),
        accountNumber: String(row.account_number),
        operator: String(row.operator),
        at: parseTime(String(row.approved_at)),
      }));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Refusal(`Cannot read approvals in ${databaseFile}: ${reason}`, { cause });
  } finally {
    database?.close();
  }
}
