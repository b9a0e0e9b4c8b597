import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import type { TrialRecord } from "../../core/experiment.ts";
import {
  type ExperimentFixture,
  GRID_DIMENSIONS,
  madeUpExperiment,
  someFigures,
} from "../test_experiment.ts";
import type { Chart } from "./chart.ts";
import { charts } from "./mod.ts";
import { parameterGrid } from "./parameter_grid.ts";
import { rankCorrelation } from "./rank_correlation.ts";
import { sparse, steadySpan } from "./scatter.ts";
import { checkChart, xmlFault } from "./test_check.ts";

const ROWS = [
  { strength: 1, sweeps: 50, passed: 20, undeflated: 40 },
  { strength: 0, sweeps: 200, passed: 6, undeflated: 56 },
  { strength: 2, sweeps: 50, passed: 45, undeflated: 50 },
];

type NamedChart = readonly [name: string, chart: Chart];

async function everyChart(source: ExperimentFixture): Promise<readonly NamedChart[]> {
  const maps = await charts.heatMaps(source);
  return [
    ...maps.map((chart, place): NamedChart => [`heat map ${place}`, chart]),
    ["parallel", await charts.parallelCoordinates(source)],
    ["convergence", await charts.convergence(source)],
    ["pareto", await charts.pareto(source)],
    ["inAndOut", await charts.inAndOut(source)],
    ["walkForward", await charts.walkForward(source)],
  ];
}

/** Two parameters by hand: the winner at 2, 20 with one neighbour close to it. */
function handMade(scores: readonly (number | null)[] = [0.5, 0.97, 0.2, 1]): ExperimentFixture {
  const { card } = madeUpExperiment();
  const trials = scores.map((score, trial): TrialRecord => ({
    ...{ trial, run_id: `r${trial}`, batch: 0, message: null, score },
    status: score === null ? "failed" : "finished",
    values: [1 + (trial & 1), 10 * (1 + (trial >> 1))],
    figures: someFigures(score === null ? {} : { total_return: score, max_drawdown: 0.1 * trial }),
    ...{
      rank: null,
      plateau: null,
      neighbours: 0,
      pareto: score === 1,
      test_score: score && score / 2,
    },
  }));
  const best = trials.filter(({ score }) => score !== null).sort((a, b) => b.score! - a.score!)[0];
  return {
    trials,
    card: {
      ...card,
      dimensions: [
        { path: "m.a", label: "a", values: [1, 2] },
        { path: "m.b", label: "b", values: [10, 20] },
      ],
      trials: { ...card.trials, count: trials.length },
      winner: best ?? null,
      validation: null,
    },
  };
}

Deno.test("FR-049 every chart of a grid, of a search and of an evolution stands alone and names its experiment", async () => {
  const sources = [
    madeUpExperiment({ validation: "walk_forward" }),
    madeUpExperiment({ method: "random", validation: "split" }),
    madeUpExperiment({ method: "evolutionary", validation: "combinatorial" }),
  ];
  for (const source of sources) {
    for (const [name, chart] of await everyChart(source)) {
      checkChart(`${source.card.method}: ${name}`, chart, source.card.experiment_id);
      ok(chart.svg.length < 120_000, `${name}: ${chart.svg.length} bytes`);
    }
  }
});

Deno.test("FR-049 the same experiment gives the same bytes, whatever was drawn before", async () => {
  const first = await everyChart(madeUpExperiment({ method: "random" }));
  await everyChart(madeUpExperiment({ seed: 9 }));
  const second = await everyChart(madeUpExperiment({ method: "random" }));
  deepStrictEqual(second.map(([, { svg }]) => svg), first.map(([, { svg }]) => svg));
});

Deno.test("FR-049 ten thousand trials are thinned: no picture of them reaches 400 kB", async () => {
  const wide = [
    { ...GRID_DIMENSIONS[0]!, values: Array.from({ length: 100 }, (_, place) => place) },
    { ...GRID_DIMENSIONS[1]!, values: Array.from({ length: 100 }, (_, place) => place) },
  ];
  for (
    const source of [
      madeUpExperiment({ dimensions: wide }),
      madeUpExperiment({ method: "random", trials: 10_000 }),
    ]
  ) {
    strictEqual(source.trials.length, 10_000);
    for (const [name, chart] of await everyChart(source)) {
      checkChart(name, chart, source.card.experiment_id);
      ok(chart.svg.length < 400_000, `${name}: ${chart.svg.length} bytes`);
    }
  }
});

Deno.test("FR-049 one trial, none, all failed and scores that are all undefined have pictures too", async () => {
  const lone = handMade([0.5]);
  const cases: Readonly<Record<string, ExperimentFixture>> = {
    one: lone,
    none: handMade([]),
    failed: handMade([null, null, null]),
    undefined: madeUpExperiment({ scoreless: 1.1 }),
    equal: handMade([1, 1, 1, 1]),
    "one parameter": { ...lone, card: { ...lone.card, dimensions: [lone.card.dimensions[0]!] } },
    "no parameter": { ...lone, card: { ...lone.card, dimensions: [] } },
    "lost test": madeUpExperiment({ validation: "purged_kfold", failing: 1.1 }),
  };
  for (const [what, source] of Object.entries(cases)) {
    for (const [name, chart] of await everyChart(source)) {
      checkChart(`${what}: ${name}`, chart, source.card.experiment_id);
    }
  }
  strictEqual((await charts.convergence(cases.failed!)).title, "No trial has a score");
  strictEqual((await charts.pareto(cases.none!)).title, "No trial has both objectives");
  strictEqual((await charts.inAndOut(cases.failed!)).title, "Nothing was kept out of the sample");
  match((await charts.walkForward(lone)).title, /has no walk-forward$/);
});

Deno.test("FR-049 a heat map marks the winner, outlines what keeps 95% of its score and says which slice it is", async () => {
  const joined = handMade([0.5, 0.97, 0.2, 1]);
  strictEqual(
    (await charts.parameterPair(joined)).title,
    "Sharpe 1.00 at the winner, a 2, b 20; 1 cell beside it within 5%",
  );
  const lonely = await charts.parameterPair(handMade([0.97, 0.5, 0.2, 1]));
  match(lonely.title, /; no neighbour within 5%$/);
  const { plateau, others } = parameterGrid(joined, 0, 1);
  strictEqual(others, "none");
  // a 2, b 10 keeps 97 %, and stands right below.
  deepStrictEqual(plateau.map(({ mean }) => mean), [0.97, 1]);
  const grid = madeUpExperiment({ scoreless: 0, failing: 0 });
  strictEqual(parameterGrid(grid, 0, 1).others, "slice");
  strictEqual(parameterGrid(grid, 0, 1).winner!.mean, grid.card.winner!.score);
  match((await charts.parameterPair(grid)).caption, /other parameters as in the winner/);
  const search = madeUpExperiment({ method: "random" });
  match((await charts.parameterPair(search)).caption, /mean over the other parameters/);
  match((await charts.parameterPair(search)).title, /^Mean Sharpe/);
});

Deno.test("FR-049 a pair is chosen by label or path, and an unknown parameter is refused by its nearest name", async () => {
  const source = handMade();
  match((await charts.parameterPair(source, { x: "b", y: "m.a" })).svg, />Sharpe: a upwards, b to/);
  await rejects(charts.parameterPair(source, { x: "aa" }), {
    name: "Refusal",
    message: /found parameter "aa" \(did you mean "a"\?\), expected one of experiment .*: a, b$/,
  });
});

Deno.test("FR-049 of many pairs those with the strongest parameters are drawn", async () => {
  const all = await charts.heatMaps(madeUpExperiment({ method: "random" }), { most: 99 });
  strictEqual(all.length, 10);
  const few = await charts.heatMaps(madeUpExperiment({ method: "random" }), { most: 2 });
  strictEqual(few.length, 2);
  ok(few.every(({ svg }) => all.some((chart) => chart.svg === svg)));
});

Deno.test("FR-049 convergence, Pareto and in-and-out tell their finding in the title", async () => {
  const source = handMade();
  strictEqual(
    (await charts.convergence(source)).title,
    "Best Sharpe 1.00 found after 4 of 4 trials",
  );
  match((await charts.pareto(source)).title, /^1 trial on the front of .*; the winner is one of/);
  strictEqual(
    (await charts.inAndOut(source)).title,
    "Out of sample the winner's Sharpe falls from 1.00 to 0.50",
  );
  match((await charts.inAndOut(source)).caption, /rank correlation 1\.00 over 4 trials$/);
  match(
    (await charts.parallelCoordinates(source)).title,
    /^Best Sharpe 1\.00 at a 2, b 20$/,
  );
  const crossed = madeUpExperiment({ validation: "combinatorial" });
  match(
    (await charts.inAndOut(crossed)).title,
    /^14 splits: mean Sharpe .* in sample, .* out of it$/,
  );
});

Deno.test("FR-049 generations are parted, and a walk-forward shows each window's parameters", async () => {
  const evolved = await charts.convergence(madeUpExperiment({ method: "evolutionary" }));
  match(evolved.svg, />generation 1</);
  const chart = await charts.walkForward(madeUpExperiment({ validation: "walk_forward" }));
  match(chart.title, /^Out of sample [+-]\d.* over 8 windows, Sharpe 0\.42; \d of 8 gained$/);
  match(chart.svg, />momentum_filter, never changed</);
  strictEqual(chart.svg.match(/<title>fast_ma_period \d+<\/title>/g)!.length, 8);
});

Deno.test("FR-049 the detection curve tells false alarms and what is found, and needs a row", async () => {
  const chart = await charts.detection(ROWS);
  strictEqual(
    chart.title,
    "Without an edge the gate lets 3% pass, a plain Sharpe ratio 28%; " +
      "an edge of Sharpe 2.00 is found in 90%",
  );
  checkChart("detection", chart, "300 sweeps");
  strictEqual((await charts.detection(ROWS.toReversed())).svg, chart.svg);
  checkChart("one row", await charts.detection(ROWS.slice(0, 1)), "50 sweeps");
  await rejects(charts.detection([]), { name: "Refusal", message: /found no sweep to show/ });
});

Deno.test("FR-049 names of experiments and parameters are text, whatever they hold", async () => {
  const evil = `<script>alert("&")</script>`;
  const { card, trials } = madeUpExperiment({ validation: "walk_forward" });
  const dimensions = card.dimensions.map((dimension) => ({ ...dimension, label: evil }));
  const source = { trials, card: { ...card, name: evil, dimensions } };
  for (const [name, { svg }] of await everyChart(source)) {
    strictEqual(xmlFault(svg), undefined, name);
    ok(!svg.includes("<script"), name);
  }
});

Deno.test("rankCorrelation() is Spearman's: 1, -1, ties at their mean rank, null where nothing varies", () => {
  const dots = (ys: readonly number[]) => ys.map((y, x) => ({ x, y }));
  strictEqual(rankCorrelation(dots([1, 10, 100])), 1);
  strictEqual(rankCorrelation(dots([3, 2, 1])), -1);
  // Ranks 0 1 2 3 against 0.5 0.5 2.5 2.5: 4 ÷ √(5 × 4).
  ok(Math.abs(rankCorrelation(dots([1, 1, 2, 2]))! - 4 / Math.sqrt(20)) < 1e-15);
  strictEqual(rankCorrelation(dots([1, 1, 1])), null);
  strictEqual(rankCorrelation(dots([1, 2])), null);
});

Deno.test("sparse() keeps all of a few dots and a fair picture of many; steadySpan() lets go of far ones", () => {
  const shape = { x: [0, 100], y: [0, 100], width: 100, height: 100 } as const;
  const many = Array.from(
    { length: 10_000 },
    (_, at) => ({ x: at % 100, y: Math.floor(at / 100) }),
  );
  strictEqual(sparse(many.slice(0, 50), shape).length, 50);
  const kept = sparse(many, shape);
  ok(kept.length <= 2_500 && kept.length > 1_000, `${kept.length}`);
  const scores = [...Array.from({ length: 99 }, (_, place) => place / 99), -1_000];
  ok(steadySpan(scores)[0] > -2 && steadySpan(scores)[1] >= 98 / 99);
  deepStrictEqual(steadySpan([]), [0, 1]);
});
