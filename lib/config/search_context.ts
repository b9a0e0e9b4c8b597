import type { z } from "zod";
import { didYouMean, Refusal } from "../core/errors.ts";
import {
  formatOrigin,
  formatPath,
  type Located,
  type LocatedMap,
  nested,
  type Origin,
} from "./located.ts";
import type { Config } from "./schema.ts";
import { knownKeys, partialOf, schemaAt } from "./schema_walk.ts";
import { joinSymbols } from "./set_option.ts";
import { validate } from "./validate.ts";

/** What the parts of a search are read against. */
export interface SearchContext {
  readonly schema: z.ZodObject;
  /** What was written, with one value wherever one value belongs. */
  readonly tree: LocatedMap;
  readonly config: Config;
  /** Model whose parameters need no path, or null. */
  readonly target: string | null;
}

const SECTIONS = ["models", "regime_budgets", "risk", "regime_limits", "execution"] as const;
const OF_MODELS = ["parameters", "budget_fraction", "missing"] as const;

/** Keys of the parameter that an experiment calls `name`. Throws Refusal when a search cannot set it. */
export function parameterKeys(name: string, context: SearchContext, origin: Origin): string[] {
  const keys = fullKeys(name, context, origin);
  const { schema, tree } = context;
  const written: Located = { kind: "scalar", value: null, origin };
  // A key that does not exist is named by the same words as in a file.
  if (schemaAt(schema, keys) === undefined) validate(partialOf(schema), nested(keys, written));
  const [section, model, field] = keys;
  if (!SECTIONS.some((known) => known === section) || keys.length < 2) {
    refuseAt(
      origin,
      `${formatPath(keys)} cannot be searched, expected a key of ${SECTIONS.join(", ")}`,
    );
  }
  if (section !== "models") return keys;
  const models = tree.entries.get("models");
  const configured = models?.kind === "map" ? [...models.entries.keys()].sort() : [];
  if (!configured.includes(model!)) {
    const known = configured.join(", ");
    refuseAt(origin, `${formatPath(keys)}: ${model} is not configured, expected one of ${known}`);
  }
  if (!OF_MODELS.some((known) => known === field)) {
    refuseAt(
      origin,
      `${formatPath(keys)} cannot be searched, expected a model's ${OF_MODELS.join(", ")}`,
    );
  }
  return keys;
}

function fullKeys(name: string, { schema, tree, target }: SearchContext, origin: Origin): string[] {
  const steps = name.split(".");
  if (steps.some((step) => step.trim() === "")) {
    refuseAt(
      origin,
      `found the path ${JSON.stringify(name)}, expected names joined by single dots`,
    );
  }
  if (knownKeys(schema).includes(steps[0]!)) return joinSymbols(steps, { schema, merged: tree });
  if (target !== null) return ["models", target, "parameters", ...steps];
  const near = didYouMean(steps[0]!, knownKeys(schema));
  return refuseAt(
    origin,
    `found ${JSON.stringify(name)}, expected a path like models.NAME.parameters.${
      steps.at(-1)
    } or experiment.target_model${near}`,
  );
}

/** Throws Refusal with the place and the message. */
export function refuseAt(origin: Origin, message: string): never {
  throw new Refusal(`${formatOrigin(origin)}: ${message}`);
}
