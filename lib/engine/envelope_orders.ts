import { lowerBound, type Millis, upperBound } from "../core/bars.ts";
import { powerOfTen } from "../core/math.ts";
import type { Fill, OrderKind } from "../core/orders.ts";
import type { RunRecord, WishRecord } from "../core/run_record.ts";
import { limitFill } from "../execution/costs.ts";
import type { Market, MarketAsset } from "./market.ts";

/** A fill of the run as another fill assumption makes it; its units follow from what the member is worth. */
export interface EnvelopeOrder {
  /** The fill that it stands for. */
  readonly fill: Fill;
  readonly kind: OrderKind;
  /** Place of the newest decision before it is executed: what it brings is held from the next mark on. */
  readonly index: number;
  readonly row: number;
  readonly executedAt: Millis;
  /** The market's price before slippage, should it turn out a purchase or a sale. */
  readonly buyAt: number;
  readonly sellAt: number;
  /** Share of the change that it makes: 1 but for a limit whose stop takes the rest. */
  readonly part: number;
}

/** What becomes of one fill: usually one order, none where it lapses. */
export type Assumption = (fill: Fill) => readonly EnvelopeOrder[];

/** The fill as it was. */
export function asRecorded(fill: Fill): readonly [EnvelopeOrder] {
  const { kind, index, row, executedAt, referencePrice } = fill;
  const price = { buyAt: referencePrice, sellAt: referencePrice };
  return [{ fill, kind, index, row, executedAt, ...price, part: 1 }];
}

/** Market orders at the open of the bar that follows the decision; legs as they were. */
export function atNextOpen(market: Market): Assumption {
  return (fill) => {
    const row = nextRow(market, fill);
    if (fill.kind !== "market") return asRecorded(fill);
    return orderOn(market, fill, row, ({ bars, tradableAt }) => ({
      executedAt: tradableAt[row]!,
      ...bothAt(bars.open[row]!),
    }));
  };
}

/** At the close of that bar; a stop not better than it was, a limit at its price. */
export function atNextClose(market: Market): Assumption {
  return (fill) => {
    const row = nextRow(market, fill);
    return orderOn(market, fill, row, ({ bars }) => {
      const close = bars.close[row]!;
      // The whole bar is booked at its end, so that no stop gives up what has not been bought yet.
      const executedAt = bars.availableAt[row]!;
      const { kind, referencePrice } = fill;
      if (kind === "market") return { executedAt, ...bothAt(close) };
      if (kind === "limit") return { executedAt, ...bothAt(referencePrice) };
      const buyAt = Math.max(referencePrice, close);
      return { executedAt, buyAt, sellAt: Math.min(referencePrice, close) };
    });
  };
}

/** At the worst price of that bar: its high for a purchase, its low for a sale; a limit at its price. */
export function atNextWorst(market: Market): Assumption {
  return (fill) => {
    const row = nextRow(market, fill);
    return orderOn(market, fill, row, ({ bars, tradableAt }) => ({
      executedAt: tradableAt[row]!,
      ...(fill.kind === "limit"
        ? bothAt(fill.referencePrice)
        : { buyAt: bars.high[row]!, sellAt: bars.low[row]! }),
    }));
  };
}

/**
 * At the open of the asset's own bar after that one, and not before; a stop is noticed as late, a limit fills only if the
 * later bar trades through it. What has no such bar before the end of the plan lapses.
 */
export function oneBarLater(market: Market, wishes: ReadonlyMap<Fill, WishRecord>): Assumption {
  return (fill) => {
    const next = nextRow(market, fill);
    const row = next < 0 ? -1 : next + 1;
    return orderOn(market, fill, row, ({ bars, tradableAt }) => {
      const executedAt = tradableAt[row]!;
      if (fill.kind !== "limit") return { executedAt, ...bothAt(bars.open[row]!) };
      const limit = wishes.get(fill)?.limit ?? fill.referencePrice;
      return { executedAt, ...bothAt(limitFill(limit, barAt(bars, row), fill.quantity)) };
    });
  };
}

/** Whole lots in a unit of an asset, 0 where there are none. */
export function lotsPerUnit({ asset: { quantityPrecision } }: MarketAsset): number {
  return quantityPrecision === null ? 0 : powerOfTen(quantityPrecision);
}

/** The wish in force behind each fill of a leg: it knows the limit. */
export function wishesBehind(
  { wishes, assets }: RunRecord,
  fills: readonly Fill[],
): ReadonlyMap<Fill, WishRecord> {
  const behind = new Map<Fill, WishRecord>();
  const newest = new Map<number, WishRecord>();
  let next = 0;
  for (const fill of fills) {
    if (fill.model < 0) continue;
    for (; wishes[next] && wishes[next]!.index <= fill.index; next++) {
      const wish = wishes[next]!;
      newest.set(wish.model * assets.length + wish.asset, wish);
    }
    const wish = newest.get(fill.model * assets.length + fill.asset);
    if (wish) behind.set(fill, wish);
  }
  return behind;
}

/** Orders by the moment of their execution; those of one moment stay in the order of their decisions. */
export function inTimeOrder(orders: readonly EnvelopeOrder[]): readonly EnvelopeOrder[] {
  return orders.toSorted((a, b) => a.index - b.index || a.executedAt - b.executedAt);
}

/** Row of the bar that follows the decision behind a fill, -1 when the history ends before. */
function nextRow({ fill: rule, assets, decisionTimes }: Market, fill: Fill): number {
  if (rule === "next_open" || fill.kind !== "market") return fill.row;
  const { openTime } = assets[fill.asset]!.bars;
  const row = lowerBound(openTime, decisionTimes[fill.index]!);
  return row < openTime.length ? row : -1;
}

/** The order on a bar, none where there is no such bar in the plan or no price on it. */
function orderOn(
  { assets, decisionTimes, markTimes }: Market,
  fill: Fill,
  row: number,
  terms: (traded: MarketAsset) => Pick<EnvelopeOrder, "executedAt" | "buyAt" | "sellAt">,
): readonly EnvelopeOrder[] {
  const traded = assets[fill.asset]!;
  const opens = traded.bars.openTime[row];
  if (opens === undefined || opens >= markTimes[markTimes.length - 1]!) return NOTHING;
  const { executedAt, buyAt, sellAt } = terms(traded);
  if (Number.isNaN(buyAt)) return NOTHING;
  const index = upperBound(decisionTimes, opens) - 1;
  return [{ fill, kind: fill.kind, index, row, executedAt, buyAt, sellAt, part: 1 }];
}

const NOTHING: readonly never[] = [];

/** One price for both directions. */
export function bothAt(price: number): Pick<EnvelopeOrder, "buyAt" | "sellAt"> {
  return { buyAt: price, sellAt: price };
}

/** What a limit is held against. */
export function barAt(
  bars: MarketAsset["bars"],
  row: number,
): { open: number; high: number; low: number } {
  return { open: bars.open[row]!, high: bars.high[row]!, low: bars.low[row]! };
}
