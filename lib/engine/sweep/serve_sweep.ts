import { TRIAL_FIGURES } from "../../core/trial_figures.ts";
import type { Model } from "../../models/model.ts";
import type { ReadyColumn } from "../feature_shares.ts";
import type { Plan } from "../plan.ts";
import type { Pulse } from "../pulse.ts";
import { type Gear, type SweepGround, type TrialRunner, trialRunner } from "./runner.ts";
import { sharedColumns } from "./shared_columns.ts";
import type { Slice } from "./trial_row.ts";

/** What of a plan one trial has otherwise than its sweep's base. */
export type PlanPatch = Partial<Plan>;

/** What a sweep asks of a worker beside opening it: some trials, a share of their features, or to take others' in. */
export type SweepOrder =
  | {
    readonly kind: "trials";
    readonly patches: readonly PlanPatch[];
    /** Whether daily returns are wanted, too. */
    readonly returns: boolean;
    readonly gear: Gear;
    /** Parts of the range to be measured by themselves, too. */
    readonly slices: readonly Slice[];
  }
  | {
    readonly kind: "columns";
    readonly patches: readonly PlanPatch[];
    readonly share: number;
    readonly of: number;
  }
  | { readonly kind: "take"; readonly columns: readonly ReadyColumn[] };

/** Trials as a worker answers: rows one after the other, each with its slices, NaN for one that failed. */
export interface TrialRows {
  readonly figures: Float64Array;
  /** Daily returns by trial; none where a trial failed or they were not asked for. */
  readonly returns: readonly (Float64Array | null)[];
  /** By place in the order: why it failed, in one line. */
  readonly failures: readonly { readonly place: number; readonly message: string }[];
}

/** What a worker answers to an order. */
export type SweepAnswer =
  | { readonly kind: "trials"; readonly rows: TrialRows }
  | { readonly kind: "columns"; readonly columns: readonly ReadyColumn[] }
  | { readonly kind: "taken" };

/** A sweep that a worker has been opened for. */
export interface ServedSweep {
  readonly base: Plan;
  readonly ground: SweepGround;
  readonly runner: TrialRunner;
}

/** Opens a sweep: data come once, trials after trials. */
export function serveSweep(
  base: Plan,
  ground: SweepGround,
  models: readonly Model[],
): ServedSweep {
  return { base, ground, runner: trialRunner(ground, models) };
}

/** Carries an order out; what a trial throws is its own failure, told in the words of `wordsOf`. */
export function answerOrder(
  { base, ground, runner }: ServedSweep,
  order: SweepOrder,
  { models, pulse, wordsOf }: {
    readonly models: readonly Model[];
    readonly pulse: Pulse;
    readonly wordsOf: (error: unknown) => string;
  },
): SweepAnswer {
  if (order.kind === "take") {
    runner.take(order.columns, base);
    return { kind: "taken" };
  }
  const plans = order.patches.map((patch): Plan => ({ ...base, ...patch }));
  if (order.kind === "columns") {
    const { share, of } = order;
    const options = { data: ground.data, models, cache: runner.cache, share, of, pulse };
    return { kind: "columns", columns: sharedColumns(plans, options) };
  }
  const { gear, slices } = order;
  const width = (1 + slices.length) * TRIAL_FIGURES.length;
  const figures = new Float64Array(plans.length * width).fill(NaN);
  const failures: { place: number; message: string }[] = [];
  const returns = plans.map((plan, place) => {
    pulse.trial(place);
    try {
      const row = runner.run(plan, { pulse, gear, slices, keepsReturns: order.returns });
      figures.set(row.figures, place * width);
      return order.returns ? row.returns : null;
    } catch (error) {
      failures.push({ place, message: wordsOf(error) });
      return null;
    }
  });
  return { kind: "trials", rows: { figures, returns, failures } };
}

/** The memory of an answer that can be moved instead of copied. */
export function memoryOfAnswer(answer: SweepAnswer): ArrayBuffer[] {
  if (answer.kind !== "trials") return [];
  const { figures, returns } = answer.rows;
  return [figures, ...returns].flatMap((column) => column ? [column.buffer as ArrayBuffer] : []);
}
