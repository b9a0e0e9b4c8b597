import type { Millis } from "../core/bars.ts";
import { type Exact, exact, ONE, ZERO } from "./exact.ts";
import { isSeen } from "./market.ts";
import type { Case, Mistake, ScriptedModel, Settings } from "./settings.ts";
import type { Witness } from "./witness.ts";

/** What a model last wanted of one asset, before risk. */
export interface Kept {
  /** Units per whole budget, so that a budget that comes back from zero brings them back. */
  readonly quantity: Exact;
  /** The wish they were made from, and the budget it was made under. */
  readonly weight: Exact;
  readonly budget: Exact;
  /** Price at which the model's own quantity is given up. */
  readonly stop?: Exact;
}

export const NOTHING_KEPT: Kept = { quantity: ZERO, weight: ZERO, budget: ZERO };

/** Budgets of the models: the equity entry replaces, the others may only lower. */
export function budgetsInForce(
  models: readonly ScriptedModel[],
  entries: Settings["regimeBudgets"],
  regimeKeys: readonly string[],
): Exact[] {
  return models.map(({ name, budget }) => {
    const named = (key: string) => entries[key]?.[name];
    const equity = regimeKeys.filter((key) => key.startsWith("equity_")).map(named);
    const others = regimeKeys.filter((key) => !key.startsWith("equity_")).map(named);
    const start = equity.find((value) => value !== undefined) ?? budget;
    return exact(Math.min(start, ...others.filter((value) => value !== undefined)));
  });
}

/** What each model wants of each asset from now on: wishes where it is due and sees the asset, else what it kept. */
export function wantedQuantities(
  { listings, models, settings }: Case,
  kept: readonly (readonly Kept[])[],
  now: {
    time: Millis;
    nav: Exact;
    closes: readonly (Exact | undefined)[];
    budgets: readonly Exact[];
  },
  { witness, mistakes }: { witness: Witness; mistakes: ReadonlySet<Mistake> },
): Kept[][] {
  return models.map((model, m) => {
    const wishes = model.wishes.get(now.time);
    const budget = now.budgets[m]!;
    return listings.map((listing, a) => {
      const close = now.closes[a];
      const last = kept[m]![a]!;
      if (close === undefined) return last;
      const { symbol } = listing.asset;
      if (!wishes || !model.universe.includes(symbol)) {
        if (!wishes && !last.quantity.isZero()) witness.saw("kept");
        return last;
      }
      if (!isSeen(listing, now.time, settings.maxGapBars)) {
        if (!last.quantity.isZero()) witness.saw("kept_unseen");
        return mistakes.has("unseen_means_zero") ? NOTHING_KEPT : last;
      }
      const weight = exact(wishes[symbol] ?? 0);
      const stop = model.stops.get(now.time)?.[symbol];
      return {
        quantity: weight.times(now.nav).div(close),
        weight,
        budget,
        ...(stop === undefined || weight.isZero() ? {} : { stop: close.times(stop) }),
      };
    });
  });
}

/** A contribution cut to what it may lose at its stop, as a share of NAV. */
export function withinTradeRisk(
  weight: Exact,
  { stop }: Kept,
  close: Exact,
  cap: number | null,
  { witness, mistakes }: { witness: Witness; mistakes: ReadonlySet<Mistake> },
): Exact {
  if (cap === null || stop === undefined || weight.isZero()) return weight;
  const risk = weight.times(ONE.minus(stop.div(close))).abs();
  if (risk.lte(cap)) return weight;
  witness.saw("trade_risk");
  return mistakes.has("no_trade_risk") ? weight : weight.times(cap).div(risk);
}

/** What is kept as a share of NAV, under the budget now in force. */
export function contribution(
  kept: Kept,
  now: { budget: Exact; close: Exact; nav: Exact },
  { witness, mistakes }: { witness: Witness; mistakes: ReadonlySet<Mistake> },
): Exact {
  if (kept.quantity.isZero()) return ZERO;
  const changed = !kept.budget.eq(now.budget);
  if (changed) witness.saw("budget_changed");
  const budget = mistakes.has("budget_change_not_scaled") ? kept.budget : now.budget;
  if (mistakes.has("kept_weights")) return kept.weight.times(budget);
  return kept.quantity.times(budget).times(now.close).div(now.nav);
}
