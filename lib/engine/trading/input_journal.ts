import { Buffer } from "node:buffer";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { Refusal } from "../../core/errors.ts";
import { canonicalJson } from "../../core/hash.ts";
import type { RegimeData } from "../../regime/mod.ts";
import type { AssetData, Plan } from "../plan.ts";

/** Everything that a decision was made from beside the account and the models' own state. */
export interface DecisionSight {
  readonly plan: Plan;
  readonly assets: readonly AssetData[];
  readonly regimes: RegimeData;
  /** Where the data came from. */
  readonly feed: string;
  /** True where no broker's account was at stake. */
  readonly isRehearsal?: boolean;
  /** Part of a fill's price that the venue is known to have added, in basis points by symbol; 0 where it does not say. */
  readonly slippageBps: Readonly<Record<string, number>>;
}

/** What a text begins with that needs none before it. */
export const BASE = '{"base":true';

/**
 * What is new or changed since `before`, as text: rows of each column from the first that differs, and everything that is
 * no column where any of it differs. From no sight and all texts come all sights, bit by bit.
 */
export function sightChange(before: DecisionSight | undefined, now: DecisionSight): string {
  const [old, own] = [before && takenApart(before), takenApart(now)];
  const parts: Uint8Array[] = [];
  const columns: Record<string, readonly [from: number, rows: number]> = {};
  for (const [path, column] of own.columns) {
    const known = old?.columns.get(path) ?? NONE;
    const from = commonRows(known, column);
    if (old && from === column.length && known.length === column.length) continue;
    columns[path] = [from, column.length];
    const tail = column.slice(from);
    parts.push(new Uint8Array(tail.buffer));
  }
  const facts = own.facts === old?.facts ? {} : { facts: own.facts };
  const data = deflateRawSync(Buffer.concat(parts), { level: 6 }).toString("base64");
  return canonicalJson({ ...(before ? {} : { base: true }), ...facts, columns, data });
}

/** What was seen after `before` and a change of it. Refuses a text that is none. */
export function sightAfter(before: DecisionSight | undefined, text: string): DecisionSight {
  try {
    const change = JSON.parse(text) as Change;
    const old = before && !change.base ? takenApart(before) : undefined;
    const bytes = inflateRawSync(Buffer.from(change.data, "base64"));
    const tails = new Float64Array(new Uint8Array(bytes).buffer);
    const columns = new Map(old?.columns);
    let at = 0;
    for (const path of Object.keys(change.columns).sort()) {
      const [from, rows] = change.columns[path]!;
      const column = new Float64Array(rows);
      column.set((columns.get(path) ?? NONE).subarray(0, from));
      column.set(tails.subarray(at, at + rows - from), from);
      columns.set(path, column);
      at += rows - from;
    }
    return putTogether({ facts: change.facts ?? old!.facts, columns });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Refusal(`Cannot read journalled inputs: ${reason}`, { cause });
  }
}

interface Change {
  readonly base?: true;
  readonly facts?: string;
  readonly columns: Readonly<Record<string, readonly [from: number, rows: number]>>;
  readonly data: string;
}

/** Columns by path, in order of path, and the rest as text in which a column is `{"$":path}`. */
interface Parts {
  readonly facts: string;
  readonly columns: ReadonlyMap<string, Float64Array>;
}

const NONE = new Float64Array(0);

function takenApart(sight: DecisionSight): Parts {
  const found: [path: string, column: Float64Array][] = [];
  const bare = (value: unknown, path: string): unknown => {
    if (value instanceof Float64Array) {
      found.push([path, value]);
      return { $: path };
    }
    if (Array.isArray(value)) return value.map((item, place) => bare(item, `${path}/${place}`));
    if (value === null || typeof value !== "object") return value;
    const record = value as Readonly<Record<string, unknown>>;
    return Object.fromEntries(
      Object.keys(record).sort().map((key) => [key, bare(record[key], `${path}/${key}`)]),
    );
  };
  const facts = canonicalJson(bare(sight, ""));
  found.sort(([a], [b]) => a < b ? -1 : 1);
  return { facts, columns: new Map(found) };
}

function putTogether({ facts, columns }: Parts): DecisionSight {
  return JSON.parse(facts, (_, value) => {
    const path = (value as { readonly $?: unknown } | null)?.$;
    return typeof path === "string" ? columns.get(path)! : value;
  }) as DecisionSight;
}

/** Leading rows that are the same bits. */
function commonRows(a: Float64Array, b: Float64Array): number {
  const most = Math.min(a.length, b.length);
  let row = 0;
  while (row < most && Object.is(a[row], b[row])) row++;
  return row;
}
