import { DAY_MS, HOUR_MS, type Millis } from "../../core/bars.ts";
import type { VenueFill } from "../../core/trading.ts";
import { type Desk, record, unblock } from "./desk.ts";
import { exact, textOf, ZERO } from "./exact.ts";
import { observed } from "./order_machine.ts";
import type { StateEvent } from "./state_events.ts";
import type { Intent } from "./state_rows.ts";

/**
 * Books the fills of our orders that are not booked yet, and returns those of nobody we know. Asks from a day before the
 * last time, as late and unsorted rows are normal, and from before any order whose fills are incomplete.
 */
export async function syncFills(desk: Desk): Promise<readonly VenueFill[]> {
  const { state, venue, clock } = desk;
  const now = clock.now();
  const symbols = [...new Set([...desk.symbols, ...state.unsettledIntents().map((i) => i.symbol)])];
  const rows = await venue.fillsSince(symbols.sort(), sinceWhen(desk) - DAY_MS);
  await syncActions(desk);
  const foreign: VenueFill[] = [];
  for (const row of rows) {
    const intent = intentOfFill(desk, row);
    if (!intent) foreign.push(row);
    else if (!state.hasFill(row.symbol, row.tradeId)) bookFill(desk, intent, row);
  }
  releaseEnded(desk);
  if (now - state.syncedUntil() >= HOUR_MS) record(desk, { kind: "synced", until: now });
  return foreign;
}

/** Frees symbols all of whose orders have ended: a fill may have told what no look-up did. */
function releaseEnded(desk: Desk): void {
  const open = new Set(desk.state.openIntents().map(({ symbol }) => symbol));
  for (const { symbol, kind } of desk.state.blocks()) {
    if (kind !== "quarantine" || open.has(symbol)) continue;
    unblock(desk, { symbol, block: kind, reason: "its fills told how its orders ended" });
  }
}

/** Books what dividends and splits did since holdings were taken as they were; before, they are part of what was found. */
export async function syncActions(desk: Desk): Promise<void> {
  const { state, venue } = desk;
  const takenAt = state.adoptions().at(-1)?.time ?? state.opening()?.openedAt ?? Infinity;
  const actions = await venue.actionsSince?.(takenAt) ?? [];
  for (const action of actions) {
    if (action.time <= takenAt || state.hasAction(action.actionId)) continue;
    record(desk, { kind: "corporate_action", ...action });
  }
}

function sinceWhen({ state }: Desk): Millis {
  const sent = state.unsettledIntents().map(({ sentAt }) => sentAt ?? Infinity);
  return Math.min(state.syncedUntil(), ...sent);
}

function intentOfFill({ state }: Desk, fill: VenueFill): Intent | undefined {
  const intent = fill.clientOrderId === ""
    ? fill.venueOrderId === ""
      ? undefined
      : state.intentOfVenueOrder(fill.symbol, fill.venueOrderId)
    : state.intent(fill.clientOrderId);
  return intent?.symbol === fill.symbol && intent.side === fill.side ? intent : undefined;
}

/** A fill is the strongest word on its order: both are committed together. */
function bookFill(desk: Desk, intent: Intent, fill: VenueFill): void {
  const units = intent.adopted ? ZERO : exact(fill.quantity);
  const booked = exact(intent.booked).add(units);
  const next = observed(intent, { status: "working", filled: textOf(booked) });
  const events: StateEvent[] = [{
    ...{ kind: "fill", tradeId: fill.tradeId, venueOrderId: fill.venueOrderId },
    ...{ clientOrderId: intent.clientOrderId, symbol: fill.symbol, side: fill.side },
    ...{ quantity: textOf(exact(fill.quantity)), price: textOf(exact(fill.price)) },
    ...{ fee: textOf(exact(fill.fee)), feeAsset: fill.feeAsset, time: fill.time },
  }];
  if (next.state !== intent.state || next.filled !== intent.filled) {
    events.push({
      ...{ kind: "order", clientOrderId: intent.clientOrderId, reason: "filled" },
      ...{ state: next.state, filled: next.filled },
      venueOrderId: intent.venueOrderId || fill.venueOrderId,
    });
  }
  record(desk, ...events);
}
