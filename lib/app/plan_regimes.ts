import type { Config } from "../config/mod.ts";
import type { ExposureCaps, Plan } from "../engine/plan.ts";

/**
 * Budgets by regime and configured model. What can make no difference in any regime is left out, so that equal
 * meanings make equal plans.
 */
export function plannedBudgets({ models, regime_budgets }: Config): Plan["regimeBudgets"] {
  const equityBudgets = Object.keys(regime_budgets).filter(isEquity)
    .map((key) => regime_budgets[key]!);
  return chosen(regime_budgets, (budgets, key) =>
    unlessEmpty(chosen(budgets, (budget, name) => {
      const plain = models[name]?.budget_fraction;
      if (plain === undefined) return undefined;
      if (isEquity(key)) return budget === plain ? undefined : budget;
      const most = Math.max(plain, ...equityBudgets.map((others) => others[name] ?? 0));
      return budget < most ? budget : undefined;
    })));
}

/** Caps by regime, only those that are tighter than the portfolio's own. */
export function plannedLimits({ risk, regime_limits }: Config): Plan["regimeLimits"] {
  const ownClassCaps: Caps = risk.class_caps;
  return chosen(regime_limits, ({ class_caps = {}, ...limit }) => {
    const classCaps = chosen<Cap, number>(
      class_caps,
      (cap, name) => tighter(cap, ownClassCaps[name]),
    );
    const caps = {
      perAssetCap: tighter(limit.per_asset_cap, risk.per_asset_cap),
      classCaps: unlessEmpty(classCaps),
      maxLeverage: tighter(limit.max_leverage, risk.max_leverage),
      maxNetLeverage: tighter(limit.max_net_leverage, risk.max_net_leverage),
      perTradeRisk: tighter(limit.per_trade_risk, risk.per_trade_risk),
    };
    return unlessEmpty(chosen<unknown, unknown>(caps, (cap) => cap) as Partial<ExposureCaps>);
  });
}

/** Null and undefined are no cap. */
type Cap = number | null | undefined;
type Caps = Readonly<Record<string, Cap>>;

function tighter(cap: Cap, own: Cap): number | undefined {
  return cap !== null && cap !== undefined && cap < (own ?? Infinity) ? cap : undefined;
}

function isEquity(key: string): boolean {
  return key.startsWith("equity_");
}

/** What `choose` makes of each value, names in order, without those it makes undefined. */
function chosen<Given, Made>(
  record: Readonly<Record<string, Given>>,
  choose: (value: Given, name: string) => Made | undefined,
): Readonly<Record<string, Made>> {
  return Object.fromEntries(
    Object.keys(record).sort().flatMap((name) => {
      const made = choose(record[name]!, name);
      return made === undefined ? [] : [[name, made]];
    }),
  );
}

function unlessEmpty<Item extends object>(record: Item): Item | undefined {
  return Object.keys(record).length === 0 ? undefined : record;
}
