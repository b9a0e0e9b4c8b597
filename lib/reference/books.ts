import { DUST, type Exact, larger, ONE, total, ZERO } from "./exact.ts";
import type { Witness } from "./witness.ts";

/** Units of each asset and money: an account's, or one model's part of it. */
export interface Book {
  cash: Exact;
  readonly held: Exact[];
}

export function emptyBook(assets: number, cash = ZERO): Book {
  return { cash, held: Array.from({ length: assets }, () => ZERO) };
}

/** What each model is left with after risk moved the sum: the change goes to contributions of the sum's own sign. */
export function sharedAfterRisk(contributions: readonly Exact[], allowed: Exact): Exact[] {
  const wanted = total(contributions);
  if (wanted.eq(allowed)) return [...contributions];
  const isSameSign = (value: Exact) => value.times(wanted).gt(0);
  const same = total(contributions.filter(isSameSign));
  const change = allowed.minus(wanted);
  return contributions.map((value) =>
    isSameSign(value) ? value.plus(change.times(value).div(same)) : value
  );
}

/** What was traded of one asset at the venue, to be told apart by model. */
export interface Traded {
  readonly asset: number;
  readonly quantity: Exact;
  readonly reference: Exact;
  readonly price: Exact;
  readonly fee: Exact;
}

/**
 * Books one asset's changes into the models' ledgers. What they want in opposite directions crosses at the reference
 * price; the traded residue and its costs go to the models on its side. The side that wants more than there is gets
 * less, in proportion to its wishes.
 */
export function bookTraded(
  ledgers: readonly Book[],
  wishes: readonly Exact[],
  traded: Traded,
  witness: Witness,
): void {
  const { asset, quantity, reference, price, fee } = traded;
  const real = wishes.map((wish) => wish.abs().lt(DUST) ? ZERO : wish);
  const moved = movedByModel(ledgers.map(({ held }) => held[asset]!), real, quantity, witness);
  const isOnSide = (change: Exact) => change.times(quantity).gt(0);
  const side = total(moved.filter(isOnSide)).abs();
  const given = total(moved.filter((change) => change.lt(0))).abs();
  const gained = total(moved.filter((change) => change.gt(0)));
  if (gained.gt(0) && given.gt(0)) witness.saw("crossed");
  for (const [index, change] of moved.entries()) {
    const ledger = ledgers[index]!;
    const share = isOnSide(change) ? change.abs().div(side) : ZERO;
    ledger.held[asset] = ledger.held[asset]!.plus(change);
    ledger.cash = ledger.cash.minus(change.times(reference))
      .minus(share.times(quantity.times(price.minus(reference)).plus(fee)));
  }
}

function movedByModel(
  held: readonly Exact[],
  wishes: readonly Exact[],
  quantity: Exact,
  witness: Witness,
): Exact[] {
  const bought = total(wishes.filter((wish) => wish.gt(0)));
  const sold = total(wishes.filter((wish) => wish.lt(0))).neg();
  const surplus = quantity.minus(bought.minus(sold));
  // More units than wished for come out of what is sold, fewer out of what is bought.
  const sells = larger(ZERO, sold.minus(larger(ZERO, surplus)));
  const buys = larger(ZERO, bought.minus(larger(ZERO, surplus.neg())));
  const moved = wishes.map((wish) =>
    wish.isZero() ? ZERO : wish.gt(0) ? wish.times(buys).div(bought) : wish.times(sells).div(sold)
  );
  const unwished = quantity.minus(total(moved));
  if (unwished.abs().lt(DUST)) return moved;
  witness.saw("unwished_lots");
  const isFaint = (wish: Exact, index: number) =>
    !wish.isZero() && wish.abs().lt(held[index]!.abs().times(1e-9));
  if (wishes.some(isFaint)) {
    witness.saw("unwished_beside_a_faint_wish");
  }
  // Whole lots can take more than anybody wished to give: it is taken from what the models that trade are left with.
  const left = moved.map((change, index) => {
    const rest = held[index]!.plus(change);
    return larger(ZERO, unwished.lt(0) ? rest : rest.neg());
  });
  const ofTrading = left.map((rest, index) => wishes[index]!.isZero() ? ZERO : rest);
  const bearers = total(ofTrading).gte(unwished.abs()) ? ofTrading : left;
  const borne = total(bearers);
  const even = ONE.div(held.length);
  return moved.map((change, index) =>
    change.plus(unwished.times(borne.isZero() ? even : bearers[index]!.div(borne)))
  );
}
