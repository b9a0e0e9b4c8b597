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
  const scratch = { moved: new Uint8Array(length), times: new Int32Array(length) };
  const changedAt = columns.map((features, asset) =>
    changeTimes(features, usable[asset]!, length, scratch)
  );
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

/** The first place from `from` on at which a flag is set; the length when there is none. */
export function nextSet(flags: Uint8Array, from: number): number {
  const place = flags.indexOf(1, from);
  return place < 0 ? flags.length : place;
}

function changeTimes(
  features: readonly FeatureColumn[],
  usable: Uint8Array,
  length: number,
  { moved, times }: { moved: Uint8Array; times: Int32Array },
): Int32Array {
  moved.fill(0).fill(1, 0, 1);
  for (let t = 1; t < length; t++) {
    if (usable[t] !== usable[t - 1]) moved[t] = 1;
  }
  for (const { joined } of features) {
    for (let t = 1; t < length; t++) {
      if (!Object.is(joined[t], joined[t - 1])) moved[t] = 1;
    }
  }
  let count = 0;
  for (let t = 0; t < length; t++) {
    if (moved[t] === 1) times[count++] = t;
  }
  return times.slice(0, count);
}
