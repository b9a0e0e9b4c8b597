import type { ExperimentCard, TrialRecord, ValidationRecord } from "../../core/experiment.ts";
import type { SearchSettings } from "../../config/mod.ts";
import { frontOf, objectiveOf } from "../../engine/search/objective.ts";
import { sweepStatistics, type TrialReturns } from "../../engine/sweep/sweep_statistics.ts";
import { familyOf } from "../family.ts";
import { cardDimensions, figureRow, rankedRecords, type RankedTrials } from "./appraise.ts";
import { crossValidation } from "./cross_validate.ts";
import { holdReturns } from "./hold_returns.ts";
import type { RanTrials } from "./run_trials.ts";
import { crossSettings, sweepParts, windowsOf } from "./sweep_parts.ts";
import { tradedOf } from "./traded.ts";
import { datesOf, walkForward } from "./validate_sweep.ts";
import type { OptimizeWork, SweepMeasures } from "./work.ts";

/** The card without its runs, and every trial's row. */
export function appraised(
  work: OptimizeWork,
  ran: RanTrials,
  measures: SweepMeasures,
): { readonly card: Omit<ExperimentCard, "saved">; readonly records: RankedTrials } {
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
      { length: trials.count },
      (_, place) =>
        testedBy === undefined ? NaN : score(figureRow(trials.figures(place), testedBy)),
    ),
    isFinal: (place) => place >= finalFrom,
    shown: parts.chosenBy,
    front,
  });
  const places: number[] = [];
  for (let place = finalFrom; place < trials.count; place++) {
    if (trials.failure(place) === null) places.push(place);
  }
  const days = daysToJudge(measures);
  const trialReturns: TrialReturns | undefined = returns &&
    { places, days, read: (place) => returns.read(place).subarray(0, days) };
  const winner = records.winner === null ? null : records.at(records.winner);
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
        count: records.count,
        finished: records.count - records.failed.length,
        failed: records.failed.length,
        excluded,
      },
      winner,
      statistics: trialReturns && statisticsNote(search) === null
        ? sweepStatistics(trialReturns, {
          seed: search.seed,
          hold: holdReturns(loaded.plan, { data: data.assets }, {
            days,
            periodsPerYear: trialClock.periodsPerYear,
          }),
        })
        : null,
      statistics_note: statisticsNote(search),
      validation: validated(work, ran, { measures, winner, trialReturns }),
    },
  };
}

/** Why there can be no tests over all trials together; null where there can. */
export function statisticsNote({ optimization, halving }: SearchSettings): string | null {
  if (!optimization.statistics) return "switched off by optimization.statistics";
  if (!halving) return null;
  return "not defined after halving: the trials that are left were chosen on these very days";
}

/** Daily returns that the choice was made on: where a part is kept apart, luck is judged without it, too. */
function daysToJudge({ parts, trialClock }: SweepMeasures): number {
  const { times, dailyRows } = trialClock;
  const end = parts.chosenBy === 0 ? Infinity : parts.slices[parts.chosenBy - 1]!.end;
  return dailyRows.filter((row) => times[row]! <= end).length - 1;
}

function validated(
  work: OptimizeWork,
  ran: RanTrials,
  { measures: { score, trialClock, purge, pools }, winner, trialReturns }: {
    readonly measures: SweepMeasures;
    readonly winner: TrialRecord | null;
    readonly trialReturns: TrialReturns | undefined;
  },
): ValidationRecord | null {
  const { experiment: { loaded, space, search }, data } = work;
  const { run, maker } = ran;
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
      space,
      anchored: validation.anchored,
      windows: windowsOf(plan, validation),
      trials: run.trials,
      pools,
      score,
      patch: maker.patch,
    });
  }
  const asked = crossSettings(validation);
  if (!asked || !trialReturns) return null;
  const { purge_days: given } = asked;
  const record = crossValidation(
    trialReturns,
    { ...asked, purge_days: given === "auto" ? purge!.days : given },
    { clock: trialClock, held: tradedOf(work, ran, trialClock).held, pools },
  );
  return given === "auto" ? { ...record, purge_trial: purge!.trial } : record;
}
