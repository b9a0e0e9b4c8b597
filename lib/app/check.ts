import { join } from "node:path";
import { pid } from "node:process";
import { localDisk } from "../core/atomic_file.ts";
import { DAY_MS } from "../core/bars.ts";
import { systemClock } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import { openSandbox } from "../engine/sandbox.ts";
import { compute, loadFor } from "./compute.ts";
import { type LoadedPlan, loadPlan, type PlanOptions } from "./load_plan.ts";
import { RESULTS_ROOT } from "./project.ts";

/** Whether everything that a backtest needs is there. */
export interface CheckReport {
  readonly ready: boolean;
  readonly steps: readonly CheckStep[];
}

/** One thing that was looked at; `detail` says what was found or what is missing. */
export interface CheckStep {
  readonly name: "configuration" | "data" | "results" | "smoke run";
  readonly ok: boolean;
  readonly detail: string;
}

const SMOKE_DAYS = 30;

/** Looks at the configuration, the data, the results folder, and runs the last days of the plan without storing them. */
export async function check(
  files: string | readonly string[] = [],
  options: PlanOptions & { readonly resultsRoot?: string } = {},
): Promise<CheckReport> {
  const steps: CheckStep[] = [];
  const step = async <Found>(
    name: CheckStep["name"],
    look: () => Promise<{ found: Found; detail: string }>,
  ): Promise<Found | undefined> => {
    try {
      const { found, detail } = await look();
      steps.push({ name, ok: true, detail });
      return found;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      steps.push({ name, ok: false, detail: error.message });
      return undefined;
    }
  };
  const loaded = await step("configuration", async () => {
    const found = await loadPlan(files, options);
    const names = found.plan.models.map(({ name, version }) => `${name}@${version}`);
    return { found, detail: `${names.join(", ")} on ${symbolsOf(found).join(", ")}` };
  });
  // Like a backtest, with its time limit for models.
  const sandbox = loaded?.sealed ? openSandbox() : undefined;
  const surroundings = { sandbox, clock: systemClock };
  const data = loaded && await step("data", async () => {
    const found = await loadFor(loaded, surroundings);
    const rows = found.files.reduce((sum, file) => sum + file.rows, 0);
    return { found, detail: `${found.files.length} files, ${rows} bars before the end` };
  });
  await step("results", async () => {
    const root = options.resultsRoot ?? RESULTS_ROOT;
    await writable(root);
    return { found: root, detail: `${root} can be written` };
  });
  if (loaded && data) {
    await step("smoke run", async () => {
      const { plan } = loaded;
      const start = Math.max(plan.start, plan.end - SMOKE_DAYS * DAY_MS);
      const short = { ...loaded, plan: { ...plan, start } };
      const found = await compute(short, data, surroundings);
      const decisions = found.markTimes.length - 1;
      const days = (plan.end - start) / DAY_MS;
      return { found, detail: `${decisions} decisions over the last ${days} days` };
    });
  }
  sandbox?.close();
  return { ready: steps.length === 4 && steps.every(({ ok }) => ok), steps };
}

function symbolsOf({ plan }: LoadedPlan): string[] {
  return plan.assets.map(({ symbol }) => symbol);
}

/** Whether a folder can be written to is known only by writing to it. */
async function writable(folder: string): Promise<void> {
  const probe = join(folder, `.check-${pid}`);
  try {
    await localDisk.makeFolder(folder);
    await localDisk.writeSynced(probe, new Uint8Array());
    await localDisk.remove(probe);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Refusal(`Cannot write to ${folder}: ${message.split("\n")[0]}`, { cause });
  }
}
