import type { DecimalText } from "../../core/ports.ts";
import type { VenueAccount } from "../../core/trading.ts";
import { Refusal } from "../../core/errors.ts";
import { block, countdown, type Desk, record, report, unblock } from "./desk.ts";
import { exact, textOf, ZERO } from "./exact.ts";
import { syncFills } from "./fills.ts";
import { isTerminal } from "./order_machine.ts";
import { giveUp } from "./resolve.ts";
import type { Intent } from "./state_rows.ts";
import { type Balances, WHOLE_ACCOUNT } from "./state_events.ts";

/** One holding that differs from what our fills explain; the symbol is `*` for cash. */
export interface Difference {
  readonly symbol: string;
  readonly expected: DecimalText;
  readonly found: DecimalText;
}

/** Units that rounding at a venue may make. */
const POSITION_TOLERANCE = exact("0.000000001");

/**
 * Compares ledger and venue, patiently, as reads may be stale. What our fills do not explain blocks its symbol, or the
 * account when it is cash; what agrees again is freed.
 */
export async function reconcile(desk: Desk): Promise<readonly Difference[]> {
  const limit = countdown(desk, desk.venue.settleMs.visibility);
  let account = await readAccount(desk);
  const isOpen = () => differencesOf(desk, account).length > 0 || lateFills(desk).length > 0;
  while (isOpen() && !limit.isOver()) {
    await limit.pause();
    await syncFills(desk);
    account = await readAccount(desk);
  }
  const differences = differencesOf(desk, account);
  const late = lateFills(desk);
  const differing = new Set([...differences, ...late].map(({ symbol }) => symbol));
  for (const { symbol, kind } of desk.state.blocks()) {
    if (kind !== "drift" || differing.has(symbol)) continue;
    unblock(desk, { symbol, block: "drift", reason: "ledger and venue agree again" });
  }
  for (const { symbol, clientOrderId } of late) {
    block(desk, { symbol, block: "drift", reason: `fills of order ${clientOrderId} do not show` });
  }
  for (const difference of differences) block(desk, driftOf(desk, difference));
  if (differences.length === 0) anchor(desk, account);
  return differences;
}

/** Reads holdings; refuses when they are another account's than the state is about. */
export async function readAccount({ venue, state }: Desk): Promise<VenueAccount> {
  const account = await venue.account();
  const opening = state.opening();
  if (opening && opening.accountNumber !== account.accountNumber) {
    throw new Refusal(
      `Cannot trade at ${venue.name}: found account ${account.accountNumber}, expected ${opening.accountNumber}`,
    );
  }
  return account;
}

/** Where the venue's holdings are not the ledger's, beyond rounding. */
export function differencesOf(
  { state, cashTolerance }: Pick<Desk, "state" | "cashTolerance">,
  account: VenueAccount,
): readonly Difference[] {
  const { cash, positions } = state.balances();
  const held = symbolsOf(positions, account.positions)
    .map((symbol) => ({
      symbol,
      expected: positions[symbol] ?? "0",
      found: account.positions[symbol] ?? "0",
    }))
    .filter(({ expected, found }) => gap(expected, found).gt(POSITION_TOLERANCE));
  const allowed = exact(cashTolerance).mul(state.fillsSinceMark());
  const money = { symbol: WHOLE_ACCOUNT, expected: cash, found: account.cash };
  return gap(cash, account.cash).gt(allowed) ? [...held, money] : held;
}

/** Writes an audited record of holdings that are not explained and takes them as they are. Refuses while an order is working or cannot be asked for. */
export async function adoptDrift(
  desk: Desk,
  { operator, reason }: { readonly operator: string; readonly reason: string },
): Promise<readonly Difference[]> {
  for (const pending of desk.state.openIntents()) {
    if (await giveUp(desk, pending)) continue;
    throw new Refusal(
      `Cannot accept drift: order ${pending.clientOrderId} of ${pending.symbol} is ${pending.state}, expected every order to be finished`,
    );
  }
  await syncFills(desk);
  const account = await readAccount(desk);
  const differences = differencesOf(desk, account);
  const before = desk.state.balances();
  const { cash, positions } = account;
  record(desk, { kind: "adopted", operator, reason, before, after: { cash, positions } });
  return differences;
}

/** Finished orders that were filled by more than the venue shows fills of. */
function lateFills({ state }: Desk): readonly Intent[] {
  return state.unsettledIntents().filter(({ state, filled, booked }) =>
    isTerminal(state) && exact(filled).gt(exact(booked))
  );
}

function driftOf({ state }: Desk, { symbol, expected, found }: Difference) {
  const isWaiting = state.unsettledIntents().some((intent) =>
    symbol === WHOLE_ACCOUNT || intent.symbol === symbol
  );
  const what = symbol === WHOLE_ACCOUNT ? "cash" : "holding";
  const why = isWaiting ? "while fills of our orders are missing" : "not explained by our fills";
  const reason = `${what} is ${found}, expected ${expected}: ${why}`;
  return { symbol, block: "drift" as const, reason };
}

/** Takes the venue's rounding into the ledger, so that it does not add up. */
function anchor(desk: Desk, { cash, positions }: Balances): void {
  const ledger = desk.state.balances();
  const isExact = exact(ledger.cash).eq(exact(cash)) &&
    symbolsOf(ledger.positions, positions).every((symbol) =>
      exact(ledger.positions[symbol] ?? "0").eq(exact(positions[symbol] ?? "0"))
    );
  if (isExact) return;
  report(desk, "info", "the venue's rounding is taken over", { before: ledger });
  record(desk, { kind: "anchored", cash, positions });
}

function symbolsOf(...records: readonly Balances["positions"][]): readonly string[] {
  return [...new Set(records.flatMap((positions) => Object.keys(positions).sort()))].sort();
}

function gap(a: DecimalText, b: DecimalText) {
  return exact(a).sub(exact(b)).abs().add(ZERO);
}

/** Holdings without zeros, in digits. */
export function plainBalances({ cash, positions }: Balances): Balances {
  const held = Object.keys(positions).sort()
    .filter((symbol) => !exact(positions[symbol]!).isZero())
    .map((symbol) => [symbol, textOf(exact(positions[symbol]!))] as const);
  return { cash: textOf(exact(cash)), positions: Object.fromEntries(held) };
}
