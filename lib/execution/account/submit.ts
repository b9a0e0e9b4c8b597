import type { SubmitAnswer, VenueRequest } from "../../core/trading.ts";
import { type Desk, isBlocked, record, report } from "./desk.ts";
import { exact } from "./exact.ts";
import { isFlattening, isKilled } from "./kill_switch.ts";
import { isDuplicate } from "./order_machine.ts";
import { observe, resolveAmbiguous, setState } from "./resolve.ts";
import { isBelowMinimum } from "./sizing.ts";
import { type PlannedOrder, WHOLE_ACCOUNT } from "./state_events.ts";
import type { Intent } from "./state_rows.ts";

/** Whether trading can go on, and if not, why. */
export type Gate =
  | { readonly kind: "open" }
  | { readonly kind: "killed" | "blocked" | "closed" | "stopped"; readonly reason: string };

/** What came of an order: it left, or it did not and nothing was written. */
export type Submission =
  | { readonly kind: "sent"; readonly intent: Intent }
  | { readonly kind: "held"; readonly gate: Exclude<Gate, { kind: "open" }> }
  | { readonly kind: "skipped"; readonly reason: string };

/** Sends one order once: checks, commits that it leaves, asks the kill switch once more, sends, commits what came of it. */
export async function submit(
  desk: Desk,
  order: PlannedOrder,
  { price, gross }: { readonly price: string; readonly gross: string },
): Promise<Submission> {
  const gate = await tradingGate(desk, order);
  if (gate.kind !== "open") return { kind: "held", gate };
  const rules = await desk.venue.rules(order.symbol);
  const quantity = exact(order.quantity);
  if (isBelowMinimum(quantity, { price: exact(price), rules })) {
    return { kind: "skipped", reason: "below_minimum" };
  }
  const { maxOrderNotional, maxGrossNotional } = desk.limits;
  const notional = quantity.mul(exact(price));
  const isOver = (maxOrderNotional !== undefined && notional.gt(exact(maxOrderNotional))) ||
    (maxGrossNotional !== undefined && exact(gross).add(notional).gt(exact(maxGrossNotional)));
  if (order.side === "buy" && isOver) return { kind: "skipped", reason: "over_limit" };
  if (isDenied(desk, order)) {
    return { kind: "held", gate: { kind: "killed", reason: "the kill switch is on" } };
  }
  const { clientOrderId } = order;
  record(desk, { kind: "planned", ...order, arrivalPrice: price }, leaving(clientOrderId));
  await send(desk, desk.state.intent(clientOrderId)!);
  return { kind: "sent", intent: desk.state.intent(clientOrderId)! };
}

/**
 * Kill switch, blocks, lease and the venue's clock, in this order, and for an order the session of its symbol: one market
 * that is closed holds no other.
 */
export async function tradingGate(
  desk: Desk,
  order?: Pick<PlannedOrder, "symbol" | "leg" | "side">,
): Promise<Gate> {
  return standingGate(desk, order) ?? await clockGate(desk, order?.symbol);
}

/** What holds everything, or one symbol, whatever the time is. */
function standingGate(
  desk: Desk,
  order?: Partial<Pick<PlannedOrder, "symbol">> & Pick<PlannedOrder, "leg" | "side">,
): Exclude<Gate, { kind: "open" }> | undefined {
  if (isDenied(desk, order)) return { kind: "killed", reason: "the kill switch is on" };
  if (isBlocked(desk, order?.symbol)) {
    return { kind: "blocked", reason: blockReason(desk, order?.symbol) };
  }
  if (desk.lease.isHeld()) return undefined;
  return { kind: "stopped", reason: "the account's lock is lost" };
}

/** Whether clocks agree, and whether the market of a symbol is open for longer than a moment. */
export async function clockGate(desk: Desk, symbol?: string): Promise<Gate> {
  let skew = Infinity;
  for (let tries = 0; tries < 3; tries++) {
    const sent = desk.clock.now();
    const clock = await desk.venue.clock(symbol);
    skew = clock.time - (sent + desk.clock.now()) / 2;
    if (Math.abs(skew) >= desk.timing.skewStopMs) continue; // a slow answer looks like a wrong clock
    if (Math.abs(skew) >= desk.timing.skewWarnMs) {
      report(desk, "warning", "clocks differ", { skew });
    }
    if (symbol === undefined) return { kind: "open" };
    const isClosing = clock.nextClose !== null &&
      clock.nextClose - clock.time <= desk.timing.closeMarginMs;
    if (!clock.isOpen) return { kind: "closed", reason: "the market is closed" };
    return isClosing ? { kind: "closed", reason: "the market is closing" } : { kind: "open" };
  }
  return { kind: "stopped", reason: `the venue's clock differs by ${Math.round(skew)} ms` };
}

/** Sends the same order again where ids are unique for ever: a late twin is refused. True when it left. */
export async function resend(desk: Desk, intent: Intent): Promise<boolean> {
  const { leg, side, symbol } = intent; // of its own symbol only the session counts: it is the reason for a quarantine
  const gate = standingGate(desk, { leg, side }) ?? await clockGate(desk, symbol);
  if (gate.kind !== "open" || isDenied(desk, intent)) return false;
  record(desk, leaving(intent.clientOrderId));
  await send(desk, desk.state.intent(intent.clientOrderId)!);
  return true;
}

async function send(desk: Desk, intent: Intent): Promise<void> {
  if (isDenied(desk, intent)) {
    // Of a second sending nobody knows what became of the first.
    if (intent.sends > 1) setState(desk, intent, "UNKNOWN", "killed before it was sent again");
    else setState(desk, intent, "REFUSED", "killed before it was sent");
    return;
  }
  classify(desk, intent, await answerTo(desk, requestOf(intent)));
}

async function answerTo({ venue }: Desk, request: VenueRequest): Promise<SubmitAnswer> {
  try {
    return await venue.submit(request);
  } catch (error) {
    return { kind: "unknown", message: String(error) };
  }
}

function classify(desk: Desk, sent: Intent, answer: SubmitAnswer): void {
  const intent = desk.state.intent(sent.clientOrderId)!;
  if (answer.kind === "acknowledged" && observe(desk, intent, answer.order)) return;
  if (answer.kind === "refused" && !isDuplicate(answer) && intent.sends === 1) {
    setState(desk, intent, "REFUSED", `${answer.code} ${answer.message}`.trim());
    return;
  }
  const message = answer.kind === "acknowledged" ? "acknowledged as another order" : answer.message;
  setState(desk, intent, "UNKNOWN", message);
}

/** Looks for an order whose sending got no clear answer; sends it again where that is harmless. */
export function settleAmbiguous(desk: Desk, intent: Intent, lookUpMs: number): Promise<Intent> {
  return resolveAmbiguous(desk, intent, { lookUpMs, resend: (known) => resend(desk, known) });
}

/** Under the kill switch only sales of what is held may leave, and only when it says so. */
function isDenied({ folder }: Desk, order?: Pick<PlannedOrder, "leg" | "side">): boolean {
  if (!isKilled(folder)) return false;
  return !(order?.leg === "flatten" && order.side === "sell" && isFlattening(folder));
}

function blockReason({ state }: Desk, of: string | undefined): string {
  return state.blocks().filter(({ symbol }) => symbol === WHOLE_ACCOUNT || symbol === of)
    .map(({ kind, reason }) => `${kind}: ${reason}`).join("; ");
}

function leaving(clientOrderId: string) {
  return {
    ...{ kind: "order", clientOrderId, state: "SUBMITTING", filled: "0" } as const,
    ...{ venueOrderId: "", reason: "" },
  };
}

function requestOf({ clientOrderId, symbol, side, quantity, limitPrice }: Intent): VenueRequest {
  const request = { clientOrderId, symbol, side, quantity };
  return limitPrice === null ? request : { ...request, limitPrice };
}
