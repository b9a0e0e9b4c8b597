import { gridMs } from "../../core/bars.ts";
import { timelineBetween } from "../../regime/mod.ts";
import { featureCache } from "../../features/pipeline.ts";
import type { Model } from "../../models/model.ts";
import { runLoop } from "../loop.ts";
import { decisionTimes } from "../market.ts";
import type { Plan } from "../plan.ts";
import { LAY_OUT, layOut } from "../simulate.ts";
import type { RunState } from "../state.ts";
import { pathOf } from "./event_loop.ts";
import type { SweepGround } from "./runner.ts";
import { trialClock, type TrialFill, type TrialRow, trialRow } from "./trial_row.ts";

/** What was traded window after window, as one account. */
export interface JoinedWalk extends TrialRow {
  readonly times: Float64Array;
  readonly nav: Float64Array;
}

/**
 * Trades one plan after the other on one account: each takes over what the one before left it, positions and all, at the
 * moment its own range begins. Ranges follow each other without a gap; all plans have the same models and assets.
 */
export function joinedWalk(
  plans: readonly Plan[],
  ground: SweepGround,
  models: readonly Model[],
): JoinedWalk {
  const [first] = plans;
  const last = plans.at(-1)!;
  const step = gridMs(first!.timeframe);
  const whole: Plan = { ...first!, end: last.end };
  const cache = featureCache();
  const times = decisionTimes(whole);
  const timeline = ground.regimes && LAY_OUT.regimes(times, ground.regimes);
  const navs: Float64Array[] = [];
  const fills: TrialFill[] = [];
  let state: RunState | undefined;
  for (const plan of plans) {
    const isLast = plan === last;
    // One decision more, so that the state before it is seen; one less to begin with, as a state goes on from there.
    const lead = state ? step : 0;
    const stretch: Plan = {
      ...plan,
      start: plan.start - lead,
      end: isLast ? plan.end : plan.end + step,
    };
    const from = (stretch.start - first!.start) / step;
    const request = {
      plan: stretch,
      data: ground.data,
      ...(ground.regimes ? { regimes: ground.regimes } : {}),
    };
    const laid = layOut(request, models, {
      cache,
      mayBeCold: true,
      timeline: timeline && timelineBetween(timeline, from, from + decisionTimes(stretch).length),
    });
    const decisions = (plan.end - plan.start + lead) / step;
    let next: RunState | undefined;
    const record = runLoop(laid.plan, laid.venue, laid.setup, {
      from: state,
      ordersOnly: true,
      onDecision(index, stateNow) {
        if (index === decisions) next = stateNow();
      },
    });
    const path = pathOf(record);
    const begin = state ? 1 : 0;
    navs.push(path.nav.slice(begin, isLast ? decisions + 1 : decisions));
    fills.push(...path.fills.filter(({ time }) => time < plan.end));
    state = next;
  }
  const nav = joined(navs);
  const markTimes = Float64Array.from(nav, (_, place) => first!.start + place * step);
  const clock = trialClock({ assets: whole.assets, markTimes, timeframe: whole.timeframe });
  return { ...trialRow({ nav, fills }, clock), times: markTimes, nav };
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
