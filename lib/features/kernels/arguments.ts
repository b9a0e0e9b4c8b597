/** Where a kernel writes: into a column of its own, or into `out`, which saves the cost of fresh memory. */
export interface KernelOptions {
  /** As long as the input and not overlapping it; every value is overwritten, and it is what the kernel returns. */
  readonly out?: Float64Array;
}

/** Throws RangeError unless the period `n` is a whole number of bars, at least `minimum`. */
export function requirePeriod(kernel: string, n: number, minimum = 1): void {
  if (Number.isInteger(n) && n >= minimum) return;
  throw new RangeError(
    `Cannot compute ${kernel}: period must be a whole number from ${minimum}, found ${n}`,
  );
}

/** Throws RangeError unless every column has as many rows as the first one named. */
export function requireEqualLengths(
  kernel: string,
  columns: Readonly<Record<string, Float64Array>>,
): void {
  // order: as the kernel names its columns
  const [first, ...others] = Object.entries(columns);
  for (const [name, column] of others) {
    if (column.length === first![1].length) continue;
    throw new RangeError(
      `Cannot compute ${kernel}: "${name}" has ${column.length} rows, ` +
        `expected ${first![1].length} as in "${first![0]}"`,
    );
  }
}

/** The column to write to: `out` where given, else a new one. Throws RangeError when `out` does not fit. */
export function resultColumn(
  kernel: string,
  out: Float64Array | undefined,
  occupied: readonly Float64Array[],
): Float64Array {
  const { length } = occupied[0]!;
  if (out === undefined) return new Float64Array(length);
  if (out.length !== length) {
    throw new RangeError(
      `Cannot compute ${kernel}: "out" has ${out.length} rows, expected ${length} as in the input`,
    );
  }
  if (occupied.some((column) => overlaps(column, out))) {
    throw new RangeError(
      `Cannot compute ${kernel}: "out" shares memory with another column, expected its own`,
    );
  }
  return out;
}

function overlaps(a: Float64Array, b: Float64Array): boolean {
  return a.buffer === b.buffer &&
    a.byteOffset < b.byteOffset + b.byteLength &&
    b.byteOffset < a.byteOffset + a.byteLength;
}
