/** Columns of one length over an ascending `x`: rows without an extreme of their stretch may be left out. */
export interface Thinnable {
  readonly x: Float64Array;
  readonly columns: readonly Float64Array[];
  /** Equal stretches of `x`; each keeps two rows a column at most. About one a pixel is enough. */
  readonly buckets: number;
}

/**
 * Rows that draw the same picture as all: the first and the last row, the lowest and the highest of every column in each
 * stretch, and one row of NaN wherever a stretch of NaN parts two kept rows. Ascending.
 */
export function thin({ x, columns, buckets }: Thinnable): Int32Array {
  if (!(buckets >= 1)) throw new RangeError(`Thinning needs 1 bucket or more, found ${buckets}`);
  const kept = new Uint8Array(x.length);
  for (const column of columns) {
    if (column.length !== x.length) {
      throw new RangeError(`A column has ${column.length} rows, its x has ${x.length}`);
    }
    keepExtremes(kept, x, column, Math.floor(buckets));
  }
  if (x.length > 0) kept[0] = kept[x.length - 1] = 1;
  // A row kept for the gap of one column may stand between two gaps of another.
  while (columns.map((column) => keepGaps(kept, column)).includes(true));
  return Int32Array.from(kept.keys()).filter((row) => kept[row] === 1);
}

/** The values of `column` at `rows`. */
export function pick(column: Float64Array, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => column[row]!);
}

function keepExtremes(
  kept: Uint8Array,
  x: Float64Array,
  column: Float64Array,
  buckets: number,
): void {
  const width = (x.at(-1)! - x[0]!) / buckets;
  let bucket = -1;
  let lowest = -1;
  let highest = -1;
  const keep = () => {
    if (lowest < 0) return;
    kept[lowest] = 1;
    kept[highest] = 1;
  };
  for (let row = 0; row < x.length; row++) {
    const value = column[row]!;
    if (Number.isNaN(value)) continue;
    // Without any width all rows share one bucket; the last row belongs to the last one.
    const at = width > 0 ? Math.min(buckets - 1, Math.floor((x[row]! - x[0]!) / width)) : 0;
    if (at !== bucket) {
      keep();
      bucket = at;
      lowest = highest = row;
    }
    if (value < column[lowest]!) lowest = row;
    if (value > column[highest]!) highest = row;
  }
  keep();
}

/** Keeps the first NaN after a kept number when another kept number follows: no line may bridge it. */
function keepGaps(kept: Uint8Array, column: Float64Array): boolean {
  let gap = -1;
  let isOpen = false;
  let hasChanged = false;
  for (let row = 0; row < column.length; row++) {
    if (Number.isNaN(column[row])) {
      if (isOpen && gap < 0) gap = row;
    } else if (kept[row] === 1) {
      if (gap >= 0 && kept[gap] === 0) {
        kept[gap] = 1;
        hasChanged = true;
      }
      gap = -1;
      isOpen = true;
    }
  }
  return hasChanged;
}
