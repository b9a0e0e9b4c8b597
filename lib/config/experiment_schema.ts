import { z } from "zod";
import { TRIAL_FIGURES } from "../core/trial_figures.ts";
import type { Immutable } from "./immutable.ts";
import { isName, NAME_EXPECTED } from "./name.ts";

const name = z.string().meta({ expected: NAME_EXPECTED })
  .refine(isName, { error: `expected ${NAME_EXPECTED}` });

const text = (expected: string) => z.string().min(1).max(500).meta({ expected });
const path = text("a key path like models.NAME.parameters.slow_ma");
const fraction = z.number().min(0).max(1);
const count = (low: number, high: number) => z.int().min(low).max(high);

const steps = z.strictObject({
  from: z.number(),
  to: z.number(),
  step: z.number().positive().default(1),
});

const grid = z.union([z.array(z.unknown()), steps])
  .meta({ expected: "a list of values, or {from: 10, to: 50, step: 10}" });

const ends = z.tuple([z.number(), z.number()]).meta({ expected: "two numbers, the lower first" });

const distribution = z.strictObject({
  uniform: ends.optional().describe("Any number between two, each as likely."),
  log_uniform: ends.optional().describe("Any number, from 1 to 10 as likely as from 10 to 100."),
  integer: ends.optional().describe("Whole numbers, both ends included."),
  log_integer: ends.optional().describe("Whole numbers, from 1 to 10 as likely as 10 to 100."),
  choice: z.array(z.unknown()).optional().describe("One of a list, each as likely."),
}).refine((given) => Object.values(given).filter((value) => value !== undefined).length === 1, {
  error: "expected one of uniform, log_uniform, integer, log_integer, choice",
});

const evolution = z.strictObject({
  population: count(2, 100_000).default(20)
    .describe("Trials of the first generation, and parents that each later one is bred from."),
  generations: count(1, 100_000).default(15)
    .describe("How many generations there are, the first included."),
  start: z.enum(["sample", "grid"]).default("sample")
    .describe("First generation: a sample, or all combinations of parameter_grid."),
  elite: count(0, 1_000).default(2)
    .describe("How many of the best so far stay parents; they are not run again."),
  tournament: count(1, 1_000).default(3)
    .describe("How many parents are drawn each time, of which the best breeds."),
  crossover: fraction.default(0.9)
    .describe("How often a child mixes two parents instead of taking after one."),
  mutation: fraction.default(0.2)
    .describe("How often a parameter of a child is changed."),
}).refine(({ population, elite }) => elite < population, {
  path: ["elite"],
  error: "expected below population",
});

const halving = z.strictObject({
  rungs: count(2, 10).default(3)
    .describe("How many times the survivors are tried again on a longer range."),
  factor: count(2, 10).default(3)
    .describe("One in so many survives each rung; each range is so many times as long."),
});

const figure = z.enum(TRIAL_FIGURES);

const metric = z.union([
  figure,
  z.partialRecord(figure, z.number()).refine(weighsAnything, {
    error: "expected a weight that is not 0",
  }),
])
  .meta({
    expected: `weights like {sharpe: 1, max_drawdown: -0.5} or one of ${TRIAL_FIGURES.join(", ")}`,
  });

const optimization = z.strictObject({
  metric: metric.default("bps")
    .describe("What is made large: one figure of a trial, or several with weights."),
  maximize: z.boolean().default(true)
    .describe("false makes the metric small instead."),
  save_top_n: count(0, 1_000).default(10)
    .describe("How many of the best trials keep a run folder; every trial keeps its row."),
  objectives: z.array(figure).min(1).max(8).default(["cagr", "max_drawdown", "turnover"])
    .describe("Figures that no trial on the front can better without giving up another."),
  statistics: z.boolean().default(true)
    .describe("Whether tests over all trials together (SPA, PBO) are worked out."),
  min_round_trips: count(0, 1_000_000).default(0)
    .describe("Trials with fewer closed trades have no score."),
});

const purge = z.union([count(0, 3_650), z.literal("auto")]);

const validation = z.strictObject({
  method: z.enum(["none", "split", "walk_forward", "purged_kfold", "combinatorial"])
    .default("none")
    .describe(
      "How data are kept apart from the search, to see its choice on them. Evolutions breed on each training range anew.",
    ),
  train_fraction: z.number().gt(0).lt(1).default(0.7)
    .describe("split: share of the days that the search may see, from the first on."),
  train_days: count(1, 36_500).default(730)
    .describe(
      "walk_forward: days of each training range; of the first when anchored.",
    ),
  test_days: count(1, 36_500).default(180)
    .describe("walk_forward: days that each winner is traded on."),
  anchored: z.boolean().default(false)
    .describe("walk_forward: whether training always starts on the first day."),
  folds: count(2, 50).default(6)
    .describe("purged_kfold, combinatorial: parts that the days are cut into."),
  test_folds: count(1, 49).default(2)
    .describe("combinatorial: parts of each split that are tested on."),
  purge_days: purge.default(10)
    .describe(
      "Days on either side of each test range that training leaves out; auto: as many as the trials' positions need.",
    ),
  embargo_days: count(0, 3_650).default(5)
    .describe("Days that training leaves out beyond the purge after each test range."),
}).refine(({ method, folds, test_folds }) => method !== "combinatorial" || test_folds < folds, {
  path: ["test_folds"],
  error: "expected below folds",
});

const condition = z.record(path, z.unknown().describe("The value or values it must have."));
const origins = z.union([z.string(), z.number(), z.boolean(), z.null()])
  .meta({ expected: "text, a number, true, false or null" });

/** What a configuration is called, and what a search over it does. A backtest reads the name only. */
export const experimentSchema = z.strictObject({
  name: name.describe("Name under which the run's results are filed."),
  description: z.string().optional().describe("What the experiment asks, in a sentence."),
  method: z.enum(["grid", "random", "evolutionary"]).optional()
    .describe("All combinations (the default), a sample, or generations bred from the best."),
  target_model: name.optional()
    .describe("Model whose parameters may be named below without a path."),
  parameter_grid: z.record(path, grid.describe("Values of one parameter.")).optional()
    .describe("Lists of values, by key path as for --set."),
  distributions: z.record(path, distribution.describe("Where values of one parameter are drawn."))
    .optional().describe("Where values are drawn from, by key path as for --set."),
  sampling: z.enum(["random", "latin_hypercube", "sobol"]).optional()
    .describe("How a sample is drawn: at random (the default) or evenly in every parameter."),
  trials: count(1, 10_000_000).optional()
    .describe("How many combinations a sample has; 100 by default."),
  seed: z.int().min(0).optional()
    .describe("Start of the search's chance; system.seed by default."),
  constraints: z.array(text("a comparison like fast_ma < slow_ma")).optional()
    .describe("Comparisons between parameters that every combination must satisfy."),
  conditions: z.record(path, condition.describe("Values that other parameters must have."))
    .optional().describe("Parameters that are searched only while others have certain values."),
  evolution: evolution.optional().describe("How generations are bred."),
  halving: halving.nullable().optional()
    .describe("Short ranges for all, longer ones for the best; null tries all on the whole range."),
  max_trials: count(1, 1_000_000_000).optional()
    .describe("Combinations above which a grid is refused; 100000 by default."),
  optimization: optimization.optional().describe("What makes one trial better than another."),
  validation: validation.optional().describe("What is kept apart from the search."),
  provenance: z.record(z.string(), origins.describe("One fact.")).optional()
    .describe("Where an optimised configuration comes from; no run reads it."),
});

type Experiment = Immutable<z.infer<typeof experimentSchema>>;

/** How children are bred; shares are chances from 0 to 1. */
export type EvolutionSettings = Immutable<z.infer<typeof evolution>>;
/** Rungs and the factor between them. */
export type HalvingSettings = Immutable<z.infer<typeof halving>>;
/** What is made large, and what is kept of the trials. */
export type OptimizationSettings = Immutable<z.infer<typeof optimization>>;
/** How data are kept apart from the search. */
export type ValidationSettings = Immutable<z.infer<typeof validation>>;

/** Everything that a search does, defaults filled in; spelled as in YAML. */
export interface SearchSettings {
  readonly name: string;
  readonly description: string | null;
  readonly method: "grid" | "random" | "evolutionary";
  readonly target_model: string | null;
  readonly sampling: "random" | "latin_hypercube" | "sobol";
  readonly trials: number;
  readonly seed: number;
  readonly max_trials: number;
  readonly evolution: EvolutionSettings;
  readonly halving: HalvingSettings | null;
  readonly optimization: OptimizationSettings;
  readonly validation: ValidationSettings;
}

/** The settings of a search with every default; one without a section `experiment` is called `search`. */
export function searchSettings(
  experiment: Experiment = { name: "search" },
  { seed }: { readonly seed: number },
): SearchSettings {
  return {
    name: experiment.name,
    description: experiment.description ?? null,
    method: experiment.method ?? "grid",
    target_model: experiment.target_model ?? null,
    sampling: experiment.sampling ?? "random",
    trials: experiment.trials ?? 100,
    seed: experiment.seed ?? seed,
    max_trials: experiment.max_trials ?? 100_000,
    evolution: experiment.evolution ?? evolution.parse({}),
    halving: experiment.halving ?? null,
    optimization: experiment.optimization ?? optimization.parse({}),
    validation: experiment.validation ?? validation.parse({}),
  };
}

/** With weights of 0 alone every trial would be as good as any other. */
function weighsAnything(weights: Readonly<Record<string, unknown>>): boolean {
  return Object.values(weights).some((weight) => weight !== 0); // order: any will do
}
