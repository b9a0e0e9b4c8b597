import { z } from "zod";
import { parseRfc3339 } from "../../core/http_time.ts";
import { newYorkMoment } from "../../core/new_york.ts";
import type { VenueAction, VenueOrder, VenueOrderStatus } from "../../core/trading.ts";
import { errorOf, type JsonAnswer, shaped, statusOf } from "./asking.ts";
import { decimalText, type ExactJson } from "./exact_json.ts";

// Shapes: Alpaca, "Trading API": Account, Positions, Orders, Account Activities, Clock, Calendar, Assets; "Market Data API":
// Latest Trades.

/** What Alpaca calls where an order stands. One that is not here stops trading. */
const STATUSES: Readonly<Record<string, VenueOrderStatus>> = {
  new: "working",
  accepted: "working",
  pending_new: "working",
  accepted_for_bidding: "working",
  partially_filled: "working",
  held: "working",
  stopped: "working",
  suspended: "working",
  calculated: "working",
  pending_cancel: "working",
  pending_replace: "working",
  // For today: until it is canceled or expired, it may go on tomorrow.
  done_for_day: "working",
  filled: "filled",
  canceled: "canceled",
  replaced: "canceled",
  expired: "expired",
  rejected: "rejected",
};

/** A moment with a zone, as milliseconds. */
const moment = z.string().transform(parseRfc3339).refine(Number.isFinite, {
  error: "expected a time with a zone",
});

const side = z.enum(["buy", "sell"]);

export const ACCOUNT = z.object({ account_number: z.string().min(1), cash: decimalText });

export const POSITIONS = z.array(
  z.object({
    symbol: z.string().min(1),
    qty: decimalText,
    side: z.enum(["long", "short"]).default("long"),
  }),
);

export const CLOCK = z.object({
  timestamp: moment,
  is_open: z.boolean(),
  next_open: moment,
  next_close: moment,
});

const TIME_OF_DAY = z.string().regex(/^\d{2}:?\d{2}$/)
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(-2)));

export const CALENDAR = z.array(
  z.object({
    date: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
    open: TIME_OF_DAY,
    close: TIME_OF_DAY,
  }),
);

export const ASSET = z.object({
  symbol: z.string(),
  status: z.string(),
  tradable: z.boolean(),
  fractionable: z.boolean(),
  min_order_size: decimalText.nullish(),
  min_trade_increment: decimalText.nullish(),
  price_increment: decimalText.nullish(),
});

/** Price of each symbol's latest trade; symbols without one are left out or null. */
export const LATEST_TRADES = z.object({
  trades: z.record(z.string(), z.object({ p: decimalText }).transform(({ p }) => p).nullable()),
}).transform(({ trades }) => trades);

/** Price of one symbol's latest trade. */
export const LATEST_TRADE = z.object({ trade: z.object({ p: decimalText }) })
  .transform(({ trade }) => trade.p);

/** Close of each symbol's latest minute. */
export const LATEST_BARS = z.object({
  bars: z.record(z.string(), z.object({ c: decimalText }).transform(({ c }) => c).nullable()),
}).transform(({ bars }) => bars);

const ORDER = z.object({
  id: z.string().min(1),
  client_order_id: z.string(),
  symbol: z.string().min(1),
  side,
  /** Null for an order of money. */
  qty: decimalText.nullable(),
  filled_qty: decimalText,
  status: z.string(),
});

/** Orders in an answer, with what the next page begins after. */
export const ORDERS = z.array(z.object({ id: z.string(), submitted_at: moment.nullish() }));

export const FILLS = z.array(
  z.object({
    id: z.string().min(1),
    order_id: z.string().min(1),
    symbol: z.string().min(1),
    side: z.enum(["buy", "sell", "sell_short"]),
    qty: decimalText,
    price: decimalText,
    transaction_time: moment,
  }),
);

/** Money that dividends bring, and what taxes and fees on them take. */
const DIVIDEND_TYPES = [
  ...["CGD", "DIV", "DIVCGL", "DIVCGS", "DIVFEE", "DIVFT", "DIVNRA", "DIVROC", "DIVTW", "DIVTXEX"],
];

/** Activities that are no orders, by what they are: companies' and, of single days, those of the broker itself. */
const ACTIONS: Readonly<Record<string, VenueAction["action"]>> = {
  ...Object.fromEntries(DIVIDEND_TYPES.map((type) => [type, "dividend"] as const)),
  ...{ SPLIT: "split", FEE: "fee", PTC: "fee", INT: "interest" },
};

/** The types of these activities. */
export const ACTION_TYPES: readonly string[] = Object.keys(ACTIONS).sort();

/** Activities in an answer, those that were not asked for among them. */
export const ACTIVITIES = z.array(
  z.object({ id: z.string().min(1), activity_type: z.string() }).loose(),
);

const ACTION = z.object({
  id: z.string().min(1),
  activity_type: z.string(),
  symbol: z.string().nullish(),
  /** Of the action, in New York. */
  date: z.string().transform((text) => parseRfc3339(`${text.slice(0, 10)}T00:00:00Z`))
    .refine(Number.isFinite, { error: "expected a date" }),
  /** When it was booked; left out by older servers. */
  created_at: moment.nullish(),
  status: z.string().nullish(),
});

const PAYMENT = ACTION.extend({ net_amount: decimalText });

const SPLIT = ACTION.extend({ net_amount: decimalText.nullish(), qty: decimalText });

/** What a company or the broker did, as Alpaca tells of it; undefined for another activity, and for one that was taken back or corrected. */
export function alpacaAction(body: z.output<typeof ACTIVITIES>[number]): VenueAction | undefined {
  const action = ACTIONS[body.activity_type];
  if (action === undefined) return undefined;
  const doing = "Cannot read an activity at alpaca";
  const isSplit = action === "split";
  const units = isSplit ? shaped(SPLIT, body, doing).qty : "0";
  const row = shaped(isSplit ? SPLIT : PAYMENT, body, doing);
  const cash = row.net_amount ?? "0";
  if ((row.status ?? "executed") !== "executed" || (cash === "0" && units === "0")) {
    return undefined;
  }
  return {
    ...{ actionId: row.id, action, symbol: row.symbol ?? "" },
    ...{ cash, units, time: row.created_at ?? newYorkMoment(row.date, 0) },
  };
}

/** An order as Alpaca tells of it. Throws a Refusal for another shape and for a status that nobody knows. */
export function alpacaOrder(body: unknown): VenueOrder {
  const order = shaped(ORDER, body, "Cannot read an order at alpaca");
  return {
    clientOrderId: order.client_order_id,
    venueOrderId: order.id,
    symbol: order.symbol,
    side: order.side,
    quantity: order.qty ?? order.filled_qty,
    filled: order.filled_qty,
    status: statusOf(STATUSES, order.status, "alpaca"),
  };
}

/** Errors after which nothing was accepted, by status: codes of Alpaca's own, so that no proxy can speak for it. */
const REFUSALS: Readonly<Record<number, readonly string[]>> = {
  400: ["40010000", "40010001"],
  401: ["40110000", "40100000", ""],
  403: ["40310000", "40310100"],
  404: ["40410000"],
  422: ["42210000", "40010001", "42210001"],
  429: ["42910000"],
};

/** Whether an order was refused for certain. */
export function isAlpacaRefusal({ status, body }: JsonAnswer): boolean {
  const { code, message } = errorOf(body);
  return message !== "" && (REFUSALS[status]?.includes(code) ?? false);
}

/** Whether the id was used before; the code alone is that of any bad input. */
export function isAlpacaDuplicate({ status, body }: JsonAnswer): boolean {
  const { message } = errorOf(body);
  return (status === 422 || status === 400) && /client_order_id must be unique/i.test(message);
}

/** Whether an order is said not to exist, in Alpaca's own words. */
export function isAlpacaMissing({ status, body }: JsonAnswer): boolean {
  return status === 404 && errorOf(body).code === "40410000";
}

/** The list in an answer, for those who read it row by row. */
export function rowsOf(body: ExactJson): readonly ExactJson[] {
  return shaped(z.array(z.custom<ExactJson>()), body, "Cannot read a list at alpaca");
}
