/** How many of a sorted list's items are not above `value`. */
export function countUpTo(sorted, value) {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The place of the item nearest to `value`. */
export function nearestPlace(sorted, value) {
  const above = Math.min(sorted.length - 1, countUpTo(sorted, value));
  const below = Math.max(0, above - 1);
  return value - sorted[below] <= sorted[above] - value ? below : above;
}

/** The rows in view, and one more on either side. */
export function rowsIn(times, from, to) {
  return {
    first: Math.max(0, countUpTo(times, from) - 1),
    last: Math.min(times.length - 1, countUpTo(times, to)),
  };
}

/**
 * Rows to draw: of all that fall on one of `columns` the first, lowest, highest and last, so that no extreme is lost
 * (M4: Jugel et al., VLDB 2014). Rows without a value are kept where they interrupt the line.
 */
export function thinnedRows(times, values, { from, to, columns }) {
  const { first, last } = rowsIn(times, from, to);
  if (last - first < 4 * columns) {
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, place) => first + place);
  }
  const rows = [];
  const columnOf = (row) => Math.floor((times[row] - from) / (to - from) * columns);
  for (let row = first; row <= last;) {
    const column = columnOf(row);
    const start = row;
    let lowest = row;
    let highest = row;
    let gap = -1;
    for (; row <= last && columnOf(row) === column; row++) {
      const value = values[row];
      if (Number.isNaN(value)) gap = gap < 0 ? row : gap;
      if (value < values[lowest] || Number.isNaN(values[lowest])) lowest = row;
      if (value > values[highest] || Number.isNaN(values[highest])) highest = row;
    }
    const kept = [start, lowest, highest, row - 1, ...(gap < 0 ? [] : [gap])];
    rows.push(...[...new Set(kept)].sort((a, b) => a - b));
  }
  return rows;
}
