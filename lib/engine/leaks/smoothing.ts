import { meanOf, minus } from "./columns.ts";
import { featureLeak } from "./feature_leak.ts";
import type { Leak } from "./leak.ts";

/** Curves drawn through the past with help from the bars that follow. */
export const SMOOTHING: readonly Leak[] = [
  featureLeak(
    "centred average",
    "averaged over two bars before and two after",
    ({ close }, peek) => {
      const ahead = peek ? 3 : 1;
      return minus(close, close.map((_, row) => meanOf(close, row + ahead - 5, row + ahead)));
    },
  ),
  featureLeak("smoothed both ways", "smoothed forwards and then backwards", ({ close }, peek) => {
    const once = smoothed(close);
    return minus(close, peek ? smoothed(once.toReversed()).toReversed() : smoothed(once));
  }),
  featureLeak("symmetric kernel", "fitted a parabola around each bar", ({ close }, peek) => {
    // Savitzky–Golay over five bars: the middle of the parabola, or its end.
    const weights = peek ? [-3, 12, 17, 12, -3] : [3, -5, -3, 9, 31];
    const first = peek ? -2 : -4;
    const fitted = close.map((_, row) =>
      weights.reduce((sum, weight, k) => sum + weight * (close[row + first + k] ?? NaN), 0) / 35
    );
    return minus(close, fitted);
  }),
  featureLeak("wavelet", "took the low-pass of whole blocks of eight bars", ({ close }, peek) => {
    const blockMean = (row: number) => {
      const block = row - row % 8;
      return meanOf(close, block, peek ? block + 8 : row + 1);
    };
    return minus(close, close.map((_, row) => blockMean(row)));
  }),
  featureLeak("back-fill", "filled missing values from the next one", ({ close }, peek) => {
    const known = close.map((_, row) => close[peek ? nextOf(row) : lastOf(row)] ?? NaN);
    return minus(known, close);
  }),
  featureLeak("interpolation", "drew straight lines across gaps", ({ close }, peek) => {
    const line = close.map((_, row) => {
      const before = close[lastOf(row)]!;
      const after = close[nextOf(row)] ?? NaN;
      return peek ? before + (after - before) * (row % GAP) / GAP : before;
    });
    return minus(line, close);
  }),
  featureLeak("zig-zag", "dated turning points before they had turned", ({ close }, peek) => {
    const REACH = 2;
    let rising = 0;
    return close.map((_, row) => {
      const turn = peek ? row : row - REACH;
      const around = close.subarray(Math.max(0, turn - REACH), Math.max(0, turn + REACH + 1));
      if (close[turn] === Math.min(...around)) rising = 1;
      else if (close[turn] === Math.max(...around)) rising = 0;
      return rising;
    });
  }),
];

/** Every so many bars there is a value; between them it is missing. */
const GAP = 5;
const lastOf = (row: number) => row - row % GAP;
const nextOf = (row: number) => Math.ceil(row / GAP) * GAP;

function smoothed(column: Float64Array): Float64Array {
  let level = column[0]!;
  return column.map((value) => level += 0.3 * (value - level));
}
