import { nextStage, type Stage } from "../../core/lifecycle.ts";
import type { Mode } from "../../execution/venues/mod.ts";
import type { LoadedPlan } from "../load_plan.ts";
import { changesText } from "./binding.ts";
import { demoteCommand, mendCommand, promoteCommand } from "./commands.ts";
import {
  type LifecycleOptions,
  type ModelState,
  modelState,
  readRecorded,
  type RecordedStages,
  settingOf,
} from "./state.ts";

/** Which stages each of them runs (FR-020, FR-021). */
const RUNS: Readonly<Record<Mode, readonly Stage[]>> = {
  paper: ["candidate", "paper"],
  live: ["live"],
};

/** Which models of a configuration may trade. */
export interface Runnable {
  /** Names, in order. */
  readonly running: readonly string[];
  /** Those of them that run by the word of the configuration alone: a rehearsal, nothing was ever promoted. */
  readonly asWritten: readonly string[];
  /** The others, with one line that says why and what would do. */
  readonly refused: readonly { readonly model: string; readonly reason: string }[];
}

/** What is asked of the gate. */
export interface GateQuestion extends LifecycleOptions {
  readonly mode: Mode;
  /** Whether no broker's account is at stake: a model that was never on record then runs by its configuration. */
  readonly rehearsal?: boolean;
}

/**
 * Which models a trading session may run: those at a stage of its mode, which file and record agree on, with the very
 * code and settings that were promoted. To be asked before every session, and again before every decision.
 */
export async function runnable(
  loaded: LoadedPlan,
  { mode, rehearsal = false, ...options }: GateQuestion,
): Promise<Runnable> {
  const setting = settingOf(options);
  const recorded = await readRecorded(setting);
  const running: string[] = [];
  const asWritten: string[] = [];
  const refused: { model: string; reason: string }[] = [];
  for (const { name } of loaded.plan.models) {
    const shipped = loaded.sealed || await setting.codeOf(name).then(() => true, () => false);
    if (!shipped) {
      refused.push({ model: name, reason: `${name} is unsealed: no fingerprint covers its code` });
      continue;
    }
    const state = await modelState(name, { loaded, recorded, codeOf: setting.codeOf });
    const isFree = rehearsal && isUnrecorded(name, recorded);
    const judged = isFree ? { ...state, recorded: state.configured, inconsistencies: [] } : state;
    const reason = refusedIn(judged, mode, setting.files);
    if (reason === undefined && isFree) asWritten.push(name);
    if (reason === undefined) running.push(name);
    else refused.push({ model: name, reason });
  }
  return { running, asWritten, refused };
}

/** Whether nobody ever took a step with a model, by a record that is whole. */
function isUnrecorded(name: string, { events, table, faults }: RecordedStages): boolean {
  return !events.some(({ model }) => model === name) &&
    (table.get(name) ?? "research") === "research" &&
    faults.every(({ harmless }) => harmless);
}

/** Why a mode would not run a model, in one line with the command that helps; undefined where it would. */
export function refusedIn(
  state: ModelState,
  mode: Mode,
  files: readonly string[] = [],
): string | undefined {
  const { name, recorded, inconsistencies, changes, bound } = state;
  const [odd] = inconsistencies;
  if (odd !== undefined) return `${name}: ${odd}; mend it with ${mendCommand(name, files)}`;
  if (!RUNS[mode].includes(recorded)) {
    return `${name} is at ${recorded}, ${mode} trading runs ${RUNS[mode].join(" and ")} models; ${
      wayTo(name, recorded, mode, files)
    }`;
  }
  if (changes.length === 0) return undefined;
  return `${name}: ${changesText(changes)} (event ${bound!.seq}); put back what was promoted, or ${
    demoteCommand(name, files)
  } and promote it with new evidence`;
}

function wayTo(
  name: string,
  stage: Stage,
  mode: Mode,
  files: readonly string[],
): string {
  if (stage === "live") return `a live model runs in live trading alone`;
  const next = nextStage(stage)!;
  return mode === "live" && next !== "live"
    ? `first ${promoteCommand(name, next, { files })}`
    : promoteCommand(name, next, { files });
}
