import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Disk, localDisk, writeFileAtomically } from "../core/atomic_file.ts";
import { Refusal } from "../core/errors.ts";
import { holdLock } from "../core/file_lock.ts";
import { canonicalJson } from "../core/hash.ts";
import { lockFolder, removeLeftovers } from "./file_upkeep.ts";
import { placeOf } from "./places.ts";

/** What is known of one file beside its own footer. */
export interface ManifestEntry {
  readonly rows: number;
  /** Open times (of series: dates) of the first and the last row. */
  readonly first: string;
  readonly last: string;
  /** SHA-256 over the decoded columns, as in the file's footer. */
  readonly content_hash: string;
  readonly source: string;
  /** The earliest time that has been asked for: what lies before the first row is not asked for again. */
  readonly asked_from: string;
  /** When the file last changed. */
  readonly updated_at: string;
}

/** Entries by place under the data root, such as `equities/SPY_h4.parquet`. */
export type Manifest = Readonly<Record<string, ManifestEntry>>;

/** Where the list of downloaded files lies under a data root. */
export function manifestFile(root: string): string {
  return join(root, "manifest.json");
}

/** What is known of the files of a data root; nothing when no file was ever downloaded. Refuses what is no manifest. */
export async function readManifest(root: string): Promise<Manifest> {
  const file = manifestFile(root);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw error;
  }
  try {
    const { files } = JSON.parse(text) as { files?: unknown };
    if (files !== null && typeof files === "object") return files as Manifest;
  } catch {
    // said below
  }
  throw new Refusal(
    `Cannot use ${file}, whole file: found no list of files, expected what an update writes; remove it and update again`,
  );
}

/** Puts down what is known of `file`, after it has been written itself; leaves equal knowledge untouched. */
export async function noteInManifest(
  root: string,
  file: string,
  entry: ManifestEntry,
  options: { disk?: Disk } = {},
): Promise<void> {
  const release = await holdLock(join(await lockFolder(root), "manifest.lock"));
  try {
    const manifest = await readManifest(root);
    const place = placeOf(root, file);
    const { updated_at: _, ...known } = manifest[place] ?? { updated_at: "" };
    const { updated_at: __, ...news } = entry;
    if (canonicalJson(known) === canonicalJson(news)) return;
    const all: Manifest = { ...manifest, [place]: entry };
    const files = Object.fromEntries(Object.keys(all).sort().map((name) => [name, all[name]]));
    const text = `${JSON.stringify({ format: 1, files }, null, 2)}\n`;
    await removeLeftovers(manifestFile(root));
    await writeFileAtomically(
      manifestFile(root),
      new TextEncoder().encode(text),
      options.disk ?? localDisk,
    );
  } finally {
    await release();
  }
}
