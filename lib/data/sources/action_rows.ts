import type { CorporateAction, Millis } from "../../core/bars.ts";

/**
 * One action of each kind for each ex-date in [from, to), oldest first: what is paid twice on a day is one payment of
 * the sum, as the table of actions has it, and two splits are one of the product.
 */
export function actionsByDate(
  actions: readonly CorporateAction[],
  { from, to }: { readonly from: Millis; readonly to: Millis },
): readonly CorporateAction[] {
  const byName = new Map<string, CorporateAction>();
  for (const action of actions) {
    if (action.exDate < from || action.exDate >= to) continue;
    const name = `${action.exDate} ${action.kind}`;
    const before = byName.get(name);
    const value = !before
      ? action.value
      : action.kind === "dividend"
      ? before.value + action.value
      : before.value * action.value;
    byName.set(name, { ...action, value });
  }
  return [...byName.values()].sort((a, b) =>
    a.exDate - b.exDate || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0)
  );
}
