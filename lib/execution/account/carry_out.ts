import { countdown, type Desk, isBlocked, record } from "./desk.ts";
import { textOf } from "./exact.ts";
import { isAmbiguous } from "./order_machine.ts";
import { bookFills, runLeg, type Waiting } from "./rebalance.ts";
import { plainBalances, reconcile } from "./reconcile.ts";
import { cancelIntent } from "./resolve.ts";
import { navOf } from "./sizing.ts";
import type { Intent, StoredDecision } from "./state_rows.ts";
import { type Gate, tradingGate } from "./submit.ts";

/** How far a decision got. All but `done` leave it waiting for the next try, until a newer one takes its place. */
export interface Execution {
  readonly status: "done" | "waiting" | "killed" | "blocked" | "stopped" | "unfinished" | "idle";
  readonly reason: string;
  readonly orders: readonly Intent[];
}

/** Takes the account to the targets of a decision: sells, confirmed, then buys from the cash that is there. */
export async function carryOut(desk: Desk, decision: StoredDecision): Promise<Execution> {
  const { barCloseTime } = decision;
  const ended = (status: Execution["status"], reason = ""): Execution => ({
    ...{ status, reason, orders: desk.state.intentsOf(barCloseTime) },
  });
  const gate = await tradingGate(desk);
  if (gate.kind !== "open") return ended(statusOf(gate), gate.reason);
  const limit = countdown(desk, desk.timing.deadlineMs);
  await cancelOlder(desk, barCloseTime);
  const sales = countdown(desk, desk.timing.deadlineMs / 2);
  const sold = await runLeg(desk, decision, { leg: "sell", limit: sales });
  const end = sold.kind === "finished" ? await runLeg(desk, decision, { leg: "buy", limit }) : sold;
  await closeBooks(desk);
  if (end.kind === "held") return ended(statusOf(end.gate), end.gate.reason);
  if (end.kind === "unfinished") return ended("unfinished", end.reason);
  const blocked = blockedTargets(desk, decision);
  const waiting = new Map([...sold.kind === "finished" ? sold.waiting : [], ...end.waiting]);
  if (waiting.size > 0) return ended("waiting", [...reasonsOf(waiting), ...blocked].join("; "));
  if (blocked.length > 0) return ended("unfinished", blocked.join("; "));
  record(desk, { kind: "decision_done", barCloseTime });
  return ended("done");
}

/** Sells everything that may be sold; what the kill switch allows when it says `flatten`. */
export async function flatten(desk: Desk, at: number): Promise<Execution> {
  const plan = {
    barCloseTime: at,
    targets: Object.fromEntries(desk.symbols.map((symbol) => [symbol, "0"])),
  };
  await cancelOlder(desk, at);
  const end = await runLeg(desk, plan, {
    leg: "flatten",
    limit: countdown(desk, desk.timing.deadlineMs),
  });
  await closeBooks(desk);
  const orders = desk.state.intentsOf(at);
  if (end.kind === "held") return { status: statusOf(end.gate), reason: end.gate.reason, orders };
  if (end.kind === "unfinished") return { status: "unfinished", reason: end.reason, orders };
  if (end.waiting.size > 0) {
    return { status: "waiting", reason: reasonsOf(end.waiting).join("; "), orders };
  }
  return { status: "done", reason: "", orders };
}

/** The newest decision replaces every unfilled order before it. */
async function cancelOlder(desk: Desk, barCloseTime: number): Promise<void> {
  const older = desk.state.openIntents().filter((intent) =>
    intent.barCloseTime !== barCloseTime && !isAmbiguous(intent.state)
  );
  for (const intent of older) await cancelIntent(desk, intent);
  if (older.length > 0) await bookFills(desk);
}

/** Compares with the venue and marks what is held. */
async function closeBooks(desk: Desk): Promise<void> {
  const differences = await reconcile(desk);
  if (differences.length > 0) return;
  await markAccount(desk);
}

/** Writes NAV and holdings down, at the venue's prices. */
export async function markAccount(desk: Desk): Promise<void> {
  const balances = plainBalances(desk.state.balances());
  const held = Object.keys(balances.positions).sort()
    .filter((symbol) => desk.symbols.includes(symbol));
  const prices = held.length > 0 ? await desk.venue.prices(held) : {};
  const known = held.filter((symbol) => prices[symbol] !== undefined);
  const positions = Object.fromEntries(
    known.map((symbol) => [symbol, balances.positions[symbol]!]),
  );
  const nav = navOf({ cash: balances.cash, positions }, prices);
  record(desk, { kind: "mark", nav: textOf(nav), prices, ...balances });
}

function blockedTargets(desk: Desk, { targets }: StoredDecision): readonly string[] {
  const blocked = Object.keys(targets).sort().filter((symbol) => isBlocked(desk, symbol));
  return blocked.length > 0 ? [`blocked: ${blocked.join(", ")}`] : [];
}

function reasonsOf(waiting: Waiting): readonly string[] {
  return [...waiting].map(([symbol, reason]) => `${symbol}: ${reason}`).sort();
}

function statusOf(gate: Exclude<Gate, { kind: "open" }>): Execution["status"] {
  return gate.kind === "closed" ? "waiting" : gate.kind;
}
