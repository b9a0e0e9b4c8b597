import { createHash } from "node:crypto";
import { canonicalJson, sha256 } from "./hash.ts";

/** Rows under one leaf: few enough to say where a change is, so many that a file has few leaves. */
export const CHUNK_ROWS = 4_096;

/** The hash tree over the columns of a table. */
export interface ColumnTree {
  /** Hex SHA-256 over all columns: equal exactly when names, rows and bytes are. */
  readonly root: string;
  /**
   * By column, in the order given: the first 16 hex digits of each chunk's hash, separated by blanks. They only say where
   * a change is; that there is none, only the root proves.
   */
  readonly leaves: Readonly<Record<string, string>>;
}

/** Hashes columns chunk by chunk; more rows leave the leaves of all chunks that were full as they are. */
export function columnTree(columns: Readonly<Record<string, Float64Array>>): ColumnTree {
  // order: as given, and part of what is hashed
  const hashed = Object.entries(columns).map(([name, column]) => ({
    name,
    leaves: leafHashes(name, column),
  }));
  const nodes = hashed.map(({ name, leaves }) => sha256(canonicalJson({ column: name, leaves })));
  return {
    root: sha256(canonicalJson({ columns: nodes })),
    leaves: Object.fromEntries(hashed.map(({ name, leaves }) => [name, locators(leaves)])),
  };
}

/** The first chunk at which two columns' leaves differ, or -1. Of columns of different length the common chunks count first. */
export function firstChangedChunk(expected: string, found: string): number {
  const [then, now] = [expected, found].map((text) => text === "" ? [] : text.split(" "));
  for (let chunk = 0; chunk < Math.max(then!.length, now!.length); chunk++) {
    if (then![chunk] !== now![chunk]) return chunk;
  }
  return -1;
}

function leafHashes(name: string, column: Float64Array): readonly string[] {
  const leaves: string[] = [];
  for (let from = 0; from < column.length; from += CHUNK_ROWS) {
    const rows = column.subarray(from, from + CHUNK_ROWS);
    const hash = createHash("sha256");
    // The place is hashed too: chunks that change places make another tree.
    hash.update(`${JSON.stringify([name, leaves.length, rows.length])}\n`);
    hash.update(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength));
    leaves.push(hash.digest("hex"));
  }
  return leaves;
}

function locators(leaves: readonly string[]): string {
  return leaves.map((leaf) => leaf.slice(0, 16)).join(" ");
}
