// deno-lint-ignore-file require-await -- what a venue refuses is a rejection, never thrown at once
import type { Millis } from "../../core/bars.ts";
import { isOpen, nextSession, sessionOn } from "../../core/calendar.ts";
import { DAY_MS } from "../../core/bars.ts";
import { Refusal } from "../../core/errors.ts";
import type { Venue, VenueAction, VenueFill, VenueOrder } from "../../core/trading.ts";
import { exact, textOf } from "../../execution/account/exact.ts";
import type { PlannedAsset } from "../plan.ts";
import type { StoredPrices } from "./prices.ts";

/** How a scripted venue differs from what a backtest takes for granted; everything may be changed at any time. */
export interface VenueScript {
  /** Quotes above the bar's open, and what fills cost beyond the plan's slippage, in basis points. */
  quoteBps: number;
  slippageBps: number;
  /** Share of an order that is filled. */
  share: number;
  isRejecting: boolean;
  isDown: boolean;
  /** No market is open, whatever the calendar says. */
  isClosed: boolean;
  feeBps: Readonly<Record<string, number>>;
  step: string;
  minQuantity: string;
  /** The venue's clock less ours. */
  aheadMs: number;
}

/** A venue in memory that fills at once at the open of the bar of the moment, changed by its script. */
export interface ScriptedVenue extends Venue {
  readonly script: VenueScript;
  /** Moves money and units behind our back. */
  byHand(
    change: { readonly cash?: string; readonly units?: Readonly<Record<string, string>> },
  ): void;
  /** A dividend that the venue books now. */
  pay(symbol: string, perUnit: string): void;
}

/** A venue in memory that does what its script says, and otherwise fills whole orders at once. */
export function scriptedVenue(
  { assets, prices, now, cash, script }: {
    readonly assets: readonly PlannedAsset[];
    readonly prices: StoredPrices;
    now(): Millis;
    readonly cash: string;
    readonly script: VenueScript;
  },
): ScriptedVenue {
  let money = exact(cash);
  const held = new Map<string, ReturnType<typeof exact>>();
  const orders: VenueOrder[] = [];
  const fills: VenueFill[] = [];
  const actions: VenueAction[] = [];
  const add = (symbol: string, units: string) =>
    held.set(symbol, (held.get(symbol) ?? exact("0")).add(exact(units)));
  const quote = (symbol: string) => {
    const open = prices.openAt(symbol, now())!.open;
    if (script.quoteBps === 0) return open;
    return open.mul(exact(10_000 + script.quoteBps)).div(10_000).toDecimalPlaces(8);
  };
  const isUp = () => {
    if (script.isDown) throw new Refusal("Cannot reach the venue");
  };
  return {
    ...{ name: "binance", mode: "paper", idsAreUnique: true, script },
    settleMs: { acceptance: 0, visibility: 0 },
    async account() {
      isUp();
      const positions = [...held].filter(([, units]) => !units.isZero())
        .map(([symbol, units]) => [symbol, textOf(units)] as const);
      return { accountNumber: "S1", cash: textOf(money), positions: Object.fromEntries(positions) };
    },
    async clock(symbol) {
      const time = now() + script.aheadMs;
      const isEquity = assets.some((asset) =>
        asset.symbol === symbol && asset.assetClass === "equity"
      );
      if (!isEquity) return { time, isOpen: !script.isClosed, nextOpen: null, nextClose: null };
      const open = !script.isClosed && isOpen(now());
      const today = open ? sessionOn(Math.floor(now() / DAY_MS) * DAY_MS) : undefined;
      return {
        time,
        isOpen: open,
        nextOpen: nextSession(now()).open,
        nextClose: today?.close ?? null,
      };
    },
    rules: () =>
      Promise.resolve({
        ...{ minQuantity: script.minQuantity, quantityStep: script.step },
        ...{ priceStep: "0", minNotional: "0" },
      }),
    async prices(symbols) {
      isUp();
      return Object.fromEntries(symbols.map((symbol) => [symbol, textOf(quote(symbol))]));
    },
    async submit({ clientOrderId, symbol, side, quantity }) {
      if (script.isRejecting) return { kind: "refused", code: "X", message: "not today" };
      const asset = assets.find((one) => one.symbol === symbol)!;
      const sign = side === "buy" ? 1 : -1;
      const bps = sign * (asset.slippageBps + script.slippageBps);
      const price = quote(symbol).mul(exact(10_000 + bps)).div(10_000);
      const units = exact(quantity).mul(exact(script.share)).toDecimalPlaces(3);
      const fee = units.mul(price).mul(exact(script.feeBps[symbol] ?? asset.feeBps)).div(10_000);
      const isWhole = units.eq(exact(quantity));
      const venueOrderId = `v${orders.length + 1}`;
      const status = isWhole ? "filled" : "working";
      orders.push({
        clientOrderId,
        venueOrderId,
        symbol,
        side,
        quantity,
        filled: textOf(units),
        status,
      });
      if (!units.isZero()) {
        money = money.sub(units.mul(price).mul(sign)).sub(fee);
        add(symbol, textOf(units.mul(sign)));
        fills.push({
          ...{ tradeId: `t${fills.length + 1}`, venueOrderId, clientOrderId, symbol, side },
          ...{ quantity: textOf(units), price: textOf(price), fee: textOf(fee), feeAsset: "USD" },
          time: now(),
        });
      }
      return { kind: "acknowledged", order: orders.at(-1)! };
    },
    async find(clientOrderId) {
      const order = orders.find((one) => one.clientOrderId === clientOrderId);
      return order ? { kind: "found", order } : { kind: "missing" };
    },
    openOrders: () => Promise.resolve(orders.filter(({ status }) => status === "working")),
    ordersSince: (symbol) => Promise.resolve(orders.filter((one) => one.symbol === symbol)),
    fillsSince: (symbols, since) =>
      Promise.resolve(
        fills.filter(({ symbol, time }) => symbols.includes(symbol) && time >= since),
      ),
    actionsSince: (since) => Promise.resolve(actions.filter(({ time }) => time >= since)),
    async cancel({ clientOrderId }) {
      const place = orders.findIndex((one) => one.clientOrderId === clientOrderId);
      if (orders[place]?.status === "working") {
        orders[place] = { ...orders[place], status: "canceled" };
      }
      return true;
    },
    byHand({ cash: paid = "0", units = {} }) {
      money = money.add(exact(paid));
      for (const symbol of Object.keys(units).sort()) add(symbol, units[symbol]!);
    },
    pay(symbol, perUnit) {
      const paid = (held.get(symbol) ?? exact("0")).mul(exact(perUnit));
      money = money.add(paid);
      actions.push({
        ...{ actionId: `${symbol} ${now()}`, action: "dividend", symbol, time: now() },
        ...{ cash: textOf(paid), units: "0" },
      });
    },
  };
}
