import { formatPath, type Located, nearestOrigin, type Path, valueAt } from "./located.ts";
import type { Config, ModelSchema } from "./schema.ts";
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
  known: readonly ModelSchema[],
): Problem[] {
  const clashes = [
    ...dateClashes(config),
    ...drawdownClashes(config),
    ...budgetClashes(config),
    ...universeClashes(config),
    ...modelClashes(config, known),
  ];
  return clashes.map(({ paths, message }) => ({ message, origin: lastWritten(tree, paths) }));
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
  const sum = Object.values(models).reduce((total, model) => total + model.budget_fraction, 0);
  if (sum <= 1 + BUDGET_TOLERANCE) return [];
  const names = Object.keys(models);
  return [{
    paths: names.map((name) => ["models", name, "budget_fraction"]),
    message: `models: found budget_fraction summing to ${Number(sum.toFixed(9))} (${
      names.join(", ")
    }), expected at most 1`,
  }];
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
