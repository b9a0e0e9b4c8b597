import { canonicalJson } from "../core/hash.ts";
import type { Proofs } from "../core/proofs.ts";
import { sheetData, type SheetTables } from "../report/sheet/sheet_data.ts";
import { CARD_FILE, PROOF_NAMES, type ProofName, type RunCard } from "../results/mod.ts";
import { decodeTable } from "../results/parquet_read.ts";
import { TABLE_NAMES, TABLE_SCHEMAS } from "../results/table_schemas.ts";
import { repeatRun, type RunToRepeat } from "./verify_again.ts";
import type { Finding } from "./verify_finding.ts";

/** A run that was computed once more, as a tear sheet needs it. */
export interface MadeAgain {
  readonly card: RunCard;
  readonly cardText: string;
  readonly tables: SheetTables;
  readonly proofs: Proofs;
  readonly proofsText: string;
  /** The kinds of proof that the page shows. */
  readonly shown: readonly ProofName[];
  /** Why some of them could not be made again, in one line. */
  readonly unproved?: string;
  /** The page's data block. */
  readonly data: string;
  /** All files of the run but its card. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly findings: readonly Finding[];
}

/** Computes a run with the kinds of proof that a page shows, and what the page would carry of it. */
export async function madeAgain(request: RunToRepeat, shownProofs: string): Promise<MadeAgain> {
  const onPage = JSON.parse(shownProofs) as Proofs;
  const shown = PROOF_NAMES.filter((name) => onPage[name] !== undefined);
  const { files, findings, proofs: made, unproved } = await repeatRun(request, shown);
  const cardText = new TextDecoder().decode(files.get(CARD_FILE));
  const tables = await tablesOf(files);
  // As they come back from their files: that is what a page is written from.
  const card = JSON.parse(cardText) as RunCard;
  const proofsText = canonicalJson(made);
  const proofs = JSON.parse(proofsText) as Proofs;
  return {
    ...{ card, cardText, tables, proofs, proofsText, shown, findings },
    ...(unproved === undefined ? {} : { unproved }),
    data: sheetData(card, tables),
    files: new Map([...files].filter(([name]) => name !== CARD_FILE)),
  };
}

async function tablesOf(files: ReadonlyMap<string, Uint8Array>): Promise<SheetTables> {
  const there = TABLE_NAMES.filter((name) => files.has(`${name}.parquet`));
  const read = await Promise.all(
    there.map(async (name) =>
      [name, await decodeTable(files.get(`${name}.parquet`)!, TABLE_SCHEMAS[name])] as const
    ),
  );
  return Object.fromEntries(read) as unknown as SheetTables;
}
