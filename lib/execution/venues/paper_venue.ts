import type { Asset, AssetClass } from "../../core/asset.ts";
import { DAY_MS, type Millis } from "../../core/bars.ts";
import { isOpen, nextSession, sessionOn } from "../../core/calendar.ts";
import type { Clock } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import type { Awaitable, DecimalText } from "../../core/ports.ts";
import type {
  SubmitAnswer,
  Venue,
  VenueClock,
  VenueOrder,
  VenueRequest,
  VenueRules,
} from "../../core/trading.ts";
import { type Exact, exact, textOf, ZERO } from "../account/exact.ts";
import { plainDecimal } from "./exact_json.ts";
import { openPaperLedger, type PaperLedger, type PaperOrder } from "./paper_ledger.ts";
import type { Met, Quotes } from "./quotes.ts";
import type { Guard } from "./through_library.ts";

/** One asset as the built-in venue trades it. */
export interface PaperAsset {
  readonly symbol: string;
  readonly assetClass: AssetClass;
  readonly feeBps: number;
  readonly slippageBps: number;
}

/** Sizes as an asset's configuration has them. */
export function paperRules(
  { minOrderSize, quantityPrecision, pricePrecision }: Pick<
    Asset,
    "minOrderSize" | "quantityPrecision" | "pricePrecision"
  >,
): VenueRules {
  return {
    minQuantity: plainDecimal(String(minOrderSize)),
    quantityStep: stepOf(quantityPrecision),
    priceStep: stepOf(pricePrecision),
    minNotional: "0",
  };
}

/** One unit of the last decimal place; "0" where there are no lots. */
function stepOf(precision: number | null): DecimalText {
  if (precision === null) return "0";
  return precision === 0 ? "1" : `0.${"1".padStart(precision, "0")}`;
}

/** What the built-in venue is made of. */
export interface PaperSettings {
  readonly name: "paper" | "kraken";
  /** Its books, as in state/paper.paper.db. */
  readonly file: string;
  readonly accountNumber: string;
  /** Of a new account, in dollars. */
  readonly initialCash: DecimalText;
  readonly assets: readonly PaperAsset[];
  readonly quotes: Quotes;
  /** What is taken of a symbol that is among the assets. */
  rules(symbol: string): Awaitable<VenueRules>;
  readonly clock: Clock;
  /** Asked directly before an order is booked. */
  readonly guard?: Guard | undefined;
}

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
  const ledger = await openPaperLedger(settings.file, settings.initialCash);
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
    for (const order of ledger.working()) await settleOne(settings, ledger, assets, order);
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
      // It is in the books now, whether or not a price can be had at once.
      await settle().catch((error) => {
        if (!(error instanceof Refusal)) throw error;
      });
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

interface Desk {
  readonly ledger: PaperLedger;
  rules(symbol: string): Promise<VenueRules>;
  lastPrice(symbol: string): Promise<DecimalText>;
  settle(): Promise<void>;
}

/** Why an order is not taken; undefined when it is. */
async function obstacle(
  { symbol, side, quantity, limitPrice }: VenueRequest,
  { ledger, rules, lastPrice, settle }: Desk,
): Promise<{ code: string; message: string } | undefined> {
  let rule: VenueRules;
  let price: Exact;
  try {
    await settle();
    rule = await rules(symbol);
    price = exact(limitPrice ?? await lastPrice(symbol));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { code: "no_price", message: error.message };
  }
  const units = exact(quantity);
  const refuse = (code: string, message: string) => ({ code, message });
  if (!units.gt(ZERO) || !isWhole(units, rule.quantityStep)) {
    return refuse("precision", `${quantity} ${symbol} is no multiple of ${rule.quantityStep}`);
  }
  if (limitPrice !== undefined && !isWhole(price, rule.priceStep)) {
    return refuse("precision", `a price of ${limitPrice} is no multiple of ${rule.priceStep}`);
  }
  if (units.lt(exact(rule.minQuantity))) {
    return refuse("below_minimum", `${quantity} ${symbol} is less than ${rule.minQuantity}`);
  }
  if (units.mul(price).lt(exact(rule.minNotional))) {
    return refuse("below_minimum", `${quantity} ${symbol} is worth less than ${rule.minNotional}`);
  }
  const working = ledger.working().filter((order) => order.side === side);
  const open = (order: PaperOrder) => exact(order.quantity).sub(exact(order.filled));
  if (side === "sell") {
    const promised = working.filter((order) => order.symbol === symbol)
      .reduce((sum, order) => sum.add(open(order)), units);
    const held = ledger.positions()[symbol] ?? "0";
    if (promised.lte(exact(held))) return undefined;
    return refuse("insufficient_quantity", `${quantity} ${symbol} is more than is held, ${held}`);
  }
  let promised = units.mul(price);
  for (const order of working) {
    promised = promised.add(
      open(order).mul(exact(order.limitPrice ?? await lastPrice(order.symbol))),
    );
  }
  if (promised.lte(exact(ledger.cash()))) return undefined;
  return refuse("insufficient_cash", `${quantity} ${symbol} costs more than the cash there is`);
}

/** Whether a number is a multiple of a step; of a step of 0 all are. */
function isWhole(value: Exact, step: DecimalText): boolean {
  return exact(step).isZero() || value.mod(exact(step)).isZero();
}

/** Looks whether the market has met an order by now, and books it. */
async function settleOne(
  { quotes, clock }: PaperSettings,
  ledger: PaperLedger,
  assets: ReadonlyMap<string, PaperAsset>,
  order: PaperOrder,
): Promise<void> {
  const asset = assets.get(order.symbol);
  const now = clock.now();
  if (!asset || order.status !== "working") return;
  const left = textOf(exact(order.quantity).sub(exact(order.filled)));
  const { symbol, side, limitPrice } = order;
  const { trades, rest } = await quotes.meet(
    { symbol, side, limitPrice, quantity: left },
    order.time,
    now,
  );
  ledger.inTransaction(() => {
    const current = ledger.order(order.clientOrderId)!;
    // Filled or cancelled meanwhile, perhaps by another process.
    if (current.status !== "working" || current.filled !== order.filled) return;
    let filled = exact(order.filled);
    let status: VenueOrder["status"] = rest === "expires" ? "expired" : "working";
    for (const trade of trades) {
      if (!book(ledger, asset, order, trade)) {
        status = filled.isZero() ? "rejected" : "expired";
        break;
      }
      filled = filled.add(exact(trade.quantity));
    }
    if (filled.gte(exact(order.quantity))) status = "filled";
    ledger.setStatus(order.clientOrderId, status, textOf(filled));
  });
}

/** Moves cash and units for one trade; false, with nothing moved, when there are not enough of them. */
function book(ledger: PaperLedger, asset: PaperAsset, order: PaperOrder, met: Met): boolean {
  const { symbol, side, clientOrderId, venueOrderId } = order;
  const sign = side === "buy" ? 1 : -1;
  const slip = met.slips ? exact(asset.slippageBps).div(10_000).mul(sign) : ZERO;
  const price = exact(met.price).mul(slip.add(1));
  const units = exact(met.quantity);
  const notional = units.mul(price);
  const fee = notional.mul(exact(asset.feeBps)).div(10_000);
  const cash = exact(ledger.cash()).sub(notional.mul(sign)).sub(fee);
  const held = exact(ledger.positions()[symbol] ?? "0").add(units.mul(sign));
  if (cash.isNegative() && !cash.isZero() || held.isNegative() && !held.isZero()) return false;
  ledger.setCash(textOf(cash));
  ledger.setPosition(symbol, textOf(held));
  ledger.addFill({
    venueOrderId,
    clientOrderId,
    symbol,
    side,
    quantity: met.quantity,
    price: textOf(price),
    fee: textOf(fee),
    feeAsset: "USD",
    time: met.time,
  });
  return true;
}
