import type { Millis } from "../core/bars.ts";
import type { Booking } from "../core/run_record.ts";
import { type Matrix, matrix } from "./combine.ts";

/** Quantities and cash of every model: together they are the account, but for the money no model has spent. */
export interface Ledgers {
  readonly quantity: Matrix;
  /** Cash per model, from 0; below 0 is lent by the residual ledger, which holds the rest of the account's cash. */
  readonly cash: Float64Array;
  /** Row of the bar in which the model entered, -1 while flat. */
  readonly entryRow: Int32Array;
  readonly bookings: Booking[];
}

/** Ledgers of models that hold nothing. */
export function emptyLedgers(models: number, assets: number): Ledgers {
  return {
    quantity: matrix(models, assets),
    cash: new Float64Array(models),
    entryRow: new Int32Array(models * assets).fill(-1),
    bookings: [],
  };
}

/** A change of the account that models share. */
export interface Settlement {
  readonly index: number;
  readonly asset: number;
  /** Units the account bought (positive) or sold; 0 when models only trade with each other. */
  readonly change: number;
  /** The unslipped price of fills and crosses. */
  readonly price: number;
  /** What the account's change cost, in money. */
  readonly fee: number;
  readonly slippage: number;
  /** Units each model wants to hold of the asset. */
  readonly wanted: Float64Array;
  /** Row and open time of the bar it happens on. */
  readonly row: number;
  readonly time: Millis;
  /** Place of the fill among the run's fills, -1 when there is none. */
  readonly fill: number;
}

// Crosses worth less than this share of a unit's rounding are noise of the arithmetic.
const DUST = 1e-12;

/**
 * Shares a change of the account among the models (FR-025). Opposite wishes cross inside at the unslipped price;
 * the residue is the account's change, and its costs go to the models on its side.
 */
export function settle(ledgers: Ledgers, settlement: Settlement): void {
  const { change, wanted } = settlement;
  const { models, assets, values } = ledgers.quantity;
  let buying = 0;
  let selling = 0;
  let scale = Math.abs(change);
  for (let model = 0; model < models; model++) {
    const held = values[model * assets + settlement.asset]!;
    const wish = wanted[model]! - held;
    if (wish > 0) buying += wish;
    else selling -= wish;
    scale = Math.max(scale, Math.abs(held), Math.abs(wanted[model]!));
  }
  let crossed = Math.min(buying, selling);
  if (crossed <= DUST * scale) crossed = 0;
  if (change === 0 && crossed === 0) return;
  const sides: Sides = {
    buying,
    selling,
    crossed,
    bought: crossed + Math.max(0, change),
    sold: crossed + Math.max(0, -change),
  };
  for (let model = 0; model < models; model++) {
    const moved = share(ledgers, settlement, sides, model);
    if (moved !== 0) book(ledgers, settlement, sides, model, moved);
  }
}

/** One model's whole own change, which nobody shares: a limit leg or a stop. */
export function settleOne(
  ledgers: Ledgers,
  settlement: Omit<Settlement, "wanted">,
  model: number,
): void {
  const amount = Math.abs(settlement.change);
  const sides = { buying: 0, selling: 0, crossed: 0, bought: amount, sold: amount };
  book(ledgers, settlement, sides, model, settlement.change);
}

interface Sides {
  readonly buying: number;
  readonly selling: number;
  readonly crossed: number;
  readonly bought: number;
  readonly sold: number;
}

/** Units that `model` gains (positive) or gives. */
function share(ledgers: Ledgers, settlement: Settlement, sides: Sides, model: number): number {
  const { models, assets, values } = ledgers.quantity;
  const { asset, wanted } = settlement;
  const held = values[model * assets + asset]!;
  const wish = wanted[model]! - held;
  if (wish > 0 && sides.buying > 0) return wish / sides.buying * sides.bought;
  if (wish < 0 && sides.selling > 0) return wish / sides.selling * sides.sold;
  // Rounding to lots can move the account although no model wished that way: holders bear it in proportion.
  const unwished = settlement.change > 0 && sides.buying === 0
    ? sides.bought
    : settlement.change < 0 && sides.selling === 0
    ? -sides.sold
    : 0;
  if (unwished === 0) return 0;
  let holdings = 0;
  for (let other = 0; other < models; other++) holdings += values[other * assets + asset]!;
  return holdings === 0 ? unwished / models : held / holdings * unwished;
}

function book(
  ledgers: Ledgers,
  settlement: Omit<Settlement, "wanted">,
  sides: Sides,
  model: number,
  moved: number,
): void {
  const { asset, change, price, index, row, time, fill } = settlement;
  const place = model * ledgers.quantity.assets + asset;
  const before = ledgers.quantity.values[place]!;
  const after = before + moved;
  const onResidueSide = change !== 0 && moved > 0 === change > 0;
  const total = moved > 0 ? sides.bought : sides.sold;
  const part = onResidueSide ? Math.abs(moved) / total : 0;
  const fee = settlement.fee * part;
  const slippage = settlement.slippage * part;
  const cash = -moved * price - fee - slippage;
  const settled = Math.abs(after) <= DUST * Math.abs(before) ? 0 : after;
  ledgers.quantity.values[place] = settled;
  ledgers.cash[model]! += cash;
  if (settled === 0) ledgers.entryRow[place] = -1;
  else if (before === 0 || before < 0 !== settled < 0) ledgers.entryRow[place] = row;
  const crossed = moved * (sides.crossed / total);
  ledgers.bookings.push({
    index,
    model,
    asset,
    quantity: moved,
    cash,
    fee,
    slippage,
    fill,
    crossed,
    price,
    time,
  });
}
