import type { z } from "zod";
import { didYouMean, Refusal } from "../core/errors.ts";
import {
  formatOrigin,
  formatPath,
  type Located,
  nearestOrigin,
  type Origin,
  type Path,
  shorten,
  toPlain,
  valueAt,
} from "./located.ts";
import { expectation, knownKeys, schemaAt } from "./schema_walk.ts";
import { mayBeSearched } from "./search_lists.ts";

/** Something wrong, the place it was written, and the one line that says so. */
export interface Problem {
  readonly origin: Origin;
  readonly message: string;
}

/** The value as the schema reads it. Throws Refusal for the problem that was written first. */
export function validate<Output>(schema: z.ZodType<Output>, tree: Located): Output {
  const parsed = schema.safeParse(toPlain(tree));
  if (parsed.success) return parsed.data;
  return refuseFirst(parsed.error.issues.flatMap((issue) => problemsOf(issue, schema, tree)));
}

/** Throws Refusal for the problem written first: lowest layer, then lowest line. */
export function refuseFirst(problems: readonly Problem[]): never {
  const [first] = [...problems].sort((a, b) =>
    a.origin.layer - b.origin.layer || (a.origin.line ?? 0) - (b.origin.line ?? 0)
  );
  if (first === undefined) throw new TypeError("refuseFirst() needs a problem");
  throw new Refusal(`${formatOrigin(first.origin)}: ${first.message}`);
}

function problemsOf(issue: z.core.$ZodIssue, schema: z.ZodType, tree: Located): Problem[] {
  const path = issue.path as Path;
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(schemaAt(schema, path));
    return issue.keys.map((key) => ({
      origin: nearestOrigin(tree, [...path, key]),
      message: unknownKey(path, key, known),
    }));
  }
  return [{ origin: nearestOrigin(tree, path), message: messageOf(issue, schema, tree) }];
}

function unknownKey(path: Path, key: string, known: readonly string[]): string {
  const near = didYouMean(key, known);
  const all = known.length === 0 ? "expected none here" : `expected one of ${known.join(", ")}`;
  return `${formatPath([...path, key])} is not a known ${kindOfKey(path)}${near || `; ${all}`}`;
}

/** What the keys of the mapping at `path` stand for. */
function kindOfKey(path: Path): string {
  const [section, ...inside] = path;
  if (path.at(-1) === "class_caps") return "asset class";
  if (section === "models" && inside.length === 0) return "model";
  if (section === "regime_budgets" && inside.length === 1) return "model";
  const isByRegime = section === "regime_budgets" || section === "regime_limits";
  return isByRegime && inside.length === 0 ? "regime" : "key";
}

function messageOf(issue: z.core.$ZodIssue, schema: z.ZodType, tree: Located): string {
  const path = issue.path as Path;
  const place = path.length === 0 ? "" : `${formatPath(path)}: `;
  if (issue.code === "invalid_key") {
    const words = issue.issues[0]?.message ?? "expected another name";
    return `${place}found "${shorten(String(path.at(-1)))}" as a key, ${words}`;
  }
  const at = schemaAt(schema, path);
  const expected = (at && expectation(at)) ?? `another value (${issue.message})`;
  const value = valueAt(tree, path);
  if (value === undefined) return `${formatPath(path)} is missing, expected ${expected}`;
  if (issue.code === "custom") return `${place}found ${describe(value)}, ${issue.message}`;
  const hint = value.kind === "list" && mayBeSearched(path, schema)
    ? " (deno task optimize run searches over lists)"
    : "";
  return `${place}found ${describe(value)}, expected ${expected}${detailOf(issue)}${hint}`;
}

/** What the words of `expectation` leave out. */
function detailOf(issue: z.core.$ZodIssue): string {
  const isLength = issue.code === "too_small" || issue.code === "too_big";
  if (!isLength || issue.origin === "number" || issue.origin === "int") return "";
  return issue.code === "too_small"
    ? ` (at least ${issue.minimum})`
    : ` (at most ${issue.maximum})`;
}

/** A value in words, so that 20200101 and "20200101" can be told apart. */
function describe(located: Located): string {
  if (located.kind === "list") return located.items.length === 0 ? "an empty list" : "a list";
  if (located.kind === "map") return "a mapping";
  const { value } = located;
  if (value === null) return "null";
  if (typeof value === "string") return shorten(JSON.stringify(value));
  return typeof value === "number" ? `${value} (a number)` : String(value);
}
