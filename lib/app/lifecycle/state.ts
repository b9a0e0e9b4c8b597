import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { findStage } from "../../config/mod.ts";
import { type Clock, systemClock } from "../../core/clock.ts";
import { didYouMean, Refusal } from "../../core/errors.ts";
import {
  type LifecycleEvent,
  type ModelBinding,
  type Stage,
  stageAfter,
  stageEvent,
} from "../../core/lifecycle.ts";
import {
  type LifecycleFault,
  type LifecycleRecord,
  openDatabase,
  wallTime,
} from "../../results/mod.ts";
import { type LoadedPlan, loadPlan } from "../load_plan.ts";
import { type ModelCode, modelCode } from "../model_fingerprint.ts";
import { RESULTS_ROOT } from "../project.ts";
import { databaseFile } from "../trial.ts";
import { type BindingChange, bindingChanges, bindingOf } from "./binding.ts";
import type { GateSubject } from "./gates.ts";
import { noPaperRecords, type PaperRecords } from "./paper_record.ts";

/** Where lifecycles are kept, and what they are judged by. */
export interface LifecycleOptions {
  /** Configuration files over the base. */
  readonly files?: readonly string[];
  readonly resultsRoot?: string;
  /** Folder of `model_lifecycle_events.jsonl`: `logs` beside the results unless said otherwise. */
  readonly logsRoot?: string;
  readonly clock?: Clock;
  readonly paper?: PaperRecords;
  /** The code of a model; that which runs, unless a test says otherwise. */
  readonly codeOf?: (model: string) => Promise<ModelCode>;
}

/** The options with everything that was left out. */
export interface LifecycleSetting extends Required<LifecycleOptions> {
  readonly mirror: string;
}

/** Fills in what was left out. */
export function settingOf(options: LifecycleOptions): LifecycleSetting {
  const resultsRoot = options.resultsRoot ?? RESULTS_ROOT;
  const logsRoot = options.logsRoot ?? join(dirname(resolve(resultsRoot)), "logs");
  return {
    files: [],
    clock: systemClock,
    paper: noPaperRecords,
    codeOf: modelCode,
    ...options,
    resultsRoot,
    logsRoot,
    mirror: join(logsRoot, "model_lifecycle_events.jsonl"),
  };
}

/** Wall time now, ISO with milliseconds. */
export function nowOf({ clock }: Pick<LifecycleSetting, "clock">): string {
  return wallTime(clock.now());
}

/** What is on record of all models. */
export interface RecordedStages {
  /** Oldest first. */
  readonly events: readonly LifecycleEvent[];
  /** The table that anybody may look into, and edit. */
  readonly table: ReadonlyMap<string, string>;
  readonly faults: readonly LifecycleFault[];
}

/** Opens the record for `work`; with `make`, it is made where there is none, else `work` gets none. */
export async function withRecord<Result>(
  { resultsRoot, mirror }: LifecycleSetting,
  work: (record: LifecycleRecord | undefined) => Result | Promise<Result>,
  { make = false }: { readonly make?: boolean } = {},
): Promise<Result> {
  const file = databaseFile(resultsRoot);
  const isThere = (path: string) => stat(path).then(() => true, () => false);
  // Asking makes no record where there is none, unless its end or its log says that there was one.
  const traces = [file, join(resultsRoot, "lifecycle.head"), mirror];
  if (!make && !(await Promise.all(traces.map(isThere))).includes(true)) {
    return await work(undefined);
  }
  const database = await openDatabase(file);
  try {
    return await work(database.lifecycle(mirror));
  } finally {
    database.close();
  }
}

/** What is on record now. */
export function readRecorded(setting: LifecycleSetting): Promise<RecordedStages> {
  return withRecord(
    setting,
    (record) =>
      record
        ? { events: record.events(), table: record.stages(), faults: record.check() }
        : { events: [], table: new Map(), faults: [] },
  );
}

/** One model between its configuration and the record. */
export interface ModelState extends GateSubject {
  readonly version: string;
  /** The stage by the configuration, by the events, and by the table of the database. */
  readonly configured: Stage;
  readonly recorded: Stage;
  readonly inTable: string;
  /** ISO; undefined where it never left research. */
  readonly since: string | undefined;
  /** One line each; empty where file and record agree. */
  readonly inconsistencies: readonly string[];
  /** What the stage rests on: what the newest promotion since research bound. */
  readonly bound: LifecycleEvent | undefined;
  /** In what the model is no longer what was promoted. */
  readonly changes: readonly BindingChange[];
}

/** The state of a model that the plan has. */
export async function modelState(
  name: string,
  { loaded, recorded, codeOf }: {
    readonly loaded: LoadedPlan;
    readonly recorded: RecordedStages;
    readonly codeOf: (model: string) => Promise<ModelCode>;
  },
): Promise<ModelState> {
  const planned = loaded.plan.models.find((model) => model.name === name)!;
  const code = await codeOf(name);
  const binding = bindingOf(loaded.plan, name, code.fingerprint);
  const { events, table } = recorded;
  const bound = boundBy(events, name);
  const facts = {
    configured: loaded.config.models[name]!.lifecycle_stage,
    recorded: stageAfter(events, name),
    inTable: table.get(name) ?? "research",
  };
  return {
    name,
    version: planned.version,
    ...{ binding, code, parameters: planned.parameters },
    ...facts,
    since: stageEvent(events, name)?.at,
    inconsistencies: inconsistenciesOf(name, facts, recorded),
    bound,
    changes: bound ? bindingChanges(bound.details.binding as ModelBinding, binding) : [],
  };
}

/** The newest promotion of a model that no return to research undid. */
function boundBy(events: readonly LifecycleEvent[], name: string): LifecycleEvent | undefined {
  if (stageAfter(events, name) === "research") return undefined;
  return events.findLast((event) =>
    event.model === name && event.kind === "promoted" && event.details.binding !== undefined
  );
}

function inconsistenciesOf(
  name: string,
  { configured, recorded, inTable }: Pick<ModelState, "configured" | "recorded" | "inTable">,
  { faults, events }: RecordedStages,
): readonly string[] {
  const broken = faults
    .filter(({ part, model, harmless }) => !harmless && (part !== "stages" || model === name))
    .map(({ message }) => message);
  const edited = inTable === recorded
    ? []
    : [`the table model_stages says ${inTable}, the events say ${recorded}`];
  // The check has said it already, unless the table alone was asked.
  const table = broken.length > 0 ? [] : edited;
  if (configured === recorded) return [...broken, ...table];
  const why = isWritten(events, name)
    ? "one of them was edited by hand"
    : `event ${stageEvent(events, name)!.seq} was not written to the file`;
  return [
    ...broken,
    ...table,
    `the configuration says ${configured}, the record says ${recorded}: ${why}`,
  ];
}

/** Whether the file was written after the stage last changed. */
function isWritten(events: readonly LifecycleEvent[], name: string): boolean {
  const moved = stageEvent(events, name);
  return moved === undefined ||
    events.some(({ kind, model, seq }) => kind === "written" && model === name && seq > moved.seq);
}

/** The configuration, and the model of it that is meant; `NAME@VERSION` asks for a version. Refuses unknown ones. */
export async function namedModel(
  asked: string,
  { files }: Pick<LifecycleSetting, "files">,
): Promise<{ readonly loaded: LoadedPlan; readonly name: string }> {
  const loaded = await loadPlan(files);
  const [name = "", version] = asked.split("@");
  const names = loaded.plan.models.map((model) => model.name);
  const planned = loaded.plan.models.find((model) => model.name === name);
  if (planned === undefined) {
    throw new Refusal(
      `"${name}" is no configured model${didYouMean(name, names)}, expected one of ${
        names.join(", ")
      }`,
    );
  }
  if (version !== undefined && version !== planned.version) {
    throw new Refusal(
      `${name} has no version ${version}, expected ${planned.version}, the only one there is`,
    );
  }
  return { loaded, name };
}

/** The file that says a model's stage, as a path; refuses a model that no file configures. */
export async function stagePlace(name: string, { files }: Pick<LifecycleSetting, "files">) {
  const place = await findStage(files, name);
  if (place === undefined) {
    throw new Refusal(`${name}: found no file that configures it, expected models.${name} in one`);
  }
  const path = place.path instanceof URL ? fileURLToPath(place.path) : place.path;
  return { ...place, path };
}
