import type { RunRecord } from "../../core/run_record.ts";
import { gridMs } from "../../core/bars.ts";
import { type FeatureCache, featureCache } from "../../features/pipeline.ts";
import type { Model } from "../../models/model.ts";
import { type RegimeTimeline, timelineBetween } from "../../regime/mod.ts";
import { runLoop } from "../loop.ts";
import type { Pulse } from "../pulse.ts";
import {
  type LaidOut,
  LAY_OUT,
  layOut,
  type Rehearsable,
  type RunRequest,
  type RunSurroundings,
} from "../simulate.ts";
import type { RunState } from "../state.ts";
import type { ChosenCheckpoint } from "./checkpoints.ts";

/** A stretch of a run made again: its clock begins `lead` places before the first decision made again. */
export interface Rehearsal {
  readonly laid: LaidOut;
  readonly record: RunRecord;
  /** The state before the checkpoint; undefined where that is the run's first decision. */
  readonly state: RunState | undefined;
  /** The regimes from the run's beginning up to the checkpoint. */
  readonly timeline: RegimeTimeline | undefined;
  /** Place on the run's clock of the stretch's place 0. */
  readonly offset: number;
  /** Place on the run's clock of the first decision made again. */
  readonly from: number;
  /** Place of the checkpoint on the stretch's own clock. */
  readonly at: number;
}

/** How a stretch is made again. */
export interface RehearsalOptions extends RunSurroundings {
  /** Regimes that are known already; without them they are told anew, from the beginning. */
  readonly timeline?: RegimeTimeline | undefined;
  readonly cache?: FeatureCache;
}

/** Makes the decisions up to a checkpoint again, on data that may be other than the run's after it. */
export function rehearse(
  run: Rehearsable,
  request: RunRequest,
  { index, from }: ChosenCheckpoint,
  models: readonly Model[],
  options: RehearsalOptions = {},
): Rehearsal {
  const { plan } = request;
  const times = run.laid.market.decisionTimes;
  const steps = options.steps ?? LAY_OUT;
  const offset = Math.max(0, from - 1);
  const end = times[index]! + gridMs(plan.timeframe);
  // A leaky step may change what is read, also of the regimes.
  const regimes = steps.read(request).regimes;
  const timeline = options.timeline ??
    (regimes && steps.regimes(times.subarray(0, index + 1), regimes));
  const stretch = { ...request, plan: { ...plan, start: times[offset]!, end } };
  const laid = layOut(stretch, models, {
    cache: options.cache ?? featureCache(),
    pulse: options.pulse,
    steps,
    timeline: timeline && timelineBetween(timeline, offset, index + 1),
    mayBeCold: true,
  });
  const at = index - offset;
  let state: RunState | undefined;
  const record = runLoop(laid.plan, laid.venue, laid.setup, {
    pulse: options.pulse && pulseOf(options.pulse, offset),
    from: from === 0 ? undefined : run.states.get(from),
    onDecision(t, stateNow) {
      if (t === at) state = stateNow();
    },
  });
  return { laid, record, state, timeline, offset, from, at };
}

/** Beats at the places of the run's own clock. */
function pulseOf({ at, asking, trial }: Pulse, offset: number): Pulse {
  return { asking, trial, at: (index) => at(index + offset) };
}
