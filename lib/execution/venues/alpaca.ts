import type { Venue } from "../../core/trading.ts";
import { alpacaActions } from "./alpaca_actions.ts";
import { alpacaDesk, type AlpacaSettings, VENUE } from "./alpaca_desk.ts";
import { alpacaFills } from "./alpaca_fills.ts";
import { alpacaOrders } from "./alpaca_orders.ts";
import { alpacaPrices, type AlpacaReads, alpacaReads } from "./alpaca_reads.ts";

export type { AlpacaSettings } from "./alpaca_desk.ts";
export type { VenueSession } from "./alpaca_reads.ts";

/** Alpaca, with what it alone can tell. */
export interface AlpacaVenue extends Venue, Pick<AlpacaReads, "sessions"> {}

/** How long the lists of the account may lag behind its orders. */
const VISIBILITY_MS = 10_000;

/** Equities at Alpaca by its own library, REST alone (FR-041). Nothing is loaded or asked before the first question. */
export function alpacaVenue(settings: AlpacaSettings): AlpacaVenue {
  const desk = alpacaDesk(settings);
  return {
    name: VENUE,
    mode: settings.mode,
    idsAreUnique: true,
    settleMs: { acceptance: settings.timeoutMs, visibility: VISIBILITY_MS },
    ...alpacaReads(desk),
    ...alpacaOrders(desk, settings.guard),
    prices: alpacaPrices(desk, settings.feed),
    fillsSince: alpacaFills(desk),
    actionsSince: alpacaActions(desk),
  };
}
