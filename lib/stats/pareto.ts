/**
 * 1 for each row that no other dominates, 0 elsewhere: none is better in one objective and as good in all. `more` says
 * of each objective whether larger is better. Equal rows share their fate; a row with NaN is never on the front.
 * RangeError for a row of another length.
 */
export function paretoFront(
  rows: readonly Float64Array[],
  more: readonly boolean[],
): Uint8Array {
  const size = more.length;
  const costs = costsOf(rows, more);
  const compare = (a: number, b: number) => {
    for (let i = 0; i < size; i++) {
      const difference = costs[a * size + i]! - costs[b * size + i]!;
      // Equal infinities differ by NaN.
      if (difference < 0 || difference > 0) return difference;
    }
    return a - b;
  };
  const comparable = Array.from(rows, (_, row) => row)
    .filter((row) => rows[row]!.every((value) => !Number.isNaN(value)));
  const front = new Uint8Array(rows.length);
  const kept: number[] = [];
  // Only what sorts before a row can dominate it, and whatever is dominated is so by a row of the front.
  for (const row of comparable.sort(compare)) {
    if (kept.some((other) => dominates(costs, { other, row, size }))) continue;
    front[row] = 1;
    kept.push(row);
  }
  return front;
}

function dominates(
  costs: Float64Array,
  { other, row, size }: { readonly other: number; readonly row: number; readonly size: number },
): boolean {
  let better = false;
  for (let i = 0; i < size; i++) {
    const [there, here] = [costs[other * size + i]!, costs[row * size + i]!];
    if (there > here) return false;
    if (there < here) better = true;
  }
  return better;
}

/** Every objective turned so that less is better, row after row. */
function costsOf(rows: readonly Float64Array[], more: readonly boolean[]): Float64Array {
  const costs = new Float64Array(rows.length * more.length);
  for (const [place, row] of rows.entries()) {
    if (row.length !== more.length) {
      throw new RangeError(
        `Cannot compare trials: row ${place} has ${row.length} values, expected ${more.length}`,
      );
    }
    for (let i = 0; i < row.length; i++) {
      costs[place * row.length + i] = more[i] ? -row[i]! : row[i]!;
    }
  }
  return costs;
}
