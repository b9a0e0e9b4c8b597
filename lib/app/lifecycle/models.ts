import { nextStage, stageAfter } from "../../core/lifecycle.ts";
import { DAY_MS } from "../../core/bars.ts";
import { parseDate, parseTime } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import type { LifecycleHistory, ListedModel, ShownModel } from "../../report/lifecycle_page.ts";
import { wallTime } from "../../results/mod.ts";
import { loadPlan } from "../load_plan.ts";
import { changeText } from "./binding.ts";
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
    changes: changes.map(changeText),
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
