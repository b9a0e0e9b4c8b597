/** Shares of NAV, 0 to 1, by regime key and model. */
export type RegimeBudgets = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** What the models may use, and how regimes change it (FR-053). */
export interface BudgetTable {
  readonly models: readonly { readonly name: string; readonly budgetFraction: number }[];
  readonly regimeBudgets: RegimeBudgets;
}

/**
 * Budgets in the order of the models while these regime keys are in force, one of each dimension: the equity entry
 * replaces what it names and may raise it, the others may only lower. What none of them names stays.
 */
export function regimeBudgets(
  { models, regimeBudgets: entries }: BudgetTable,
  keys: readonly string[],
): Float64Array {
  const replacing = keys.filter((key) => dimensionOf(key) === "equity");
  const lowering = keys.filter((key) => dimensionOf(key) !== "equity");
  return Float64Array.from(models, ({ name, budgetFraction }) => {
    const start = replacing.reduce((budget, key) => entries[key]?.[name] ?? budget, budgetFraction);
    return lowering.reduce(
      (budget, key) => Math.min(budget, entries[key]?.[name] ?? Infinity),
      start,
    );
  });
}

/**
 * Every choice of one key for each dimension, the last dimension turning fastest: 54 for the eleven keys of the four
 * regimes. A key is `dimension_label`.
 */
export function regimeCombinations(keys: readonly string[]): readonly (readonly string[])[] {
  const dimensions = [...new Set(keys.map(dimensionOf))];
  return dimensions.reduce<readonly (readonly string[])[]>(
    (combinations, dimension) =>
      combinations.flatMap((chosen) =>
        keys.filter((key) => dimensionOf(key) === dimension).map((key) => [...chosen, key])
      ),
    [[]],
  );
}

function dimensionOf(key: string): string {
  return key.slice(0, key.indexOf("_"));
}
