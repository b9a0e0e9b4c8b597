import type { Millis } from "../../core/bars.ts";
import type {
  LookUpAnswer,
  SubmitAnswer,
  Venue,
  VenueFill,
  VenueOrder,
  VenueRequest,
} from "../../core/trading.ts";
import { exact, smaller, textOf, ZERO } from "./exact.ts";

/** What happens to one request: order and answer as they should be, or one of them lost or refused. */
export type SubmitFate = "fine" | "lost" | "accepted, answer lost" | "refused";

/** A venue in memory whose faults a test writes down, with a ledger of its own. */
export interface TestVenue extends Venue {
  /** What every further request meets, first to last; `fine` when none is left. */
  readonly fates: SubmitFate[];
  /** Share of what is open that fills at each look, from 0 to 1. */
  fillShare: number;
  /** Whether what is open is then cancelled at the next look. */
  cancelsAtLook: boolean;
  /** Answers of reads that are still those of before the first order. */
  staleReads: number;
  isOpen: boolean;
  nextClose: Millis | null;
  time: Millis;
  feeBps: number;
  readonly priceOf: Record<string, string>;
  readonly orders: VenueOrder[];
  readonly fills: VenueFill[];
  cash: string;
  readonly held: Record<string, string>;
  /** Called before (`false`) and after (`true`) each call; never returning stands for a process that died. */
  onCall: (name: string, isAfter: boolean) => Promise<void>;
  /** Changes holdings behind our back. */
  drift(symbol: string, quantity: string): void;
}

const RULES = { minQuantity: "0.01", quantityStep: "0.001", priceStep: "0.01", minNotional: "5" };

/** A venue with 10,000 in cash; BTC at 100, ETH at 10. */
export function testVenue(changes: Partial<TestVenue> = {}): TestVenue {
  const venue: TestVenue = {
    ...{ name: "binance", mode: "paper", idsAreUnique: false },
    settleMs: { acceptance: 5_000, visibility: 2_000 },
    ...{ fates: [], fillShare: 1, cancelsAtLook: false, staleReads: 0, isOpen: true },
    ...{ nextClose: null, time: 1_700_000_000_000, feeBps: 0, cash: "10000", held: {} },
    ...{ priceOf: { BTC: "100", ETH: "10" }, orders: [], fills: [] },
    onCall: () => Promise.resolve(),
    drift(symbol, quantity) {
      add(venue, symbol, quantity);
    },
    account: call("account", () => ({
      ...{ accountNumber: "ACC1", cash: venue.cash },
      positions: Object.fromEntries(
        Object.keys(venue.held).sort().filter((symbol) => !exact(venue.held[symbol]!).isZero())
          .map((symbol) => [symbol, venue.held[symbol]!]),
      ),
    })),
    clock: call("clock", () => ({
      ...{ time: venue.time, isOpen: venue.isOpen, nextOpen: null, nextClose: venue.nextClose },
    })),
    rules: call("rules", () => RULES),
    prices: call("prices", () => venue.priceOf),
    submit: call("submit", (request: VenueRequest) => accept(venue, request)),
    find: call("find", (clientOrderId: string) => look(venue, clientOrderId)),
    openOrders: call(
      "openOrders",
      () => venue.orders.filter(({ status }) => status === "working"),
    ),
    ordersSince: call(
      "ordersSince",
      (symbol: string) => venue.orders.filter((order) => order.symbol === symbol),
    ),
    fillsSince: call(
      "fillsSince",
      (_symbols: readonly string[], since: Millis) =>
        venue.fills.filter(({ time }) => time >= since),
    ),
    cancel: call("cancel", ({ clientOrderId }: VenueOrder) => {
      end(venue, clientOrderId, "canceled");
      return true;
    }),
    ...changes,
  };
  return venue;

  function call<Arguments extends readonly unknown[], Answer>(
    name: string,
    answer: (...values: Arguments) => Answer,
  ): (...values: Arguments) => Promise<Answer> {
    return async (...values) => {
      await venue.onCall(name, false);
      const result = answer(...values);
      await venue.onCall(name, true);
      return result;
    };
  }
}

function accept(venue: TestVenue, request: VenueRequest): SubmitAnswer {
  const fate = venue.fates.shift() ?? "fine";
  if (fate === "lost") return { kind: "unknown", message: "no answer" };
  const isKnown = venue.orders.some((order) => order.clientOrderId === request.clientOrderId);
  if (venue.idsAreUnique && isKnown) {
    return { kind: "refused", code: "40010001", message: "client_order_id must be unique" };
  }
  const isShort = request.side === "sell" &&
    exact(request.quantity).gt(exact(venue.held[request.symbol] ?? "0"));
  const cost = exact(request.quantity).mul(exact(venue.priceOf[request.symbol]!));
  const isPoor = request.side === "buy" && cost.gt(exact(venue.cash));
  if (fate === "refused" || isShort || isPoor) {
    return { kind: "refused", code: "-2010", message: "Account has insufficient balance" };
  }
  const { clientOrderId, symbol, side, quantity } = request;
  const venueOrderId = `v${venue.orders.length + 1}`;
  const order = { clientOrderId, venueOrderId, symbol, side, quantity };
  venue.orders.push({ ...order, filled: "0", status: "working" });
  if (venue.fillShare === 1) fillOpen(venue, venue.orders.length - 1);
  if (fate === "accepted, answer lost") return { kind: "unknown", message: "no answer" };
  return { kind: "acknowledged", order: venue.orders.at(-1)! };
}

function look(venue: TestVenue, clientOrderId: string): LookUpAnswer {
  if (venue.staleReads > 0) {
    venue.staleReads--;
    return { kind: "missing" };
  }
  const place = venue.orders.findIndex((order) => order.clientOrderId === clientOrderId);
  if (place < 0) return { kind: "missing" };
  if (venue.orders[place]!.status === "working") {
    fillOpen(venue, place);
    if (venue.cancelsAtLook) end(venue, clientOrderId, "canceled");
  }
  return { kind: "found", order: venue.orders[place]! };
}

function fillOpen(venue: TestVenue, place: number): void {
  const order = venue.orders[place]!;
  const open = exact(order.quantity).sub(exact(order.filled));
  const share = exact(order.quantity).mul(exact(venue.fillShare));
  const units = smaller(open, share);
  if (units.lte(ZERO)) return;
  const filled = textOf(exact(order.filled).add(units));
  const isWhole = filled === textOf(exact(order.quantity));
  venue.orders[place] = { ...order, filled, status: isWhole ? "filled" : "working" };
  const price = venue.priceOf[order.symbol]!;
  const isBuy = order.side === "buy";
  const fee = (isBuy ? units : units.mul(exact(price))).mul(venue.feeBps).div(10_000);
  const { venueOrderId, symbol, side } = order;
  venue.fills.push({
    ...{ tradeId: `t${venue.fills.length + 1}`, venueOrderId, clientOrderId: "", symbol, side },
    ...{ quantity: textOf(units), price, fee: textOf(fee), feeAsset: isBuy ? symbol : "USDT" },
    time: venue.time,
  });
  const money = units.mul(exact(price));
  add(venue, symbol, textOf(isBuy ? units.sub(fee) : units.neg()));
  venue.cash = textOf(exact(venue.cash).add(isBuy ? money.neg() : money.sub(fee)));
}

function end(venue: TestVenue, clientOrderId: string, status: "canceled"): void {
  const place = venue.orders.findIndex((order) => order.clientOrderId === clientOrderId);
  const order = venue.orders[place];
  if (order?.status === "working") venue.orders[place] = { ...order, status };
}

function add(venue: TestVenue, symbol: string, quantity: string): void {
  venue.held[symbol] = textOf(exact(venue.held[symbol] ?? "0").add(exact(quantity)));
}
