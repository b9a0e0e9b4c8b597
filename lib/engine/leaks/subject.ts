import { z } from "zod";
import type { Bars } from "../../core/bars.ts";
import { type ColumnOf, type Feature, h4 } from "../../features/mod.ts";
import { type AssetView, type Context, defineModel, type Targets } from "../../models/model.ts";
import { type RegimeData, type RegimeLabels, regimeTimeline } from "../../regime/mod.ts";
import { NO_LIMITS, planWith, seat } from "../fixtures.ts";
import type { AssetData } from "../plan.ts";
import { LAY_OUT, type LayOutSteps } from "../simulate.ts";
import type { Subject } from "./leak.ts";
import { ASSETS, END, PLANTED_RULES, plantedMarket, plantedRegimes, START } from "./market.ts";

const parameters = z.strictObject({ threshold: z.number().default(0) });

/** What a planted model sees of an asset: its close, and the column in question. */
export type Seen = AssetView<"price" | "signal">;
/** What it decides from. */
export type Moment = Context<z.infer<typeof parameters>, "price" | "signal">;

/** What one run is made of beyond market and plan, which all share. */
export interface SubjectParts {
  readonly signal?: Feature;
  /** Holds the assets whose signal is above the threshold unless said otherwise. */
  decide?(moment: Moment): Targets;
  /** The steps to replace. */
  readonly steps?: Partial<LayOutSteps>;
  /** What becomes of the market before anybody sees it. */
  market?(market: readonly AssetData[]): readonly AssetData[];
  /** Whether the run is told of regimes. */
  readonly regimes?: boolean;
}

/** One model on the planted market, from START to END. */
export function subject(parts: SubjectParts): Subject {
  const { signal = h4.momentum(1), decide = holdAbove, steps, market, regimes } = parts;
  const model = defineModel({
    name: "Planted_v1",
    version: "1.0.0",
    universe: ASSETS.map(({ symbol }) => symbol),
    parameters,
    features: () => ({ price: h4.close(), signal }),
    decide,
  });
  const data = market ? market(plantedMarket()) : plantedMarket();
  const plan = planWith(ASSETS, [seat(model, { parameters: { threshold: 0 } })], {
    start: START,
    end: END,
    initialNav: 100_000,
    risk: NO_LIMITS,
  });
  const tell = (times: Float64Array, told: RegimeData) =>
    regimeTimeline(times, told, PLANTED_RULES);
  return {
    request: { plan, data, ...(regimes && { regimes: plantedRegimes(data) }) },
    models: [model],
    ...((steps || regimes) && { steps: { ...LAY_OUT, regimes: tell, ...steps } }),
  };
}

/** 30 % of the budget in each asset of which that is true. */
export function hold(assets: readonly Seen[], isWanted: (asset: Seen) => boolean): Targets {
  return Object.fromEntries(assets.filter(isWanted).map(({ symbol }) => [symbol, 0.3]));
}

const BOLD = ["BULL", "LOW", "RISK_ON", "EXPANSION"];

/** Holds what rises; where the label is not a bold one, only what rises fast. */
export function holdByRegime(dimension: keyof RegimeLabels) {
  return ({ assets, regime }: Moment): Targets =>
    hold(assets, ({ signal }) => signal > (BOLD.includes(regime[dimension]) ? 0 : 0.02));
}

function holdAbove({ assets, parameters: { threshold } }: Moment): Targets {
  return hold(assets, ({ signal }) => signal > threshold);
}

/** A feature of one's own on four-hour bars. */
export function ownFeature(compute: (bars: Bars, column: ColumnOf) => Float64Array): Feature {
  return { name: "signal()", timeframe: "h4", warmUp: 1, compute };
}
