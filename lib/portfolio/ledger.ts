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
  const bearing = sides.unwished === 0 ? NOBODY : bearingOf(ledgers, settlement, sides);
  for (let model = 0; model < models; model++) {
    const wish = wanted[model]! - values[model * assets + asset]!;
    const moved = wish * (wish > 0 ? sides.buys : sides.sells) +
      borneBy(ledgers, settlement, { sides, bearing, model });
    if (Math.abs(moved) > dust) book(ledgers, settlement, sides, model, moved);
  }
}

/** Whether models may trade an asset with each other: it takes one that holds or wants some of it, and another. */
export function mayCross({ quantity }: Ledgers, shares: Matrix, asset: number): boolean {
  let parties = 0;
  for (let at = asset; at < quantity.values.length; at += quantity.assets) {
    if (quantity.values[at] !== 0 || shares.values[at] !== 0) parties++;
  }
  return parties > 1;
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
  /** Units that are rounding, not a wish. */
  readonly dust: number;
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
  const beyond = Math.max(0, more - selling) - Math.max(0, fewer - buying);
  const unwished = Math.abs(beyond) > dust ? beyond : 0;
  return {
    buys: buying === 0 ? 0 : bought / buying,
    sells: selling === 0 ? 0 : sold / selling,
    unwished,
    dust,
    gained: bought + Math.max(0, unwished),
    given: sold + Math.max(0, -unwished),
  };
}

/** Who takes what the account moved beyond all wishes. */
interface Bearing {
  /** Units that those who bear it hold together. */
  readonly units: number;
  /** True when it falls on models without a wish too: those that trade anyway come first. */
  readonly all: boolean;
}

const NOBODY: Bearing = { units: 0, all: true };

function bearingOf(ledgers: Ledgers, settlement: Settlement, sides: Sides): Bearing {
  let trading = 0;
  let all = 0;
  for (let model = 0; model < ledgers.quantity.models; model++) {
    const { units, wishes } = bearable(ledgers, settlement, sides, model);
    all += units;
    if (wishes) trading += units;
  }
  const enough = trading >= Math.abs(sides.unwished);
  return { units: enough ? trading : all, all: !enough };
}

/** What `model` is left holding on the side that something unwished takes from: 0 after an exit, which stays one. */
function bearable(
  { quantity }: Ledgers,
  { asset, wanted }: Settlement,
  { buys, sells, unwished, dust }: Sides,
  model: number,
): { units: number; wishes: boolean } {
  const held = quantity.values[model * quantity.assets + asset]!;
  const wish = wanted[model]! - held;
  const left = held + wish * (wish > 0 ? buys : sells);
  return { units: Math.max(0, unwished < 0 ? left : -left), wishes: Math.abs(wish) > dust };
}

function borneBy(
  ledgers: Ledgers,
  settlement: Settlement,
  { sides, bearing, model }: { sides: Sides; bearing: Bearing; model: number },
): number {
  if (sides.unwished === 0) return 0;
  if (bearing.units === 0) return sides.unwished / ledgers.quantity.models;
  const { units, wishes } = bearable(ledgers, settlement, sides, model);
  return wishes || bearing.all ? sides.unwished * units / bearing.units : 0;
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
