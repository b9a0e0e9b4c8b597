/**
 * Gives every NaN in rows `from` (inclusive) to `to` (exclusive) the bits of the literal NaN. Processors sign the
 * NaNs that they compute differently, and columns are compared and hashed byte by byte.
 */
export function canonicalizeNaN(column: Float64Array, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    if (Number.isNaN(column[i])) column[i] = NaN;
  }
}
