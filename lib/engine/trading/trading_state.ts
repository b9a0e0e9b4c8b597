import type { Millis } from "../../core/bars.ts";
import type { RunState } from "../state.ts";

/**
 * What trading an account carries from one decision to the next, in units as the broker counts them. Matrices have a row
 * for each model and a column for each asset, in the order of the names.
 */
export interface TradingState {
  /** Models as `name@version`, and symbols. */
  readonly models: readonly string[];
  readonly assets: readonly string[];
  /** What every model holds: together, and with what nobody wants, it is the account. */
  readonly ledgers: RunState["ledgers"];
  /** Units that no model ever wanted: what was there at the beginning or came by hand. */
  readonly unwanted: Float64Array;
  /** Wishes and risk; prices and units of kept wishes are total-return ones, which no later event changes. */
  readonly memory: RunState["memory"];
  readonly newest: NewestDecision;
}

/** The decision that fills belong to until the next one is made. */
export interface NewestDecision {
  readonly time: Millis;
  readonly nav: number;
  readonly cash: number;
  /** Share of NAV that each model may hold of each asset, after risk. */
  readonly shares: Float64Array;
  /** Last raw prices known then; NaN before the first. */
  readonly prices: Float64Array;
  /** 1 where the account has traded the asset since. */
  readonly settled: Uint8Array;
  /** Where its data came from. */
  readonly feed?: string;
}

/** The state as one line of JSON; the same state gives the same text. */
export function stateText(state: TradingState): string {
  return JSON.stringify(state, (_, value) => {
    if (typeof value === "number" && !Number.isFinite(value)) return null; // only NaN stands in a state
    if (ArrayBuffer.isView(value)) return Array.from(value as unknown as Iterable<number>);
    return value;
  });
}

/** The state that a text stands for. */
export function parseState(text: string): TradingState {
  const { models, assets, ledgers, unwanted, memory, newest } = JSON.parse(text) as Plain;
  return {
    models,
    assets,
    ledgers: {
      quantity: numbers(ledgers.quantity),
      cash: numbers(ledgers.cash),
      entryTime: numbers(ledgers.entryTime),
    },
    unwanted: numbers(unwanted),
    memory: {
      live: Uint8Array.from(flags(memory.live)),
      raw: numbers(memory.raw),
      kept: numbers(memory.kept),
      stops: numbers(memory.stops),
      limits: numbers(memory.limits),
      reread: Uint8Array.from(flags(memory.reread)),
      dueTime: numbers(memory.dueTime),
      dueNav: numbers(memory.dueNav),
      dueCloses: numbers(memory.dueCloses),
      risk: { ...memory.risk, haltedAt: memory.risk.haltedAt ?? NaN },
    },
    newest: {
      ...newest,
      shares: numbers(newest.shares),
      prices: numbers(newest.prices),
      settled: Uint8Array.from(flags(newest.settled)),
    },
  };
}

type Column = readonly (number | null)[];

/** A state as JSON holds it: columns are lists in which null stands for NaN. */
type Plain = {
  readonly [Key in keyof TradingState]: TradingState[Key] extends Float64Array ? Column
    : Key extends "ledgers" | "memory" | "newest" ? {
        readonly [Inner in keyof TradingState[Key]]: TradingState[Key][Inner] extends
          Float64Array | Uint8Array ? Column : TradingState[Key][Inner];
      }
    : TradingState[Key];
};

function numbers(column: Column): Float64Array {
  return Float64Array.from(column, (value) => value ?? NaN);
}

function flags(column: Column): number[] {
  return column.map((value) => value ?? 0);
}
