import {
  faultsOf,
  playSession,
  type SessionPlan,
  type SessionReport,
} from "../../lib/execution/account/test_sessions.ts";
import { type BrokerFault, shrinkSchedule } from "../../lib/execution/faults/test_fault_broker.ts";
import { systemClock } from "../../lib/core/clock.ts";
import { inMemoryFolder } from "../../lib/core/test_folder.ts";

/** How many sessions are played, and from which seed on. */
export interface ChaosOptions {
  readonly count: number;
  readonly seed: number;
  readonly onProgress?: (done: number, count: number) => void;
  /** Ends the play after the sessions that have begun. */
  readonly signal?: AbortSignal;
}

/** A session after which belief and truth differ, and no block says so. */
export interface ChaosFailure {
  readonly kind: SessionPlan["kind"];
  readonly seed: number;
  readonly isMeddled: boolean;
  readonly problems: readonly string[];
  /** The fewest faults that still make it fail. */
  readonly schedule: readonly BrokerFault[];
}

/** What all sessions came to. */
export interface ChaosReport {
  readonly sessions: number;
  readonly orders: number;
  readonly fills: number;
  /** Processes that died in the middle of something. */
  readonly deaths: number;
  /** Sessions that ended with something blocked: all of them with an owner, a reset or a split in between. */
  readonly quarantined: number;
  readonly seconds: number;
  readonly failures: readonly ChaosFailure[];
}

/** What a worker is asked, and what it answers for each session. */
export interface ChaosJob {
  readonly plan: SessionPlan;
}
export interface ChaosResult extends ChaosJob {
  readonly report: SessionReport;
}

/** Plays seeded sessions with brokers that fail and processes that die, and compares belief and truth after each. */
export async function playChaos(
  { count, seed, onProgress = () => {}, signal }: ChaosOptions,
): Promise<ChaosReport> {
  const begun = systemClock.elapsed();
  const results: ChaosResult[] = [];
  let next = 0;
  const lane = async () => {
    const worker = new Worker(new URL("./chaos_worker.ts", import.meta.url), { type: "module" });
    try {
      while (next < count && !signal?.aborted) {
        results.push(await asked(worker, { plan: planOf(seed + next++) }));
        onProgress(results.length, count);
      }
    } finally {
      worker.terminate();
    }
  };
  const lanes = Math.min(count, navigator.hardwareConcurrency);
  await Promise.all(Array.from({ length: lanes }, lane));
  const failures: ChaosFailure[] = [];
  const failed = results.filter(({ report }) => report.problems.length > 0);
  for (const { plan, report } of failed.sort((a, b) => a.plan.seed - b.plan.seed)) {
    failures.push(await shrunk(plan, report));
  }
  const total = (of: (report: SessionReport) => number) =>
    results.reduce((sum, { report }) => sum + of(report), 0);
  return {
    sessions: results.length,
    orders: total(({ orders }) => orders),
    fills: total(({ fills }) => fills),
    deaths: total(({ deaths }) => deaths),
    quarantined: results.filter(({ report }) => report.blocked.length > 0).length,
    seconds: Math.round((systemClock.elapsed() - begun) / 100) / 10,
    failures,
  };
}

/** Seeds in turn at both brokers; of eight, two have an owner, an exchange or a company that meddles. */
function planOf(seed: number): SessionPlan {
  const kind = seed % 2 === 0 ? "alpaca" : "binance";
  return { kind, seed, isMeddled: seed % 8 >= 6, isDirect: true };
}

function asked(worker: Worker, job: ChaosJob): Promise<ChaosResult> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<ChaosResult>) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`seed ${job.plan.seed}: ${event.message}`));
    };
    worker.postMessage(job);
  });
}

/** Plays one session in a folder of its own. */
export async function play(plan: SessionPlan): Promise<SessionReport> {
  const { promise, resolve } = Promise.withResolvers<SessionReport>();
  await inMemoryFolder(async (folder) => resolve(await playSession(folder, plan)));
  return await promise;
}

async function shrunk(plan: SessionPlan, report: SessionReport): Promise<ChaosFailure> {
  const fails = async (faults: readonly BrokerFault[]) =>
    (await play({ ...plan, faults })).problems.length > 0;
  // What does not fail again depends on more than its seed; then the whole schedule is all there is.
  const schedule = await shrinkSchedule(faultsOf(plan), fails).catch(() => faultsOf(plan));
  const { kind, seed, isMeddled } = plan;
  return { kind, seed, isMeddled, problems: report.problems, schedule };
}
