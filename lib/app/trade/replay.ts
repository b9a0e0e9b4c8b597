import { rm } from "node:fs/promises";
import { join } from "node:path";
import { gridMs, type Millis } from "../../core/bars.ts";
import { type Clock, formatTime, systemClock } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import type { RiskMode, RunRecord } from "../../core/run_record.ts";
import type { VenueFill } from "../../core/trading.ts";
import { execute } from "../../engine/execute.ts";
import type { Plan } from "../../engine/plan.ts";
import { peekAccount } from "../../execution/account/mod.ts";
import type { LoadedPlan } from "../load_plan.ts";
import { settableClock } from "./clocks.ts";
import type { StoredFeed } from "./market_feed.ts";
import { type OpenedSession, openSession } from "./open_session.ts";
import { noTime, sessionOptions, type TradingOptions } from "./paper.ts";
import type { DecisionReport, SessionStatus } from "./session.ts";

/** Days that a paper session lives through on stored bars, both included. */
export interface ReplayRange {
  /** 00:00 UTC of the first day, and of the day after the last. */
  readonly from: Millis;
  readonly until: Millis;
}

/** One close of a replay. */
export interface ReplayedClose {
  readonly time: Millis;
  readonly status: DecisionReport["status"];
  readonly mode: RiskMode;
  readonly weights: Readonly<Record<string, number>>;
  /** NAV of the account and of the backtest, both at the closes known then. */
  readonly nav: number | null;
  readonly backtestNav: number;
  /** Largest difference of a model's share of NAV in an asset from the backtest's. */
  readonly shareDifference: number;
}

/** What a replay came to, beside the backtest of the same plan over the same range. */
export interface ReplayReport {
  readonly range: ReplayRange;
  readonly models: readonly string[];
  readonly leftOut: readonly string[];
  readonly closes: readonly ReplayedClose[];
  readonly fills: readonly VenueFill[];
  readonly initialNav: number;
  readonly finalNav: number;
  readonly backtest: { readonly finalNav: number; readonly fills: number };
  readonly status: SessionStatus;
  readonly durationMs: number;
}

/** Lives through a range of days on stored bars at the built-in venue, from a new account, as fast as it can. */
export async function replayPaper(
  loaded: LoadedPlan,
  range: ReplayRange,
  options: TradingOptions & { readonly onProgress?: (done: number, count: number) => void } = {},
): Promise<ReplayReport> {
  const { trading } = loaded.config;
  if (trading.venue !== "paper" || trading.paper_prices !== "stored") {
    throw new Refusal(
      `Cannot replay at ${trading.venue} on ${trading.paper_prices} prices: expected trading.venue paper and paper_prices stored`,
    );
  }
  const wall = options.clock ?? systemClock;
  const begun = wall.elapsed();
  const base = sessionOptions(options);
  const account = `${trading.account}-replay`;
  // Its own folder: a replay must not touch the account it is of, nor be stopped by its kill switch.
  const stateFolder = join(base.stateFolder, "replay");
  await rm(stateFolder, { recursive: true, force: true });
  await rm(join(base.logsFolder, account), { recursive: true, force: true });
  const clock = settableClock(range.from);
  const named = { ...loaded, config: { ...loaded.config, trading: { ...trading, account } } };
  const time = { clock, sleep: noTime, replays: true };
  const session = await openSession(named, { ...base, stateFolder, ...time });
  try {
    const { plan } = session.traded.loaded;
    refuseOutside(range, session.stored!, plan);
    await session.recover();
    const decisions = await live(session, range, { ...options, clock });
    clock.set(range.until);
    await session.mark();
    const peek = await peekAccount({ folder: stateFolder, account, clock });
    const { assets, regimes } = session.stored!;
    const initialNav = decisions.find(({ nav }) => nav !== null)?.nav ?? Number(peek!.status.cash);
    const days = { ...plan, start: range.from, end: range.until, initialNav };
    const record = execute({ plan: days, data: assets, regimes }, session.traded.loaded.models);
    return {
      ...{ range, models: session.status().models, leftOut: session.traded.leftOut },
      closes: closesBeside(decisions, record, days),
      fills: peek!.fills,
      initialNav,
      finalNav: Number(peek!.status.lastMark!.nav),
      backtest: {
        finalNav: record.nav.at(-1)!,
        fills: record.outcomes.filter(({ status }) => status === "filled").length,
      },
      status: session.status(),
      durationMs: wall.elapsed() - begun,
    };
  } finally {
    await session.close();
  }
}

/** Visits every close and every open that a decision waits for. */
async function live(
  session: OpenedSession,
  { from, until }: ReplayRange,
  { clock, signal, onProgress }: {
    readonly clock: Clock & { set(time: Millis): void };
    readonly signal?: AbortSignal;
    readonly onProgress?: (done: number, count: number) => void;
  },
): Promise<readonly DecisionReport[]> {
  const decisions: DecisionReport[] = [];
  let due = { at: from, what: "decision" as "decision" | "resume" };
  while (due.at < until) {
    if (signal?.aborted) throw new Refusal("Interrupted");
    clock.set(due.at);
    if (due.what === "resume") await session.resume(due.at);
    else {
      const { decision } = await session.step(due.at);
      if (decision) decisions.push(decision);
    }
    onProgress?.(due.at - from, until - from);
    due = session.nextDue(due.at);
  }
  return decisions;
}

function refuseOutside({ from, until }: ReplayRange, { assets }: StoredFeed, plan: Plan): void {
  const times = assets.map(({ bars }) => bars[plan.timeframe]!.openTime);
  const first = Math.min(...times.map((column) => column[0]!));
  const last = Math.max(...times.map((column) => column.at(-1)!)) + gridMs(plan.timeframe);
  if (from < until && from >= first && until <= last) return;
  throw new Refusal(
    `Cannot replay ${formatTime(from)} to ${formatTime(until)}: found bars from ${
      formatTime(first)
    } to ${formatTime(last)}, expected a range of days in them`,
  );
}

/** Every close beside what the backtest made of it. */
function closesBeside(
  decisions: readonly DecisionReport[],
  { nav, wishes }: RunRecord,
  plan: Plan,
): readonly ReplayedClose[] {
  const shares = new Float64Array(plan.models.length * plan.assets.length);
  let next = 0;
  return decisions.map((decision) => {
    const index = (decision.barCloseTime - plan.start) / gridMs(plan.timeframe);
    for (; next < wishes.length && wishes[next]!.index <= index; next++) {
      const { model, asset, share } = wishes[next]!;
      shares[model * plan.assets.length + asset] = share;
    }
    const gaps = plan.models.flatMap(({ name, version }, model) =>
      plan.assets.map(({ symbol }, asset) =>
        Math.abs(
          (decision.shares[`${name}@${version}`]?.[symbol] ?? 0) -
            shares[model * plan.assets.length + asset]!,
        )
      )
    );
    return {
      ...{ time: decision.barCloseTime, status: decision.status, mode: decision.mode },
      ...{ weights: decision.weights, nav: decision.nav, backtestNav: nav[index]! },
      shareDifference: Math.max(...gaps),
    };
  });
}
