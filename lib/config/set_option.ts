import type { z } from "zod";
import { Refusal } from "../core/errors.ts";
import {
  FORBIDDEN_KEYS,
  type Located,
  type LocatedMap,
  nested,
  type Origin,
  valueAt,
} from "./located.ts";
import { schemaAt, takesNames } from "./schema_walk.ts";
import { parseYaml } from "./yaml_document.ts";

/** What a `--set` is read against: the schema of a file, and what the files have said so far. */
export interface SetContext {
  readonly schema: z.ZodType;
  readonly merged: Located;
  readonly layer: number;
}

/**
 * `a.b.c=value` as a configuration that holds nothing else. The value is a YAML scalar, list or mapping
 * on one line. Throws Refusal with exit code 2 when the option is malformed; unknown keys are left to validation.
 */
export function parseSet(option: string, context: SetContext): LocatedMap {
  const equals = option.indexOf("=");
  if (equals < 1) usage(`found "--set ${option}", expected --set key.path=value`);
  const keys = option.slice(0, equals).trim();
  const source = `--set ${keys}`;
  const steps = keys.split(".");
  if (steps.some((step) => step.trim() === "")) {
    usage(`${source}: found an empty key, expected names joined by single dots`);
  }
  if (steps.some((step) => FORBIDDEN_KEYS.includes(step))) {
    throw new Refusal(`${source}: ${keys} is not a known key`);
  }
  const origin: Origin = { source, layer: context.layer };
  const value = relocate(parseValue(option.slice(equals + 1), origin), origin);
  return nested(joinSymbols(steps, context), value);
}

function parseValue(text: string, origin: Origin): Located {
  if (text.includes("\n")) usage(`${origin.source}: found several lines, expected a value on one`);
  try {
    // In brackets only what YAML allows on one line can stand: scalars, [lists] and {mappings}.
    const list = parseYaml(`[${text}\n]`, origin);
    if (text.trim() !== "" && list?.kind === "list" && list.items.length === 1) {
      return list.items[0]!;
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    usage(`${origin.source}: found the value ${JSON.stringify(text)}, expected a YAML value`);
  }
  return usage(
    `${origin.source}: found the value ${
      JSON.stringify(text)
    }, expected one YAML value (null switches off)`,
  );
}

/** A symbol may hold dots: `assets.BRK.B.venue` means the asset BRK.B when there is one. */
export function joinSymbols(
  steps: readonly string[],
  { schema, merged }: Pick<SetContext, "schema" | "merged">,
): string[] {
  const assets = valueAt(merged, ["assets"]);
  const symbols = assets?.kind === "map" ? [...assets.entries.keys()] : [];
  const path: string[] = [];
  for (let i = 0; i < steps.length;) {
    const here = schemaAt(schema, path);
    const length = here && takesNames(here) ? symbolLength(steps.slice(i), symbols) : 1;
    path.push(steps.slice(i, i + length).join("."));
    i += length;
  }
  return path;
}

function symbolLength(steps: readonly string[], symbols: readonly string[]): number {
  const lengths = steps.map((_, i) => steps.length - i);
  return lengths.find((length) => symbols.includes(steps.slice(0, length).join("."))) ?? 1;
}

/** The same value, written nowhere but on the command line. */
function relocate(located: Located, origin: Origin): Located {
  if (located.kind === "scalar") return { ...located, origin };
  if (located.kind === "list") {
    return { kind: "list", items: located.items.map((item) => relocate(item, origin)), origin };
  }
  const entries = [...located.entries].map(([key, value]) =>
    [key, relocate(value, origin)] as const
  );
  return { kind: "map", entries: new Map(entries), origin };
}

function usage(message: string): never {
  throw new Refusal(message, { exitCode: 2 });
}
