import type { ShortfallRow } from "../../core/parity_report.ts";
import { type Exact, exact, textOf, ZERO } from "../../execution/account/exact.ts";
import type { Ladder } from "./ladder.ts";
import { storedPrices } from "./prices.ts";
import { orderKey, type SessionJournal } from "./session_journal.ts";

/**
 * What every order of the range cost against the close at which it was decided (Perold 1988, The implementation shortfall):
 * until it left, from there to its fills, in fees, and what units that were not filled would have earned until the end.
 */
export function shortfallRows(
  { closes, plan, data, closing }: Ladder,
  { orders }: SessionJournal,
): readonly ShortfallRow[] {
  const prices = storedPrices(plan, data.assets);
  return closes.flatMap(({ time, decision }) =>
    plan.assets.flatMap(({ symbol }): readonly ShortfallRow[] => {
      const order = orders.get(orderKey(time, symbol));
      const decided = decision?.prices[symbol];
      if (!order || decided === undefined) return [];
      const side = order.ordered.gt(0) ? "buy" : "sell";
      const sign = side === "buy" ? 1 : -1;
      const filled = order.filled.abs();
      const paid = sumOver(
        order.fills,
        ({ event }) => exact(event.quantity).mul(exact(event.price)),
      );
      const from = exact(decided);
      const arrival = exact(order.arrivalPrice ?? decided);
      const end = prices.lastClose(symbol, closing.time) ?? from;
      const fees = sumOver(
        order.fills,
        ({ event: { fee, feeAsset, price } }) =>
          feeAsset === symbol ? exact(fee).mul(exact(price)) : exact(fee),
      );
      const left = order.ordered.abs().sub(filled);
      return [{
        ...{ time, symbol, side, ordered: textOf(order.ordered.abs()), filled: textOf(filled) },
        ...{ decisionPrice: decided, arrivalPrice: textOf(arrival) },
        fillPrice: filled.isZero() ? undefined : textOf(paid.div(filled).toDecimalPlaces(8)),
        delay: textOf(arrival.sub(from).mul(filled).mul(sign)),
        execution: textOf(paid.sub(arrival.mul(filled)).mul(sign)),
        fees: textOf(fees),
        unfilled: textOf(end.sub(from).mul(left).mul(sign)),
      }];
    })
  );
}

function sumOver<Item>(items: readonly Item[], valueOf: (item: Item) => Exact): Exact {
  return items.reduce((sum, item) => sum.add(valueOf(item)), ZERO);
}

/** Sums over orders, and the money that changed hands. */
export function shortfallTotals(rows: readonly ShortfallRow[]) {
  const total = (name: "delay" | "execution" | "fees" | "unfilled") =>
    sumOver(rows, (row) => exact(row[name]));
  const [delay, execution, fees, unfilled] = [
    total("delay"),
    total("execution"),
    total("fees"),
    total("unfilled"),
  ];
  const turnover = sumOver(
    rows,
    ({ filled, fillPrice }) => exact(filled).mul(exact(fillPrice ?? "0")),
  );
  return {
    ...{ turnover: textOf(turnover), delay: textOf(delay), execution: textOf(execution) },
    ...{ fees: textOf(fees), unfilled: textOf(unfilled) },
    total: textOf(delay!.add(execution!).add(fees!).add(unfilled!)),
  };
}
