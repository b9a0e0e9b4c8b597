import { regimeBudgets, regimeCombinations } from "../core/regime_budgets.ts";
import { formatPath, type Located, nearestOrigin, type Path, valueAt } from "./located.ts";
import type { Config, ModelSchema, RegimeLimit } from "./schema.ts";
import type { Problem } from "./validate.ts";

/** A rule between several keys that does not hold; `paths` are the keys it is about. */
interface Clash {
  readonly paths: readonly Path[];
  readonly message: string;
}

/** Budgets may miss their sum by this much, as 0.1 + 0.2 does. */
const BUDGET_TOLERANCE = 1e-9;

/** What is wrong between keys that are each right, named at the key among them that was written last. */
export function crossChecks(
  config: Config,
  tree: Located,
  known: { readonly models: readonly ModelSchema[]; readonly regimeKeys: readonly string[] },
): Problem[] {
  const clashes = [
    ...dateClashes(config),
    ...drawdownClashes(config),
    ...budgetClashes(config),
    ...regimeBudgetClashes(config, known.regimeKeys),
    ...regimeLimitClashes(config, tree),
    ...universeClashes(config),
    ...modelClashes(config, known.models),
  ];
  return clashes.map(({ paths, message }) => ({ message, origin: lastWritten(tree, paths) }));
}

/**
 * The rules of budgets and drawdown limits that values at `paths` can break, as one function that tells the first broken
 * one; undefined when they can break none. Limits of regimes are not among them: whoever tightens `risk` need not know
 * the regimes.
 */
export function rulesAbout(
  paths: readonly string[],
  regimeKeys: readonly string[],
): ((config: Config) => string | undefined) | undefined {
  const about = (pattern: RegExp) => paths.some((path) => pattern.test(path));
  const rules: ((config: Config) => Clash[])[] = [];
  if (about(/^risk\.drawdown_/)) rules.push(drawdownClashes);
  if (about(/^models\..*\.budget_fraction$|^regime_budgets\./)) {
    rules.push(budgetClashes, (config) => regimeBudgetClashes(config, regimeKeys));
  }
  if (rules.length === 0) return undefined;
  return (config) => {
    for (const rule of rules) {
      const [clash] = rule(config);
      if (clash !== undefined) return clash.message;
    }
    return undefined;
  };
}

function dateClashes({ system }: Config): Clash[] {
  if (system.start <= system.end) return [];
  return [{
    paths: [["system", "start"], ["system", "end"]],
    message: `system.start: found ${system.start}, expected no later than system.end ${system.end}`,
  }];
}

function drawdownClashes({ risk }: Config): Clash[] {
  const pairs = [
    ["drawdown_recover", "drawdown_trigger"],
    ["drawdown_trigger", "drawdown_halt"],
  ] as const;
  return pairs.flatMap(([lower, higher]) => {
    const [low, high] = [risk[lower], risk[higher]];
    if (low === null || high === null || low < high) return [];
    return [{
      paths: [["risk", lower], ["risk", higher]],
      message: `risk.${lower}: found ${low}, expected below risk.${higher} ${high}`,
    }];
  });
}

function budgetClashes({ models }: Config): Clash[] {
  const sum = plainBudgetSum({ models });
  if (sum <= 1 + BUDGET_TOLERANCE) return [];
  const names = Object.keys(models);
  return [{
    paths: names.map((name) => ["models", name, "budget_fraction"]),
    message: `models: found budget_fraction summing to ${Number(sum.toFixed(9))} (${
      names.join(", ")
    }), expected at most 1`,
  }];
}

function plainBudgetSum({ models }: Pick<Config, "models">): number {
  return Object.values(models).reduce((total, model) => total + model.budget_fraction, 0);
}

/** The first combination of regimes in which the configured models may use more than everything. */
function regimeBudgetClashes(
  { models, regime_budgets }: Config,
  regimeKeys: readonly string[],
): Clash[] {
  // Where the plain budgets sum over 1 already, that is what has to be said.
  if (plainBudgetSum({ models }) > 1 + BUDGET_TOLERANCE) return [];
  const names = Object.keys(models);
  const table = {
    models: names.map((name) => ({ name, budgetFraction: models[name]!.budget_fraction })),
    regimeBudgets: regime_budgets,
  };
  for (const keys of regimeCombinations(regimeKeys)) {
    const budgets = regimeBudgets(table, keys);
    const sum = budgets.reduce((total, budget) => total + budget, 0);
    if (sum <= 1 + BUDGET_TOLERANCE) continue;
    const shares = names.map((name, i) => `${name} ${budgets[i]}`);
    return [{
      paths: names.flatMap((name) => [
        ["models", name, "budget_fraction"],
        ...keys.map((key) => ["regime_budgets", key, name]),
      ]),
      message: `regime_budgets: found budgets summing to ${Number(sum.toFixed(9))} under ${
        keys.join(", ")
      } (${shares.join(", ")}), expected at most 1`,
    }];
  }
  return [];
}

/** Limits of a regime that would loosen those of `risk`; null is no limit. */
function regimeLimitClashes({ risk, regime_limits }: Config, tree: Located): Clash[] {
  return Object.entries(regime_limits).flatMap(([key, limit]) =>
    capsOf(limit).flatMap(({ path, cap }) => {
      const inRisk = capsOf(risk).find((other) => formatPath(other.path) === formatPath(path))!.cap;
      if (inRisk === null || (cap !== null && cap <= inRisk)) return [];
      const [here, there] = [["regime_limits", key, ...path], ["risk", ...path]];
      // Whoever tightens `risk` in a later file or flag need not know the regimes: theirs is then the tighter limit.
      const isTightenedLater = valueAt(tree, there) !== undefined &&
        nearestOrigin(tree, there).layer > nearestOrigin(tree, here).layer;
      if (isTightenedLater) return [];
      return [{
        paths: [here, there],
        message: `${formatPath(here)}: found ${cap}, expected at most ${
          formatPath(there)
        } ${inRisk}`,
      }];
    })
  );
}

interface Cap {
  /** Keys below `risk`, or below a regime of `regime_limits`. */
  readonly path: readonly string[];
  /** Null is no limit. */
  readonly cap: number | null;
}

/** Every cap that is said, those of classes too. */
function capsOf({ class_caps = {}, ...caps }: RegimeLimit): Cap[] {
  const single = ["per_asset_cap", "max_leverage", "max_net_leverage", "per_trade_risk"] as const;
  return [
    ...single.map((name) => ({ path: [name], cap: caps[name] })),
    ...Object.entries(class_caps).map(([name, cap]) => ({ path: ["class_caps", name], cap })),
  ].flatMap(({ path, cap }) => cap === undefined ? [] : [{ path, cap }]);
}

function universeClashes({ models, assets }: Config): Clash[] {
  const symbols = Object.keys(assets);
  return Object.entries(models).flatMap(([name, model]) =>
    model.universe.flatMap((symbol, i) => {
      if (Object.hasOwn(assets, symbol)) return [];
      const path = ["models", name, "universe", i];
      const known = symbols.length === 0 ? "but assets is empty" : `of ${symbols.join(", ")}`;
      return [{
        paths: [path],
        message: `${formatPath(path)}: found "${symbol}", expected a symbol in assets, ${known}`,
      }];
    })
  );
}

/** What models themselves say of their settings. */
function modelClashes({ models }: Config, known: readonly ModelSchema[]): Clash[] {
  return Object.keys(models).flatMap((name) => {
    const { parameters, universe } = models[name]!;
    const complaint = known.find((model) => model.name === name)?.check?.(parameters, universe);
    if (complaint === undefined) return [];
    const path = ["models", name, "parameters"];
    const parameter = complaint.slice(0, complaint.indexOf(":"));
    return [{ paths: [[...path, parameter]], message: `${formatPath(path)}.${complaint}` }];
  });
}

function lastWritten(tree: Located, paths: readonly Path[]) {
  const written = paths.filter((path) => valueAt(tree, path) !== undefined);
  const origins = (written.length > 0 ? written : paths).map((path) => nearestOrigin(tree, path));
  return origins.reduce((last, origin) => {
    const later = origin.layer - last.layer || (origin.line ?? 0) - (last.line ?? 0);
    return later >= 0 ? origin : last;
  });
}
