import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import { CARD_FILE } from "../artefacts.ts";
import type { ColumnKind } from "../parquet.ts";
import { decodeTable } from "../parquet_read.ts";
import { parseCard } from "../run_card.ts";
import { TABLE_SCHEMAS, type TableName } from "../table_schemas.ts";

/** Columns of a view as they are read, all of one length: NaN and empty text where something is missing. */
export type ReadColumns = Readonly<
  Record<string, Float64Array | readonly string[] | readonly boolean[]>
>;

/** Ids of the run folders under `root`, sorted; none where there is no such folder. */
export async function runIds(root: string): Promise<readonly string[]> {
  try {
    return (await readdir(join(root, "runs"))).filter((name) => /^[0-9a-f]{16}$/.test(name)).sort();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw new Refusal(`Cannot read ${join(root, "runs")}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/**
 * Some columns of a run's table, one at least; undefined where the run has no such table. Refuses a card that is damaged
 * and a file that is not what its card says.
 */
export async function readRunTable(
  root: string,
  { runId, table, columns }: {
    readonly runId: string;
    readonly table: TableName;
    readonly columns: readonly string[];
  },
): Promise<ReadColumns | undefined> {
  const folder = join(root, "runs", runId);
  const text = new TextDecoder().decode(await readIn(folder, CARD_FILE));
  const card = parseCard(text, runId, join(folder, CARD_FILE));
  const name = `${table}.parquet`;
  const hash = card.artefacts[name];
  if (hash === undefined) return undefined;
  const bytes = await readIn(folder, name);
  if (sha256(bytes) !== hash) {
    throw new Refusal(`${join(folder, name)} was changed or damaged since it was stored`);
  }
  const schema: Readonly<Record<string, ColumnKind>> = TABLE_SCHEMAS[table];
  const wanted = Object.fromEntries(columns.map((column) => [column, schema[column]!]));
  return await decodeTable(bytes, wanted);
}

async function readIn(folder: string, name: string): Promise<Uint8Array> {
  try {
    return await readFile(join(folder, name));
  } catch (cause) {
    const missing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    const why = missing ? "is missing" : `cannot be read: ${(cause as Error).message}`;
    throw new Refusal(`${join(folder, name)} ${why}`, { cause });
  }
}
