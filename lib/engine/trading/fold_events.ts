import { floorToGrid } from "../../core/calendar.ts";
import type { Timeframe } from "../../core/bars.ts";
import type { VenueFill } from "../../core/trading.ts";
import { bookAction, bookTransfer } from "./account_events.ts";
import { type AccountFill, settleFills } from "./settle_fills.ts";
import type { TradingState } from "./trading_state.ts";
import type { LinkedEvent, StateEvent } from "../../execution/account/mod.ts";

/** What must be known to share what happened among the models. */
export interface FoldOptions {
  readonly timeframe: Timeframe;
  /** Part of a price that the venue is known to have added, in basis points; 0 where it does not say. */
  slippageBps(symbol: string): number;
}

/** Carries what happened to the account into the models' state: fills, dividends, splits, and what came or went by hand. */
export function foldEvents(
  state: TradingState,
  events: readonly LinkedEvent[],
  options: FoldOptions,
): TradingState {
  return events.reduce((now, { event }) => foldOne(now, event, options), state);
}

function foldOne(state: TradingState, event: StateEvent, options: FoldOptions): TradingState {
  switch (event.kind) {
    case "fill": {
      const fill = accountFill(state, event, options);
      return fill ? settleFills(state, [fill]).state : state;
    }
    case "corporate_action": {
      const { symbol, cash, units } = event;
      return bookAction(state, { symbol, cash: Number(cash), units: Number(units) });
    }
    case "adopted": {
      const { before, after } = event;
      const units = Float64Array.from(
        state.assets,
        (symbol) => Number(after.positions[symbol] ?? 0) - Number(before.positions[symbol] ?? 0),
      );
      const worth = units.reduce(
        (sum, moved, asset) => moved === 0 ? sum : sum + moved * (state.newest.prices[asset] || 0),
        Number(after.cash) - Number(before.cash),
      );
      return bookTransfer(state, { units, worth });
    }
    default:
      return state;
  }
}

function accountFill(
  { assets }: TradingState,
  { symbol, side, quantity, price, fee, feeAsset, time }: VenueFill,
  { timeframe, slippageBps }: FoldOptions,
): AccountFill | undefined {
  const asset = assets.indexOf(symbol);
  if (asset < 0) return undefined;
  const sign = side === "buy" ? 1 : -1;
  const paid = Number(price);
  const inUnits = feeAsset === symbol;
  const reference = paid / (1 + sign * slippageBps(symbol) / 1e4);
  return {
    asset,
    units: sign * Number(quantity) - (inUnits ? Number(fee) : 0),
    price: reference,
    // A fee in the asset itself is money too: what those units would have cost.
    fee: inUnits ? Number(fee) * reference : Number(fee),
    slippage: Math.abs(paid - reference) * Number(quantity),
    time: floorToGrid(time, timeframe),
  };
}
