import { attribution } from "./attribution.ts";
import { comparison } from "./comparison.ts";
import { distribution } from "./distribution.ts";
import { drawdown } from "./drawdown.ts";
import { envelope } from "./envelope.ts";
import { exposure } from "./exposure.ts";
import { luck } from "./luck.ts";
import { models } from "./models.ts";
import { monthlyReturns } from "./monthly_returns.ts";
import { nav } from "./nav.ts";
import { parameters } from "./parameters.ts";
import { price } from "./price.ts";
import { regimes } from "./regimes.ts";
import { rolling } from "./rolling.ts";
import { turnover } from "./turnover.ts";

export type { Chart, ChartSize, ChartSource } from "./chart.ts";

/** Pictures of a run: each function answers with an SVG that stands alone and shows itself in a notebook. */
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
});
