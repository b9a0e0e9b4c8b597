import type { Millis } from "../../core/bars.ts";
import type { Booking } from "../../core/run_record.ts";
import { emptyLedgers, type Ledgers, mayCross, settle } from "../../portfolio/ledger.ts";
import type { NewestDecision, TradingState } from "./trading_state.ts";

/** A fill of the account, in raw units and prices. */
export interface AccountFill {
  /** Place in the state's assets. */
  readonly asset: number;
  /** Units that came (positive) or went, less a fee that was taken in them. */
  readonly units: number;
  /** Money of one unit before slippage; what it cost beyond that, in money. */
  readonly price: number;
  readonly fee: number;
  readonly slippage: number;
  /** Open time of the bar it happened in. */
  readonly time: Millis;
}

/** A state, and what was booked to the models on the way to it. */
export interface Settled {
  readonly state: TradingState;
  readonly bookings: readonly Booking[];
}

/** Shares fills of the newest decision's orders among the models, as the backtest does (FR-025). Pure. */
export function settleFills(state: TradingState, fills: readonly AccountFill[]): Settled {
  if (fills.length === 0) return { state, bookings: [] };
  const books = openBooks(state, fills.map(({ time }) => time));
  const settled = state.newest.settled.slice();
  for (const { asset, units, ...fill } of fills) {
    settle(books.ledgers, {
      ...{ index: 0, asset, change: units, wanted: wantedUnits(books.ledgers, state, asset) },
      ...fill,
      ...{ row: books.times.indexOf(fill.time), fill: 0 },
    });
    settled[asset] = 1;
  }
  return closeBooks(state, books, { ...state.newest, settled });
}

/** A price at which models could have traded with each other. */
export interface CrossPrice {
  readonly asset: number;
  /** Raw price, before slippage, and the open time of its bar. */
  readonly price: number;
  readonly time: Millis;
}

/**
 * Lets models trade with each other what the account left alone, at the first price after the decision. Wants the prices
 * of assets that could be traded until the next decision.
 */
export function crossLeftAlone(state: TradingState, prices: readonly CrossPrice[]): Settled {
  const left = prices.filter(({ asset }) => state.newest.settled[asset] === 0);
  if (left.length === 0 || state.models.length < 2) return { state, bookings: [] };
  const books = openBooks(state, left.map(({ time }) => time));
  const shares = { ...books.ledgers.quantity, values: books.shares };
  for (const { asset, price, time } of left) {
    if (!mayCross(books.ledgers, shares, asset)) continue;
    settle(books.ledgers, {
      ...{ index: 0, asset, change: 0, price, fee: 0, slippage: 0, time, fill: -1 },
      ...{ wanted: wantedUnits(books.ledgers, state, asset), row: books.times.indexOf(time) },
    });
  }
  return closeBooks(state, books, state.newest);
}

/** Ledgers with one row more: what nobody wants, which only ever gives. */
interface Books {
  readonly ledgers: Ledgers;
  readonly shares: Float64Array;
  /** Open times that the ledgers' entry rows are places of. */
  readonly times: readonly Millis[];
}

function openBooks(
  { models, assets, ledgers, unwanted, newest }: TradingState,
  of: readonly Millis[],
) {
  const entries = [...ledgers.entryTime].filter((time) => !Number.isNaN(time));
  const times = [...new Set([...entries, ...of])].sort((a, b) => a - b);
  const books = emptyLedgers(models.length + 1, assets.length);
  books.quantity.values.set(ledgers.quantity);
  books.quantity.values.set(unwanted, ledgers.quantity.length);
  books.cash.set(ledgers.cash);
  ledgers.entryTime.forEach((time, at) => {
    books.entryRow[at] = Number.isNaN(time) ? -1 : times.indexOf(time);
  });
  const shares = new Float64Array(books.quantity.values.length);
  shares.set(newest.shares);
  return { ledgers: books, shares, times };
}

function closeBooks(
  state: TradingState,
  { ledgers, times }: Books,
  newest: NewestDecision,
): Settled {
  const cells = state.ledgers.quantity.length;
  return {
    state: {
      ...state,
      ledgers: {
        quantity: ledgers.quantity.values.slice(0, cells),
        cash: ledgers.cash.slice(0, state.models.length),
        entryTime: Float64Array.from(
          ledgers.entryRow.slice(0, cells),
          (row) => row < 0 ? NaN : times[row]!,
        ),
      },
      unwanted: ledgers.quantity.values.slice(cells),
      newest,
    },
    bookings: ledgers.bookings,
  };
}

/** Units that each model wants of an asset, at the NAV and price that sized its order; nobody wants the rest. */
function wantedUnits(
  { quantity }: Ledgers,
  { models, assets, newest: { nav, prices, shares } }: TradingState,
  asset: number,
): Float64Array {
  const wanted = new Float64Array(models.length + 1);
  for (let model = 0; model < models.length; model++) {
    const at = model * assets.length + asset;
    const units = shares[at]! * nav / prices[asset]!;
    wanted[model] = Number.isNaN(units) ? quantity.values[at]! : units;
  }
  return wanted;
}
