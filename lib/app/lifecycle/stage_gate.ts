import type { Stage } from "../../core/lifecycle.ts";
import type { LoadedPlan } from "../load_plan.ts";
import { changesText } from "./binding.ts";
import { demoteCommand, mendCommand, promoteCommand } from "./commands.ts";
import {
  type LifecycleOptions,
  type ModelState,
  modelState,
  readRecorded,
  settingOf,
} from "./state.ts";

/** What trades: with made-up money, or with money. */
export type TradingMode = "paper" | "live";

/** Which stages each of them runs (FR-020, FR-021). */
const RUNS: Readonly<Record<TradingMode, readonly Stage[]>> = {
  paper: ["candidate", "paper"],
  live: ["live"],
};

/** Which models of a configuration may trade. */
export interface Runnable {
  /** Names, in order. */
  readonly running: readonly string[];
  /** The others, with one line that says why and what would do. */
  readonly refused: readonly { readonly model: string; readonly reason: string }[];
}

/**
 * Which models a trading session may run: those at a stage of its mode, which file and record agree on, with the very
 * code and settings that were promoted. To be asked before every session, and again before every decision.
 */
export async function runnable(
  loaded: LoadedPlan,
  { mode, ...options }: LifecycleOptions & { readonly mode: TradingMode },
): Promise<Runnable> {
  const setting = settingOf(options);
  const recorded = await readRecorded(setting);
  const running: string[] = [];
  const refused: { model: string; reason: string }[] = [];
  for (const { name } of loaded.plan.models) {
    const shipped = loaded.sealed || await setting.codeOf(name).then(() => true, () => false);
    if (!shipped) {
      refused.push({ model: name, reason: `${name} is unsealed: no fingerprint covers its code` });
      continue;
    }
    const state = await modelState(name, { loaded, recorded, codeOf: setting.codeOf });
    const reason = refusedIn(state, mode, setting.files);
    if (reason === undefined) running.push(name);
    else refused.push({ model: name, reason });
  }
  return { running, refused };
}

/** Why a mode would not run a model, in one line with the command that helps; undefined where it would. */
export function refusedIn(
  state: ModelState,
  mode: TradingMode,
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
  mode: TradingMode,
  files: readonly string[],
): string {
  if (stage === "live") return `a live model runs in live trading alone`;
  const next = stage === "research" ? "candidate" : stage === "candidate" ? "paper" : "live";
  return mode === "live" && next !== "live"
    ? `first ${promoteCommand(name, next, { files })}`
    : promoteCommand(name, next, { files });
}
