import { gridMs, type Millis } from "../../core/bars.ts";
import { floorToGrid, nextSession } from "../../core/calendar.ts";
import { type Clock, formatTime } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import type { Journal, JournalEntry } from "../../core/ports.ts";
import type { Plan } from "../../engine/plan.ts";
import type { Sandbox } from "../../engine/sandbox.ts";
import {
  endHalt,
  foldEvents,
  parseState,
  stateText,
  type TradingState,
} from "../../engine/trading/mod.ts";
import {
  type Account,
  type Execution,
  isKilled,
  type StoredDecision,
} from "../../execution/account/mod.ts";
import type { Mode } from "../../execution/venues/mod.ts";
import type { LifecycleOptions } from "../lifecycle/state.ts";
import type { SightJournal } from "./journal_sight.ts";
import { type MadeDecision, makeDecision } from "./make_decision.ts";
import type { MarketFeed } from "./market_feed.ts";
import { type LedgerMark, ledgerMark, ledgerMarks } from "./model_ledger.ts";
import {
  type BarFacts,
  failingModel,
  type GoneModel,
  goneModels,
  judgeModels,
} from "./model_watch.ts";
import type {
  DecisionReport,
  Due,
  SessionStatus,
  StepOptions,
  StepReport,
  TradingSession,
} from "./session.ts";
import { splitWatch } from "./split_watch.ts";
import { type TradedPlan, withoutTraded } from "./traded_plan.ts";

/** What a session works with. */
export interface SessionParts {
  readonly mode: Mode;
  /** Loses the models that are demoted on the way. */
  traded: TradedPlan;
  /** Where the record of lifecycles is; undefined where nobody is judged: a replay of days that are over. */
  readonly lifecycle: LifecycleOptions | undefined;
  /** What the models' ledgers came to at each decision so far. */
  readonly marks: LedgerMark[];
  /** Where the kill flag lies. */
  readonly stateFolder: string;
  readonly feed: MarketFeed;
  readonly sandbox: Sandbox;
  readonly account: Account;
  readonly journal: Journal;
  readonly clock: Clock;
  /** Hash of the code that decides. */
  readonly codeHash: string;
  readonly sights: SightJournal;
  /** See FoldOptions. */
  slippageBps(symbol: string): number;
}

const MISSED_AFTER_MS = 15 * 60_000;
const BAR_DEADLINE_MS = 5_000;
const AFTER_OPEN_MS = 60_000;

/** The session of one open account; what it was opened with is closed by who opened it. */
export function sessionOf(parts: SessionParts): TradingSession {
  const { account, clock } = parts;
  const { plan } = parts.traded.loaded;
  const carryOn = async (at: Millis): Promise<StepReport> => {
    const execution = await account.resume();
    settleNow(parts);
    return { at, execution };
  };
  const unbookedSplit = splitWatch(account);
  const visit = async (at: Millis, options: StepOptions): Promise<StepReport> => {
    const close = floorToGrid(at, plan.timeframe);
    const known = knownReport(parts, close);
    if (known) return { ...await carryOn(at), decision: known };
    const lateMs = clock.now() - close;
    const miss = async (reason: string): Promise<StepReport> => {
      account.miss(close, reason);
      return { ...await carryOn(at), decision: reportOf(parts, close, "missed", { reason }) };
    };
    if (lateMs > (options.maxLateMs ?? MISSED_AFTER_MS)) {
      return await miss(`it came ${Math.round(lateMs / 60_000)} minutes late`);
    }
    const deadlineMs = Math.max(0, (options.deadlineMs ?? BAR_DEADLINE_MS) - Math.max(0, lateMs));
    const data = await parts.feed.at(close, { deadlineMs });
    options.signal?.throwIfAborted();
    const { doubtful = [] } = data;
    account.holdBack(new Map(doubtful.map(({ symbol, reason }) => [symbol, reason])));
    await account.bookActions();
    if (data.late.length > 0 && data.arrived.length === 0) {
      tellTroubles(parts, close, data.troubles);
      return await miss(`no bar of ${formatTime(close)} is there: ${data.late.join(", ")}`);
    }
    const blocked = account.status().blocked.find(({ symbol }) => symbol === "*");
    const reason = blocked?.reason ?? unbookedSplit(data.assets);
    if (reason !== undefined) {
      tellTroubles(parts, close, data.troubles);
      const held = reportOf(parts, close, "held", { reason });
      return { ...await carryOn(at), decision: held };
    }
    const { decision, report } = await decideWithout(parts, { close, data, ...options });
    const execution = await account.execute(decision);
    settleNow(parts);
    parts.marks.push(ledgerMark(parseState(account.memory()!.text), clock.now()));
    return { at, decision: report, execution };
  };
  return {
    async recover() {
      const recovery = await account.recover();
      settleNow(parts);
      if (parts.lifecycle) parts.marks.splice(0, Infinity, ...ledgerMarks(account.eventsSince(0)));
      return recovery;
    },
    async step(at, options = {}) {
      const report = await visit(at, options);
      await judge(parts, { brokerFailures: 0 });
      return report;
    },
    judge: async (facts) => void await judge(parts, facts),
    resume: carryOn,
    async flatten(): Promise<Execution> {
      const execution = await account.flatten();
      settleNow(parts);
      return execution;
    },
    status: () => statusOf(parts),
    mark: account.mark,
    dump: account.dump,
    async acceptDrift(audit) {
      const differences = await account.acceptDrift(audit);
      settleNow(parts);
      return differences;
    },
    async resumeHalt(audit) {
      const memory = account.memory();
      const state = memory && parseState(memory.text);
      if (!memory || state?.memory.risk.mode !== "HALT") {
        const mode = state?.memory.risk.mode ?? "no decision yet";
        throw new Refusal(`Cannot end a halt: found ${mode}, expected HALT`);
      }
      await account.mark();
      const nav = account.status().lastMark!.nav;
      const text = stateText(endHalt(state, Number(nav)));
      account.endHalt({ ...audit, nav }, { ...memory, text });
    },
    nextDue: (now) => dueAfter(now, { plan, newest: account.status().lastDecision }),
    async close() {},
  };
}

/** Decides with the models that may run; one that throws goes back to research, and the others decide without it. */
async function decideWithout(
  parts: SessionParts,
  request: Parameters<typeof makeDecision>[1],
): Promise<MadeDecision> {
  const { lifecycle, mode } = parts;
  if (lifecycle !== undefined) {
    drop(parts, await goneModels(parts.traded, { mode, lifecycle }));
  }
  for (;;) {
    try {
      return await makeDecision(parts, request);
    } catch (error) {
      const failed = failingModel(error, parts.traded);
      if (failed === undefined) throw error;
      const gone = await judge(parts, { brokerFailures: 0, error: failed });
      if (!gone.some(({ model }) => model === failed.model)) throw error;
    }
  }
}

/** Applies the rules of demotion; who is demoted is wanted by nobody from the next decision on. */
async function judge(
  parts: SessionParts,
  facts: Omit<BarFacts, "killSwitch">,
): Promise<readonly GoneModel[]> {
  const { lifecycle, stateFolder } = parts;
  if (lifecycle === undefined) return [];
  const gone = await judgeModels(
    { ...parts, lifecycle },
    { ...facts, killSwitch: isKilled(stateFolder) },
  );
  drop(parts, gone);
  return gone;
}

function drop(parts: SessionParts, gone: readonly GoneModel[]): void {
  if (gone.length === 0) return;
  parts.traded = withoutTraded(parts.traded, gone, parts.mode);
  for (const { model, reason } of gone) {
    const message = `${model} trades no more: ${reason}`;
    tell(parts, { component: "lifecycle", level: "warning", message, context: { model } });
  }
}

/** A close that is behind us: decided, or missed. */
function knownReport(parts: SessionParts, close: Millis): DecisionReport | undefined {
  const newest = parts.account.status().lastDecision;
  if (newest && newest.barCloseTime >= close) {
    return reportOf(parts, close, "made_already", {
      reason: newest.barCloseTime === close ? "" : `${formatTime(newest.barCloseTime)} is newer`,
      weights: newest.weights,
    });
  }
  if (!parts.account.isMissed(close)) return undefined;
  return reportOf(parts, close, "missed", { reason: "it was missed before" });
}

function reportOf(
  { account }: SessionParts,
  barCloseTime: Millis,
  status: DecisionReport["status"],
  { reason, weights = {} }: {
    readonly reason: string;
    readonly weights?: Readonly<Record<string, string>>;
  },
): DecisionReport {
  const memory = account.memory();
  return {
    ...{ barCloseTime, status, reason, nav: null, shares: {}, warnings: [] },
    mode: memory ? parseState(memory.text).memory.risk.mode : "NORMAL",
    weights: Object.fromEntries(
      Object.entries(weights).sort().map(([symbol, weight]) => [symbol, Number(weight)]),
    ),
  };
}

/** Shares what has happened to the account since among the models, and keeps that. */
function settleNow(parts: SessionParts): void {
  const { account } = parts;
  const memory = account.memory();
  if (!memory) return;
  const events = account.eventsSince(memory.settledTo);
  const last = events.findLast(({ event }) => MOVING.includes(event.kind));
  if (!last) return;
  const state = stateNow(parts)!;
  account.remember({
    ...{ barCloseTime: memory.barCloseTime, settledTo: last.seq, text: stateText(state) },
  });
}

/** Events that move what models hold. */
const MOVING: readonly string[] = ["fill", "corporate_action", "adopted"];

/** The models' state with everything in it that has happened; undefined before the first decision. */
export function stateNow(
  { account, traded, slippageBps }: Pick<SessionParts, "account" | "traded" | "slippageBps">,
): TradingState | undefined {
  const memory = account.memory();
  if (!memory) return undefined;
  return foldEvents(parseState(memory.text), account.eventsSince(memory.settledTo), {
    timeframe: traded.loaded.plan.timeframe,
    slippageBps,
  });
}

function statusOf(parts: SessionParts): SessionStatus {
  const { account, mode, traded, clock } = parts;
  const memory = account.memory();
  const risk = memory && parseState(memory.text).memory.risk;
  const status = account.status();
  return {
    ...status,
    runs: mode,
    models: traded.loaded.plan.models.map(({ name, version }) => `${name}@${version}`),
    ...{ leftOut: traded.leftOut, asWritten: traded.asWritten },
    riskMode: risk?.mode ?? "NORMAL",
    peakNav: risk?.peakNav ?? null,
    nav: status.lastMark?.nav ?? null,
    next: dueAfter(clock.now(), {
      plan: traded.loaded.plan,
      newest: status.lastDecision,
    }),
  };
}

/** See TradingSession.nextDue. */
export function dueAfter(
  now: Millis,
  { plan, newest }: { readonly plan: Plan; readonly newest: StoredDecision | undefined },
): Due {
  const close = floorToGrid(now, plan.timeframe) + gridMs(plan.timeframe);
  const waits = newest?.state === "open" &&
    plan.assets.some(({ assetClass, symbol }) =>
      assetClass === "equity" && newest.targets[symbol] !== undefined
    );
  const open = waits ? nextSession(now - AFTER_OPEN_MS + 1).open + AFTER_OPEN_MS : Infinity;
  return open < close ? { at: open, what: "resume" } : { at: close, what: "decision" };
}

/** What went wrong with the data of a close, one line each. */
export function tellTroubles(
  parts: Pick<SessionParts, "journal" | "clock">,
  close: Millis,
  troubles: readonly string[] = [],
): void {
  for (const message of troubles) {
    const context = { close: formatTime(close) };
    tell(parts, { component: "data", level: "warning", message, context });
  }
}

/** A line of the session's own in the logs. */
export function tell(
  { journal, clock }: Pick<SessionParts, "journal" | "clock">,
  entry: Pick<JournalEntry, "component" | "level" | "message" | "context">,
): void {
  journal.write({ timestamp: clock.now(), ...entry });
}
