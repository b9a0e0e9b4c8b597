import { H4_MS } from "../../core/bars.ts";
import { Refusal } from "../../core/errors.ts";
import { seededRandom } from "../../core/random.ts";
import type { Venue } from "../../core/trading.ts";
import {
  type BrokerFault,
  type FaultBroker,
  faultSchedule,
  openFaultBroker,
  OUTSIDE_FAULTS,
  USUAL_FAULTS,
} from "../faults/test_fault_broker.ts";
import { alpacaOn, binanceOn, START } from "../venues/test_venues.ts";
import { type Account, openAccount, stateFile } from "./account.ts";
import { exact } from "./exact.ts";
import { openState } from "./state_database.ts";
import { verifyAccount } from "./verify.ts";

/** One session with a broker that fails by a schedule, and a process that dies. */
export interface SessionPlan {
  readonly kind: "alpaca" | "binance";
  readonly seed: number;
  /** Whether the owner, deposits, resets and splits change the account, too. */
  readonly isMeddled: boolean;
  readonly faults?: readonly BrokerFault[];
  /** Whether requests go to the broker without a network in between: faster, and the same to the last byte each time. */
  readonly isDirect?: boolean;
}

/** What a session came to; `problems` is empty when state and broker agree or trading stopped and says why. */
export interface SessionReport {
  readonly problems: readonly string[];
  readonly orders: number;
  readonly fills: number;
  readonly deaths: number;
  readonly blocked: readonly string[];
}

const BARS = 6;

/** Plays a session in an empty folder and compares what is believed with the broker's truth. */
export async function playSession(folder: string, plan: SessionPlan): Promise<SessionReport> {
  const symbols = plan.kind === "alpaca" ? ["SPY", "QQQ"] : ["BTC", "ETH"];
  const names = marketsOf(plan);
  await using broker = openFaultBroker({
    ...{ kind: plan.kind, seed: plan.seed, now: START },
    prices: { [names[0]!]: "600", [names[1]!]: "30" },
    faults: plan.faults ?? faultsOf(plan),
  });
  const random = seededRandom(`session/${plan.seed}`);
  const deaths = { count: 0 };
  for (let bar = 0; bar < BARS; bar++) {
    if (bar > 0) broker.setTime(Math.max(broker.clock.now(), START + bar * H4_MS));
    const weights = {
      [symbols[0]!]: random.integer(6) / 10,
      [symbols[1]!]: random.integer(5) / 10,
    };
    for (let life = 0; life < 4; life++) {
      const dieAt = random.integer(3) === 0 ? 1 + random.integer(60) : Infinity;
      const end = await liveOnce({ folder, plan, broker, symbols, dieAt, bar, weights });
      if (end === "died") deaths.count++;
      else break;
    }
  }
  return await settleUp({ folder, plan, broker, symbols }, deaths.count);
}

/** What goes wrong in a session whose plan does not say it. */
export function faultsOf(plan: SessionPlan): readonly BrokerFault[] {
  const { seed, isMeddled } = plan;
  const frequencies = { ...USUAL_FAULTS, ...(isMeddled ? OUTSIDE_FAULTS : {}), slow: 0 };
  return faultSchedule(seed, { requests: 250, frequencies, symbols: marketsOf(plan) });
}

function marketsOf({ kind }: SessionPlan): readonly string[] {
  return kind === "alpaca" ? ["SPY", "QQQ"] : ["BTCUSDT", "ETHUSDT"];
}

interface Stage {
  readonly folder: string;
  readonly plan: SessionPlan;
  readonly broker: FaultBroker;
  readonly symbols: readonly string[];
}

interface Life extends Stage {
  readonly dieAt: number;
  readonly bar: number;
  readonly weights: Readonly<Record<string, number>>;
}

async function liveOnce(life: Life): Promise<"died" | "ended"> {
  const { venue, died } = mortal(venueOn(life), life.dieAt);
  const account = await openOn(life, venue);
  try {
    return await Promise.race([died, oneBar(account, life)]);
  } finally {
    await account.close();
  }
}

async function oneBar(account: Account, { bar, weights }: Life): Promise<"ended"> {
  const hashes = { configHash: "c", codeHash: "d", inputsHash: "i" };
  try {
    await account.recover();
    await account.resume();
    await account.execute({ barCloseTime: START + bar * H4_MS, ...hashes, weights });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error; // the venue could not be read: the next start tries again
  }
  return "ended";
}

/** A venue whose caller dies at its `dieAt`-th call, before or after it was carried out. */
function mortal(venue: Venue, dieAt: number) {
  const { promise: died, resolve } = Promise.withResolvers<"died">();
  let calls = 0;
  const gone = new Promise<never>(() => {});
  const wrapped = new Proxy(venue, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== "function") return member;
      return async (...values: unknown[]) => {
        if (++calls === dieAt) return resolve("died"), gone;
        const answer = await member.apply(target, values);
        if (++calls === dieAt) return resolve("died"), gone;
        return calls > dieAt ? gone : answer;
      };
    },
  });
  return { venue: wrapped, died };
}

function venueOn({ plan, broker }: Stage): Venue {
  const direct = plan.isDirect ? { fetch: broker.fetch } : {};
  return plan.kind === "alpaca"
    ? alpacaOn(broker, { timeoutMs: 300, ...direct })
    : binanceOn(broker, direct);
}

function openOn({ folder, broker, symbols }: Stage, venue: Venue): Promise<Account> {
  return openAccount({
    ...{ folder: `${folder}state`, account: "main", venue, symbols },
    ...{ clock: broker.clock, sleep: broker.sleep, journal: { write: () => {} } },
  });
}

/** Starts until a start finds everything known, as time heals honest faults, then compares. */
async function settleUp(stage: Stage, deaths: number): Promise<SessionReport> {
  const { broker, plan, folder } = stage;
  let account = await openOn(stage, venueOn(stage));
  for (let tries = 0; tries < 12; tries++) {
    broker.advance(120_000);
    const before = broker.log.length;
    try {
      const { blocked } = await account.recover();
      // What changed while it was looked at is seen by the next look.
      const isQuiet = broker.log.slice(before).every(({ faults }) => faults.length === 0);
      if (blocked.length === 0 && tries > 1 && isQuiet) break;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
    await account.close();
    account = await openOn(stage, venueOn(stage));
  }
  const dump = account.dump();
  await account.close();
  const truth = broker.truth();
  const problems: string[] = [];
  for (const [id, count] of Object.entries(truth.acceptedByClientId).sort()) {
    if (count > 1) problems.push(`${id} was accepted ${count} times`);
    if (!dump.intents.some((intent) => intent.client_order_id === id)) {
      problems.push(`${id} unknown`);
    }
  }
  const isFree = dump.blocked.length === 0;
  const isFreeOf = (symbol: string) =>
    !dump.blocked.some((block) => block.symbol === symbol || block.symbol === "*");
  const symbolOf = (market: string) => plan.kind === "alpaca" ? market : market.slice(0, -4);
  const ours = truth.fills.filter(({ owner }) => !owner);
  const booked = new Set(dump.fills.map(({ trade_id }) => trade_id));
  const real = new Set(ours.map(({ tradeId }) => tradeId));
  // After a reset nobody can tell what was filled between the last look and it.
  const isReset = broker.log.some(({ faults }) => faults.includes("reset"));
  for (const { tradeId, symbol } of isReset ? [] : ours) {
    if (isFreeOf(symbolOf(symbol)) && !booked.has(tradeId)) {
      problems.push(`fill ${tradeId} was lost`);
    }
  }
  for (const symbol of stage.symbols.filter(isFreeOf)) {
    const market = plan.kind === "alpaca" ? symbol : `${symbol}USDT`;
    const [believed, is] = [dump.positions[symbol] ?? "0", truth.positions[market] ?? "0"];
    if (!exact(believed).eq(exact(is))) problems.push(`${symbol} is ${is}, believed ${believed}`);
  }
  if (isFree && exact(dump.cash).sub(exact(truth.cash)).abs().gt("0.5")) {
    problems.push(`cash is ${truth.cash}, believed ${dump.cash}`);
  }
  for (const id of booked) if (!real.has(id)) problems.push(`fill ${id} is a phantom`);
  if (!isFree && !plan.isMeddled) problems.push(`blocked: ${JSON.stringify(dump.blocked)}`);
  problems.push(...await twiceFilled(stage));
  const verdict = await verifyAccount(stateFile(`${folder}state`, "main"));
  if (!verdict.ok) problems.push(`row ${verdict.row} of ${verdict.table}: ${verdict.reason}`);
  return {
    ...{ problems, deaths, orders: truth.orders.length, fills: ours.length },
    blocked: dump.blocked.map(({ symbol, reason }) => `${symbol}: ${reason}`),
  };
}

/** Legs of a decision of which more than one order was filled: one id each, and bought twice all the same. */
async function twiceFilled({ folder, broker }: Stage): Promise<readonly string[]> {
  const state = await openState(stateFile(`${folder}state`, "main"), { clock: broker.clock });
  const filled = state.intents().filter(({ booked }) => booked !== "0")
    .map(({ barCloseTime, symbol, leg }) => `${barCloseTime} ${leg} ${symbol}`);
  state.close();
  return filled.filter((leg, i) => filled.indexOf(leg) !== i).map((leg) =>
    `${leg} was filled twice`
  );
}
