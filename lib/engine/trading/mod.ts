export { alignUnwanted, bookAction, bookTransfer, endHalt } from "./account_events.ts";
export {
  decideOnce,
  type Ground,
  groundOf,
  type Occasion,
  planAt,
  type TradingDecision,
} from "./decide_once.ts";
export { foldEvents, type FoldOptions } from "./fold_events.ts";
export { BASE, type DecisionSight, sightAfter, sightChange } from "./input_journal.ts";
export { assetDataAt, barsAt, regimeDataAt } from "./known_data.ts";
export { type AccountAtClose, occasionOf } from "./occasion.ts";
export { firstState, modelNames, seatState, symbolsOf } from "./seat_state.ts";
export {
  type AccountFill,
  crossLeftAlone,
  type CrossPrice,
  type Settled,
  settleFills,
} from "./settle_fills.ts";
export { type NewestDecision, parseState, stateText, type TradingState } from "./trading_state.ts";
