import { DAY_MS, type Millis } from "../../core/bars.ts";
import { isOpen, nextSession, sessionOn } from "../../core/calendar.ts";
import { Refusal } from "../../core/errors.ts";
import type { DecimalText } from "../../core/ports.ts";
import type { SubmitAnswer, Venue, VenueClock, VenueOrder } from "../../core/trading.ts";
import { bookActions } from "./paper_actions.ts";
import { obstacle } from "./paper_checks.ts";
import { openPaperLedger, type PaperOrder } from "./paper_ledger.ts";
import type { PaperSettings } from "./paper_settings.ts";
import { settleOne } from "./paper_settle.ts";

export { type PaperAsset, paperRules, type PaperSettings } from "./paper_settings.ts";

/** The built-in venue; its books stay open until `close`. */
export interface PaperVenue extends Venue {
  close(): void;
}

/**
 * A venue without keys whose fills are simulated: at the costs of a backtest on stored prices, at what is offered on an
 * order book. Orders for a closed market wait for it, as at a real broker. Its books are durable.
 */
export async function openPaperVenue(settings: PaperSettings): Promise<PaperVenue> {
  const { name, quotes, clock, guard } = settings;
  const ledger = await openPaperLedger(settings.file, {
    ...{ cash: settings.initialCash, now: clock.now() },
  });
  const assets = new Map(settings.assets.map((asset) => [asset.symbol, asset]));
  const hasHours = settings.assets.some(({ assetClass }) => assetClass === "equity");
  const rules = async (symbol: string) => {
    if (assets.has(symbol)) return await settings.rules(symbol);
    throw new Refusal(
      `Cannot trade ${symbol} at ${name}: found no such asset, expected one of ${
        [...assets.keys()].join(", ")
      }`,
    );
  };
  const lastPrice = async (symbol: string): Promise<DecimalText> => {
    const price = assets.has(symbol) ? await quotes.last(symbol, clock.now()) : undefined;
    if (price !== undefined) return price;
    throw new Refusal(`Cannot price ${symbol} at ${name}: found no price, expected the latest`);
  };
  const settle = async () => {
    bookActions(ledger, settings.actions ?? [], clock.now());
    for (const order of ledger.working()) {
      // While no price can be had, an order waits; what is read or cancelled does not.
      await settleOne(settings, ledger, assets, order).catch((error) => {
        if (!(error instanceof Refusal)) throw error;
      });
    }
  };

  return {
    name,
    mode: "paper",
    idsAreUnique: true,
    settleMs: { acceptance: 0, visibility: 0 },
    close: ledger.close,
    rules,
    async account() {
      await settle();
      return ledger.inTransaction(() => ({
        accountNumber: settings.accountNumber,
        cash: ledger.cash(),
        positions: ledger.positions(),
      }));
    },
    // deno-lint-ignore require-await -- a refusal of the calendar is a rejection
    async clock(symbol) {
      const time = clock.now();
      const asset = symbol === undefined ? undefined : assets.get(symbol);
      return (asset ? asset.assetClass === "equity" : hasHours)
        ? sessionClock(time)
        : { time, isOpen: true, nextOpen: null, nextClose: null };
    },
    async prices(symbols) {
      const priced = await Promise.all(
        symbols.map(async (symbol) => [symbol, await lastPrice(symbol)] as const),
      );
      return Object.fromEntries(priced);
    },
    async submit(request): Promise<SubmitAnswer> {
      const known = ledger.order(request.clientOrderId);
      if (known) return { kind: "acknowledged", order: shown(known) };
      const refusal = await obstacle(request, { ledger, rules, lastPrice, settle });
      if (refusal) return { kind: "refused", ...refusal };
      const reason = guard?.();
      if (reason !== undefined) return { kind: "refused", code: "not_sent", message: reason };
      ledger.inTransaction(() => {
        // Another process may have come first.
        if (!ledger.order(request.clientOrderId)) ledger.add(request, clock.now());
      });
      await settle();
      return { kind: "acknowledged", order: shown(ledger.order(request.clientOrderId)!) };
    },
    async find(clientOrderId) {
      await settle();
      const order = ledger.order(clientOrderId);
      return order ? { kind: "found", order: shown(order) } : { kind: "missing" };
    },
    async openOrders() {
      await settle();
      return ledger.working().map(shown);
    },
    async ordersSince(symbol, since) {
      await settle();
      return ledger.ordersSince(symbol, since).map(shown);
    },
    async fillsSince(symbols, since) {
      await settle();
      return ledger.fillsSince(since).filter(({ symbol }) => symbols.includes(symbol));
    },
    async actionsSince(since) {
      await settle();
      return ledger.actionsSince(since);
    },
    async cancel({ clientOrderId }) {
      await settle();
      return ledger.inTransaction(() => {
        const order = ledger.order(clientOrderId);
        if (order?.status === "working") ledger.setStatus(clientOrderId, "canceled", order.filled);
        return order !== undefined;
      });
    },
  };
}

/** New York's session as a broker's clock tells of it. */
function sessionClock(time: Millis): VenueClock {
  const open = isOpen(time);
  const next = nextSession(open ? time + 1 : time);
  const running = open ? sessionOn(Math.floor(time / DAY_MS) * DAY_MS) : undefined;
  return { time, isOpen: open, nextOpen: next.open, nextClose: (running ?? next).close };
}

/** An order without what only the books know. */
function shown({ time: _time, limitPrice: _limit, ...order }: PaperOrder): VenueOrder {
  return order;
}
