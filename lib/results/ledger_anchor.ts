import type { DatabaseSync } from "node:sqlite";
import type { Millis } from "../core/bars.ts";
import { Refusal } from "../core/errors.ts";
import { canonicalJson } from "../core/hash.ts";
import { inTransaction } from "../core/transaction.ts";
import { wallTime } from "./database_sql.ts";
import { appendEntry, leadsFrom, type LedgerHead, readHead, replaceHead } from "./ledger.ts";

/** Who wrote a lost head down again, and why. */
export interface Anchor {
  readonly operator: string;
  readonly reason: string;
}

/** An anchor on the chain. */
export interface AnchoredEntry extends Anchor {
  readonly seq: number;
  /** Wall time, ISO. */
  readonly written_at: string;
  /** What stood in the place of the head. */
  readonly found: LedgerHead | "damaged" | "missing";
}

/**
 * Writes the head of a ledger down again where it is lost or not of this chain. That it was lost stays on the chain for
 * good: who did it, why, and what was found. Refuses a head that is in order and a ledger without entries.
 */
export function anchorLedger(
  database: DatabaseSync,
  file: string,
  { operator, reason, at }: Anchor & { readonly at: Millis },
): void {
  inTransaction(database, () => {
    const head = readHead(file);
    if (head !== undefined && head !== "damaged" && leadsFrom(database, head)) {
      throw new Refusal(
        `${file}: found the head of this ledger, expected one that needs an anchor`,
      );
    }
    const found = head ?? "missing";
    appendEntry(database, (seq) => {
      if (seq === 1) throw new Refusal(`${file}: found no entry on the ledger to anchor`);
      return {
        kind: "anchored",
        written_at: wallTime(at),
        ...{ family: "", data_set: "", experiment: null, experiment_id: null, count: 0 },
        digest: canonicalJson({ operator, reason, found }),
      };
    });
    replaceHead(database, file);
  });
}

/** All anchors, in the order of the chain; one that cannot be read is a fault of its hash. */
export function selectAnchors(database: DatabaseSync): readonly AnchoredEntry[] {
  const rows = database.prepare(
    "SELECT seq, written_at, digest FROM ledger WHERE kind = 'anchored' ORDER BY seq",
  ).all() as unknown as readonly { seq: number; written_at: string; digest: string }[];
  return rows.flatMap(({ seq, written_at, digest }) => {
    try {
      const { operator, reason, found } = JSON.parse(digest) as AnchoredEntry;
      return [{ seq, written_at, operator, reason, found }];
    } catch {
      return [];
    }
  });
}
