import { sha256 } from "../core/hash.ts";
import type { RunRecord } from "../core/run_record.ts";
import type { DerivedRun } from "./derive.ts";
import { runLogs } from "./logs.ts";
import { encodeParquet } from "./parquet.ts";
import { type CardParts, cardText, type RunCard, runCard } from "./run_card.ts";
import { TABLE_NAMES, TABLE_SCHEMAS } from "./table_schemas.ts";
import { runTables } from "./tables.ts";
import { runWarnings } from "./warnings.ts";

/** The name of a run's card in its folder. */
export const CARD_FILE = "run.json";

/** A run that is computed and not stored yet. */
export interface FinishedRun {
  readonly record: RunRecord;
  readonly derived: DerivedRun;
  readonly parts: CardParts;
}

/** Everything a run's folder holds, as bytes by file name, and its card. */
export interface RunFiles {
  readonly card: RunCard;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** The files of a run: equal runs give equal bytes. */
export async function runFiles(
  id: string,
  { record, derived, parts }: FinishedRun,
): Promise<RunFiles> {
  const tables = runTables(record, derived);
  const found = runWarnings(record);
  const asked = parts.warnings.map((message) => ({
    time: record.markTimes[0] ?? 0,
    component: "plan",
    message,
    context: {},
  }));
  const logs = runLogs(record, { derived, tables, warnings: [...asked, ...found] });
  const encoder = new TextEncoder();
  const encoded = await Promise.all(
    TABLE_NAMES.flatMap((name) => {
      const table = tables[name];
      if (!table) return [];
      return [
        encodeParquet(TABLE_SCHEMAS[name], table).then((bytes) =>
          [`${name}.parquet`, bytes] as const
        ),
      ];
    }),
  );
  const files = new Map([
    ...encoded,
    // order: as runLogs() writes them
    ...Object.entries(logs).map(([name, text]) => [name, encoder.encode(text)] as const),
  ]);
  const artefacts = Object.fromEntries([...files].map(([name, bytes]) => [name, sha256(bytes)]));
  const warnings = [...parts.warnings, ...found.map(({ message }) => message)];
  const card = runCard({
    id,
    record,
    derived,
    parts: { ...parts, warnings },
    artefacts,
  });
  return { card, files: files.set(CARD_FILE, encoder.encode(cardText(card))) };
}
