import { systemClock } from "../../core/clock.ts";
import { loadExperiment } from "./load_experiment.ts";
import { optimize } from "./optimize.ts";

// Runs the search of a file: CONFIG DATA RESULTS. Says "begun" when it begins and how it came by the result at its end.
const [config, data, results] = Deno.args as [string, string, string];
const experiment = await loadExperiment(config, { sets: [`data.root=${data}`] });
console.log("begun");
const { origin } = await optimize(experiment, {
  workers: 2,
  resultsRoot: results,
  optimizedFolder: `${results}/optimized`,
  // Time flies, so that every few trials are written down at once.
  clock: { now: systemClock.now, elapsed: () => 100 * systemClock.elapsed() },
});
console.log(origin);
