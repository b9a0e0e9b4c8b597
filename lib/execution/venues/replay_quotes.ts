import { type Bars, type CorporateAction, type Millis, upperBound } from "../../core/bars.ts";
import type { DecimalText } from "../../core/ports.ts";
import { exact, textOf } from "../account/exact.ts";
import { limitFill } from "../costs.ts";
import { plainDecimal } from "./exact_json.ts";
import { type Met, type Quotes, WAITS, type Want } from "./quotes.ts";

/** Stored bars of one asset, and when trading in each begins. */
export interface ReplayedBars {
  readonly bars: Pick<Bars, "symbol" | "availableAt" | "open" | "high" | "low" | "close">;
  readonly tradableAt: Float64Array;
}

/**
 * Prices of stored bars, as a backtest fills on them: a market order gets the open of the bar it falls into, else of the
 * next one. Nothing of a bar but its open is known before it is complete.
 */
export function replayQuotes(
  assets: readonly ReplayedBars[],
  actions: readonly CorporateAction[] = [],
): Quotes {
  const bySymbol = new Map(assets.map((asset) => [asset.bars.symbol, asset]));
  return {
    last(symbol, time) {
      const asset = bySymbol.get(symbol);
      if (!asset) return undefined;
      const row = upperBound(asset.bars.availableAt, time) - 1;
      if (row < 0) return undefined;
      const { close, availableAt } = asset.bars;
      const since = actions.filter(({ exDate, ...action }) =>
        action.symbol === symbol && availableAt[row]! <= exDate && exDate <= time
      );
      return withoutPast(digits(close[row]!), since);
    },
    meet(want, since, until) {
      const asset = bySymbol.get(want.symbol);
      const met = asset &&
        (want.limitPrice === undefined
          ? atMarket(asset, want, since, until)
          : atLimit(asset, want, since, until));
      return met ? { trades: [met], rest: "works" } : WAITS;
    },
  };
}

/** A price of before ex-dates as it is worth since: units are split and dividends paid before the next bar is complete. */
function withoutPast(price: DecimalText, actions: readonly CorporateAction[]): DecimalText {
  const later = actions.toSorted((a, b) => a.exDate - b.exDate).reduce(
    (now, { kind, value }) => kind === "split" ? now.div(exact(value)) : now.sub(exact(value)),
    exact(price),
  );
  return actions.length === 0 ? price : textOf(later);
}

/** The first bar that is not over at `time`. */
function rowFrom({ bars }: ReplayedBars, time: Millis): number {
  return upperBound(bars.availableAt, time);
}

function atMarket(
  asset: ReplayedBars,
  { quantity }: Want,
  since: Millis,
  until: Millis,
): Met | undefined {
  const row = rowFrom(asset, since);
  const opens = asset.tradableAt[row];
  if (opens === undefined || opens > until) return undefined;
  return {
    time: Math.max(since, opens),
    quantity,
    price: digits(asset.bars.open[row]!),
    slips: true,
  };
}

function atLimit(
  asset: ReplayedBars,
  { side, quantity, limitPrice }: Want,
  since: Millis,
  until: Millis,
): Met | undefined {
  const { bars: { open, high, low, availableAt }, tradableAt } = asset;
  const limit = Number(limitPrice);
  const sign = side === "buy" ? 1 : -1;
  for (let row = rowFrom(asset, since); row < open.length && tradableAt[row]! <= until; row++) {
    const opening = open[row]!;
    const met = (time: Millis, price: number) => ({
      time: Math.max(since, time),
      quantity,
      price: digits(price),
      slips: false,
    });
    if (sign * (opening - limit) < 0) return met(tradableAt[row]!, opening);
    // Until it is complete, how far a bar has come nobody knows.
    if (availableAt[row]! > until || tradableAt[row]! < since) continue;
    const bar = { open: opening, high: high[row]!, low: low[row]! };
    const price = limitFill(limit, bar, sign);
    if (!Number.isNaN(price)) return met(availableAt[row]!, price);
  }
  return undefined;
}

function digits(price: number): DecimalText {
  return plainDecimal(String(price));
}
