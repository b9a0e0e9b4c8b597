import { Refusal } from "../../core/errors.ts";
import type { DecimalText } from "../../core/ports.ts";
import type { VenueRequest, VenueRules } from "../../core/trading.ts";
import { type Exact, exact, ZERO } from "../account/exact.ts";
import type { PaperLedger, PaperOrder } from "./paper_ledger.ts";

/** What an order is checked against. */
export interface PaperDesk {
  readonly ledger: PaperLedger;
  rules(symbol: string): Promise<VenueRules>;
  lastPrice(symbol: string): Promise<DecimalText>;
  settle(): Promise<void>;
}

/** Why an order is not taken; undefined when it is. */
export async function obstacle(
  { symbol, side, quantity, limitPrice }: VenueRequest,
  { ledger, rules, lastPrice, settle }: PaperDesk,
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
