import type { LifecycleSettings } from "../../config/mod.ts";
import { Refusal } from "../../core/errors.ts";
import type { GateCheck, LifecycleEvent, LifecycleEvidence, Stage } from "../../core/lifecycle.ts";
import type { LoadedPlan } from "../load_plan.ts";
import { listRuns } from "../runs.ts";
import { type Approvals, approvalsOf, type ApprovedStep } from "./approvals.ts";
import { evidenceHashes, readEvidence, type RunEvidence } from "./evidence.ts";
import {
  approvalCheck,
  candidateChecks,
  deflatedChecks,
  lackingOf,
  liveChecks,
  paperChecks,
} from "./gates.ts";
import { liveSettings } from "./live_settings.ts";
import type { PaperRecord } from "./paper_record.ts";
import { type LifecycleSetting, type ModelState, nowOf, type RecordedStages } from "./state.ts";

/** One step of a model's life, judged by what is stored. */
export interface Gate {
  readonly to: Stage;
  /** What it asks for beside approvals, line by line. */
  readonly checks: readonly GateCheck[];
  readonly approvals: Approvals;
  /** People who must approve. */
  readonly needed: number;
  /** The approvals as one more line of the gate. */
  readonly approval: GateCheck;
  /** What a promotion would rest on; undefined where there is nothing. */
  readonly evidence: LifecycleEvidence | undefined;
}

/** What a gate is judged from. */
export interface GateRequest {
  readonly state: ModelState;
  readonly loaded: LoadedPlan;
  readonly recorded: RecordedStages;
  readonly setting: LifecycleSetting;
  /** The run that is to be evidence; the best one on record when absent. */
  readonly run?: string | undefined;
  /** The broker's number of the live account; that of the newest approval of live trading when absent. */
  readonly account?: string | undefined;
}

/** Judges the step to `to`. Refuses a run that is unknown or damaged. */
export async function gateTo(to: Stage, request: GateRequest): Promise<Gate> {
  const judged = to === "candidate" ? await candidateGate(request) : await laterGate(to, request);
  const { recorded, setting, loaded } = request;
  const { approvals: steps } = loaded.config.lifecycle;
  const needed = steps[to as "candidate" | "paper" | "live"];
  const approvals = judged.evidence
    ? approvalsOf(recorded.events, stepOf(request, to, judged.evidence), nowOf(setting))
    : { standing: [], expired: [], other: [] };
  const by = approvals.standing.map(({ operator }) => operator);
  const approval = approvalCheck(by, { needed, hours: steps.expiry_hours });
  return { to, ...judged, approvals, needed, approval };
}

/** What an approval of this step is about. */
function stepOf(
  { state: { name, binding }, loaded, recorded, account }: GateRequest,
  to: Stage,
  evidence: LifecycleEvidence,
): ApprovedStep {
  const step = { model: name, to, binding, evidence };
  if (to !== "live") return step;
  const newest = recorded.events.findLast((event) =>
    event.model === name && event.kind === "approved" && event.to_stage === "live"
  );
  const account_number = account ?? newest?.details.account_number;
  return {
    ...{ ...step, settings: liveSettings(loaded) },
    ...(account_number === undefined ? {} : { account_number }),
  };
}

type Judged = Pick<Gate, "checks" | "evidence">;

async function candidateGate(request: GateRequest): Promise<Judged> {
  const { state, loaded, setting, run } = request;
  const settings = loaded.config.lifecycle.candidate;
  const evidence = run === undefined
    ? await bestRun(state, settings, setting)
    : await readEvidence(run, setting.resultsRoot);
  if (evidence === undefined) {
    const expected = `a finished backtest of ${state.name} alone`;
    return {
      checks: [{ name: "evidence", found: "none", expected, passed: false }],
      evidence: undefined,
    };
  }
  return {
    checks: candidateChecks(state, evidence, settings),
    evidence: evidenceHashes(evidence, null),
  };
}

/** Runs looked at for one that passes: the newest ones. */
const MOST_RUNS = 20;

/** Of the runs of this model alone that are on record, the one that lacks the least; the newest of those. */
async function bestRun(
  state: ModelState,
  settings: LifecycleSettings["candidate"],
  { resultsRoot }: LifecycleSetting,
): Promise<RunEvidence | undefined> {
  const rows = await listRuns({ model: `${state.name}@${state.version}` }, { resultsRoot });
  const ids = rows.filter(({ models, sealed }) => models.length === 1 && sealed)
    .slice(0, MOST_RUNS).map(({ run_id }) => run_id);
  let best: { readonly run: RunEvidence; readonly lacking: number } | undefined;
  for (const id of ids) {
    const run = await readEvidence(id, resultsRoot).catch(unlessRefused);
    if (run === undefined) continue;
    const lacking = lackingOf(candidateChecks(state, run, settings)).length;
    if (best === undefined || lacking < best.lacking) best = { run, lacking };
  }
  return best?.run;
}

/** The steps after candidate rest on what was promoted then, and on what came since. */
async function laterGate(to: Stage, request: GateRequest): Promise<Judged> {
  const { state, loaded, setting } = request;
  const { lifecycle } = loaded.config;
  const { bound } = state;
  if (bound === undefined) {
    const expected = "promoted with evidence before";
    return {
      checks: [{ name: "stage", found: state.recorded, expected, passed: false }],
      evidence: undefined,
    };
  }
  const run = await readEvidence(bound.details.evidence!.run_id, setting.resultsRoot)
    .catch(unlessRefused);
  const kept = keptChecks(state, run, lifecycle.candidate.min_deflated_sharpe);
  const paper = to === "live" ? await paperRecord(request, bound) : undefined;
  const later = to === "live" ? liveChecks(paper, lifecycle) : paperChecks(state, lifecycle);
  const evidence = run ? evidenceHashes(run, paper?.hash ?? null) : undefined;
  return { checks: [...kept, ...later], evidence };
}

/** Whether the model and its evidence are still what was promoted, and the evidence still good. */
function keptChecks(
  { bound, changes }: ModelState,
  run: RunEvidence | undefined,
  wanted: number | null,
): readonly GateCheck[] {
  const before = bound!.details.evidence!;
  const now = run && evidenceHashes(run, null);
  const isSame = now?.card === before.card && now.certificate === before.certificate;
  return [
    {
      name: "code and settings",
      found: changes.length === 0
        ? "as promoted"
        : changes.map(({ what, found }) => `${what} ${found}`).join(", "),
      expected: changes.length === 0
        ? "as promoted"
        : changes.map(({ what, bound }) => `${what} ${bound}`).join(", "),
      passed: changes.length === 0,
    },
    {
      name: "evidence on record",
      found: run === undefined ? "gone or damaged" : isSame ? before.run_id : "changed since",
      expected: `run ${before.run_id} as it was`,
      passed: isSame,
    },
    ...deflatedChecks(now, wanted),
  ];
}

/** Paper trading since the promotion to paper, up to the first approval that still stands: that is what was approved. */
async function paperRecord(
  { state, loaded, recorded, setting }: GateRequest,
  bound: LifecycleEvent,
): Promise<PaperRecord | undefined> {
  const { account } = loaded.config.lifecycle.paper;
  if (account === null || bound.to_stage !== "paper") return undefined;
  const now = nowOf(setting);
  const first = recorded.events.find((event) =>
    event.seq > bound.seq && event.model === state.name && event.kind === "approved" &&
    event.at <= now && now <= (event.details.expires_at ?? "")
  );
  const { version, budget } = bound.details.binding!;
  return await setting.paper.read(`${state.name}@${version}`, {
    ...{ account, budget },
    since: bound.at,
    until: first?.at ?? now,
  });
}

function unlessRefused(error: unknown): undefined {
  if (error instanceof Refusal) return undefined;
  throw error;
}
