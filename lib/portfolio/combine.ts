/**
 * Contributions of models to assets: `values[model * assets + asset]` is a share of NAV. Every matrix of the
 * portfolio has this layout.
 */
export interface Matrix {
  readonly models: number;
  readonly assets: number;
  readonly values: Float64Array;
}

/** A matrix of zeros. */
export function matrix(models: number, assets: number, fill = 0): Matrix {
  return { models, assets, values: new Float64Array(models * assets).fill(fill) };
}

/** FR-024: contributions summed per asset, longs against shorts, in the order of models. */
export function combine(contributions: Matrix, net: Float64Array): void {
  const { models, assets, values } = contributions;
  net.fill(0);
  for (let model = 0; model < models; model++) {
    const row = model * assets;
    for (let asset = 0; asset < assets; asset++) net[asset]! += values[row + asset]!;
  }
}

/**
 * FR-025: what is left of each contribution when risk has brought an asset's net weight from `before` to `after`.
 * The reduction is shared in proportion by the contributions on the side of the net.
 */
export function shareReduction(
  contributions: Matrix,
  before: Float64Array,
  after: Float64Array,
  shares: Matrix,
): void {
  const { models, assets, values } = contributions;
  const result = shares.values;
  result.set(values);
  for (let asset = 0; asset < assets; asset++) {
    const net = before[asset]!;
    const kept = after[asset]!;
    if (net === kept) continue;
    const sign = net < 0 ? -1 : 1;
    let sameSide = 0;
    for (let model = 0; model < models; model++) {
      const value = values[model * assets + asset]!;
      if (value * sign > 0) sameSide += value;
    }
    const factor = (sameSide - (net - kept)) / sameSide;
    for (let model = 0; model < models; model++) {
      const place = model * assets + asset;
      if (values[place]! * sign > 0) result[place] = values[place]! * factor;
    }
  }
}
