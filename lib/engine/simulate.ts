import type { RunRecord } from "../core/run_record.ts";
import { type FeatureCache, featureCache } from "../features/pipeline.ts";
import type { Model } from "../models/model.ts";
import { type RegimeData, type RegimeTimeline, regimeTimeline } from "../regime/mod.ts";
import { type ReadyColumn, useReadyColumns } from "./feature_shares.ts";
import { runLoop } from "./loop.ts";
import { buildMarket, type Market } from "./market.ts";
import type { AssetData, Plan } from "./plan.ts";
import { seatModels, type Setup } from "./setup.ts";
import type { Pulse } from "./pulse.ts";
import type { RunState } from "./state.ts";

/** A plan with the data it may read. */
export interface RunRequest {
  readonly plan: Plan;
  readonly data: readonly AssetData[];
  /** What the regimes are told from; without it, no regime is known and none matters. */
  readonly regimes?: RegimeData;
  /** Whether the yardsticks are run beside the plan. */
  readonly benchmarks?: boolean;
  /** Features that were computed ahead; the others are computed here. */
  readonly columns?: readonly ReadyColumn[];
}

/** What goes along with a run and leaves no trace in it. */
export interface RunSurroundings {
  /** Shared between runs of one process, so that equal features are computed once. */
  readonly cache?: FeatureCache;
  readonly pulse?: Pulse | undefined;
  /** How the run is laid out; the engine's own way unless a test plants a leak in it. */
  readonly steps?: LayOutSteps;
}

/** From raw data to a run that can begin, step by step. */
export interface LayOutSteps {
  /** What of the request is read. */
  read(request: RunRequest): RunRequest;
  market(plan: Plan, data: readonly AssetData[]): Market;
  regimes(times: Float64Array, data: RegimeData): RegimeTimeline;
  seat: typeof seatModels;
  /** The market that orders are filled on. */
  venue(market: Market): Market;
}

/** The engine's own steps. */
export const LAY_OUT: LayOutSteps = Object.freeze({
  read: (request: RunRequest) => request,
  market: buildMarket,
  regimes: (times: Float64Array, data: RegimeData) => regimeTimeline(times, data),
  seat: seatModels,
  venue: (market: Market) => market,
});

/** A run before its first decision: everything computed that no decision changes. */
export interface LaidOut {
  readonly plan: Plan;
  /** What decisions see, and what orders are filled on: one and the same but in a test. */
  readonly market: Market;
  readonly venue: Market;
  readonly setup: Setup;
}

/** Lays a run out on its market, with its features and regimes; `timeline` where these are known already. */
export function layOut(
  request: RunRequest,
  models: readonly Model[],
  { cache = featureCache(), pulse, steps = LAY_OUT, timeline, mayBeCold }: RunSurroundings & {
    readonly timeline?: RegimeTimeline | undefined;
    readonly mayBeCold?: boolean;
  } = {},
): LaidOut {
  const { plan, data, regimes, columns = [] } = steps.read(request);
  useReadyColumns(cache, columns, { plan, data });
  const market = steps.market(plan, data);
  const known = timeline ?? (regimes && steps.regimes(market.decisionTimes, regimes));
  const options = { market, cache, pulse, regimes: known, mayBeCold: mayBeCold ?? false };
  const setup = steps.seat(plan, models, options);
  return { plan, market, venue: steps.venue(market), setup };
}

/** A run with what led to it, for whoever wants to go over it again. */
export interface Rehearsable {
  readonly request: RunRequest;
  readonly laid: LaidOut;
  readonly record: RunRecord;
  /** The run's state before every hundredth part of its decisions, by place on the clock. */
  readonly states: ReadonlyMap<number, RunState>;
}

/** Runs a plan on its data and keeps what an audit needs. */
export function rehearsable(
  request: RunRequest,
  models: readonly Model[],
  surroundings: RunSurroundings = {},
): Rehearsable {
  const laid = layOut(request, models, surroundings);
  const states = new Map<number, RunState>();
  const every = Math.ceil(laid.market.decisionTimes.length / 100);
  const record = runLoop(laid.plan, laid.venue, laid.setup, {
    pulse: surroundings.pulse,
    onDecision(index, state) {
      if (index % every === 0) states.set(index, state());
    },
  });
  return { request, laid, record, states };
}

/** Runs a plan on its data, from raw bars to the record. Pure: the same request gives the same bits. */
export function simulate(
  request: RunRequest,
  models: readonly Model[],
  surroundings: RunSurroundings = {},
): RunRecord {
  const { plan, venue, setup } = layOut(request, models, surroundings);
  return runLoop(plan, venue, setup, { pulse: surroundings.pulse });
}
