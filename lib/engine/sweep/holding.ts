import { upperBound } from "../../core/bars.ts";
import { runLoop } from "../loop.ts";
import type { Intervals } from "../../learn/splits.ts";
import type { Model } from "../../models/model.ts";
import { roundTrips } from "../../stats/round_trips.ts";
import type { Plan } from "../plan.ts";
import { layOut } from "../simulate.ts";
import { pathOf } from "./event_loop.ts";
import type { SweepGround } from "./runner.ts";
import type { TrialFill, TrialPath } from "./trial_row.ts";

/** What a plan trades, run once more in this process: a sweep hands over figures alone. */
export function tradedPath(
  plan: Plan,
  { data, regimes }: SweepGround,
  models: readonly Model[],
): TrialPath {
  const laid = layOut({ plan, data, ...(regimes ? { regimes } : {}) }, models);
  return pathOf(runLoop(laid.plan, laid.venue, laid.setup, { ordersOnly: true }));
}

/**
 * By day between two marks: from the entry of the oldest position that was held on it to the exit of the last to go, the day
 * itself at least. A piece of a position is held from the fill that it came with to the one that closes it, oldest first;
 * what is never closed is held to the last mark.
 */
export function heldIntervals(
  fills: readonly TrialFill[],
  marks: Float64Array,
): Intervals {
  const days = marks.length - 1;
  // A day begins just after the mark before it: neighbours touch and do not overlap.
  const start = Float64Array.from({ length: days }, (_, day) => marks[day]! + 1);
  const end = marks.slice(1);
  for (const { openTime, closeTime } of roundTrips([...fills, ...closing(fills, marks[days]!)])) {
    const first = Math.max(0, upperBound(marks, openTime) - 1);
    for (let day = first; day < days && marks[day]! < closeTime; day++) {
      start[day] = Math.min(start[day]!, openTime + 1);
      end[day] = Math.max(end[day]!, closeTime);
    }
  }
  return { start, end };
}

/** Fills that would leave nothing held at the end. */
function closing(fills: readonly TrialFill[], time: number): TrialFill[] {
  const held = new Map<string, TrialFill>();
  for (const fill of fills) {
    const before = held.get(fill.symbol)?.quantity ?? 0;
    held.set(fill.symbol, { ...fill, time, quantity: before + fill.quantity });
  }
  return [...held.values()].filter(({ quantity }) => quantity !== 0)
    .map((fill) => ({ ...fill, quantity: -fill.quantity, fee: 0, slippage: 0 }));
}
