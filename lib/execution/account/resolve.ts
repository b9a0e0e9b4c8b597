import { HOUR_MS } from "../../core/bars.ts";
import type { VenueFill, VenueOrder } from "../../core/trading.ts";
import { block, countdown, type Desk, record, report, unblock } from "./desk.ts";
import { exact } from "./exact.ts";
import { isAmbiguous, isTerminal, observed } from "./order_machine.ts";
import type { Intent } from "./state_rows.ts";

/**
 * Finds out what became of a request that may have left: looks the order up until it is found, or until its absence is
 * proved. Whatever is still unknown then quarantines the symbol. `resend` is asked once, where the venue refuses ids that
 * it has seen, and says whether it sent the same order again.
 */
export async function resolveAmbiguous(
  desk: Desk,
  intent: Intent,
  { resend, lookUpMs = desk.timing.lookUpMs }: {
    readonly resend?: (intent: Intent) => Promise<boolean>;
    readonly lookUpMs?: number;
  } = {},
): Promise<Intent> {
  const { clientOrderId, symbol } = intent;
  const current = () => desk.state.intent(clientOrderId)!;
  const limit = countdown(desk, lookUpMs);
  let mayResend = desk.venue.idsAreUnique && resend !== undefined;
  for (;;) {
    const answer = await desk.venue.find(clientOrderId, symbol);
    if (answer.kind === "found" && observe(desk, current(), answer.order)) break;
    if (answer.kind === "missing") {
      const isLast = limit.isOver();
      if (mayResend) {
        mayResend = false;
        if (await resend!(current()) && !isAmbiguous(current().state)) break;
      } else if (isLast && await isProvedAbsent(desk, current())) {
        setState(desk, current(), "REFUSED", "proved absent");
        break;
      }
    }
    if (!isAmbiguous(current().state)) break; // a fill told more than the look-up
    if (limit.isOver()) break;
    await limit.pause();
  }
  if (isAmbiguous(current().state)) quarantine(desk, intent, "unknown");
  else release(desk, intent);
  return current();
}

function quarantine(desk: Desk, { clientOrderId, symbol }: Intent, what: string): void {
  const reason = `order ${clientOrderId} is ${what}`;
  block(desk, { symbol, block: "quarantine", reason });
}

/** Frees a symbol when the order that is known now was the last one that was not. */
function release(desk: Desk, { clientOrderId, symbol }: Intent): void {
  if (hasAmbiguous(desk, symbol)) return;
  unblock(desk, { symbol, block: "quarantine", reason: `order ${clientOrderId} is known` });
}

/** Asks how an acknowledged order does until the venue shows it; one that it shows no more quarantines its symbol. */
export async function followUp(desk: Desk, intent: Intent): Promise<void> {
  const limit = countdown(desk, desk.venue.settleMs.visibility);
  for (;;) {
    const answer = await desk.venue.find(intent.clientOrderId, intent.symbol);
    const current = desk.state.intent(intent.clientOrderId)!;
    if (answer.kind === "found" && observe(desk, current, answer.order)) {
      return release(desk, intent);
    }
    if (limit.isOver()) return quarantine(desk, intent, "no longer shown");
    await limit.pause();
  }
}

/** Ends an order that an operator gives up, if the venue neither shows it nor has it working; false when it does. */
export async function giveUp(desk: Desk, intent: Intent): Promise<boolean> {
  const current = await refresh(desk, intent);
  if (isTerminal(current.state)) return true;
  const answer = await desk.venue.find(intent.clientOrderId, intent.symbol);
  const open = await desk.venue.openOrders();
  const isShown = answer.kind !== "missing" ||
    open.some(({ clientOrderId }) => clientOrderId === intent.clientOrderId);
  if (isShown) return false;
  setState(desk, current, isAmbiguous(current.state) ? "REFUSED" : "CANCELED", "given up");
  release(desk, current);
  return true;
}

function hasAmbiguous({ state }: Desk, symbol: string): boolean {
  return state.openIntents().some((other) => other.symbol === symbol && isAmbiguous(other.state));
}

/** Too late to be accepted or to be invisible still, and in neither the orders nor the fills since. */
async function isProvedAbsent(desk: Desk, intent: Intent): Promise<boolean> {
  const { acceptance, visibility } = desk.venue.settleMs;
  const sentAt = intent.sentAt ?? desk.clock.now();
  if (desk.clock.now() <= sentAt + acceptance + visibility) return false;
  const since = sentAt - HOUR_MS; // clocks differ
  const orders = await desk.venue.ordersSince(intent.symbol, since);
  if (orders.some(({ clientOrderId }) => clientOrderId === intent.clientOrderId)) return false;
  const fills = await desk.venue.fillsSince([intent.symbol], since);
  return !fills.some((fill) =>
    fill.clientOrderId === intent.clientOrderId ||
    // A fill that nobody claims may be this order's.
    (fill.clientOrderId === "" && fill.time >= since && fill.side === intent.side &&
      fill.symbol === intent.symbol && isUnclaimed(desk, fill, orders))
  );
}

function isUnclaimed(
  { state }: Desk,
  { symbol, venueOrderId }: VenueFill,
  orders: readonly VenueOrder[],
): boolean {
  return !state.intentOfVenueOrder(symbol, venueOrderId) &&
    !orders.some((order) => order.venueOrderId === venueOrderId);
}

/** Takes over what the venue tells of an order; false when it tells of another one under the same id. */
export function observe(desk: Desk, intent: Intent, order: VenueOrder): boolean {
  const isSame = order.clientOrderId === intent.clientOrderId && order.symbol === intent.symbol &&
    order.side === intent.side && exact(order.quantity).eq(exact(intent.quantity));
  if (!isSame) {
    report(desk, "error", "the venue tells of another order under our id", { intent, order });
    return false;
  }
  const next = observed(intent, order);
  const venueOrderId = intent.venueOrderId || order.venueOrderId;
  const isNews = next.state !== intent.state || next.filled !== intent.filled ||
    venueOrderId !== intent.venueOrderId;
  if (isNews) {
    const { state, filled } = next;
    const { clientOrderId } = intent;
    record(desk, {
      kind: "order",
      clientOrderId,
      state,
      filled,
      venueOrderId,
      reason: order.status,
    });
  }
  return true;
}

/** Moves an order by our own knowledge. */
export function setState(
  desk: Desk,
  { clientOrderId, filled, venueOrderId }: Intent,
  state: Intent["state"],
  reason: string,
): void {
  record(desk, { kind: "order", clientOrderId, state, filled, venueOrderId, reason });
}

/** Asks the venue once how an acknowledged order does; a miss or no answer changes nothing. */
export async function refresh(desk: Desk, intent: Intent): Promise<Intent> {
  const answer = await desk.venue.find(intent.clientOrderId, intent.symbol);
  const current = desk.state.intent(intent.clientOrderId)!;
  if (answer.kind === "found") observe(desk, current, answer.order);
  return desk.state.intent(intent.clientOrderId)!;
}

/** Cancels an order that is still working and reads how it ended, for a while. */
export async function cancelIntent(desk: Desk, intent: Intent): Promise<Intent> {
  const { clientOrderId, symbol, side, quantity, filled } = intent;
  const limit = countdown(desk, desk.venue.settleMs.visibility);
  let current = intent;
  while (!isTerminal(current.state)) {
    const order = { clientOrderId, symbol, side, quantity, filled, status: "working" as const };
    await desk.venue.cancel({ ...order, venueOrderId: current.venueOrderId });
    current = await refresh(desk, current);
    if (isTerminal(current.state) || limit.isOver()) break;
    await limit.pause();
  }
  return current;
}
