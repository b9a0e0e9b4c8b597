/** Where two values of one shape differ first, and what stands there. */
export interface Difference {
  /** `.risk.peakNav` or `[3].weight`; empty for the values themselves. */
  readonly path: string;
  readonly expected: unknown;
  readonly found: unknown;
}

/** The first difference of two plain values, bit for bit (NaN equals NaN, 0 is not −0); undefined when there is none. */
export function firstDifference(expected: unknown, found: unknown): Difference | undefined {
  if (Object.is(expected, found)) return undefined;
  if (!isContainer(expected) || !isContainer(found)) return { path: "", expected, found };
  if (ArrayBuffer.isView(expected) && ArrayBuffer.isView(found)) {
    return columnDifference(expected as unknown as Column, found as unknown as Column);
  }
  // order: as the expected one has them
  const keys = new Set([...Object.keys(expected), ...Object.keys(found)]);
  const isList = Array.isArray(expected);
  for (const key of keys) {
    const inside = firstDifference(
      (expected as Record<string, unknown>)[key],
      (found as Record<string, unknown>)[key],
    );
    if (inside) return { ...inside, path: `${isList ? `[${key}]` : `.${key}`}${inside.path}` };
  }
  return undefined;
}

/** A column of numbers of any width. */
export type Column = ArrayLike<number>;

/** The first row below `rows` (the longer length when absent) at which two columns differ. */
export function columnDifference(
  expected: Column,
  found: Column,
  rows = Math.max(expected.length, found.length),
): Difference | undefined {
  const row = differingRow(expected, found, rows);
  return row < 0 ? undefined : { path: `[${row}]`, expected: expected[row], found: found[row] };
}

/** That row, or −1. */
export function differingRow(expected: Column, found: Column, rows: number): number {
  for (let row = 0; row < rows; row++) {
    const [a, b] = [expected[row], found[row]];
    // Equal numbers other than 0, whose sign counts, are equal: that is what most are.
    if (a === b && a !== 0) continue;
    if (!Object.is(a, b)) return row;
  }
  return -1;
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
