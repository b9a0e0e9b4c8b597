import { mkdir } from "node:fs/promises";
import { bindingOf } from "../../lib/app/lifecycle/binding.ts";
import { liveSettings } from "../../lib/app/lifecycle/live_settings.ts";
import { modelCodeIn } from "../../lib/app/model_fingerprint.ts";
import type { LifecycleDraft, Stage } from "../../lib/core/lifecycle.ts";
import { loadPlan } from "../../lib/mod.ts";
import { openDatabase } from "../../lib/results/mod.ts";
import type { TestProject } from "../test_project.ts";

/** Puts on record that a model was promoted as the project has it, to live by two people; no gate is asked. */
export async function putOnRecord(
  project: TestProject,
  model: string,
  { to, config }: { readonly to: "paper" | "live"; readonly config: string },
): Promise<void> {
  const loaded = await loadPlan([project.folder + config]);
  const { fingerprint } = await modelCodeIn(project.folder, model);
  const run = { run_id: "r", card: "c", certificate: "d", data_fingerprint: "f" };
  const details = {
    binding: bindingOf(loaded.plan, model, fingerprint),
    evidence: { ...run, deflated_sharpe: 1, trials: 1, experiment_id: null, paper: "record" },
    ...{ account_number: "A1", settings: liveSettings(loaded) },
  };
  const event = (
    kind: LifecycleDraft["kind"],
    operator: string,
    [from_stage, to_stage]: readonly [Stage, Stage],
  ): LifecycleDraft => ({
    ...{ at: "2026-01-02T00:00:00.000Z", model, kind, operator, from_stage, to_stage },
    ...{ reason: "it is time", details },
  });
  await mkdir(`${project.folder}results`, { recursive: true });
  await mkdir(`${project.folder}logs`, { recursive: true });
  const database = await openDatabase(`${project.folder}results/assay.db`);
  try {
    database.lifecycle(`${project.folder}logs/model_lifecycle_events.jsonl`).append([
      event("promoted", "ann", ["research", "candidate"]),
      event("promoted", "ann", ["candidate", "paper"]),
      event("written", "ann", ["candidate", "paper"]),
      ...to === "paper" ? [] : [
        event("approved", "ann", ["paper", "live"]),
        event("approved", "bob", ["paper", "live"]),
        event("promoted", "bob", ["paper", "live"]),
        event("written", "bob", ["paper", "live"]),
      ],
    ]);
  } finally {
    database.close();
  }
}
