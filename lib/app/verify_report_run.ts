import { systemClock } from "../core/clock.ts";
import { canonicalJson } from "../core/hash.ts";
import type { Proofs } from "../core/proofs.ts";
import type { Sandbox } from "../engine/sandbox.ts";
import { sheetData, type SheetTables } from "../report/sheet/sheet_data.ts";
import {
  CARD_FILE,
  deriveRun,
  luckOf,
  PROOF_NAMES,
  type RunCard,
  runFiles,
} from "../results/mod.ts";
import { decodeTable } from "../results/parquet_read.ts";
import { TABLE_NAMES, TABLE_SCHEMAS } from "../results/table_schemas.ts";
import { cardParts } from "./card_parts.ts";
import type { CodeFingerprint } from "./code_fingerprint.ts";
import { computeForProof } from "./compute.ts";
import type { LoadedData } from "./load_data.ts";
import type { LoadedPlan } from "./load_plan.ts";
import { engineAnswer, engineWork, withLuck } from "./proofs.ts";
import { outcomeIdOf } from "./run_id.ts";
import type { VerifyOptions } from "./verify.ts";
import type { Finding } from "./verify_finding.ts";

/** A run that was computed once more, as a tear sheet needs it. */
export interface MadeAgain {
  readonly card: RunCard;
  readonly cardText: string;
  readonly tables: SheetTables;
  readonly proofs: Proofs;
  readonly proofsText: string;
  /** The page's data block. */
  readonly data: string;
  /** All files of the run but its card. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly findings: readonly Finding[];
}

/** Computes a run with the kinds of proof that a page shows, and what the page would carry of it. */
export async function madeAgain(
  { id, loaded, data, code, sandbox, options }: {
    readonly id: string;
    readonly loaded: LoadedPlan;
    readonly data: LoadedData;
    readonly code: CodeFingerprint;
    readonly sandbox: Sandbox | undefined;
    readonly options: VerifyOptions;
  },
  shownProofs: string,
): Promise<MadeAgain> {
  const { seed } = loaded.plan;
  const shown = JSON.parse(shownProofs) as Proofs;
  const names = PROOF_NAMES.filter((name) => shown[name] !== undefined);
  const { clock = systemClock, signal, onProgress } = options;
  const request = { sandbox, clock, signal, onProgress, proofs: engineWork(names) };
  const bare = await computeForProof(loaded, data, request);
  const engine = engineAnswer(bare.proofs);
  engine.catch(() => {}); // told when its turn has come
  const record = { ...bare.record, benchmarks: await bare.benchmarks };
  const derived = deriveRun(record);
  const luck = names.includes("luck") ? luckOf(record, derived, { seed }) : undefined;
  const outcome = loaded.sealed ? id : outcomeIdOf(loaded, data, { code, record });
  const parts = cardParts({ loaded, data, code });
  const { card: made, files } = await runFiles(id, { record, derived, parts });
  const cardText = new TextDecoder().decode(files.get(CARD_FILE));
  const tables = await tablesOf(files);
  // As it comes back from its file: that is what a page is written from.
  const card = JSON.parse(cardText) as typeof made;
  const proofs = JSON.parse(canonicalJson(withLuck(record, (await engine).proofs, luck))) as Proofs;
  const message = `the models given decide otherwise: found outcome ${outcome}, expected ${id}`;
  return {
    ...{ card, cardText, tables, proofs },
    proofsText: canonicalJson(proofs),
    data: sheetData(card, tables),
    files: new Map([...files].filter(([name]) => name !== CARD_FILE)),
    findings: outcome === id ? [] : [{ kind: "code", message, expected: id, found: outcome }],
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
