/** Row `i` holds row `i` − `rows` of the column: −1 looks at the bar that follows. */
export function shifted(column: Float64Array, rows: number): Float64Array {
  return column.map((_, row) => column[row - rows] ?? NaN);
}

/** Mean of the rows that exist among `from` to `to`, the latter exclusive. */
export function meanOf(column: Float64Array, from = 0, to = column.length): number {
  const first = Math.max(0, from);
  const end = Math.min(to, column.length);
  let sum = 0;
  for (let row = first; row < end; row++) sum += column[row]!;
  return sum / (end - first);
}

/** Population deviation of a sample. */
export function deviationOf(sample: Float64Array): number {
  const mean = meanOf(sample);
  let squares = 0;
  for (const value of sample) squares += (value - mean) * (value - mean);
  return Math.sqrt(squares / sample.length);
}

/** `a` less `b`, row by row. */
export function minus(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, row) => value - b[row]!);
}

/** Each row's value judged by a sample: of all rows, or of those up to itself. */
export function judged(
  column: Float64Array,
  byAll: boolean,
  judge: (sample: Float64Array, value: number) => number,
): Float64Array {
  return column.map((value, row) => judge(byAll ? column : column.subarray(0, row + 1), value));
}

/** Simple returns from row to row; the first is 0. */
export function returnsOf(column: Float64Array): Float64Array {
  return column.map((value, row) => row === 0 ? 0 : value / column[row - 1]! - 1);
}
