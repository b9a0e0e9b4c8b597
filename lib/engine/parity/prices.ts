import { type CorporateAction, type Millis, upperBound } from "../../core/bars.ts";
import { type Exact, exact } from "../../execution/account/exact.ts";
import { tradableTimes } from "../market.ts";
import type { AssetData, Plan } from "../plan.ts";

/** The open of a bar, and when trading in it begins. */
export interface OpeningPrice {
  readonly time: Millis;
  readonly openTime: Millis;
  readonly open: Exact;
}

/** Raw prices of the bars that are stored, as decimals. */
export interface StoredPrices {
  /** The first bar that opens in [from, until). */
  firstOpen(symbol: string, from: Millis, until: Millis): OpeningPrice | undefined;
  /** The bar that was traded in at a time, else the newest before it. */
  openAt(symbol: string, time: Millis): OpeningPrice | undefined;
  /** The last close known at a time, worth what it is once actions since are taken off; undefined before the first. */
  lastClose(symbol: string, time: Millis): Exact | undefined;
  /** Actions whose ex-date lies in (from, to], in order. */
  actionsIn(from: Millis, to: Millis): readonly CorporateAction[];
}

/** Digits that prices are kept to: more than any float has, few enough that money is never rounded. */
export const PRICE_PLACES = 20;

/** Prices of the trading bars of a plan's assets, from data that may lack some of them. */
export function storedPrices(
  { assets, timeframe }: Pick<Plan, "assets" | "timeframe">,
  data: readonly AssetData[],
): StoredPrices {
  const bySymbol = new Map(assets.flatMap((asset) => {
    const own = data.find(({ symbol }) => symbol === asset.symbol);
    const bars = own?.bars[timeframe];
    if (!own || !bars) return [];
    const actions = own.actions.filter(({ kind }) => !(kind === "split" && own.splitsApplied));
    return [
      [asset.symbol, {
        ...{ bars, actions, tradableAt: tradableTimes(asset, timeframe, bars.openTime) },
      }] as const,
    ];
  }));
  const opening = (symbol: string, row: number): OpeningPrice | undefined => {
    const { bars, tradableAt } = bySymbol.get(symbol)!;
    if (row < 0 || row >= bars.open.length) return undefined;
    return { time: tradableAt[row]!, openTime: bars.openTime[row]!, open: exact(bars.open[row]!) };
  };
  return {
    firstOpen(symbol, from, until) {
      const own = bySymbol.get(symbol);
      const first = own && opening(symbol, upperBound(own.bars.openTime, from - 1));
      return first && first.openTime < until ? first : undefined;
    },
    openAt(symbol, time) {
      const own = bySymbol.get(symbol);
      return own && opening(symbol, upperBound(own.tradableAt, time) - 1);
    },
    lastClose(symbol, time) {
      const own = bySymbol.get(symbol);
      const row = own ? upperBound(own.bars.availableAt, time) - 1 : -1;
      if (!own || row < 0) return undefined;
      const since = own.actions
        .filter(({ exDate }) => own.bars.availableAt[row]! <= exDate && exDate <= time)
        .toSorted((a, b) => a.exDate - b.exDate);
      return since.reduce(
        (now, { kind, value }) => kind === "split" ? now.div(exact(value)) : now.sub(exact(value)),
        exact(own.bars.close[row]!),
      ).toDecimalPlaces(PRICE_PLACES);
    },
    actionsIn: (from, to) =>
      [...bySymbol].flatMap(([, { actions }]) => actions)
        .filter(({ exDate }) => exDate > from && exDate <= to)
        .sort((a, b) => a.exDate - b.exDate || (a.symbol < b.symbol ? -1 : 1)),
  };
}
