import type { Millis } from "../core/bars.ts";
import { DUST, type Exact, exact, fraction, larger, ONE, smaller, ZERO } from "./exact.ts";
import type { Case, Mistake } from "./settings.ts";
import type { Books } from "./settle.ts";
import { type Kept, NOTHING_KEPT } from "./wishes.ts";
import type { Witness } from "./witness.ts";

interface Notes {
  readonly witness: Witness;
  readonly mistakes: ReadonlySet<Mistake>;
}

/**
 * Sets off the stops that the bar opening at `time` reaches, after its open has filled what was due. Each gives up the
 * model's own quantity at the worse of stop and open, with slippage, and leaves the model without a wish.
 */
export function runStops(
  given: Case,
  kept: readonly (readonly Kept[])[],
  time: Millis,
  books: Books,
  notes: Notes,
): readonly (readonly Kept[])[] {
  return kept.map((ofModel, model) =>
    ofModel.map((own, asset) => {
      const held = books.ledgers[model]!.held[asset]!;
      if (own.stop === undefined || held.abs().lt(DUST)) return own;
      const price = stopPrice(given, { asset, time, stop: own.stop, isLong: held.gt(0) }, notes);
      if (price === undefined) return own;
      const filled = giveUp(
        given,
        { model, asset, time, price, quantity: held.neg() },
        books,
        notes,
      );
      return filled && !notes.mistakes.has("stop_keeps_target") ? NOTHING_KEPT : own;
    })
  );
}

/** The unslipped price of a stop that the bar reaches. */
function stopPrice(
  { listings }: Case,
  { asset, time, stop, isLong }: { asset: number; time: Millis; stop: Exact; isLong: boolean },
  { witness, mistakes }: Notes,
): Exact | undefined {
  const { bars } = listings[asset]!;
  const row = bars.openTime.indexOf(time);
  if (row < 0) return undefined;
  const open = exact(bars.open[row]!);
  const furthest = exact(isLong ? bars.low[row]! : bars.high[row]!);
  witness.margin(furthest.minus(stop).abs().div(stop));
  if (isLong ? furthest.gt(stop) : furthest.lt(stop)) return undefined;
  witness.saw(isLong ? "stop_of_long" : "stop_of_short");
  const gapped = isLong ? open.lt(stop) : open.gt(stop);
  if (gapped) witness.saw("stop_gapped");
  return gapped && !mistakes.has("stop_filled_at_stop") ? open : stop;
}

/** One model's order: nobody shares it. False when it was too small or there was no cash. */
function giveUp(
  { listings, settings }: Case,
  order: { model: number; asset: number; time: Millis; price: Exact; quantity: Exact },
  { account, ledgers, fills }: Books,
  { witness }: Notes,
): boolean {
  const { asset, quantity, time } = order;
  const listing = listings[asset]!.asset;
  const { feeBps, slippageBps } = settings.costs[listing.assetClass];
  const sign = quantity.lt(0) ? -1 : 1;
  const price = order.price.times(ONE.plus(fraction(slippageBps).times(sign)));
  const fee = fraction(feeBps);
  const affordable = larger(ZERO, account.cash).div(price.times(ONE.plus(fee)));
  const free = quantity.lt(0) || settings.allowBorrowing;
  const traded = free ? quantity : smaller(quantity, affordable);
  if (listing.minOrderSize > 0) {
    witness.margin(traded.abs().div(listing.minOrderSize).minus(1).abs());
  }
  if (traded.isZero() || traded.abs().lt(listing.minOrderSize)) return false;
  const paid = traded.times(price).plus(traded.abs().times(price).times(fee));
  for (const book of [account, ledgers[order.model]!]) {
    book.cash = book.cash.minus(paid);
    book.held[asset] = book.held[asset]!.plus(traded);
  }
  fills.push({
    time,
    symbol: listing.symbol,
    quantity: traded.toNumber(),
    price: price.toNumber(),
    fee: traded.abs().times(price).times(fee).toNumber(),
  });
  return true;
}
