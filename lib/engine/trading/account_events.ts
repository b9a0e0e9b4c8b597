import { initialRiskState } from "../../risk/drawdown.ts";
import type { TradingState } from "./trading_state.ts";

/**
 * A dividend or split of what is held: money goes to who holds the units, and units become more. Wishes stay as they are,
 * in total-return units.
 */
export function bookAction(
  state: TradingState,
  { symbol, cash, units }: {
    readonly symbol: string;
    readonly cash: number;
    readonly units: number;
  },
): TradingState {
  const asset = state.assets.indexOf(symbol);
  const total = asset < 0 ? 0 : heldOf(state, asset) + state.unwanted[asset]!;
  if (total === 0) return state;
  const { ledgers, newest } = state;
  const assets = state.assets.length;
  const value = (total + units) / total;
  const paid = ledgers.cash.map((money, model) =>
    money + cash * ledgers.quantity[model * assets + asset]! / total
  );
  return {
    ...state,
    ledgers: {
      ...ledgers,
      quantity: ledgers.quantity.map((held, at) => at % assets === asset ? held * value : held),
      cash: paid,
    },
    unwanted: state.unwanted.map((held, at) => at === asset ? held * value : held),
    newest: {
      ...newest,
      prices: newest.prices.map((price, at) => at === asset ? price / value : price),
    },
  };
}

/** What came or went by hand: units that no model wants, and money that shifts the peak with its worth. */
export function bookTransfer(
  state: TradingState,
  { units, worth }: { readonly units: Float64Array; readonly worth: number },
): TradingState {
  const { risk } = state.memory;
  const peakNav = Math.max(risk.peakNav + worth, Number.MIN_VALUE);
  return {
    ...state,
    unwanted: state.unwanted.map((held, asset) => held + units[asset]!),
    memory: { ...state.memory, risk: { ...risk, peakNav } },
  };
}

/** A halt that an operator has ended: the peak begins anew at NAV. */
export function endHalt(state: TradingState, nav: number): TradingState {
  return { ...state, memory: { ...state.memory, risk: initialRiskState(nav) } };
}

/** What nobody wants follows from the account: units that the models do not hold. Rounding is nobody's either way. */
export function alignUnwanted(state: TradingState, units: Float64Array): TradingState {
  const unwanted = units.map((held, asset) => {
    const wanted = heldOf(state, asset);
    const rest = held - wanted;
    return Math.abs(rest) <= 1e-9 * Math.max(Math.abs(held), Math.abs(wanted), 1e-3) ? 0 : rest;
  });
  return { ...state, unwanted };
}

/** Units that all models hold of an asset. */
function heldOf({ assets, ledgers: { quantity } }: TradingState, asset: number): number {
  let held = 0;
  for (let at = asset; at < quantity.length; at += assets.length) held += quantity[at]!;
  return held;
}
