import { asOf, type Bars, lowerBound, upperBound } from "./bars.ts";
import type { ExpectedBars } from "./calendar.ts";

/** For each decision time, the row of an asset's own bars that a model may see then. */
export interface Join {
  /** Row per decision time, -1 where nothing usable is known. */
  readonly rows: Int32Array;
  /** Defined when row = decision index + offset throughout (none while that is below 0); else undefined. */
  readonly offset: number | undefined;
  /** Stretches in which an older value stood in for missing bars, or had become too old. */
  readonly gaps: readonly Gap[];
}

/** Decision indices `from` (inclusive) to `to` (exclusive) at which open-market bars were missing. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  /** Most bars missing at once. */
  readonly missing: number;
}

/**
 * The one way into the decision clock (FR-003, FR-004): a value is seen from `availableAt` on, and is carried
 * over at most `maxMissing` bars that the open market should have brought since (Infinity: for ever).
 */
export function joinBars(
  decisions: Float64Array,
  bars: Bars,
  options: { expected: () => ExpectedBars; maxMissing: number; counted?: CountedRows },
): Join {
  const offset = alignedOffset(decisions, bars.availableAt);
  if (offset !== undefined) {
    const { counted = countedRows() } = options;
    return { rows: counted(offset, decisions.length), offset, gaps: [] };
  }
  const rows = asOf(decisions, bars.availableAt);
  if (options.maxMissing === Infinity) return { rows, offset: undefined, gaps: [] };
  const expectedAt = options.expected().availableAt;
  const expectedByDecision = asOf(decisions, expectedAt);
  const expectedByRow = asOf(bars.availableAt, expectedAt);
  const gaps: Gap[] = [];
  let from = -1;
  let most = 0;
  for (let i = 0; i <= rows.length; i++) {
    const row = i < rows.length ? rows[i]! : -1;
    const missing = row < 0 ? 0 : expectedByDecision[i]! - expectedByRow[row]!;
    if (missing > 0) {
      if (from < 0) from = i;
      if (missing > most) most = missing;
      if (missing > options.maxMissing) rows[i] = -1;
    } else if (from >= 0) {
      gaps.push({ from, to: i, missing: most });
      from = -1;
      most = 0;
    }
  }
  return { rows, offset: undefined, gaps };
}

/** Rows `offset`, `offset + 1` … with -1 for those below 0: equal ones are made once, for most assets share a clock. */
export type CountedRows = (offset: number, length: number) => Int32Array;

/** A maker of counted rows that remembers what it made. */
export function countedRows(): CountedRows {
  const made = new Map<string, Int32Array>();
  return (offset, length) => {
    const key = `${offset}/${length}`;
    let rows = made.get(key);
    if (!rows) {
      rows = new Int32Array(length);
      for (let i = 0; i < length; i++) rows[i] = i + offset < 0 ? -1 : i + offset;
      made.set(key, rows);
    }
    return rows;
  };
}

/** A column of own bars, laid onto the decision clock. NaN where the join has no row. */
export function joinColumn(column: Float64Array, join: Join): Float64Array {
  const { rows, offset } = join;
  if (offset !== undefined && offset >= 0) return column.subarray(offset, offset + rows.length);
  if (offset !== undefined) {
    const late = new Float64Array(rows.length).fill(NaN, 0, -offset);
    late.set(column.subarray(0, rows.length + offset), -offset);
    return late;
  }
  const joined = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    joined[i] = row < 0 ? NaN : column[row]!;
  }
  return joined;
}

/** Bars that become known exactly at each decision, without a hole, need no search; they may begin late. */
function alignedOffset(decisions: Float64Array, availableAt: Float64Array): number | undefined {
  if (decisions.length === 0 || availableAt.length === 0) return undefined;
  const known = upperBound(availableAt, decisions[0]!) - 1;
  const first = known >= 0 ? 0 : lowerBound(decisions, availableAt[0]!);
  const offset = known >= 0 ? known : -first;
  if (first === decisions.length || offset + decisions.length > availableAt.length) {
    return undefined;
  }
  for (let i = first; i < decisions.length; i++) {
    if (availableAt[i + offset] !== decisions[i]) return undefined;
  }
  return offset;
}
