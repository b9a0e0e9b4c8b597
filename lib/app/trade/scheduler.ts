import { formatTime } from "../../core/clock.ts";
import type { Millis } from "../../core/bars.ts";
import type { Clock } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import type { Journal, JournalEntry } from "../../core/ports.ts";
import {
  DEFAULT_TIMING,
  type Execution,
  isFlattening,
  isKilled,
} from "../../execution/account/mod.ts";
import { watchClocks } from "./clock_watch.ts";
import type { Heartbeat, LoopState } from "./heartbeat.ts";
import type { Due, StepReport, TradingSession } from "./session.ts";

/** After the close, so that its bar can be there. */
const FIRE_AFTER_MS = 1_000;
/** Of one sleep, after which wall clock and kill switch are looked at anew; no more than 30 s, and soon enough to flatten. */
const LONGEST_SLEEP_MS = 5_000;
/** Under the kill switch, and while clocks disagree: long enough to see them agree. */
const SHORT_SLEEP_MS = 1_000;
/** A decision that is later than this is skipped: a missed trade is cheap, one on old prices is not. */
export const MISSED_AFTER_MS = 15 * 60_000;
/** First pause before a broker that failed is tried again; each further one is twice as long. */
const FIRST_RETRY_MS = 15_000;
const BEAT_MS = 10_000;

/** What the loop works with. The session is recovered already. */
export interface SchedulerOptions {
  readonly session: Pick<TradingSession, "step" | "resume" | "flatten" | "nextDue" | "close">;
  readonly clock: Clock;
  /** Where the kill flag lies. */
  readonly stateFolder: string;
  /** Tells that the loop lives; see writeHeartbeat. */
  readonly beat: (heartbeat: Heartbeat) => Promise<void>;
  readonly journal: Journal;
  /** Ends the loop: what runs is finished first. */
  readonly signal: AbortSignal;
  /** Ends early when the signal says so. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Runs something again and again until the returned function is called. */
  readonly every?: (ms: number, work: () => void) => () => void;
  readonly onStep?: (report: StepReport) => void;
  /** How far the broker's clock is ahead of ours; asked before a clock that was set is believed again. */
  readonly skewMs?: () => Promise<number>;
  /** Told on each bar on which the broker failed, with the number of such bars in a row. */
  readonly onBrokerFailure?: (barsInARow: number, reason: string) => Promise<void>;
  /** Told each time the kill switch is found on. */
  readonly onKilled?: () => Promise<void>;
}

/** What the loop did in all. */
export interface SchedulerReport {
  readonly decisions: number;
  readonly resumes: number;
  readonly missed: number;
}

interface Loop extends SchedulerOptions {
  readonly sleep: NonNullable<SchedulerOptions["sleep"]>;
  state: LoopState;
  due: Due;
  /** When what is due was last tried without success, and how long to wait before the next try. */
  retry: { readonly at: Millis; readonly pauseMs: number } | undefined;
  failedBars: number;
  last: string;
  hasFlattened: boolean;
  /** Whether the time of day is not to be believed. */
  isDoubted: boolean;
  readonly counts: { decisions: number; resumes: number; missed: number };
}

/**
 * Visits the account at each close and at each open that a decision waits for, until the signal. Never sleeps longer than
 * 5 s and asks the wall clock after each sleep, so that a suspend, a clock that is set and the change of New York's clocks
 * need no case of their own. The session is closed on return.
 */
export async function runScheduler(options: SchedulerOptions): Promise<SchedulerReport> {
  const { session, clock, signal } = options;
  const look = watchClocks(clock);
  const loop: Loop = {
    ...{
      sleep: realSleep,
      ...options,
      state: "waiting",
      retry: undefined,
      failedBars: 0,
      isDoubted: false,
    },
    // The newest close may just have passed: the session knows whether it was decided.
    due: session.nextDue(clock.now() - MISSED_AFTER_MS),
    ...{ last: "started", hasFlattened: false, counts: { decisions: 0, resumes: 0, missed: 0 } },
  };
  const stopBeats = (options.every ?? realEvery)(BEAT_MS, () => void beat(loop).catch(() => {}));
  try {
    await beat(loop);
    while (!signal.aborted) {
      const { agrees, stepMs } = look();
      const before = toldOf(loop);
      await visit(loop, agrees, stepMs);
      if (toldOf(loop) !== before) await beat(loop);
      if (!signal.aborted) await loop.sleep(pauseOf(loop), signal);
    }
  } finally {
    stopBeats();
    loop.state = "stopped";
    await session.close();
    await beat(loop).catch(() => {});
  }
  return loop.counts;
}

/** One look at everything that can be a reason to act or not to. */
async function visit(loop: Loop, agrees: boolean, stepMs: number): Promise<void> {
  const before = loop.state;
  loop.isDoubted = !agrees || loop.isDoubted && !await isNearBroker(loop);
  loop.state = isKilled(loop.stateFolder) ? "killed" : loop.isDoubted ? "distrust" : "waiting";
  if (loop.state !== before) tellState(loop, stepMs);
  if (!loop.isDoubted) {
    if (before === "distrust") dueAgain(loop);
    skipMissed(loop);
  }
  if (loop.state === "killed" && before !== "killed") await loop.onKilled?.();
  if (loop.state === "killed") return await flattenOnce(loop);
  loop.hasFlattened = false;
  if (loop.state === "distrust" || loop.clock.now() < wakeTime(loop)) return;
  loop.state = "working";
  await beat(loop);
  await act(loop);
  loop.state = "waiting";
}

function tellState({ journal, clock, state }: Loop, stepMs: number): void {
  const say = (level: JournalEntry["level"], message: string) =>
    journal.write({
      ...{ timestamp: clock.now(), component: "scheduler", level, message },
      context: state === "distrust" ? { step_ms: Math.round(stepMs) } : {},
    });
  if (state === "killed") say("warning", "the kill switch is on: nothing is sent");
  else if (state === "distrust") {
    say("warning", "wall clock and monotonic clock disagree: no trading until they agree again");
  } else say("info", "trading goes on");
}

/** Whether the broker has the same time, where one can be asked. */
async function isNearBroker({ skewMs }: Loop): Promise<boolean> {
  try {
    return Math.abs(await skewMs?.() ?? 0) < DEFAULT_TIMING.skewStopMs;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** What was due by a clock that has been set back since is due earlier now. */
function dueAgain(loop: Loop): void {
  const due = loop.session.nextDue(loop.clock.now() - MISSED_AFTER_MS);
  if (due.at < loop.due.at) moveOn(loop, due);
}

/** Lets go of closes that are too old but for the newest of them; an open that passed is no reason not to carry out what waited for it. */
function skipMissed(loop: Loop): void {
  const { session, clock, journal } = loop;
  const isMissed = ({ what, at }: Due) => what === "decision" && clock.now() - at > MISSED_AFTER_MS;
  for (let next = loop.due; isMissed(next);) {
    moveOn(loop, next);
    next = session.nextDue(next.at);
    if (!isMissed(next)) return; // the newest one is the session's to write down, and to carry on behind
    loop.counts.missed++;
    const close = formatTime(loop.due.at);
    journal.write({
      ...{ timestamp: clock.now(), component: "scheduler", level: "warning" },
      ...{ message: "a close was missed and is skipped", context: { close } },
    });
  }
}

/** Does what is due; a broker that fails is tried again, until what was due is too old. */
async function act(loop: Loop): Promise<void> {
  const { session, clock, journal, due } = loop;
  let failure: string | undefined;
  try {
    const report = due.what === "decision"
      ? await session.step(due.at, { deadlineMs: 5_000, signal: loop.signal })
      : await session.resume(clock.now());
    loop.last = `${due.what} ${formatTime(due.at)}: ${wordsOf(report.execution)}`;
    loop.onStep?.(report);
    if (report.decision?.status === "missed") loop.counts.missed++;
    else if (due.what === "decision") loop.counts.decisions++;
    else loop.counts.resumes++;
    if (isBrokerFailure(report.execution)) failure = report.execution.reason;
  } catch (error) {
    if (loop.signal.aborted && (error as Error).name === "AbortError") return;
    if (!(error instanceof Refusal)) throw error;
    failure = error.message;
    loop.last = `${due.what} ${formatTime(due.at)}: ${failure}`;
  }
  if (failure === undefined || loop.signal.aborted) return succeeded(loop);
  journal.write({
    ...{ timestamp: clock.now(), component: "scheduler", level: "error", message: failure },
    context: { due: formatTime(due.at), what: due.what, bars_in_a_row: loop.failedBars + 1 },
  });
  const pauseMs = loop.retry ? loop.retry.pauseMs * 2 : FIRST_RETRY_MS;
  if (clock.now() + pauseMs - due.at <= MISSED_AFTER_MS) {
    loop.retry = { at: clock.now(), pauseMs };
    return;
  }
  if (due.what === "decision") {
    loop.failedBars++;
    await loop.onBrokerFailure?.(loop.failedBars, failure);
  }
  moveOn(loop, session.nextDue(due.at));
}

function succeeded(loop: Loop): void {
  if (loop.due.what === "decision") loop.failedBars = 0;
  moveOn(loop, loop.session.nextDue(loop.due.what === "decision" ? loop.due.at : loop.clock.now()));
}

function moveOn(loop: Loop, due: Due): void {
  loop.due = due;
  loop.retry = undefined;
}

/** Under the kill switch only sales may leave, and only when it says so; tried once each time it is thrown. */
async function flattenOnce(loop: Loop): Promise<void> {
  if (loop.hasFlattened || !isFlattening(loop.stateFolder)) return;
  try {
    const { status, reason } = await loop.session.flatten();
    loop.last = `flatten: ${status} ${reason}`.trim();
    loop.hasFlattened = status === "done";
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    loop.last = `flatten: ${error.message}`;
  }
}

/** A venue that did not answer or left an order's fate open, as against one that was asked for nothing. */
export function isBrokerFailure({ status, reason }: Execution): boolean {
  return status === "stopped" || status === "unfinished" && !reason.startsWith("blocked");
}

function wordsOf({ status, reason }: Execution): string {
  return reason === "" ? status : `${status}, ${reason}`;
}

function wakeTime({ due, retry }: Loop): Millis {
  return retry ? retry.at + retry.pauseMs : due.at + FIRE_AFTER_MS;
}

function pauseOf(loop: Loop): number {
  if (loop.state === "killed" || loop.state === "distrust") return SHORT_SLEEP_MS;
  return Math.max(1, Math.min(LONGEST_SLEEP_MS, wakeTime(loop) - loop.clock.now()));
}

/** What a change of is told at once. */
function toldOf({ state, due, last }: Loop): string {
  return `${state} ${due.at} ${last}`;
}

async function beat(loop: Loop): Promise<void> {
  const { clock, state, due, last, failedBars } = loop;
  await loop.beat({
    ...{ at: clock.now(), state, last, brokerFailures: failedBars },
    next: state === "stopped" ? null : due,
  });
}

function realSleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal.addEventListener("abort", wake);
  });
}

function realEvery(ms: number, work: () => void): () => void {
  const timer = setInterval(work, ms);
  return () => clearInterval(timer);
}
