import { attribution } from "./attribution.ts";
import { comparison } from "./comparison.ts";
import { convergence } from "./convergence.ts";
import { detection } from "./detection.ts";
import { distribution } from "./distribution.ts";
import { drawdown } from "./drawdown.ts";
import { envelope } from "./envelope.ts";
import { exposure } from "./exposure.ts";
import { inAndOut } from "./in_and_out.ts";
import { luck } from "./luck.ts";
import { models } from "./models.ts";
import { monthlyReturns } from "./monthly_returns.ts";
import { nav } from "./nav.ts";
import { parallelCoordinates } from "./parallel.ts";
import { heatMaps, parameterPair } from "./parameter_pair.ts";
import { parameters } from "./parameters.ts";
import { expectation, parity } from "./parity.ts";
import { pareto } from "./pareto.ts";
import { price } from "./price.ts";
import { regimes } from "./regimes.ts";
import { rolling } from "./rolling.ts";
import { turnover } from "./turnover.ts";
import { walkForward } from "./walk_forward.ts";

export type { Chart, ChartSize, ChartSource } from "./chart.ts";
export type { DetectionRow } from "./detection.ts";
export type { ExperimentSource } from "./experiment_source.ts";
export type { HeatMapsOptions, ParameterPairOptions } from "./parameter_pair.ts";

/** Pictures of a run or, from `parameterPair` on, of an experiment: each function answers with an SVG that stands alone and shows itself in a notebook. */
export const charts = Object.freeze({
  nav,
  drawdown,
  monthlyReturns,
  rolling,
  exposure,
  attribution,
  price,
  turnover,
  distribution,
  regimes,
  envelope,
  models,
  comparison,
  luck,
  parameters,
  parameterPair,
  heatMaps,
  parallelCoordinates,
  convergence,
  pareto,
  inAndOut,
  walkForward,
  detection,
  parity,
  expectation,
});
