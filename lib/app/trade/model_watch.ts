import type { Millis } from "../../core/bars.ts";
import { type Clock, parseTime } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import { stageEvent } from "../../core/lifecycle.ts";
import type { Journal } from "../../core/ports.ts";
import type { Mode } from "../../execution/venues/mod.ts";
import { demoteAutomatically } from "../lifecycle/demote_automatically.ts";
import { type AutomaticDemotion, demotions, type SessionFacts } from "../lifecycle/demotions.ts";
import { type Runnable, runnable } from "../lifecycle/stage_gate.ts";
import { type LifecycleOptions, readRecorded, settingOf } from "../lifecycle/state.ts";
import type { LoadedPlan } from "../load_plan.ts";
import { modelCodeIn } from "../model_fingerprint.ts";
import { PROJECT_ROOT } from "../project.ts";
import { drawdownNow, ledgerCurve, type LedgerMark } from "./model_ledger.ts";
import { isRehearsal } from "./rehearsal.ts";
import type { TradedPlan } from "./traded_plan.ts";

/** A model that may not trade any more, and why. */
export interface GoneModel {
  readonly model: string;
  readonly reason: string;
}

/** What the record of lifecycles lets run now; code and record are read anew each time. */
export async function gateOf(
  loaded: LoadedPlan,
  { mode, lifecycle = {} }: { readonly mode: Mode; readonly lifecycle?: LifecycleOptions },
): Promise<Runnable> {
  return await runnable(loaded, {
    codeOf: (name) => modelCodeIn(PROJECT_ROOT, name),
    ...lifecycle,
    ...{ mode, rehearsal: isRehearsal(loaded.config, mode) },
  });
}

/** Which models of a session the record does not let run any more. */
export async function goneModels(
  { loaded }: TradedPlan,
  options: { readonly mode: Mode; readonly lifecycle?: LifecycleOptions },
): Promise<readonly GoneModel[]> {
  const { refused } = await gateOf(loaded, options);
  return refused.filter(({ model }) => loaded.plan.models.some(({ name }) => name === model));
}

/** What a session saw at a bar, beside its models' ledgers. */
export type BarFacts = Pick<SessionFacts, "killSwitch" | "brokerFailures"> & {
  /** What a model threw. */
  readonly error?: { readonly model: string; readonly message: string };
};

/** What the rules of demotion are applied to. */
export interface JudgedSession {
  readonly traded: TradedPlan;
  readonly marks: readonly LedgerMark[];
  readonly lifecycle?: LifecycleOptions;
  readonly journal: Journal;
  readonly clock: Clock;
}

/**
 * Applies the rules of demotion to a session's models and puts what they find on record. A model that runs by its
 * configuration alone has no stage to lose: it is only told of. Which models must not trade any more.
 */
export async function judgeModels(
  session: JudgedSession,
  { error, ...facts }: BarFacts,
): Promise<readonly AutomaticDemotion[]> {
  const { traded: { loaded: { plan, config }, asWritten }, lifecycle = {} } = session;
  const recorded = plan.models.filter(({ name }) => !asWritten.includes(name));
  if (recorded.length === 0) return [];
  const since = await sinceWhen(lifecycle);
  const models = recorded.map(({ name, version, budgetFraction }) => {
    const marks = session.marks.filter(({ at }) => at >= since(name));
    return {
      model: name,
      drawdown: drawdownNow(ledgerCurve(marks, `${name}@${version}`, budgetFraction)),
      error: error?.model === name ? error.message : undefined,
    };
  });
  const found = demotions({ ...facts, models }, config.lifecycle.demotion);
  if (found.length > 0) await keep(found, session);
  return found;
}

/** When each model came to its stage. */
async function sinceWhen(lifecycle: LifecycleOptions): Promise<(model: string) => Millis> {
  const { events } = await readRecorded(settingOf(lifecycle));
  return (model) => {
    const at = stageEvent(events, model)?.at;
    return at === undefined ? -Infinity : parseTime(at);
  };
}

async function keep(
  found: readonly AutomaticDemotion[],
  { lifecycle = {}, journal, clock }: JudgedSession,
): Promise<void> {
  const tell = (message: string, context: Readonly<Record<string, unknown>>) =>
    journal.write({
      ...{ timestamp: clock.now(), component: "lifecycle", level: "error", message, context },
    });
  try {
    for (
      const { model, rule, reason, event, written } of await demoteAutomatically(found, lifecycle)
    ) {
      tell("model demoted to research", { model, rule, reason, event, written });
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // It trades no more in this session all the same.
    const models = found.map(({ model }) => model);
    tell("a demotion could not be put on record", { models, reason: error.message });
  }
}

/** The model whose exception stopped a decision; the engine, not the model, begins the message with its name. */
export function failingModel(
  error: unknown,
  { loaded: { plan } }: TradedPlan,
): { readonly model: string; readonly message: string } | undefined {
  if (!(error instanceof Refusal)) return undefined;
  const { message } = error;
  const model = plan.models.find(({ name }) => message.startsWith(`${name} `));
  return model && { model: model.name, message: message.slice(model.name.length + 1) };
}
