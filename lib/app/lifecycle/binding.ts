import { canonicalJson, sha256 } from "../../core/hash.ts";
import type { ModelBinding } from "../../core/lifecycle.ts";
import { regimeBudgets, regimeCombinations } from "../../core/regime_budgets.ts";
import type { Plan } from "../../engine/plan.ts";
import { REGIME_KEYS } from "../../regime/mod.ts";

/** Budgets may differ by rounding. */
const ROUNDING = 1e-9;

/** What a promotion of this model would bind, as the plan has it; `code` is its fingerprint. */
export function bindingOf(plan: Plan, name: string, code: string): ModelBinding {
  const { version, parameters, universe, missing } = plan.models.find((model) =>
    model.name === name
  )!;
  return {
    version,
    code,
    parameters: sha256(canonicalJson(parameters)),
    universe,
    timeframe: plan.timeframe,
    missing,
    budget: largestBudget(plan, name),
  };
}

/** Share of NAV that the model may use where the regimes are kindest to it. */
function largestBudget(plan: Plan, name: string): number {
  const models = plan.models.filter((model) => model.name === name);
  const table = { models, regimeBudgets: plan.regimeBudgets };
  return Math.max(
    ...regimeCombinations(REGIME_KEYS).map((keys) => regimeBudgets(table, keys)[0]!),
  );
}

/** One thing in which a model is no longer what was bound. */
export interface BindingChange {
  readonly what: string;
  readonly bound: string;
  readonly found: string;
}

/** How `found` differs from what was bound; a smaller budget does not. */
export function bindingChanges(bound: ModelBinding, found: ModelBinding): readonly BindingChange[] {
  const texts = (binding: ModelBinding) => ({
    version: binding.version,
    code: short(binding.code),
    parameters: short(binding.parameters),
    universe: binding.universe.join(", "),
    timeframe: binding.timeframe,
    "missing values": binding.missing,
  });
  const [before, now] = [texts(bound), texts(found)];
  // order: as written above
  const changes = Object.entries(before).map(([what, text]) => ({
    what,
    bound: text,
    found: now[what as keyof typeof now],
  })).filter((change) => change.bound !== change.found);
  if (found.budget <= bound.budget + ROUNDING) return changes;
  return [...changes, {
    what: "budget",
    bound: `at most ${shareText(bound.budget)}`,
    found: shareText(found.budget),
  }];
}

/** `code 1f2e… was promoted, found 9a8b…`. */
export function changeText({ what, bound, found }: BindingChange): string {
  return `${what} ${bound} was promoted, found ${found}`;
}

/** Changes in one line. */
export function changesText(changes: readonly BindingChange[]): string {
  return changes.map(changeText).join("; ");
}

/** Enough of a hash to tell two apart. */
export function short(hash: string): string {
  return hash.slice(0, 12);
}

/** A fraction of NAV as a person reads it. */
export function shareText(fraction: number): string {
  return `${Number((100 * fraction).toFixed(4))} % of NAV`;
}
