import type { Millis } from "../../core/bars.ts";
import { parseState, type TradingState } from "../../engine/trading/mod.ts";
import type { LinkedEvent } from "../../execution/account/mod.ts";
import { drawdownCurve } from "../../stats/drawdown.ts";

/** What the models' own ledgers came to at one decision, by `name@version`. */
export interface LedgerMark {
  /** The close decided for, and when that was written down. */
  readonly close: Millis;
  readonly at: Millis;
  readonly nav: number;
  /** Money gained since the model began. */
  readonly pnl: ReadonlyMap<string, number>;
  /** Symbols that it holds. */
  readonly holds: ReadonlyMap<string, readonly string[]>;
  readonly isRehearsal: boolean;
}

/** The ledgers as a decision found them, valued at the prices that it knew. */
export function ledgerMark(
  { models, assets, ledgers, newest }: TradingState,
  at: Millis,
): LedgerMark {
  const units = (model: number, asset: number) => ledgers.quantity[model * assets.length + asset]!;
  const worth = (model: number) =>
    newest.prices.reduce((sum, price, asset) => {
      const held = units(model, asset);
      return held === 0 ? sum : sum + held * price;
    }, ledgers.cash[model]!);
  return {
    ...{ close: newest.time, at, nav: newest.nav, isRehearsal: newest.isRehearsal ?? false },
    pnl: new Map(models.map((name, model) => [name, worth(model)])),
    holds: new Map(models.map((name, model) => [
      name,
      assets.filter((_, asset) => units(model, asset) !== 0),
    ])),
  };
}

/** One mark for each decision that was made, as it was made: what is settled later shows in the next one. */
export function ledgerMarks(events: readonly LinkedEvent[]): readonly LedgerMark[] {
  const marks: LedgerMark[] = [];
  for (const { event, time } of events) {
    if (event.kind !== "memory" || event.barCloseTime === marks.at(-1)?.close) continue;
    marks.push(ledgerMark(parseState(event.text), time));
  }
  return marks;
}

/** A model's own value at each decision since it last began. */
export interface LedgerCurve {
  readonly marks: readonly LedgerMark[];
  /** 1 at the first mark. */
  readonly value: Float64Array;
}

/** How a model did that is lent `budget` of NAV at each decision, as a backtest values it. */
export function ledgerCurve(
  all: readonly LedgerMark[],
  model: string,
  budget: number,
): LedgerCurve {
  const gap = all.findLastIndex(({ pnl }) => !pnl.has(model));
  const marks = all.slice(gap + 1);
  const value = new Float64Array(marks.length).fill(1);
  for (let i = 1; i < marks.length; i++) {
    const [before, now] = [marks[i - 1]!, marks[i]!];
    const gained = now.pnl.get(model)! - before.pnl.get(model)!;
    value[i] = value[i - 1]! * (1 + (gained === 0 ? 0 : gained / (budget * before.nav)));
  }
  return { marks, value };
}

/** How far a model's value is below its peak now: a fraction, NaN where it cannot be valued; 0 before it began. */
export function drawdownNow(curve: LedgerCurve): number {
  return drawdowns(curve).at(-1) ?? 0;
}

/** The same at its worst. */
export function deepestDrawdown(curve: LedgerCurve): number {
  return drawdowns(curve).reduce((deepest, one) => Math.max(deepest, one), 0);
}

function drawdowns({ value }: LedgerCurve): Float64Array {
  if (value.some((one) => Number.isNaN(one))) return value.map(() => NaN);
  return drawdownCurve(value).map(Math.abs);
}
