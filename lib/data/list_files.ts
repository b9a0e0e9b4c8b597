import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "../core/errors.ts";
import { readManifest } from "./manifest.ts";
import { openParquet, readNumbers } from "./parquet_read.ts";
import { BAR_FOLDERS, placeOf } from "./places.ts";
import { timeText } from "./refusals.ts";

/** One file of the data folder, as its footer and the manifest describe it. */
export interface StoredFile {
  /** Place under the data root. */
  readonly file: string;
  readonly rows: number;
  readonly first: string;
  readonly last: string;
  readonly source: string;
  /** Null for a file that no update has brought. */
  readonly updated_at: string | null;
}

/** Every Parquet file under a data root in order of its place; one that cannot be read says so in place of its source. */
export async function listFiles(root: string): Promise<readonly StoredFile[]> {
  const manifest = await readManifest(root);
  const files: StoredFile[] = [];
  for (const folder of [...Object.values(BAR_FOLDERS), "macro"].sort()) {
    const names = await readdir(join(root, folder)).catch(() => []);
    for (const name of names.filter((one) => one.endsWith(".parquet")).sort()) {
      const path = join(root, folder, name);
      const place = placeOf(root, path);
      files.push({
        file: place,
        ...await describe(path),
        updated_at: manifest[place]?.updated_at ?? null,
      });
    }
  }
  return files;
}

async function describe(path: string): Promise<Omit<StoredFile, "file" | "updated_at">> {
  try {
    const parquet = await openParquet(path);
    const time = ["open_time", "date", "ex_date", "timestamp", "time"]
      .find((name) => parquet.columns.get(name) === "time");
    const [times] = time === undefined ? [] : await readNumbers(parquet, [time]);
    const sorted = times?.toSorted() ?? new Float64Array(0);
    return {
      rows: parquet.rows,
      first: sorted.length === 0 ? "" : timeText(sorted[0]!),
      last: sorted.length === 0 ? "" : timeText(sorted.at(-1)!),
      source: parquet.metadata.get("source") ?? "",
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { rows: 0, first: "", last: "", source: `unreadable: ${error.message}` };
  }
}
