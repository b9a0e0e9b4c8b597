import type { Plan } from "../plan.ts";
import { initialRiskState } from "../../risk/drawdown.ts";
import type { TradingState } from "./trading_state.ts";

/** Models of a plan as a state names them. */
export function modelNames({ models }: Plan): readonly string[] {
  return models.map(({ name, version }) => `${name}@${version}`);
}

/** Symbols of a plan. */
export function symbolsOf({ assets }: Plan): readonly string[] {
  return assets.map(({ symbol }) => symbol);
}

/** The state before the first decision of a plan, of an account that holds these units. */
export function firstState(
  plan: Plan,
  { nav, cash, units }: {
    readonly nav: number;
    readonly cash: number;
    readonly units: Float64Array;
  },
): TradingState {
  const [models, assets] = [plan.models.length, plan.assets.length];
  const zeros = () => new Float64Array(models * assets);
  const none = () => new Float64Array(models * assets).fill(NaN);
  return {
    models: modelNames(plan),
    assets: symbolsOf(plan),
    ledgers: { quantity: zeros(), cash: new Float64Array(models), entryTime: none() },
    unwanted: units.slice(),
    memory: {
      ...{ live: new Uint8Array(models * assets), raw: zeros(), kept: zeros() },
      ...{ stops: none(), limits: none(), reread: new Uint8Array(models) },
      ...{
        dueTime: new Float64Array(models).fill(NaN),
        dueNav: new Float64Array(models).fill(NaN),
      },
      dueCloses: none(),
      risk: initialRiskState(nav),
    },
    newest: {
      ...{ time: NaN, nav, cash, shares: zeros() },
      ...{ prices: new Float64Array(assets).fill(NaN), settled: new Uint8Array(assets) },
    },
  };
}

/**
 * The state as a plan with other models or assets takes it over: who is new begins with nothing, what a model leaves that
 * no longer runs is wanted by nobody and will be sold.
 */
export function seatState(state: TradingState, plan: Plan): TradingState {
  const [models, assets] = [modelNames(plan), symbolsOf(plan)];
  if (isSame(models, state.models) && isSame(assets, state.assets)) return state;
  const modelAt = models.map((name) => state.models.indexOf(name));
  const assetAt = assets.map((symbol) => state.assets.indexOf(symbol));
  const old = state.assets.length;
  const cells = (from: Float64Array, empty: number) =>
    Float64Array.from(
      models.flatMap((_, m) =>
        assets.map((_, a) =>
          modelAt[m]! < 0 || assetAt[a]! < 0 ? empty : from[modelAt[m]! * old + assetAt[a]!]!
        )
      ),
    );
  const rows = (from: Float64Array, empty: number) =>
    Float64Array.from(modelAt, (at) => at < 0 ? empty : from[at]!);
  const columns = (from: Float64Array, empty: number) =>
    Float64Array.from(assetAt, (at) => at < 0 ? empty : from[at]!);
  const { ledgers, memory, newest } = state;
  const left = state.models.flatMap((name, m) => models.includes(name) ? [] : [m]);
  const unwanted = assetAt.map((at) =>
    at < 0 ? 0 : left.reduce((sum, m) => sum + ledgers.quantity[m * old + at]!, state.unwanted[at]!)
  );
  return {
    models,
    assets,
    ledgers: {
      quantity: cells(ledgers.quantity, 0),
      cash: rows(ledgers.cash, 0),
      entryTime: cells(ledgers.entryTime, NaN),
    },
    unwanted: Float64Array.from(unwanted),
    memory: {
      live: Uint8Array.from(cells(Float64Array.from(memory.live), 0)),
      raw: cells(memory.raw, 0),
      kept: cells(memory.kept, 0),
      stops: cells(memory.stops, NaN),
      limits: cells(memory.limits, NaN),
      reread: Uint8Array.from(rows(Float64Array.from(memory.reread), 0)),
      dueTime: rows(memory.dueTime, NaN),
      dueNav: rows(memory.dueNav, NaN),
      dueCloses: cells(memory.dueCloses, NaN),
      risk: memory.risk,
    },
    newest: {
      ...newest,
      shares: cells(newest.shares, 0),
      prices: columns(newest.prices, NaN),
      settled: Uint8Array.from(columns(Float64Array.from(newest.settled), 0)),
    },
  };
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}
