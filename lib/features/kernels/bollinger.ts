import { requirePeriod, resultColumn } from "./arguments.ts";
import { canonicalizeNaN } from "./canonical.ts";
import { emptyTails, tailMoments } from "./window_sums.ts";

/** A moving average and the band around it, each as long as the input. */
export interface BollingerBands {
  /** Bit for bit `sma(x, n)`. */
  readonly middle: Float64Array;
  readonly upper: Float64Array;
  readonly lower: Float64Array;
}

/** SMA(n) ± `k` population deviations of the last `n` values, NaN where the SMA is. */
export function bollinger(
  x: Float64Array,
  n: number,
  k: number,
  options: { readonly out?: BollingerBands } = {},
): BollingerBands {
  requirePeriod("bollinger", n);
  if (!(k >= 0 && k < Infinity)) {
    throw new RangeError(`Cannot compute bollinger: k must be a number from 0, found ${k}`);
  }
  const bands = bandColumns(x, options.out);
  const { middle, upper, lower } = bands;
  if (n > x.length) {
    for (const band of [middle, upper, lower]) band.fill(NaN);
    return bands;
  }
  const tails = emptyTails(n);
  const tailSquares = emptyTails(n);
  for (let block = 0; block < x.length; block += n) {
    const anchor = x[block]!;
    if (block > 0) tailMoments(x, block, n, anchor, tails, tailSquares);
    const end = Math.min(block + n, x.length);
    let head = 0;
    let headSquares = 0;
    for (let i = block; i < end; i++) {
      const distance = x[i]! - anchor;
      head += distance;
      headSquares += distance * distance;
      const sum = tails[i - block + 1]! + head;
      const squares = tailSquares[i - block + 1]! + headSquares;
      const mean = sum === 0 ? anchor : (n * anchor + sum) / n;
      const width = k * Math.sqrt(Math.max(0, n * squares - sum * sum) / (n * n));
      middle[i] = mean;
      upper[i] = mean + width;
      lower[i] = mean - width;
    }
    if (!Number.isFinite(tailSquares[1]! + headSquares)) {
      for (const band of [middle, upper, lower]) canonicalizeNaN(band, block, end);
    }
  }
  return bands;
}

function bandColumns(x: Float64Array, out: BollingerBands | undefined): BollingerBands {
  const middle = resultColumn("bollinger", out?.middle, [x]);
  const upper = resultColumn("bollinger", out?.upper, [x, middle]);
  const lower = resultColumn("bollinger", out?.lower, [x, middle, upper]);
  return out ?? { middle, upper, lower };
}
