import { access, constants, mkdir } from "node:fs/promises";
import { DAY_MS } from "../core/bars.ts";
import { Refusal } from "../core/errors.ts";
import { execute } from "../engine/execute.ts";
import { type LoadedPlan, loadPlan, type PlanOptions } from "./load_plan.ts";
import { loadData } from "./load_data.ts";
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
  const data = loaded && await step("data", async () => {
    const found = await loadData(loaded);
    const rows = found.files.reduce((sum, file) => sum + file.rows, 0);
    return { found, detail: `${found.files.length} files, ${rows} bars before the end` };
  });
  await step("results", async () => {
    const root = options.resultsRoot ?? RESULTS_ROOT;
    await writable(root);
    return { found: root, detail: `${root} can be written` };
  });
  if (loaded && data) {
    // deno-lint-ignore require-await -- a step may be slow or not; this one is not
    await step("smoke run", async () => {
      const { plan } = loaded;
      const start = Math.max(plan.start, plan.end - SMOKE_DAYS * DAY_MS);
      const record = execute({ plan: { ...plan, start }, data: data.assets }, loaded.models);
      const decisions = record.markTimes.length - 1;
      return { found: record, detail: `${decisions} decisions over the last ${SMOKE_DAYS} days` };
    });
  }
  return { ready: steps.length === 4 && steps.every(({ ok }) => ok), steps };
}

function symbolsOf({ plan }: LoadedPlan): string[] {
  return plan.assets.map(({ symbol }) => symbol);
}

async function writable(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new Refusal(`Cannot write to ${folder}: ${(error as Error).message.split("\n")[0]}`);
  }
}
