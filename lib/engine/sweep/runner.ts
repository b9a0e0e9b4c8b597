import { type FeatureCache, featureCache } from "../../features/pipeline.ts";
import type { Model } from "../../models/model.ts";
import type { RegimeData } from "../../regime/mod.ts";
import { type ReadyColumn, useReadyColumns } from "../feature_shares.ts";
import { runLoop } from "../loop.ts";
import { buildMarket, type Market } from "../market.ts";
import type { AssetData, Plan } from "../plan.ts";
import type { Pulse } from "../pulse.ts";
import { LAY_OUT, layOut } from "../simulate.ts";
import { type ColumnGear, columnGear, mayBeColumnar } from "./columns.ts";
import { pathOf } from "./event_loop.ts";
import {
  type Slice,
  type SliceClock,
  sliceClock,
  type TrialClock,
  trialClock,
  type TrialPath,
  type TrialRow,
  trialRow,
} from "./trial_row.ts";

/** How a trial is computed. All give the same bits; `auto` takes the fastest that the plan allows. */
export type Gear = "auto" | "loop";

/** What all trials of a sweep have in common. */
export interface SweepGround {
  readonly data: readonly AssetData[];
  readonly regimes?: RegimeData | undefined;
}

/** How one trial is run. */
export interface RunOptions {
  readonly pulse?: Pulse;
  readonly gear?: Gear;
  /** False lets the row's returns hold until the next trial only, which saves their memory. */
  readonly keepsReturns?: boolean;
  /** Parts of the range to be measured by themselves, too. */
  readonly slices?: readonly Slice[];
}

/** Runs trials one after the other, and keeps what they share: markets, regimes, features. */
export interface TrialRunner {
  /** Throws what a run of the plan would throw. */
  run(plan: Plan, options?: RunOptions): TrialRow;
  /** Takes in features that were computed elsewhere for plans that trade on `plan`'s timeframe until its end. */
  take(columns: readonly ReadyColumn[], plan: Plan): void;
  readonly cache: FeatureCache;
}

// A worker's share: the columns of a few hundred parameter values on a handful of assets.
const CACHE_BYTES = 96 * 1024 * 1024;
/** Ranges and cost settings met at once: the windows of a walk-forward come one after the other. */
const MOST_GROUNDS = 4;

/** What trials with the same market share. */
interface Shared {
  readonly market: Market;
  readonly clock: TrialClock;
  sliced: { readonly slices: readonly Slice[]; readonly clocks: readonly SliceClock[] } | undefined;
  gear: ColumnGear | undefined;
}

/** A runner on data that stay. */
export function trialRunner(ground: SweepGround, models: readonly Model[]): TrialRunner {
  const cache = featureCache(CACHE_BYTES);
  const scratch = { memory: new Float64Array(0) };
  const shared = new Map<string, Shared>();
  let last: { readonly plan: Plan; readonly shared: Shared } | undefined;

  const sharedFor = (plan: Plan): Shared => {
    if (last && isSameMarket(last.plan, plan)) return last.shared;
    const key = marketKey(plan);
    let found = shared.get(key);
    if (!found) {
      if (shared.size >= MOST_GROUNDS) shared.delete(shared.keys().next().value!);
      const market = buildMarket(plan, ground.data.filter(isTraded(plan)));
      const clock = trialClock({
        assets: plan.assets,
        markTimes: market.markTimes,
        timeframe: plan.timeframe,
      });
      shared.set(key, found = { market, clock, sliced: undefined, gear: undefined });
    }
    last = { plan, shared: found };
    return found;
  };
  const timelines = new Map<string, ReturnType<typeof LAY_OUT.regimes>>();
  const timelineFor = (times: Float64Array, data: RegimeData) => {
    const key = `${times[0]}/${times.at(-1)}/${times.length}`;
    let timeline = timelines.get(key);
    if (!timeline) {
      if (timelines.size >= MOST_GROUNDS) timelines.delete(timelines.keys().next().value!);
      timelines.set(key, timeline = LAY_OUT.regimes(times, data));
    }
    return timeline;
  };
  const loopPath = (plan: Plan, { market }: Shared, pulse: Pulse | undefined): TrialPath => {
    const steps = { ...LAY_OUT, market: () => market, regimes: timelineFor };
    const request = {
      plan,
      data: ground.data,
      ...(ground.regimes ? { regimes: ground.regimes } : {}),
    };
    const { setup, venue } = layOut(request, models, { cache, pulse, steps });
    return pathOf(runLoop(plan, venue, setup, { pulse, ordersOnly: true }));
  };
  const columnPath = (plan: Plan, own: Shared, pulse: Pulse | undefined) => {
    own.gear ??= columnGear(own.market, models, cache);
    return own.gear.path(plan, pulse);
  };
  return {
    cache,
    run(plan, { pulse, gear = "auto", slices = [], keepsReturns = true } = {}) {
      const own = sharedFor(plan);
      const columnar = gear === "auto" && mayBeColumnar(plan, models);
      const path = (columnar ? columnPath(plan, own, pulse) : undefined) ??
        loopPath(plan, own, pulse);
      return trialRow(path, own.clock, {
        slices: slicesOf(own, plan, slices),
        scratch: keepsReturns ? undefined : scratch,
      });
    },
    take(columns, plan) {
      useReadyColumns(cache, columns, { plan, data: ground.data });
    },
  };
}

/** The slices of one order are those of the next. */
function slicesOf(
  own: Shared,
  { assets, timeframe }: Plan,
  slices: readonly Slice[],
): readonly SliceClock[] {
  if (slices.length === 0) return [];
  const { markTimes } = own.market;
  const key = (some: readonly Slice[]) => some.map(({ start, end }) => `${start}/${end}`).join();
  if (!own.sliced || own.sliced.slices !== slices && key(own.sliced.slices) !== key(slices)) {
    const clocks = slices.map((slice) => sliceClock({ assets, timeframe, markTimes }, slice));
    own.sliced = { slices, clocks };
  }
  return own.sliced.clocks;
}

function isTraded(plan: Plan) {
  const symbols = new Set(plan.assets.map(({ symbol }) => symbol));
  return ({ symbol }: AssetData) => symbols.has(symbol);
}

function marketPart(plan: Plan) {
  const { timeframe, start, end, assets, fill, sizing, allowBorrowing, maxGapBars, risk } = plan;
  const { allowShort } = risk;
  return { timeframe, start, end, fill, sizing, allowBorrowing, maxGapBars, allowShort, assets };
}

function marketKey(plan: Plan): string {
  return JSON.stringify(marketPart(plan));
}

/** Most trials of a sweep differ in their models alone, and share the very objects of everything else. */
function isSameMarket(a: Plan, b: Plan): boolean {
  const [one, other] = [marketPart(a), marketPart(b)];
  return (Object.keys(one) as (keyof typeof one)[]).every((key) => one[key] === other[key]); // order: all must hold
}
