import { join } from "node:path";
import { configText } from "../../config/mod.ts";
import { writeFileAtomically } from "../../core/atomic_file.ts";
import type { ExperimentCard } from "../../core/experiment.ts";
import { PROJECT_ROOT } from "../project.ts";
import type { LoadedExperiment } from "./load_experiment.ts";
import { assignmentOf, trialMaker } from "./trial_maker.ts";

/**
 * Writes the winner's configuration, whole, so that a backtest of it makes the winner's run again. Its place; undefined
 * where the experiment has no winner.
 */
export async function writeWinner(
  experiment: LoadedExperiment,
  card: ExperimentCard,
  { folder = join(PROJECT_ROOT, "configs", "optimized") }: { readonly folder?: string | undefined },
): Promise<string | undefined> {
  const { winner } = card;
  if (!winner) return undefined;
  const assignment = assignmentOf(experiment.space, winner.values);
  const config = trialMaker(experiment).config(assignment);
  const values = card.dimensions.map(({ label }, i) =>
    `${label} ${JSON.stringify(winner.values[i])}`
  );
  const text = configText(config, {
    name: card.name,
    description: `Best of ${card.trials.count} trials of ${card.name} by ${card.objective.name}.`,
    provenance: {
      experiment: card.name,
      experiment_id: card.experiment_id,
      trial: winner.trial,
      run_id: winner.run_id,
      objective: card.objective.name,
      score: winner.score,
      plateau: winner.plateau,
      test_score: winner.test_score,
      trials: card.trials.count,
      data_fingerprint: card.data_fingerprint,
      code_fingerprint: card.code_fingerprint,
    },
    comment: [
      `Trial ${winner.trial} of the experiment ${card.name}: ${values.join(", ")}.`,
      "",
      `  deno task backtest configs/optimized/${card.name}.yaml`,
      "",
      `makes its run ${winner.run_id} again. How much of it is luck says`,
      "",
      `  deno task optimize show ${card.name}`,
    ],
  });
  const file = join(folder, `${card.name}.yaml`);
  await writeFileAtomically(file, new TextEncoder().encode(text));
  return file;
}
