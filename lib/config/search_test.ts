import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { assigner, assignmentCheck } from "./assign.ts";
import { loadTexts, searchText, TEST_BASE, TEST_MODELS, TEST_REGIME_KEYS } from "./test_config.ts";

const GRID = `
experiment:
  name: pairs
  target_model: CrossModel_v1
  parameter_grid:
    slow_ma: [100, 200]
    fast_ma: { from: 10, to: 30, step: 10 }
    risk.max_leverage: [1, null]
`;

Deno.test("FR-045 a grid is lists and steps by path, in order of path", async () => {
  const { config, space, search } = await searchText(GRID);
  deepStrictEqual(space, {
    dimensions: [
      {
        path: "models.CrossModel_v1.parameters.fast_ma",
        label: "fast_ma",
        choice: { kind: "list", values: [10, 20, 30] },
      },
      {
        path: "models.CrossModel_v1.parameters.slow_ma",
        label: "slow_ma",
        choice: { kind: "list", values: [100, 200] },
      },
      {
        path: "risk.max_leverage",
        label: "max_leverage",
        choice: { kind: "list", values: [1, null] },
      },
    ],
    constraints: [],
  });
  strictEqual(config.models.CrossModel_v1!.parameters.fast_ma, 50);
  deepStrictEqual(search, {
    name: "pairs",
    description: null,
    method: "grid",
    target_model: "CrossModel_v1",
    sampling: "random",
    trials: 100,
    seed: 1,
    max_trials: 100_000,
    evolution: {
      ...{ population: 20, generations: 15, start: "sample", elite: 2 },
      ...{ tournament: 3, crossover: 0.9, mutation: 0.2 },
    },
    halving: null,
    optimization: {
      metric: "bps",
      maximize: true,
      save_top_n: 10,
      objectives: ["cagr", "max_drawdown", "turnover"],
      statistics: true,
      min_round_trips: 0,
    },
    validation: {
      ...{ method: "none", train_fraction: 0.7, train_days: 730, test_days: 180, anchored: false },
      ...{ folds: 6, test_folds: 2, purge_days: 10, embargo_days: 5 },
    },
  });
});

Deno.test("FR-045 steps have no more decimal places than what they are made of", async () => {
  const { space } = await searchText(
    "experiment: { name: x, parameter_grid: { risk.per_asset_cap: { from: 0.1, to: 0.5, step: 0.1 } } }",
  );
  deepStrictEqual(space.dimensions[0]!.choice, {
    kind: "list",
    values: [0.1, 0.2, 0.3, 0.4, 0.5],
  });
});

Deno.test("FR-045 a list in place of a value is a grid too, its first value the configuration's own", async () => {
  const { config, space } = await searchText(`
models:
  CrossModel_v1:
    budget_fraction: [0.6, 0.9]
    universe: [SPY]
    parameters: { fast_ma: [20, 10], weights: { SPY: [0.5, 1] } }
risk: { class_caps: { crypto: [0.1, null] } }
`);
  deepStrictEqual(space.dimensions.map(({ path, choice }) => [path, choice]), [
    ["models.CrossModel_v1.budget_fraction", { kind: "list", values: [0.6, 0.9] }],
    ["models.CrossModel_v1.parameters.fast_ma", { kind: "list", values: [20, 10] }],
    ["models.CrossModel_v1.parameters.weights.SPY", { kind: "list", values: [0.5, 1] }],
    ["risk.class_caps.crypto", { kind: "list", values: [0.1, null] }],
  ]);
  const { budget_fraction, universe, parameters } = config.models.CrossModel_v1!;
  deepStrictEqual([budget_fraction, universe], [0.6, ["SPY"]]);
  deepStrictEqual(parameters, { fast_ma: 20, slow_ma: 200, weights: { SPY: 0.5 } });
  strictEqual(config.risk.class_caps.crypto, 0.1);
});

Deno.test("FR-045 --set can make a grid, and a value in a later layer ends one", async () => {
  const list = "models: { CrossModel_v1: { parameters: { fast_ma: [20, 10] } } }\n";
  const { space } = await searchText(list, {
    sets: ["models.CrossModel_v1.parameters.fast_ma=5", "risk.max_leverage=[1, 2]"],
  });
  deepStrictEqual(space.dimensions.map(({ label }) => label), ["max_leverage"]);
});

Deno.test("FR-045 --models keeps the budget of a model whose budgets are searched", async () => {
  const { config, space } = await searchText(
    "models: { CrossModel_v1: { budget_fraction: [0.3, 0.5] } }",
    { pick: ["CrossModel_v1"] },
  );
  strictEqual(config.models.CrossModel_v1!.budget_fraction, 0.3);
  strictEqual(space.dimensions.length, 1);
});

Deno.test("FR-046 distributions are ranges with both ends, or lists", async () => {
  const { space, search } = await searchText(`
experiment:
  name: x
  method: random
  seed: 7
  target_model: CrossModel_v1
  distributions:
    fast_ma: { log_integer: [2, 50] }
    slow_ma: { integer: [60, 300] }
    risk.per_asset_cap: { uniform: [0.2, 1] }
    execution.rebalance_threshold: { log_uniform: [0.001, 0.1] }
  parameter_grid:
    risk.max_leverage: [1, null]
`);
  const range = { kind: "range" } as const;
  deepStrictEqual(space.dimensions.map(({ label, choice }) => [label, choice]), [
    ["rebalance_threshold", { ...range, low: 0.001, high: 0.1, whole: false, log: true }],
    ["fast_ma", { ...range, low: 2, high: 50, whole: true, log: true }],
    ["slow_ma", { ...range, low: 60, high: 300, whole: true, log: false }],
    ["max_leverage", { kind: "list", values: [1, null] }],
    ["per_asset_cap", { ...range, low: 0.2, high: 1, whole: false, log: false }],
  ]);
  strictEqual(search.seed, 7);
});

Deno.test("FR-045 the label of a parameter is the shortest end of its path that no other shares", async () => {
  const { space } = await searchText(`
models: { DipModel_v1: { budget_fraction: [0.1, 0.2] }, CrossModel_v1: { budget_fraction: [0.1, 0.2] } }
risk: { per_asset_cap: [0.3, 0.4] }
regime_limits: { vol_high: { per_asset_cap: 0.1 } }
`);
  deepStrictEqual(space.dimensions.map(({ label }) => label), [
    "CrossModel_v1.budget_fraction",
    "DipModel_v1.budget_fraction",
    "per_asset_cap",
  ]);
});

Deno.test("FR-046 a constraint sees what is searched, what is not, and what is not set", async () => {
  const { space: { constraints } } = await searchText(`${GRID}
  constraints:
    - fast_ma * 5 < slow_ma
    - models.CrossModel_v1.parameters.fast_ma < 30 or max_leverage == null
    - budget_fraction + 0.3 < 1 and weights == null
  conditions: { slow_ma: { fast_ma: [10, 20] } }
`);
  const says = (assignment: Parameters<typeof constraints[0]["holds"]>[0]) =>
    constraints.map(({ holds }) => holds(assignment));
  deepStrictEqual(says([10, 100, 1]), [true, true, true]);
  deepStrictEqual(says([20, 100, 1]), [false, true, true]);
  deepStrictEqual(says([30, undefined, 1]), [true, false, true]);
  deepStrictEqual(says([30, undefined, null]), [true, true, true]);
});

Deno.test("FR-046 a condition says which values of others a parameter needs", async () => {
  const { space } = await searchText(`${GRID}
  conditions:
    risk.max_leverage: { fast_ma: 10, slow_ma: [100, 200] }
`);
  deepStrictEqual(space.dimensions.map(({ when }) => when), [
    undefined,
    undefined,
    [{ dimension: 0, values: [10] }, { dimension: 1, values: [100, 200] }],
  ]);
});

Deno.test("FR-045 a backtest runs the configuration's own values of an experiment", async () => {
  const config = await loadTexts([TEST_BASE, GRID]);
  deepStrictEqual(config.models.CrossModel_v1!.parameters, { fast_ma: 50, slow_ma: 200 });
  strictEqual(config.experiment!.name, "pairs");
});

Deno.test("FR-045 an assignment makes the configuration of a trial and leaves the other as it was", async () => {
  const { config, space } = await searchText(GRID);
  const assign = assigner(config, space);
  const trial = assign([10, undefined, null]);
  deepStrictEqual(trial.models.CrossModel_v1!.parameters, { fast_ma: 10, slow_ma: 200 });
  strictEqual(trial.risk.max_leverage, null);
  strictEqual(config.risk.max_leverage, 1.2);
  const { experiment: _, ...rest } = trial;
  const { experiment: __, ...written } = await loadTexts([TEST_BASE], {
    sets: ["models.CrossModel_v1.parameters.fast_ma=10", "risk.max_leverage=null"],
  });
  deepStrictEqual(rest, written);
});

Deno.test("FR-046 what models, budgets and limits forbid between parameters is told of a trial", async () => {
  const models = TEST_MODELS.map((model) =>
    model.name !== "DipModel_v1" ? model : {
      ...model,
      check: (parameters: unknown) =>
        (parameters as { weight: number }).weight > 0.5 ? "weight: found too much" : undefined,
    }
  );
  const { config, space } = await searchText(
    `
models:
  DipModel_v1: { budget_fraction: 0.1, parameters: { weight: [0.5, 1] } }
  CrossModel_v1: { budget_fraction: [0.6, 0.95], parameters: { fast_ma: [10, 300] } }
risk: { drawdown_trigger: [0.15, 0.3] }
`,
    { models },
  );
  deepStrictEqual(space.dimensions.map(({ label }) => label), [
    ...["budget_fraction", "fast_ma", "weight", "drawdown_trigger"],
  ]);
  const check = assignmentCheck(config, space, { models, regimeKeys: TEST_REGIME_KEYS });
  strictEqual(check([0.6, 10, 0.5, 0.15]), undefined);
  strictEqual(
    check([0.6, 300, 0.5, 0.15]),
    "models.CrossModel_v1.parameters.fast_ma: must be below slow_ma",
  );
  strictEqual(
    check([0.6, 10, 1, 0.15]),
    "models.DipModel_v1.parameters.weight: found too much",
  );
  ok(check([0.95, 10, 0.5, 0.15])?.startsWith("models: found budget_fraction summing to 1.05"));
  strictEqual(
    check([0.6, 10, 0.5, 0.3]),
    "risk.drawdown_trigger: found 0.3, expected below risk.drawdown_halt 0.2",
  );
});
