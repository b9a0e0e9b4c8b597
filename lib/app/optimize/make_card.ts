import type { ExperimentCard, TrialRecord, ValidationRecord } from "../../core/experiment.ts";
import { frontOf, objectiveOf } from "../../engine/search/objective.ts";
import { familyOf } from "../family.ts";
import {
  cardDimensions,
  crossValidation,
  figureRow,
  rankedRecords,
  sweepStatistics,
  type TrialReturns,
} from "./appraise.ts";
import type { RanTrials } from "./run_trials.ts";
import { sweepParts, windowsOf } from "./sweep_parts.ts";
import { datesOf, walkForward } from "./validate_sweep.ts";
import type { OptimizeWork, SweepMeasures } from "./work.ts";

/** The card without its runs, and every trial's row. */
export function appraised(
  work: OptimizeWork,
  ran: RanTrials,
  measures: SweepMeasures,
): { readonly card: Omit<ExperimentCard, "saved">; readonly records: readonly TrialRecord[] } {
  const { experiment, data, code, id } = work;
  const { run, scores, excluded, finalFrom } = ran;
  const { parts, returns, trialClock, score } = measures;
  const { loaded, space, search } = experiment;
  const objective = objectiveOf(search.optimization);
  const front = frontOf(search.optimization.objectives);
  const { trials } = run;
  const { testedBy } = parts;
  const records = rankedRecords({
    space,
    trials,
    scores,
    testScores: Float64Array.from(
      trials,
      ({ figures }) => testedBy === undefined ? NaN : score(figureRow(figures, testedBy)),
    ),
    isFinal: (place) => place >= finalFrom,
    shown: parts.chosenBy,
    front,
  });
  const places = trials.flatMap(({ failure }, place) =>
    failure === null && place >= finalFrom ? [place] : []
  );
  const days = trialClock.dailyRows.length - 1;
  const trialReturns: TrialReturns | undefined = returns && { places, days, read: returns.read };
  const winner = records.find(({ rank }) => rank === 1) ?? null;
  const { family, dataSet } = familyOf(loaded.plan);
  const { start, end } = loaded.config.system;
  return {
    records,
    card: {
      experiment_id: id,
      name: search.name,
      description: search.description,
      method: search.method,
      target_model: search.target_model,
      family,
      data_set: dataSet,
      dimensions: cardDimensions(space),
      constraints: space.constraints.map(({ text }) => text),
      objective,
      front,
      seed: search.seed,
      start,
      end,
      periods_per_year: trialClock.periodsPerYear,
      data_fingerprint: data.fingerprint,
      code_fingerprint: code.fingerprint,
      trials: {
        count: records.length,
        finished: records.filter(({ status }) => status === "finished").length,
        failed: records.filter(({ status }) => status === "failed").length,
        excluded,
      },
      winner,
      statistics: trialReturns && search.optimization.statistics
        ? sweepStatistics(trialReturns, { seed: search.seed })
        : null,
      validation: validated(work, ran, { measures, winner, trialReturns }),
    },
  };
}

function validated(
  { experiment: { loaded, search }, data }: OptimizeWork,
  { run, maker }: RanTrials,
  { measures: { score, trialClock }, winner, trialReturns }: {
    readonly measures: SweepMeasures;
    readonly winner: TrialRecord | null;
    readonly trialReturns: TrialReturns | undefined;
  },
): ValidationRecord | null {
  const { validation } = search;
  const { plan } = loaded;
  if (validation.method === "split") {
    const [train, test] = sweepParts(plan, search).slices;
    return {
      method: "split",
      train: datesOf(train!),
      test: datesOf(test!),
      train_score: winner?.score ?? null,
      test_score: winner?.test_score ?? null,
    };
  }
  if (validation.method === "walk_forward") {
    return walkForward({
      plan,
      models: loaded.models,
      ground: { data: data.assets, regimes: data.regimes.data },
      anchored: validation.anchored,
      windows: windowsOf(plan, validation),
      trials: run.trials,
      score,
      patch: maker.patch,
    });
  }
  if (validation.method === "none" || !trialReturns) return null;
  const { method, ...settings } = validation;
  const times = Float64Array.from(trialClock.dailyRows, (row) => trialClock.times[row]!);
  return crossValidation(trialReturns, { method, ...settings }, {
    times,
    periodsPerYear: trialClock.periodsPerYear,
  });
}
