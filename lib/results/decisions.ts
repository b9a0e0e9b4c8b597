import type { RunRecord, WishRecord } from "../core/run_record.ts";

/** What a model may say of a wish beside weight and prices (FR-018); absent where it did not. */
export interface Said {
  /** 0 to 1. */
  readonly confidence?: number;
  readonly urgency?: "low" | "normal" | "high";
  readonly horizonHours?: number;
}

/** The hints of a wish. */
export function saidIn(wish: WishRecord & Said): Said {
  return wish;
}

/** How often a model spoke, and when first and last: places on the decision clock, -1 for never. */
export interface DecisionCount {
  readonly model: string;
  /** Decisions with another weight, price or hint, or with a weight anew after a quantity was kept. */
  readonly changes: number;
  readonly first: number;
  readonly last: number;
}

/** Decisions that said something new, by model in the order of the record (FR-057); one between two repeats the former. */
export function decisionCounts({ models, wishes }: RunRecord): readonly DecisionCount[] {
  const spoken = changedRows(wishes, sameWords);
  return models.map(({ name }, model) => {
    const own = wishes.filter((wish, row) =>
      wish.model === model && spoken[row] === 1 && !Number.isNaN(wish.raw)
    );
    return {
      model: name,
      changes: new Set(own.map(({ index }) => index)).size,
      first: own[0]?.index ?? -1,
      last: own.at(-1)?.index ?? -1,
    };
  });
}

/** 1 where the words or the budget changed; the weight of a kept quantity drifts with prices, which is no new wish. */
export function changedWishes(wishes: readonly WishRecord[]): Uint8Array {
  return changedRows(wishes, (a, b) => a.budget === b.budget && sameWords(a, b));
}

/** 1 where a row is not the same as the one before of its model and asset. */
function changedRows(
  wishes: readonly WishRecord[],
  same: (a: WishRecord, b: WishRecord) => boolean,
): Uint8Array {
  const changed = new Uint8Array(wishes.length);
  const newest = new Map<number, WishRecord>();
  const assets = wishes.reduce((most, { asset }) => Math.max(most, asset + 1), 0);
  for (const [row, wish] of wishes.entries()) {
    const place = wish.model * assets + wish.asset;
    const before = newest.get(place);
    newest.set(place, wish);
    changed[row] = before !== undefined && same(before, wish) ? 0 : 1;
  }
  return changed;
}

function sameWords(before: WishRecord, after: WishRecord): boolean {
  const a = saidIn(before);
  const b = saidIn(after);
  return Object.is(before.raw, after.raw) && Object.is(before.stop, after.stop) &&
    Object.is(before.limit, after.limit) && a.confidence === b.confidence &&
    a.urgency === b.urgency && a.horizonHours === b.horizonHours;
}
