import {
  type GateCheck,
  type LifecycleEvent,
  type LifecycleEvidence,
  nextStage,
  type Stage,
  stageAfter,
} from "../../core/lifecycle.ts";
import { DAY_MS } from "../../core/bars.ts";
import { parseDate, parseTime } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import { wallTime } from "../../results/mod.ts";
import { loadPlan } from "../load_plan.ts";
import { demoteCommand, mendCommand, promoteCommand } from "./commands.ts";
import { lackingOf } from "./gates.ts";
import { gateTo } from "./next_gate.ts";
import { refusedIn } from "./stage_gate.ts";
import {
  type LifecycleOptions,
  type ModelState,
  modelState,
  namedModel,
  readRecorded,
  settingOf,
  stagePlace,
} from "./state.ts";

/** A configured model in one line. */
export interface ListedModel {
  readonly model: string;
  readonly version: string;
  readonly budget_fraction: number;
  readonly stage: Stage;
  /** ISO; null where it never left research. */
  readonly since: string | null;
  /** What the configuration says; another stage than on record is inconsistent. */
  readonly configured: Stage;
  readonly consistent: boolean;
  /** Why paper or live trading would not run it, by mode; null where it would. */
  readonly refused: { readonly paper: string | null; readonly live: string | null };
}

/** Every configured model with its stage. */
export async function modelsList(
  options: LifecycleOptions = {},
): Promise<readonly ListedModel[]> {
  const setting = settingOf(options);
  const loaded = await loadPlan(setting.files);
  const recorded = await readRecorded(setting);
  const { codeOf } = setting;
  return await Promise.all(loaded.plan.models.map(async ({ name, budgetFraction }) => {
    const state = await modelState(name, { loaded, recorded, codeOf });
    return {
      model: name,
      version: state.version,
      budget_fraction: budgetFraction,
      stage: state.recorded,
      since: state.since ?? null,
      configured: state.configured,
      consistent: state.inconsistencies.length === 0,
      refused: {
        paper: refusedIn(state, "paper", setting.files) ?? null,
        live: refusedIn(state, "live", setting.files) ?? null,
      },
    };
  }));
}

/** Everything about one model's stage, and what its next step lacks. */
export interface ShownModel extends Omit<ListedModel, "budget_fraction"> {
  /** Where the configuration says it: file and line. */
  readonly file: string;
  readonly line: number;
  readonly inconsistencies: readonly string[];
  /** What makes file and record agree again; null where they do. */
  readonly mend: string | null;
  /** In what the model is no longer what was promoted, each `code 1f2e was promoted, found 9a8b`. */
  readonly changes: readonly string[];
  readonly code: string;
  /** What the stage rests on, with the event that says so; null in research. */
  readonly evidence: LifecycleEvidence | null;
  readonly promoted: {
    readonly event: number;
    readonly at: string;
    readonly approved_by: readonly string[];
    readonly reason: string;
  } | null;
  /** The gate of the next step; null at the last stage. */
  readonly next: {
    readonly to: Stage;
    /** The run that it was judged by; null where there is none. */
    readonly run_id: string | null;
    readonly checks: readonly GateCheck[];
    /** Lines that are not fulfilled, approvals among them. */
    readonly lacking: number;
    readonly command: string;
  } | null;
  /** What takes the model back to research. */
  readonly demote: string | null;
}

/** One model; `run` is what the step to candidate is to be judged by, the best on record when absent. */
export async function modelShow(
  model: string,
  { run, ...options }: LifecycleOptions & { readonly run?: string } = {},
): Promise<ShownModel> {
  const setting = settingOf(options);
  const { files } = setting;
  const { loaded, name } = await namedModel(model, setting);
  const recorded = await readRecorded(setting);
  const state = await modelState(name, { loaded, recorded, codeOf: setting.codeOf });
  const place = await stagePlace(name, setting);
  const to = nextStage(state.recorded);
  const gate = to &&
    await gateTo(to, {
      state,
      loaded,
      recorded,
      setting,
      run: to === "candidate" ? run : undefined,
    });
  const checks = gate ? [...gate.checks, gate.approval] : [];
  const run_id = gate?.evidence?.run_id ?? null;
  return {
    ...shownState(state, files),
    file: place.name,
    line: place.line,
    next: to && gate
      ? {
        ...{ to, run_id, checks },
        lacking: lackingOf(checks).length,
        command: promoteCommand(name, to, { files, ...(run_id === null ? {} : { run: run_id }) }),
      }
      : null,
  };
}

function shownState(state: ModelState, files: readonly string[]) {
  const { name, bound, inconsistencies, changes, recorded } = state;
  const consistent = inconsistencies.length === 0;
  return {
    model: name,
    version: state.version,
    stage: recorded,
    since: state.since ?? null,
    configured: state.configured,
    ...{ consistent, inconsistencies },
    mend: consistent ? null : mendCommand(name, files),
    changes: changes.map(({ what, bound, found }) =>
      `${what} ${bound} was promoted, found ${found}`
    ),
    code: state.code.fingerprint,
    evidence: bound?.details.evidence ?? null,
    promoted: bound
      ? {
        event: bound.seq,
        at: bound.at,
        approved_by: bound.details.approved_by ?? [],
        reason: bound.reason,
      }
      : null,
    refused: {
      paper: refusedIn(state, "paper", files) ?? null,
      live: refusedIn(state, "live", files) ?? null,
    },
    demote: recorded === "research" ? null : demoteCommand(name, files),
  };
}

/** What became of models, with where they stood at a time. */
export interface LifecycleHistory {
  /** Of the model asked for, else of all; oldest first, up to `at`. */
  readonly events: readonly LifecycleEvent[];
  /** The end of the day or the moment that was asked for, ISO; null for now. */
  readonly at: string | null;
  /** Where each model with events stood then. */
  readonly stages: Readonly<Record<string, Stage>>;
  /** What is not as it was written, one line each; the chain of all models is checked. */
  readonly faults: readonly string[];
  /** The newest event; whoever writes its hash down elsewhere can prove later that nothing before it changed. */
  readonly head: { readonly seq: number; readonly hash: string } | null;
}

/** The history of one model or of all; `at` is a date (the end of that day, UTC) or a moment in ISO form. */
export async function lifecycleHistory(
  { model, at, ...options }: LifecycleOptions & { readonly model?: string; readonly at?: string } =
    {},
): Promise<LifecycleHistory> {
  const setting = settingOf(options);
  const { events: all, faults } = await readRecorded(setting);
  // A model that is no longer configured has a history all the same.
  const isKnown = model === undefined || all.some((event) => event.model === model);
  const name = isKnown ? model : (await namedModel(model, setting)).name;
  const until = at === undefined ? undefined : endOf(at);
  const events = all.filter((event) =>
    (name === undefined || event.model === name) && (until === undefined || event.at <= until)
  );
  const models = name === undefined ? [...new Set(all.map((event) => event.model))].sort() : [name];
  const newest = all.at(-1);
  return {
    events,
    at: until ?? null,
    stages: Object.fromEntries(models.map((each) => [each, stageAfter(all, each, until)])),
    faults: faults.map(({ message }) => message),
    head: newest ? { seq: newest.seq, hash: newest.hash } : null,
  };
}

/** The last moment that a date or moment includes. */
function endOf(at: string): string {
  try {
    return wallTime(at.includes("T") ? parseTime(at) : parseDate(at) + DAY_MS - 1);
  } catch {
    throw new Refusal(
      `--at: found "${at}", expected a date or moment, 2022-06-01 or 2022-06-01T12:00:00Z`,
      { exitCode: 2 },
    );
  }
}
