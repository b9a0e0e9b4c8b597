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

// Wishes below this share of what is held or moved are the rounding of the arithmetic, not wishes.
const DUST = 1e-12;

/**
 * Shares a change of the account among the models (FR-025). Opposite wishes cross inside at the unslipped price;
 * the residue is the account's change, and its costs go to the models on its side. Where lots, cash or a skipped
 * order leave the account short of the wishes, the side that asked for more than there was gets less, in proportion.
 */
export function settle(ledgers: Ledgers, settlement: Settlement): void {
  const { asset, change, wanted } = settlement;
  const { models, assets, values } = ledgers.quantity;
  let buying = 0;
  let selling = 0;
  let scale = Math.abs(change);
  for (let model = 0; model < models; model++) {
    const held = values[model * assets + asset]!;
    const wish = wanted[model]! - held;
    if (wish > 0) buying += wish;
    else selling -= wish;
    scale = Math.max(scale, Math.abs(held), Math.abs(wanted[model]!));
  }
  const dust = DUST * scale;
  if (buying <= dust) buying = 0;
  if (selling <= dust) selling = 0;
  if (change === 0 && (buying === 0 || selling === 0)) return;
  const sides = divide({ change, buying, selling, dust });
  const bearing = sides.unwished === 0 ? 0 : bearingOf(ledgers, settlement, sides);
  for (let model = 0; model < models; model++) {
    const moved = wished(ledgers, settlement, sides, model);
    const borne = bearing === 0 ? sides.unwished / models : sides.unwished *
      borneBy(values[model * assets + asset]! + moved, sides) / bearing;
    if (Math.abs(moved + borne) > dust) book(ledgers, settlement, sides, model, moved + borne);
  }
}

/** One model's whole own change, which nobody shares: a limit leg or a stop. */
export function settleOne(
  ledgers: Ledgers,
  settlement: Omit<Settlement, "wanted">,
  model: number,
): void {
  const { change } = settlement;
  if (change === 0) return;
  const totals = { gained: Math.max(0, change), given: Math.max(0, -change) };
  book(ledgers, settlement, totals, model, change);
}

/** Units that all models together gain and give; the difference is the account's change. */
interface Totals {
  readonly gained: number;
  readonly given: number;
}

interface Sides extends Totals {
  /** What a model gets of each unit it wishes to buy, and to sell. */
  readonly buys: number;
  readonly sells: number;
  /** Units the account moved beyond all wishes: truncation to lots can do that. */
  readonly unwished: number;
}

function divide(
  { change, buying, selling, dust }: {
    change: number;
    buying: number;
    selling: number;
    dust: number;
  },
): Sides {
  const surplus = change - (buying - selling);
  const more = surplus > dust ? surplus : 0;
  const fewer = surplus < -dust ? -surplus : 0;
  const bought = Math.max(0, buying - fewer);
  const sold = Math.max(0, selling - more);
  const unwished = Math.max(0, more - selling) - Math.max(0, fewer - buying);
  return {
    buys: buying === 0 ? 0 : bought / buying,
    sells: selling === 0 ? 0 : sold / selling,
    unwished,
    gained: bought + Math.max(0, unwished),
    given: sold + Math.max(0, -unwished),
  };
}

/** Units of its own wish that `model` gets (positive) or gives. */
function wished(
  { quantity }: Ledgers,
  { asset, wanted }: Settlement,
  { buys, sells }: Sides,
  model: number,
): number {
  const wish = wanted[model]! - quantity.values[model * quantity.assets + asset]!;
  return wish * (wish > 0 ? buys : sells);
}

/** What is unwished falls on those left holding on the side it takes from, so that an exit stays an exit. */
function borneBy(held: number, { unwished }: Sides): number {
  return Math.max(0, unwished < 0 ? held : -held);
}

function bearingOf(ledgers: Ledgers, settlement: Settlement, sides: Sides): number {
  const { models, assets, values } = ledgers.quantity;
  let bearing = 0;
  for (let model = 0; model < models; model++) {
    const held = values[model * assets + settlement.asset]!;
    bearing += borneBy(held + wished(ledgers, settlement, sides, model), sides);
  }
  return bearing;
}

function book(
  ledgers: Ledgers,
  settlement: Omit<Settlement, "wanted">,
  { gained, given }: Totals,
  model: number,
  moved: number,
): void {
  const { asset, change, price, index, row, time, fill } = settlement;
  const place = model * ledgers.quantity.assets + asset;
  const before = ledgers.quantity.values[place]!;
  const after = before + moved;
  const onResidueSide = change !== 0 && moved > 0 === change > 0;
  const total = moved > 0 ? gained : given;
  const part = onResidueSide ? Math.abs(moved) / total : 0;
  const fee = settlement.fee * part;
  const slippage = settlement.slippage * part;
  const cash = -moved * price - fee - slippage;
  const settled = Math.abs(after) <= DUST * Math.abs(before) ? 0 : after;
  ledgers.quantity.values[place] = settled;
  ledgers.cash[model]! += cash;
  if (settled === 0) ledgers.entryRow[place] = -1;
  else if (before === 0 || before < 0 !== settled < 0) ledgers.entryRow[place] = row;
  // The other side's total is what changed hands inside.
  const crossed = onResidueSide ? moved * (Math.min(gained, given) / total) : moved;
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
