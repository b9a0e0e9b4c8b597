import type { VenueOrder } from "../../core/trading.ts";
import { exact, textOf, ZERO } from "../account/exact.ts";
import type { PaperLedger, PaperOrder } from "./paper_ledger.ts";
import type { PaperAsset, PaperSettings } from "./paper_settings.ts";
import type { Met } from "./quotes.ts";

/** Looks whether the market has met an order by now, and books it. */
export async function settleOne(
  { quotes, clock }: Pick<PaperSettings, "quotes" | "clock">,
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
