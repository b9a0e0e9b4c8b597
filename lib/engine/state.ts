import { lowerBound, type Millis } from "../core/bars.ts";
import type { SimulatedAccount } from "../execution/simulated_market.ts";
import type { Ledgers } from "../portfolio/ledger.ts";
import type { RiskState } from "../risk/drawdown.ts";
import { countAll, type DecisionMemory } from "./memory.ts";
import type { Market } from "./market.ts";
import type { WrittenState } from "./record.ts";

/**
 * All that a run carries from one decision to the next, as plain values without a place on any clock: a run of the same
 * plan that begins here goes on as if it had never stopped.
 */
export interface RunState {
  /** The decision that comes next, and the one before it. */
  readonly time: Millis;
  readonly previousTime: Millis;
  /** NAV and cash as marked at the decision before. */
  readonly previousNav: number;
  readonly previousCash: number;
  readonly account: { readonly cash: number; readonly quantity: Float64Array };
  readonly ledgers: {
    readonly quantity: Float64Array;
    readonly cash: Float64Array;
    /** Open time of the bar in which each model entered each asset; NaN while flat. */
    readonly entryTime: Float64Array;
  };
  readonly memory: {
    readonly live: Uint8Array;
    readonly raw: Float64Array;
    readonly kept: Float64Array;
    readonly stops: Float64Array;
    readonly limits: Float64Array;
    readonly reread: Uint8Array;
    /** When each model with a schedule was last due (NaN: never), and NAV and closes of that moment. */
    readonly dueTime: Float64Array;
    readonly dueNav: Float64Array;
    readonly dueCloses: Float64Array;
    readonly risk: RiskState;
  };
  readonly written: WrittenState;
  /** Whether stops or limits were in force, and how many fills there have been. */
  readonly hadLegs: boolean;
  readonly fills: number;
}

/** What decisions alone carry on: the state without what was written down along the way. */
export type CarriedState = Omit<RunState, "written" | "hadLegs" | "fills">;

/** The parts of a run that its state is taken from and given back to. */
export interface StatefulParts {
  readonly market: Market;
  readonly account: Pick<SimulatedAccount, "cash" | "quantity">;
  readonly ledgers: Ledgers;
  readonly memory: DecisionMemory;
}

/** NAV and closes at the decisions that kept wishes go back to. */
export interface Then {
  nav(model: number, index: number): number;
  close(model: number, asset: number, index: number): number;
  /** When a model was last due before the run's own clock began; NaN where never. */
  time(model: number): Millis;
}

/** Marks of a run's own clock, and before it what `earlier` knows. */
export function historyOf(
  nav: Float64Array,
  closes: readonly Float64Array[],
  earlier?: Then,
): Then {
  if (!earlier) {
    return {
      nav: (_, index) => nav[index]!,
      close: (_, asset, index) => closes[asset]![index]!,
      time: () => NaN,
    };
  }
  return {
    nav: (model, index) => index >= 0 ? nav[index]! : earlier.nav(model, index),
    close: (model, asset, index) =>
      index >= 0 ? closes[asset]![index]! : earlier.close(model, asset, index),
    time: earlier.time,
  };
}

/** The state before decision `t`, copied. */
export function captureState(
  t: number,
  parts: StatefulParts,
  run:
    & { then: Then; nav: Float64Array; cash: Float64Array; written: WrittenState }
    & Pick<
      RunState,
      "hadLegs" | "fills"
    >,
): RunState {
  const { written, hadLegs, fills } = run;
  return { ...carriedState(t, parts, run), written, hadLegs, fills };
}

/** What the decision at `t`, the one that comes next, takes over, copied. */
export function carriedState(
  t: number,
  { market, account, ledgers, memory }: StatefulParts,
  run: { then: Then; nav: Float64Array; cash: Float64Array },
): CarriedState {
  const { models, assets } = memory.raw;
  const dueTime = new Float64Array(models);
  const dueNav = new Float64Array(models).fill(NaN);
  const dueCloses = new Float64Array(models * assets).fill(NaN);
  for (let model = 0; model < models; model++) {
    const index = memory.lastDue[model]!;
    dueTime[model] = index >= 0 ? market.markTimes[index]! : run.then.time(model);
    if (Number.isNaN(dueTime[model])) continue;
    dueNav[model] = run.then.nav(model, index);
    for (let asset = 0; asset < assets; asset++) {
      dueCloses[model * assets + asset] = run.then.close(model, asset, index);
    }
  }
  return {
    time: market.markTimes[t]!,
    previousTime: market.markTimes[t - 1]!,
    previousNav: run.nav[t - 1]!,
    previousCash: run.cash[t - 1]!,
    account: { cash: account.cash, quantity: account.quantity.slice() },
    ledgers: {
      quantity: ledgers.quantity.values.slice(),
      cash: ledgers.cash.slice(),
      entryTime: Float64Array.from(
        ledgers.entryRow,
        (row, at) => row < 0 ? NaN : market.assets[at % assets]!.bars.openTime[row]!,
      ),
    },
    memory: {
      live: memory.live.slice(),
      raw: memory.raw.values.slice(),
      kept: memory.kept.values.slice(),
      stops: memory.stops.values.slice(),
      limits: memory.limits.values.slice(),
      reread: memory.reread.slice(),
      dueTime,
      dueNav,
      dueCloses,
      risk: memory.risk,
    },
  };
}

/** Gives a state to a run whose clock begins at the decision before it, place 0. */
export function restoreState(
  state: CarriedState,
  { market, account, ledgers, memory }: StatefulParts,
): Then {
  if (market.markTimes[0] !== state.previousTime || market.markTimes[1] !== state.time) {
    throw new RangeError("A run goes on from a state on the clock that led to it");
  }
  const { assets } = memory.raw;
  account.cash = state.account.cash;
  account.quantity.set(state.account.quantity);
  ledgers.quantity.values.set(state.ledgers.quantity);
  ledgers.cash.set(state.ledgers.cash);
  state.ledgers.entryTime.forEach((time, at) => {
    const { openTime } = market.assets[at % assets]!.bars;
    ledgers.entryRow[at] = Number.isNaN(time) ? -1 : lowerBound(openTime, time);
  });
  const { dueTime, dueNav, dueCloses, risk } = state.memory;
  memory.live.set(state.memory.live);
  memory.raw.values.set(state.memory.raw);
  memory.kept.values.set(state.memory.kept);
  memory.stops.values.set(state.memory.stops);
  memory.limits.values.set(state.memory.limits);
  memory.reread.set(state.memory.reread);
  memory.risk = risk;
  // Place 0 is the decision before; whatever lies further back is known by its values only.
  dueTime.forEach((time, model) => memory.lastDue[model] = time === state.previousTime ? 0 : -1);
  countAll(memory);
  return {
    nav: (model) => dueNav[model]!,
    close: (model, asset) => dueCloses[model * assets + asset]!,
    time: (model) => dueTime[model]!,
  };
}
