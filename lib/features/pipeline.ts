import type { Bars } from "../core/bars.ts";
import type { Feature } from "./feature.ts";

const CACHE_BYTES = 256 * 1024 * 1024;

/** Columns already computed, by bars and feature; oldest use leaves first when the memory is spent. */
export interface FeatureCache {
  /** One value per bar, shared by all who ask: not to be written to. */
  column(bars: Bars, feature: Feature): Float64Array;
  /** Takes in the column of a feature of that name that was computed elsewhere for the same bars. */
  put(bars: Bars, name: string, column: Float64Array): void;
  /** How many columns were computed, not found: for tests and benches. */
  readonly computed: number;
}

/** The central feature pipeline (FR-002): each column is computed once for given bars, whoever asks. */
export function featureCache(capacityBytes = CACHE_BYTES): FeatureCache {
  // A Map remembers insertion order: deleting and setting again makes an entry the youngest.
  const entries = new Map<string, { column: Float64Array }>();
  const barsIds = new WeakMap<Bars, number>();
  let nextId = 0;
  let bytes = 0;
  let computed = 0;

  const idOf = (bars: Bars) => {
    let id = barsIds.get(bars);
    if (id === undefined) barsIds.set(bars, id = nextId++);
    return id;
  };
  const evict = () => {
    for (const [key, { column }] of entries) {
      if (bytes <= capacityBytes) return;
      entries.delete(key);
      bytes -= column.byteLength;
    }
  };
  const put = (bars: Bars, name: string, column: Float64Array) => {
    requireLength(bars, name, column);
    const key = `${idOf(bars)}/${name}`;
    bytes += column.byteLength - (entries.get(key)?.column.byteLength ?? 0);
    entries.delete(key);
    entries.set(key, { column });
    evict();
  };
  const columnOf = (bars: Bars, feature: Feature): Float64Array => {
    requireTimeframe(bars, feature);
    const key = `${idOf(bars)}/${feature.name}`;
    const known = entries.get(key);
    if (known) {
      entries.delete(key);
      entries.set(key, known);
      return known.column;
    }
    const column = feature.compute(bars, (other) => columnOf(bars, other));
    requireLength(bars, `${feature.timeframe}.${feature.name}`, column);
    put(bars, feature.name, column);
    computed++;
    return column;
  };
  return {
    column: columnOf,
    put,
    get computed() {
      return computed;
    },
  };
}

function requireLength(bars: Bars, name: string, column: Float64Array): void {
  if (column.length === bars.openTime.length) return;
  throw new RangeError(
    `Feature ${name} gave ${column.length} values for ${bars.openTime.length} bars of ${bars.symbol}`,
  );
}

function requireTimeframe(bars: Bars, { name, timeframe }: Feature): void {
  if (timeframe === "trading" || timeframe === bars.timeframe) return;
  throw new RangeError(
    `Cannot compute ${timeframe}.${name} on ${bars.timeframe} bars of ${bars.symbol}`,
  );
}
