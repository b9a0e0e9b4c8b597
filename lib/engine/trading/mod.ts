export { alignUnwanted, bookAction, bookTransfer, endHalt } from "./account_events.ts";
export { decideOnce, type Occasion, planAt, type TradingDecision } from "./decide_once.ts";
export { assetDataAt, barsAt, regimeDataAt } from "./known_data.ts";
export { firstState, modelNames, seatState, symbolsOf } from "./seat_state.ts";
export {
  type AccountFill,
  crossLeftAlone,
  type CrossPrice,
  type Settled,
  settleFills,
} from "./settle_fills.ts";
export { type NewestDecision, parseState, stateText, type TradingState } from "./trading_state.ts";
