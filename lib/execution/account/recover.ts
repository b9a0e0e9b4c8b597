import { Refusal } from "../../core/errors.ts";
import { canonicalJson } from "../../core/hash.ts";
import type { VenueFill, VenueOrder } from "../../core/trading.ts";
import { isOurId } from "./client_order_id.ts";
import { block, type Desk, record, report, tellJournal, unblock } from "./desk.ts";
import { waitingDecision } from "./decide.ts";
import { syncFills } from "./fills.ts";
import { isAmbiguous } from "./order_machine.ts";
import { type Difference, plainBalances, readAccount, reconcile } from "./reconcile.ts";
import { followUp, resolveAmbiguous, setState } from "./resolve.ts";
import type { ChainHead } from "./state_chain.ts";
import { type Balances, WHOLE_ACCOUNT } from "./state_events.ts";
import type { Block, Intent } from "./state_rows.ts";
import { verifyAccount } from "./verify.ts";

/** What a start found. Trading may go on where nothing is blocked. */
export interface Recovery {
  readonly head: ChainHead;
  readonly differences: readonly Difference[];
  readonly blocked: readonly Block[];
  /** Orders and fills of somebody else; they are left alone. */
  readonly foreignOrders: readonly VenueOrder[];
  readonly foreignFills: readonly VenueFill[];
}

/** Every start: from whatever the last session left to a state that agrees with the venue, or a block that says why not. */
export async function recover(desk: Desk, file: string): Promise<Recovery> {
  const verdict = await verifyAccount(file);
  if (!verdict.ok) {
    throw new Refusal(
      `Cannot trade on ${file}: row ${verdict.row} of ${verdict.table} is broken: ${verdict.reason}`,
    );
  }
  tellJournal(desk);
  await open(desk);
  for (const intent of desk.state.openIntents()) {
    if (intent.state === "PLANNED") setState(desk, intent, "REFUSED", "never sent");
    else if (isAmbiguous(intent.state)) await lookFor(desk, intent);
    else await followUp(desk, intent);
  }
  const foreignFills = await syncFills(desk);
  const foreignOrders = await checkOpenOrders(desk);
  const differences = await reconcile(desk);
  if (foreignFills.length > 0) {
    report(desk, "warning", "fills of somebody else", { foreignFills });
  }
  const head = desk.state.head();
  report(desk, "info", "recovered", { head, blocked: desk.state.blocks() });
  return { head, differences, blocked: desk.state.blocks(), foreignOrders, foreignFills };
}

/**
 * Looks long only for what was sent just now and cannot simply be sent again when its decision is carried out; what is older
 * has had its time to show, and is looked for as long as answers may lag.
 */
async function lookFor(desk: Desk, intent: Intent): Promise<void> {
  const { venue, clock, timing: { pollMs, lookUpMs } } = desk;
  const isSentAgain = venue.idsAreUnique &&
    waitingDecision(desk)?.barCloseTime === intent.barCloseTime;
  const sinceMs = clock.now() - (intent.sentAt ?? clock.now());
  const leftMs = Math.max(venue.settleMs.visibility, lookUpMs - sinceMs);
  await resolveAmbiguous(desk, intent, { lookUpMs: isSentAgain ? pollMs : leftMs });
}

/** The first time, holdings are taken as they are; ever after they have to be explained. */
async function open(desk: Desk): Promise<void> {
  const { venue, state } = desk;
  const account = await readAccount(desk);
  const opening = state.opening();
  if (opening && (opening.venue !== venue.name || opening.mode !== venue.mode)) {
    throw new Refusal(
      `Cannot trade at ${venue.name} (${venue.mode}): the state is of ${opening.venue} (${opening.mode})`,
    );
  }
  if (opening) return;
  const { accountNumber } = account;
  const balances = await settledBalances(desk, plainBalances(account));
  record(desk, { kind: "opened", venue: venue.name, mode: venue.mode, accountNumber, ...balances });
  if (Object.keys(balances.positions).length > 0) {
    report(desk, "warning", "the account holds something already", { balances });
  }
}

/** Holdings that two looks agree on, since everything later is measured by them. */
async function settledBalances(desk: Desk, first: Balances): Promise<Balances> {
  let known = first;
  for (let tries = 0; tries < 3; tries++) {
    const pauseMs = Math.min(desk.venue.settleMs.visibility, desk.timing.openingMs);
    if (pauseMs > 0) await desk.sleep(pauseMs);
    const again = plainBalances(await readAccount(desk));
    if (canonicalJson(again) === canonicalJson(known)) return again;
    known = again;
  }
  throw new Refusal(`Cannot open the account at ${desk.venue.name}: its holdings keep changing`);
}

/** Warns of orders that are not ours, stops at those of another instance of ours, and takes back what must not be there. */
async function checkOpenOrders(desk: Desk): Promise<readonly VenueOrder[]> {
  const { state, venue } = desk;
  const orders = await venue.openOrders();
  const others = orders.filter(({ clientOrderId }) => !isOurId(clientOrderId));
  if (others.length > 0) report(desk, "warning", "orders of somebody else", { orders: others });
  const twins = orders.filter(({ clientOrderId }) =>
    isOurId(clientOrderId) && !state.intent(clientOrderId)
  );
  const [twin] = twins;
  const instance = { symbol: WHOLE_ACCOUNT, block: "instance" } as const;
  if (twin) {
    const reason = `order ${twin.clientOrderId} of ${twin.symbol} is of another instance`;
    block(desk, { ...instance, reason });
  } else unblock(desk, { ...instance, reason: "no order of another instance is left" });
  for (const order of orders) {
    if (state.intent(order.clientOrderId)?.state !== "REFUSED") continue;
    report(desk, "error", "an order that was held for refused is working", { order });
    await venue.cancel(order);
  }
  return [...others, ...twins];
}
