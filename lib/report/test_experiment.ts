import { DAY_MS } from "../core/bars.ts";
import { formatDate, formatTime, parseDate } from "../core/clock.ts";
import type {
  ExperimentCard,
  ExperimentDimension,
  TrialRecord,
  ValidationRecord,
} from "../core/experiment.ts";
import { type Random, seededRandom } from "../core/random.ts";
import type { ParameterValue } from "../core/search_space.ts";
import { TRIAL_FIGURES, type TrialFigure } from "../core/trial_figures.ts";

/** What a made-up experiment is like. */
export interface MadeUpExperiment {
  readonly seed?: number;
  readonly method?: ExperimentCard["method"];
  /** Trials of a search that is no grid. */
  readonly trials?: number;
  readonly dimensions?: readonly ExperimentDimension[];
  /** Share of trials that throw, and of those whose score is undefined. */
  readonly failing?: number;
  readonly scoreless?: number;
  readonly validation?: ValidationRecord["method"] | "none";
}

/** A card and its trials. */
export interface ExperimentFixture {
  readonly card: ExperimentCard;
  readonly trials: readonly TrialRecord[];
}

const list = (label: string, values: readonly ParameterValue[]): ExperimentDimension => ({
  path: `models.EquityTrendModel_v1.parameters.${label}`,
  label,
  values,
});

/** Two moving averages and a third parameter: 8 × 8 × 3 values. */
export const GRID_DIMENSIONS: readonly ExperimentDimension[] = [
  list("fast_ma_period", [10, 20, 30, 40, 50, 60, 70, 80]),
  list("slow_ma_period", [60, 90, 120, 150, 180, 210, 240, 270]),
  list("momentum_filter", ["off", "12 months", "6 months"]),
];

/** Ranges, one of them on a logarithm, a choice and a switch. */
export const RANGE_DIMENSIONS: readonly ExperimentDimension[] = [
  { path: "a.fast_ma_period", label: "fast_ma_period", low: 5, high: 80 },
  { path: "a.slow_ma_period", label: "slow_ma_period", low: 60, high: 300 },
  { path: "risk.penalty", label: "penalty", low: 0.001, high: 10, log: true },
  list("bar", ["h4", "daily"]),
  { path: "a.share", label: "share", low: 0, high: 1 },
];

/** An experiment on a smooth hill with noise, the same for the same wishes. */
export function madeUpExperiment(wishes: MadeUpExperiment = {}): ExperimentFixture {
  const { seed = 1, method = "grid", failing = 0.02, scoreless = 0.02 } = wishes;
  const dimensions = wishes.dimensions ?? (method === "grid" ? GRID_DIMENSIONS : RANGE_DIMENSIONS);
  const random = seededRandom(seed);
  const count = wishes.trials ?? (method === "grid" ? Infinity : 200);
  const assignments = method === "grid"
    ? gridOf(dimensions).slice(0, count)
    : drawn(dimensions, { count, random, narrows: method === "evolutionary" });
  const raw = assignments.map((values, trial): TrialRecord => {
    const status = random.next() < failing ? "failed" : "finished";
    const hill = hillAt(dimensions, values) + 0.12 * (random.next() + random.next() - 1);
    const figures = figuresOf(hill, random);
    const isScored = status === "finished" && random.next() >= scoreless;
    return {
      ...{ trial, run_id: trial.toString(16).padStart(16, "0"), status, values, figures },
      batch: method === "evolutionary" ? Math.floor(trial / 40) : 0,
      message: status === "failed" ? "Model threw: not enough bars <tag>" : null,
      score: isScored ? figures.sharpe : null,
      ...{ rank: null, plateau: null, pareto: false },
      test_score: isScored ? 0.35 * hill + 0.5 * (random.next() - 0.4) : null,
    };
  });
  const trials = withPlaces(raw);
  return { card: cardOf(wishes, { seed, method, dimensions, trials, random }), trials };
}

/** A trial's figures by hand: all that are not named are null. */
export function someFigures(
  figures: Partial<Record<TrialFigure, number>>,
): Readonly<Record<TrialFigure, number | null>> {
  const all = TRIAL_FIGURES.map((name) => [name, figures[name] ?? null]);
  return Object.fromEntries(all) as Readonly<Record<TrialFigure, number | null>>;
}

function gridOf(dimensions: readonly ExperimentDimension[]) {
  return dimensions.reduce<readonly (readonly ParameterValue[])[]>(
    (rows, { values = [] }) => rows.flatMap((row) => values.map((value) => [...row, value])),
    [[]],
  );
}

function drawn(
  dimensions: readonly ExperimentDimension[],
  { count, random, narrows }: { count: number; random: Random; narrows: boolean },
) {
  return Array.from({ length: count }, (_, trial) => {
    // Later generations keep closer to the middle, where the hill is.
    const spread = narrows ? 1 / (1 + Math.floor(trial / 40)) : 1;
    return dimensions.map(({ values, low = 0, high = 1, log }, place) => {
      const share = 0.5 + (random.next() - 0.5) * spread;
      if (values) return values[random.integer(values.length)]!;
      if (place === dimensions.length - 1 && trial % 7 === 0) return null;
      if (log) return low * Math.pow(high / low, share);
      return place < 2 ? Math.round(low + (high - low) * share) : low + (high - low) * share;
    });
  });
}

function hillAt(
  dimensions: readonly ExperimentDimension[],
  values: readonly (ParameterValue | null)[],
): number {
  const distance = dimensions.reduce((sum, { values: among, low = 0, high = 1, log }, place) => {
    const value = values[place] ?? null;
    if (value === null) return sum;
    const at = among
      ? among.indexOf(value) / Math.max(1, among.length - 1)
      : log
      ? Math.log(Number(value) / low) / Math.log(high / low)
      : (Number(value) - low) / (high - low);
    return sum + (at - 0.55) * (at - 0.55);
  }, 0);
  return 1.3 - 2.2 * distance;
}

function figuresOf(sharpe: number, random: Random) {
  const volatility = 0.1 + 0.1 * random.next();
  return someFigures({
    ...{ sharpe, bar_sharpe: sharpe, sortino: sharpe * 1.4, bps: 0.4 * sharpe },
    ...{ annual_volatility: volatility, cagr: sharpe * volatility, fees: 120, slippage: 80 },
    ...{ total_return: 5 * sharpe * volatility, final_nav: 1e5 * (1 + 5 * sharpe * volatility) },
    max_drawdown: volatility * (1.5 + random.next()),
    ...{ turnover: 1 + 20 * random.next(), fills: 100, round_trips: 50, win_rate: 0.5 },
    ...{ days: 1_826, skew: -0.2, kurtosis: 4.5 },
  });
}

function withPlaces(trials: readonly TrialRecord[]): readonly TrialRecord[] {
  const ranked = trials.filter(({ score }) => score !== null)
    .sort((a, b) => b.score! - a.score! || a.trial - b.trial);
  const ranks = new Map(ranked.map(({ trial }, place) => [trial, place + 1]));
  const isOver = (a: TrialRecord, b: TrialRecord) =>
    a.figures.total_return! > b.figures.total_return! &&
    a.figures.max_drawdown! < b.figures.max_drawdown! &&
    a.figures.turnover! < b.figures.turnover!;
  // The hundred best are enough to be on the front of a made-up experiment.
  const best = ranked.slice(0, 100);
  const front = new Set(
    best.filter((row) => !best.some((other) => isOver(other, row))).map(({ trial }) => trial),
  );
  return trials.map((row) => ({
    ...row,
    rank: ranks.get(row.trial) ?? null,
    plateau: row.score === null ? null : row.score - 0.06,
    pareto: front.has(row.trial),
  }));
}

function cardOf(
  wishes: MadeUpExperiment,
  { seed, method, dimensions, trials, random }: {
    readonly seed: number;
    readonly method: ExperimentCard["method"];
    readonly dimensions: readonly ExperimentDimension[];
    readonly trials: readonly TrialRecord[];
    readonly random: Random;
  },
): ExperimentCard {
  const failed = trials.filter(({ status }) => status === "failed").length;
  const winner = trials.find(({ rank }) => rank === 1) ?? null;
  const { validation = "none" } = wishes;
  return {
    experiment_id: "e0123456789abcde",
    name: "exp_001_equity_trend_grid",
    description: "Moving averages of the trend model",
    ...{ method, target_model: "EquityTrendModel_v1", family: "f1a2", data_set: "d3b4" },
    ...{ dimensions, constraints: ["fast_ma_period < slow_ma_period"], seed },
    objective: { name: "sharpe", weights: { sharpe: 1 } },
    front: [
      { figure: "total_return", more: true },
      { figure: "max_drawdown", more: false },
      { figure: "turnover", more: false },
    ],
    ...{ start: "2018-01-01", end: "2022-12-31" },
    ...{
      periods_per_year: 365,
      data_fingerprint: "ab".repeat(32),
      code_fingerprint: "cd".repeat(32),
    },
    trials: { count: trials.length, finished: trials.length - failed, failed, excluded: 24 },
    winner,
    statistics: {
      ...{ trials: trials.length - failed, sharpe_variance: 4e-4 },
      spa: { consistent: 0.021, lower: 0.018, upper: 0.044, resamples: 10_000, block_days: 12 },
      pbo: { pbo: 0.46, blocks: 16, logit_quartiles: [-0.7, 0.1, 1.2] },
    },
    validation: validationOf(validation, { winner, random }),
    saved: winner ? [winner.run_id] : [],
  };
}

function validationOf(
  method: NonNullable<MadeUpExperiment["validation"]>,
  { winner, random }: { winner: TrialRecord | null; random: Random },
): ValidationRecord | null {
  const train_score = winner?.score ?? null;
  const test_score = winner?.test_score ?? null;
  switch (method) {
    case "none":
      return null;
    case "split":
      return {
        ...{ method, train: ["2018-01-01", "2021-12-31"], test: ["2022-01-01", "2022-12-31"] },
        ...{ train_score, test_score },
      };
    case "walk_forward":
      return walkForwardOf(winner, random);
    case "purged_kfold":
    case "combinatorial":
      return crossOf(method, { winner, random });
  }
}

function walkForwardOf(winner: TrialRecord | null, random: Random): ValidationRecord {
  const first = parseDate("2019-01-01");
  const days = 8 * 182;
  const nav = [100_000];
  while (nav.length <= days) nav.push(nav.at(-1)! * (1 + 0.02 * (random.next() - 0.49)));
  const date = (day: number) => formatDate(first + day * DAY_MS);
  return {
    ...{ method: "walk_forward", anchored: false },
    windows: Array.from({ length: 8 }, (_, window) => ({
      train: [date(window * 182 - 365), date(window * 182 - 1)],
      test: [date(window * 182), date(window * 182 + 181)],
      winner: window,
      values: (winner?.values ?? []).map((value) =>
        typeof value === "number" ? value + 10 * random.integer(4) : value
      ),
      train_score: 0.8 + 0.6 * random.next(),
      test_score: window === 3 ? null : 1.2 * random.next() - 0.3,
      test_return: nav[window * 182 + 182]! / nav[window * 182]! - 1,
    })),
    figures: someFigures({
      ...{ total_return: nav.at(-1)! / nav[0]! - 1, sharpe: 0.42, max_drawdown: 0.17 },
      ...{ cagr: 0.05, bps: 0.2, turnover: 6 },
    }),
    times: nav.map((_, day) => formatTime(first + day * DAY_MS)),
    nav,
  };
}

function crossOf(
  method: "purged_kfold" | "combinatorial",
  { winner, random }: { winner: TrialRecord | null; random: Random },
): ValidationRecord {
  const folds = 6;
  const pairs = Array.from(
    { length: folds * folds },
    (_, at) => [Math.floor(at / folds), at % folds],
  )
    .filter(([a, b]) => a! < b!);
  return {
    ...{ method, folds, test_folds: method === "combinatorial" ? 2 : 1 },
    ...{ purge_days: 10, embargo_days: 5 },
    splits: pairs.map((folds, place) => ({
      ...{ folds, train_days: 1_160, test_days: 608, purged_days: 20, embargoed_days: 5 },
      ...{ overlaps: 0, winner: winner?.trial ?? null },
      train_sharpe: 1.1 + 0.3 * random.next(),
      test_sharpe: place === 4 ? null : 1.4 * random.next() - 0.2,
    })),
    path_sharpes: [0.4, 0.7, 0.5, 0.1, 0.6],
  };
}
