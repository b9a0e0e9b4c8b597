import { DAY_MS, type Millis } from "../../core/bars.ts";
import { nextSession, sessionOn } from "../../core/calendar.ts";
import { formatDate, formatTime } from "../../core/clock.ts";
import { newYorkOffsetMs } from "../../core/new_york.ts";
import { type Amount, amountText, over, times } from "./test_decimal.ts";
import { type Book, type BookFill, type BookOrder, isOpen } from "./test_ledger.ts";
import {
  type Activity,
  type Answer,
  freeCash,
  freeUnits,
  nanos,
  nanoText,
  newYorkDate,
  newYorkHours,
  uuid,
  type World,
} from "./test_venue.ts";

// Names of fields: the models of @alpacahq/alpaca-trade-api 4.0.2 (generated from Alpaca's OpenAPI document).

const STATUS = {
  parked: "accepted",
  new: "new",
  partial: "partially_filled",
  filled: "filled",
  canceled: "canceled",
  expired: "expired",
  rejected: "rejected",
} as const;

/** Alpaca's way of refusing. */
export function alpacaError(status: number, code: number, message: string, more = {}): Answer {
  return { status, body: { ...more, code, message } };
}

/** An order; `pending` as in the answer to its submission, before anything was done with it. */
export function alpacaOrder({ seed }: World, order: BookOrder, pending = false) {
  const created = nanoText(nanos(order.acceptedAt, order.number));
  const changed = nanoText(nanos(order.changedAt, order.number));
  const at = (status: BookOrder["status"]) => order.status === status ? changed : null;
  const byMoney = order.notional !== undefined;
  return {
    id: order.venueId,
    client_order_id: order.clientOrderId,
    created_at: created,
    updated_at: changed,
    submitted_at: created,
    filled_at: at("filled"),
    expired_at: at("expired"),
    canceled_at: at("canceled"),
    failed_at: at("rejected"),
    replaced_at: null,
    replaced_by: null,
    replaces: null,
    asset_id: uuid(seed, `asset/${order.symbol}`),
    symbol: order.symbol,
    asset_class: "us_equity",
    notional: byMoney ? amountText(order.notional!) : null,
    qty: byMoney ? null : amountText(order.quantity),
    filled_qty: amountText(order.filled),
    filled_avg_price: order.filled === 0n ? null : price(over(order.value, order.filled)),
    order_class: "",
    order_type: order.type,
    type: order.type,
    side: order.side,
    position_intent: order.side === "buy" ? "buy_to_open" : "sell_to_close",
    time_in_force: order.timeInForce,
    limit_price: order.limit === undefined ? null : amountText(order.limit),
    stop_price: null,
    status: pending && order.status === "new" ? "pending_new" : STATUS[order.status],
    extended_hours: false,
    legs: null,
    trail_percent: null,
    trail_price: null,
    hwm: null,
    subtag: null,
    source: null,
    expires_at: nanoText(nanos(closeAfter(order.acceptedAt), 0)),
  };
}

/** Six digits at most, as in averages. */
function price(value: Amount): string {
  const text = amountText(value, 6).replace(/0+$/, "");
  return text.endsWith(".") ? text.slice(0, -1) : text;
}

function closeAfter(time: Millis): Millis {
  return (newYorkHours.current(time) ?? nextSession(time)).close;
}

/** The account's money. */
export function alpacaAccount(world: World, book: Book, now: Millis) {
  const cash = book.balances.USD ?? 0n;
  const long = heldSymbols(world, book)
    .reduce((sum, symbol) => sum + times(book.balances[symbol]!, world.prices.at(symbol, now)), 0n);
  const free = freeCash(world, book);
  const power = amountText(free > 0n ? free : 0n);
  const equity = amountText(cash + long);
  return {
    id: uuid(world.seed, "account"),
    admin_configurations: {},
    user_configurations: null,
    account_number: world.accountNumber,
    status: "ACTIVE",
    crypto_status: "ACTIVE",
    currency: "USD",
    buying_power: power,
    regt_buying_power: power,
    effective_buying_power: power,
    non_marginable_buying_power: power,
    options_buying_power: power,
    options_approved_level: 0,
    options_trading_level: 0,
    bod_dtbp: "0",
    cash: amountText(cash),
    accrued_fees: "0",
    portfolio_value: equity,
    trading_blocked: false,
    transfers_blocked: false,
    account_blocked: false,
    created_at: "2024-01-02T14:30:00.123456Z",
    trade_suspended_by_user: false,
    multiplier: "1",
    shorting_enabled: false,
    equity,
    last_equity: equity,
    long_market_value: amountText(long),
    short_market_value: "0",
    position_market_value: amountText(long),
    initial_margin: amountText(long),
    maintenance_margin: "0",
    last_maintenance_margin: "0",
    sma: "0",
    balance_asof: formatDate(newYorkDate(now) - DAY_MS),
    intraday_adjustments: "0",
    pending_reg_taf_fees: "0",
  };
}

/** Symbols of which the account holds any. */
export function heldSymbols({ ledger }: World, book: Book): readonly string[] {
  return Object.keys(book.balances).sort()
    .filter((asset) => asset !== ledger.rules.cashAsset && book.balances[asset] !== 0n);
}

/** What is held of a symbol. */
export function alpacaPosition(world: World, book: Book, symbol: string, now: Millis) {
  const quantity = book.balances[symbol] ?? 0n;
  const cost = book.costs[symbol] ?? 0n;
  const current = world.prices.at(symbol, now);
  const before = world.prices.at(symbol, now - DAY_MS);
  const value = times(quantity, current);
  const gain = amountText(value - cost);
  return {
    asset_id: uuid(world.seed, `asset/${symbol}`),
    symbol,
    exchange: "ARCA",
    asset_class: "us_equity",
    asset_marginable: true,
    qty: amountText(quantity),
    avg_entry_price: price(over(cost, quantity)),
    side: quantity < 0n ? "short" : "long",
    market_value: amountText(value),
    cost_basis: amountText(cost),
    unrealized_pl: gain,
    unrealized_plpc: cost === 0n ? "0" : price(over(value - cost, cost)),
    unrealized_intraday_pl: gain,
    unrealized_intraday_plpc: cost === 0n ? "0" : price(over(value - cost, cost)),
    current_price: amountText(current),
    lastday_price: amountText(before),
    change_today: price(over(current - before, before)),
    qty_available: amountText(freeUnits(world, book, symbol)),
  };
}

/** The id of a fill: New York's clock, then chance. */
export function alpacaFillId({ seed }: World, { time, number }: BookFill): string {
  const local = formatTime(time + newYorkOffsetMs(time)).replace(/\D/g, "").padEnd(17, "0");
  return `${local}::${uuid(seed, `fill/${number}`)}`;
}

/** A fill as the list of activities has it. */
export function alpacaFill(world: World, fill: BookFill) {
  const { order } = fill;
  return {
    id: alpacaFillId(world, fill),
    activity_type: "FILL",
    transaction_time: nanoText(nanos(fill.time, fill.number)),
    type: order.status === "filled" ? "fill" : "partial_fill",
    price: amountText(fill.price),
    qty: amountText(fill.quantity),
    side: order.side,
    symbol: order.symbol,
    leaves_qty: amountText(order.quantity - order.filled),
    order_id: order.venueId,
    cum_qty: amountText(order.filled),
    order_status: STATUS[order.status],
  };
}

/** An id of something that is told by its date. */
function alpacaActivityId({ seed }: World, { time, number }: Activity): string {
  const day = formatDate(newYorkDate(time)).replace(/\D/g, "").padEnd(17, "0");
  return `${day}::${uuid(seed, `activity/${number}`)}`;
}

/** What a company did, as the list of activities has it. */
export function alpacaActivity(world: World, activity: Activity) {
  const { type, symbol, cash, units, perShare, time, number } = activity;
  return {
    id: alpacaActivityId(world, activity),
    activity_type: type,
    ...(type === "DIV" ? { activity_sub_type: "CDIV" } : {}),
    date: formatDate(newYorkDate(time)),
    created_at: nanoText(nanos(time, number)),
    net_amount: amountText(cash),
    symbol,
    cusip: "000000000",
    ...(type === "DIVNRA" ? {} : { qty: amountText(units) }),
    ...(perShare === undefined ? {} : { per_share_amount: amountText(perShare) }),
    status: "executed",
  };
}

/** New York's time with its offset, as the clock has it. */
export function newYorkText(time: Millis, digits = 0): string {
  const offset = newYorkOffsetMs(time);
  const text = formatTime(time + offset);
  const fraction = digits === 0
    ? ""
    : `.${String(time % 1_000).padStart(3, "0").padEnd(digits, "0")}`;
  return `${text.slice(0, 19)}${fraction}-0${-offset / 3_600_000}:00`;
}

/** Whether the market trades, and when that changes. */
export function alpacaClock(now: Millis) {
  const session = newYorkHours.current(now);
  const next = nextSession(session ? now : now + 1);
  return {
    timestamp: newYorkText(now, 9),
    is_open: session !== undefined,
    next_open: newYorkText((session ? nextSession(session.close) : next).open),
    next_close: newYorkText((session ?? next).close),
  };
}

/** Sessions of the dates [from, to], 00:00 UTC each. */
export function alpacaCalendar(from: Millis, to: Millis) {
  const days = [];
  for (let date = from; date <= to; date += DAY_MS) {
    const session = sessionOn(date);
    if (!session) continue;
    days.push({
      date: formatDate(date),
      open: "09:30",
      close: session.early ? newYorkText(session.close).slice(11, 16) : "16:00",
      session_open: "0400",
      session_close: session.early ? "1700" : "2000",
      settlement_date: formatDate(nextSession(session.close).date),
    });
  }
  return days;
}

/** One asset of the market. */
export function alpacaAsset({ seed }: World, symbol: string) {
  return {
    id: uuid(seed, `asset/${symbol}`),
    class: "us_equity",
    exchange: "ARCA",
    symbol,
    name: `${symbol} of the fault broker`,
    status: "active",
    tradable: true,
    marginable: true,
    maintenance_margin_requirement: 30,
    margin_requirement_long: "30",
    margin_requirement_short: "30",
    shortable: true,
    easy_to_borrow: true,
    fractionable: true,
    attributes: ["fractional_eh_enabled", "has_options"],
  };
}

/** Whether an order is among those asked for by status. */
export function isAsked(status: string, order: BookOrder): boolean {
  return status === "all" || (status === "closed" ? !isOpen(order) : isOpen(order));
}
