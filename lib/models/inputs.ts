import type { FeatureColumn } from "./view.ts";

/** Where a model's inputs moved: the assets to look at again at each decision time. */
export interface InputChanges {
  /** Places of the universe, decision after decision. */
  readonly assets: Int32Array;
  /** `assets[start[t]…start[t + 1])` moved at decision t. */
  readonly start: Int32Array;
}

/**
 * The decisions at which any feature of each asset differs from the decision before, or the asset became usable or
 * ceased to be (the first decision counts).
 */
export function inputChanges(
  columns: readonly (readonly FeatureColumn[])[],
  usable: readonly Uint8Array[],
  length: number,
): InputChanges {
  const start = new Int32Array(length + 1);
  const changedAt = columns.map((features, asset) => changeTimes(features, usable[asset]!, length));
  for (const times of changedAt) {
    for (let i = 0; i < times.length; i++) start[times[i]! + 1]!++;
  }
  for (let t = 0; t < length; t++) start[t + 1]! += start[t]!;
  const assets = new Int32Array(start[length]!);
  const next = start.slice(0, length);
  changedAt.forEach((times, asset) => {
    for (let i = 0; i < times.length; i++) assets[next[times[i]!]!++] = asset;
  });
  return { assets, start };
}

function changeTimes(
  features: readonly FeatureColumn[],
  usable: Uint8Array,
  length: number,
): Int32Array {
  const times = new Int32Array(length);
  let count = 0;
  if (features.length === 1) {
    // The usual case of a single feature, without the inner loop.
    const { joined } = features[0]!;
    let previous = Infinity;
    let wasUsable = 2;
    for (let t = 0; t < length; t++) {
      const value = joined[t]!;
      const isUsable = usable[t]!;
      const moved = value !== previous && (value === value || previous === previous);
      if (moved || isUsable !== wasUsable) times[count++] = t;
      previous = value;
      wasUsable = isUsable;
    }
  } else {
    for (let t = 0; t < length; t++) {
      const moved = t === 0 || usable[t] !== usable[t - 1] ||
        features.some(({ joined }) => !Object.is(joined[t], joined[t - 1]));
      if (moved) times[count++] = t;
    }
  }
  return times.subarray(0, count);
}
