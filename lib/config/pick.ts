import { didYouMean, Refusal } from "../core/errors.ts";
import { type RegimeBudgets, regimeBudgets, regimeCombinations } from "../core/regime_budgets.ts";
import { type Located, type LocatedMap, type Origin, toPlain, valueAt } from "./located.ts";
import type { ModelSchema } from "./schema.ts";

/** Shares of the budget smaller than this are rounding. */
const NOTHING = 1e-9;

/** What picking depends on: the models and regimes that exist, and where the names were given. */
export interface PickContext {
  readonly models: readonly ModelSchema[];
  readonly regimeKeys: readonly string[];
  readonly origin: Origin;
}

/**
 * Only the picked models. One that no file gives a budget joins with an equal share of what the others
 * leave unspent in every regime. Throws Refusal, with exit code 2 for a name that is no model.
 */
export function pickModels(
  tree: LocatedMap,
  pick: readonly string[],
  { models, regimeKeys, origin }: PickContext,
): LocatedMap {
  const names = [...new Set(pick)];
  const known = models.map((model) => model.name);
  for (const name of names) refuseUnknown(name, known, origin);
  const budgets = new Map(names.map((name) => [name, budgetOf(tree, name)]));
  const joining = names.filter((name) => budgets.get(name) === undefined);
  const spent = mostSpent(tree, budgets, regimeKeys);
  if (joining.length > 0 && 1 - spent < NOTHING) {
    throw new Refusal(
      `${origin.source}: found no budget left for ${
        joining.join(", ")
      }, expected a budget_fraction ` +
        `below 1 in all for the others, in every regime (set models.NAME.budget_fraction)`,
    );
  }
  const share: Located = { kind: "scalar", value: (1 - spent) / joining.length, origin };
  const entries = names.map((name) => {
    const entry = valueAt(tree, ["models", name]);
    return [name, joining.includes(name) ? withBudget(entry, share) : entry!] as const;
  });
  const picked: Located = { kind: "map", entries: new Map(entries), origin };
  return { ...tree, entries: new Map([...tree.entries, ["models", picked]]) };
}

function refuseUnknown(name: string, known: readonly string[], { source }: Origin) {
  if (known.includes(name)) return;
  const near = didYouMean(name, known) || `; expected one of ${known.join(", ")}`;
  throw new Refusal(`${source}: ${name} is not a known model${near}`, { exitCode: 2 });
}

function budgetOf(tree: Located, name: string): number | undefined {
  const written = valueAt(tree, ["models", name, "budget_fraction"]);
  // Of a list that a search goes through, the first is the configuration's own.
  const budget = written?.kind === "list" ? written.items[0] : written;
  return budget?.kind === "scalar" && typeof budget.value === "number" ? budget.value : undefined;
}

/** The largest sum of these budgets, in whatever regime it comes about. */
function mostSpent(
  tree: Located,
  budgets: ReadonlyMap<string, number | undefined>,
  regimeKeys: readonly string[],
): number {
  const models = [...budgets].flatMap(([name, budgetFraction]) =>
    budgetFraction === undefined ? [] : [{ name, budgetFraction }]
  );
  const written = valueAt(tree, ["regime_budgets"]);
  const table = { models, regimeBudgets: (written ? toPlain(written) : {}) as RegimeBudgets };
  const sums = [[], ...regimeCombinations(regimeKeys)]
    .map((keys) => regimeBudgets(table, keys).reduce((sum, budget) => sum + budget, 0));
  return Math.max(...sums);
}

function withBudget(entry: Located | undefined, budget: Located): Located {
  const written = entry?.kind === "map" ? entry.entries : new Map<string, Located>();
  return {
    kind: "map",
    entries: new Map([...written, ["budget_fraction", budget]]),
    origin: entry?.origin ?? budget.origin,
  };
}
