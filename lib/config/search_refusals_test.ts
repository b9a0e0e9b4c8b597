import { match, strictEqual } from "node:assert/strict";
import { refusalOf, searchText } from "./test_config.ts";

/** The keys of an experiment over CrossModel_v1, each on a line from the fourth on. */
function experiment(...lines: readonly string[]): string {
  return [
    "experiment:",
    "  name: x",
    "  target_model: CrossModel_v1",
    ...lines.map((line) => `  ${line}`),
  ]
    .join("\n");
}

const SLOW = "parameter_grid: { slow_ma: [100, 200] }";

/** What is wrong, the file's text, and the line that says so. */
const REFUSALS: readonly (readonly [string, string, string])[] = [
  [
    "a search over nothing",
    experiment("method: grid"),
    "1.yaml:4: experiment: found nothing to search over, expected parameter_grid, distributions " +
    "or a list in place of a parameter's value",
  ],
  [
    "a grid without parameters",
    experiment("parameter_grid: {}"),
    "1.yaml:4: experiment.parameter_grid: found an empty grid, expected lists of values by key path",
  ],
  [
    "a grid without values",
    experiment("parameter_grid:", "  slow_ma: []"),
    "1.yaml:5: models.CrossModel_v1.parameters.slow_ma: found an empty list, expected at least one value",
  ],
  [
    "an empty list in place of a value",
    "models:\n  CrossModel_v1:\n    parameters:\n      slow_ma: []\n",
    "1.yaml:4: models.CrossModel_v1.parameters.slow_ma: found an empty list, expected at least one value to search over",
  ],
  [
    "a parameter that does not exist",
    experiment("parameter_grid:", "  slow_na: [1]"),
    '1.yaml:5: models.CrossModel_v1.parameters.slow_na is not a known key (did you mean "slow_ma"?)',
  ],
  [
    "a limit that does not exist",
    experiment("parameter_grid:", "  risk.max_levrage: [1]"),
    '1.yaml:5: risk.max_levrage is not a known key (did you mean "max_leverage"?)',
  ],
  [
    "a parameter without a model",
    "experiment:\n  name: x\n  parameter_grid: { slow_ma: [100] }\n",
    '1.yaml:3: found "slow_ma", expected a path like models.NAME.parameters.slow_ma or experiment.target_model',
  ],
  [
    "a target that is not configured",
    "experiment:\n  name: x\n  target_model: CrosModel_v1\n",
    '1.yaml:3: experiment.target_model: found "CrosModel_v1", expected a configured model (did you mean "CrossModel_v1"?)',
  ],
  [
    "a parameter of a model that is not configured",
    experiment("parameter_grid: { models.DipModel_v1.parameters.weight: [1] }"),
    "1.yaml:4: models.DipModel_v1.parameters.weight: DipModel_v1 is not configured, expected one of CrossModel_v1",
  ],
  [
    "a key that is the same for all trials",
    experiment("parameter_grid: { system.start: [2020-01-01] }"),
    "1.yaml:4: system.start cannot be searched, expected a key of models, regime_budgets, risk, regime_limits, execution",
  ],
  [
    "a model's universe",
    experiment("parameter_grid: { models.CrossModel_v1.universe: [[SPY]] }"),
    "1.yaml:4: models.CrossModel_v1.universe cannot be searched, expected a model's parameters, budget_fraction, missing",
  ],
  [
    "a value that the parameter does not take",
    experiment("parameter_grid:", "  slow_ma:", "    - 100", "    - 1"),
    "1.yaml:7: models.CrossModel_v1.parameters.slow_ma: found 1 (a number), expected a whole number of at least 2",
  ],
  [
    "such a value in place of one",
    "models:\n  CrossModel_v1:\n    parameters:\n      slow_ma:\n        - 100\n        - long\n",
    '1.yaml:6: models.CrossModel_v1.parameters.slow_ma: found "long", expected a whole number of at least 2',
  ],
  [
    "steps that leave what the parameter takes",
    experiment("parameter_grid:", "  slow_ma: { from: 2, to: 3, step: 0.5 }"),
    "1.yaml:5: models.CrossModel_v1.parameters.slow_ma: found 2.5 (a number), expected a whole number of at least 2",
  ],
  [
    "steps backwards",
    experiment("parameter_grid: { slow_ma: { from: 3, to: 2 } }"),
    "1.yaml:4: models.CrossModel_v1.parameters.slow_ma: found from 3 to 2, expected the lower number first",
  ],
  [
    "a billion steps",
    experiment("parameter_grid: { slow_ma: { from: 1, to: 1000000000 } }"),
    "1.yaml:4: models.CrossModel_v1.parameters.slow_ma: found 1,000,000,000 values, expected at most 1,000,000",
  ],
  [
    "steps with a misspelt key",
    experiment("parameter_grid: { slow_ma: { from: 1, til: 10 } }"),
    "1.yaml:4: experiment.parameter_grid.slow_ma: found a mapping, expected a list of values, or {from: 10, to: 50, step: 10}",
  ],
  [
    "a value twice",
    experiment("parameter_grid:", "  slow_ma:", "    - 100", "    - 200", "    - 1e2"),
    "1.yaml:8: models.CrossModel_v1.parameters.slow_ma: found 100 twice, expected every value once",
  ],
  [
    "a parameter in grid and distributions",
    experiment("method: random", SLOW, "distributions: { slow_ma: { integer: [2, 9] } }"),
    "1.yaml:6: models.CrossModel_v1.parameters.slow_ma is searched twice, expected one list or distribution",
  ],
  [
    "distributions for a grid",
    experiment(SLOW, "distributions: { fast_ma: { integer: [2, 9] } }"),
    "1.yaml:5: experiment.distributions: found distributions for method grid, expected parameter_grid, or method random or evolutionary",
  ],
  [
    "fractions of whole numbers",
    experiment("method: random", "distributions: { fast_ma: { uniform: [2, 9] } }"),
    "1.yaml:5: models.CrossModel_v1.parameters.fast_ma: found uniform: [2, 9], expected integer, as it takes whole numbers only",
  ],
  [
    "the higher end first",
    experiment("method: random", "distributions: { fast_ma: { log_integer: [9, 2] } }"),
    "1.yaml:5: models.CrossModel_v1.parameters.fast_ma: found log_integer: [9, 2], expected the lower number first",
  ],
  [
    "a purge that is neither a number of days nor auto",
    experiment(SLOW, "validation: { method: purged_kfold, purge_days: automatic }"),
    '1.yaml:5: experiment.validation.purge_days: found "automatic", expected a whole number from 0 to 3650 or "auto"',
  ],
  [
    "a purge of less than nothing",
    experiment(SLOW, "validation: { method: purged_kfold, purge_days: -1 }"),
    '1.yaml:5: experiment.validation.purge_days: found -1 (a number), expected a whole number from 0 to 3650 or "auto"',
  ],
  [
    "the logarithm of nothing",
    experiment("method: random", "distributions: { risk.per_asset_cap: { log_uniform: [0, 1] } }"),
    "1.yaml:5: risk.per_asset_cap: found log_uniform: [0, 1], expected numbers above 0",
  ],
  [
    "an end that the parameter does not take",
    experiment("method: random", "distributions:", "  risk.per_asset_cap: { uniform: [0.5, 2] }"),
    "1.yaml:6: risk.per_asset_cap: found 2 (a number), expected a number from 0 to 1 or null",
  ],
  [
    "two distributions of one parameter",
    experiment(
      "method: random",
      "distributions:",
      "  fast_ma: { uniform: [1, 2], integer: [1, 2] }",
    ),
    "1.yaml:6: experiment.distributions.fast_ma: found a mapping, expected one of uniform, log_uniform, integer, log_integer, choice",
  ],
  [
    "a constraint that does not parse",
    experiment(SLOW, "constraints:", "  - slow_ma > 3", "  - fast_ma <"),
    '1.yaml:7: experiment.constraints[1]: character 10 of "fast_ma <": found the end, expected a parameter, a value or (',
  ],
  [
    "a constraint about an unknown parameter",
    experiment(SLOW, 'constraints: ["fast_ma < slow_na"]'),
    '1.yaml:5: experiment.constraints[0]: slow_na is no known parameter (did you mean "slow_ma"?)',
  ],
  [
    "a constraint about what may be several things",
    experiment(SLOW, 'constraints: ["fee_bps < 3"]'),
    "1.yaml:5: experiment.constraints[0]: fee_bps may mean execution.costs.crypto.fee_bps or " +
    "execution.costs.equity.fee_bps, expected more of its path",
  ],
  [
    "a condition on a parameter that is not searched",
    experiment(SLOW, "conditions: { slow_ma: { fast_ma: 50 } }"),
    "1.yaml:5: experiment.conditions: models.CrossModel_v1.parameters.fast_ma is not searched, expected one of slow_ma",
  ],
  [
    "a condition that never holds",
    experiment(
      "parameter_grid: { slow_ma: [100], fast_ma: [10] }",
      "conditions: { slow_ma: { fast_ma: [10, 5] } }",
    ),
    "1.yaml:5: experiment.conditions: found 5 for models.CrossModel_v1.parameters.fast_ma, expected values that it is searched over",
  ],
  [
    "a condition on itself",
    experiment(SLOW, "conditions: { slow_ma: { slow_ma: 100 } }"),
    "1.yaml:5: experiment.conditions: models.CrossModel_v1.parameters.slow_ma depends on itself, expected no circle",
  ],
  [
    "conditions in a circle",
    experiment(
      "parameter_grid: { slow_ma: [100], fast_ma: [10] }",
      "conditions:",
      "  fast_ma: { slow_ma: 100 }",
      "  slow_ma: { fast_ma: 10 }",
    ),
    "1.yaml:7: experiment.conditions: models.CrossModel_v1.parameters.slow_ma depends on itself, expected no circle",
  ],
  [
    "an elite as large as the population",
    experiment(SLOW, "evolution: { population: 4, elite: 4 }"),
    "1.yaml:5: experiment.evolution.elite: found 4 (a number), expected below population",
  ],
  [
    "a grid of a range for the first generation",
    experiment(
      "method: evolutionary",
      "evolution: { start: grid }",
      "distributions: { fast_ma: { integer: [2, 9] } }",
    ),
    "1.yaml:6: models.CrossModel_v1.parameters.fast_ma: found a range, expected lists only, as experiment.evolution.start is grid",
  ],
  [
    "an unknown method",
    experiment("method: gird"),
    '1.yaml:4: experiment.method: found "gird", expected one of "grid", "random", "evolutionary"',
  ],
  [
    "a key of the search that does not exist",
    experiment(SLOW, "optimization: { metrics: bps }"),
    '1.yaml:5: experiment.optimization.metrics is not a known key (did you mean "metric"?)',
  ],
  [
    "a parameter that contradicts the configuration's own",
    experiment(SLOW) + "\nmodels: { CrossModel_v1: { parameters: { fast_ma: [300, 10] } } }\n",
    "1.yaml:5: models.CrossModel_v1.parameters.fast_ma: found 300 (a number), must be below slow_ma",
  ],
];

for (const [what, text, line] of REFUSALS) {
  Deno.test(`FR-046 ${what} is refused with its place and what is expected`, async () => {
    strictEqual((await refusalOf(() => searchText(text))).message, line);
  });
}

Deno.test("FR-045 an unknown metric is refused with those there are", async () => {
  const text = experiment(SLOW, "optimization: { metric: sharp }");
  const { message } = await refusalOf(() => searchText(text));
  strictEqual(
    message.startsWith(
      '1.yaml:5: experiment.optimization.metric: found "sharp", expected weights like {sharpe: 1, max_drawdown: -0.5} or one of final_nav, total_return, cagr',
    ),
    true,
    message,
  );
});

Deno.test("FR-045 weights that weigh nothing are refused: every trial would be as good as any other", async () => {
  for (const metric of ["{}", "{ sharpe: 0 }", "{ sharpe: 0, max_drawdown: -0.0 }"]) {
    const text = experiment(SLOW, `optimization: { metric: ${metric} }`);
    const { message } = await refusalOf(() => searchText(text));
    match(
      message,
      /^1\.yaml:5: experiment\.optimization\.metric: found a mapping, expected a weight that is not 0$/,
    );
  }
});
