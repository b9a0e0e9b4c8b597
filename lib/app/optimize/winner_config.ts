import { join } from "node:path";
import { configText } from "../../config/mod.ts";
import { writeFileAtomically } from "../../core/atomic_file.ts";
import type { ExperimentCard } from "../../core/experiment.ts";
import { GATE } from "../../stats/gate.ts";
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
  const spa = card.statistics?.spa?.consistent ?? null;
  const text = configText(config, {
    name: card.name,
    description:
      `Winner of ${card.trials.count} trials of ${card.name} by min(score, plateau) of ${card.objective.name}.`,
    provenance: {
      experiment: card.name,
      experiment_id: card.experiment_id,
      trial: winner.trial,
      run_id: winner.run_id,
      objective: card.objective.name,
      chosen_by: "min(score, plateau)",
      score: winner.score,
      rank: winner.rank,
      plateau: winner.plateau,
      neighbours: winner.neighbours,
      spa,
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
      `makes its run ${winner.run_id} again. ${spaText(card, spa)}`,
      "What luck makes of all trials on record by now, and whether it passes the gate, says",
      "",
      `  deno task optimize show ${card.experiment_id}`,
    ],
  });
  const file = join(folder, `${card.name}.yaml`);
  await writeFileAtomically(file, new TextEncoder().encode(text));
  return file;
}

/** What the sweep's own test says; the deflated figure changes with every further trial and is not written down. */
function spaText({ statistics_note }: ExperimentCard, spa: number | null): string {
  if (spa === null) {
    return `The search has no SPA test${statistics_note === null ? "" : ` (${statistics_note})`}.`;
  }
  return `The SPA test of the search has p = ${spa}: ${
    spa < GATE.spa ? "below" : "not below"
  } the gate's ${GATE.spa}.`;
}
