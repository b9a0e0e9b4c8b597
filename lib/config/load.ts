import { z } from "zod";
import { canonicalJson, sha256 } from "../core/hash.ts";
import { Refusal } from "../core/errors.ts";
import { crossChecks } from "./cross_checks.ts";
import { emptyMap, formatOrigin, type LocatedMap, nearestOrigin, nested } from "./located.ts";
import { mergeFile, REPLACEABLE } from "./merge.ts";
import { pickModels } from "./pick.ts";
import { exists, readConfigFile } from "./read_file.ts";
import { type Config, configSchema, type ModelSchema } from "./schema.ts";
import { partialOf } from "./schema_walk.ts";
import { parseSet } from "./set_option.ts";
import { refuseFirst, validate } from "./validate.ts";
import { parseYaml } from "./yaml_document.ts";

/** What a configuration is made of beside its files. Later ones win: base, files, sets, start and end, pick. */
export interface LoadOptions {
  /** Every model that may be named. */
  readonly models: readonly ModelSchema[];
  /** Every regime that budgets and limits may depend on, as `dimension_label`. */
  readonly regimeKeys: readonly string[];
  /** Files under all others; by default those of configs/base that exist. */
  readonly base?: readonly string[];
  /** `key.path=value`, as given to `--set`. */
  readonly sets?: readonly string[];
  /** First day, `YYYY-MM-DD`. */
  readonly start?: string;
  /** Last day, `YYYY-MM-DD`. */
  readonly end?: string;
  /** Names given to `--models`; none keeps all. */
  readonly pick?: readonly string[];
}

const BASE_FILES = ["system.yaml", "models.yaml", "regime_budgets.yaml"];

/** A file and what messages call it. */
export interface ConfigFile {
  readonly path: string | URL;
  readonly name: string;
}

/**
 * The configuration that base, files and options make together: merged left to right, complete, frozen.
 * Throws Refusal with one line that names the file and line, or the flag, at fault.
 */
export async function loadConfig(
  files: readonly string[],
  options: LoadOptions,
): Promise<Config> {
  const { schema, tree } = await loadTree(files, options, (read) => read);
  return configOf(tree, schema, options);
}

/** Everything that files and flags say, before it is one configuration. */
export interface LoadedTree {
  readonly schema: z.ZodObject;
  readonly tree: LocatedMap;
}

/** Files and flags laid over each other, each valid by itself once it is read as `settle` gives it. */
export async function loadTree(
  files: readonly string[],
  options: LoadOptions,
  settle: (tree: LocatedMap, schema: z.ZodObject) => LocatedMap,
): Promise<LoadedTree> {
  const schema = configSchema(options.models, options.regimeKeys);
  const base = options.base?.map(asGiven) ?? await baseFiles();
  const all = [...base, ...files.map(asGiven)];
  const reading = { schema, settle: (tree: LocatedMap) => settle(tree, schema) };
  let tree = emptyMap({ source: "configuration", layer: 0 });
  for (const [layer, file] of all.entries()) {
    tree = mergeFile(tree, await readTree(file, reading, layer));
  }
  return { schema, tree: applyFlags(tree, reading, options, all.length) };
}

/** The configuration that a merged tree is. Throws Refusal for what is wrong or missing in it. */
export function configOf(tree: LocatedMap, schema: z.ZodObject, options: LoadOptions): Config {
  const config = validate<unknown>(schema, tree) as Config;
  const problems = crossChecks(config, tree, options);
  if (problems.length > 0) refuseFirst(problems);
  return deepFreeze(structuredClone(config));
}

/** What a file is checked against, and how it is read for that. */
interface Reading {
  readonly schema: z.ZodObject;
  readonly settle: (tree: LocatedMap) => LocatedMap;
}

/** Hex SHA-256 of everything the configuration says, whatever the order of its keys. */
export function configFingerprint(config: Config): string {
  return sha256(canonicalJson(config));
}

function asGiven(path: string): ConfigFile {
  return { path, name: path };
}

/** The files of configs/base that there are, in the order in which they are merged. */
export async function baseFiles(): Promise<ConfigFile[]> {
  const found: ConfigFile[] = [];
  for (const file of BASE_FILES) {
    const path = new URL(`../../configs/base/${file}`, import.meta.url);
    if (await exists(path)) found.push({ path, name: `configs/base/${file}` });
  }
  return found;
}

async function readTree(
  { path, name }: ConfigFile,
  { schema, settle }: Reading,
  layer: number,
): Promise<LocatedMap> {
  const origin = { source: name, layer };
  const tree = parseYaml(await readConfigFile(path, name), origin) ?? emptyMap(origin);
  if (tree.kind !== "map") {
    const at = formatOrigin(tree.origin);
    throw new Refusal(`${at}: found no mapping at the top, expected sections such as system:`);
  }
  const { replace = [] } = validate(fileSchema(schema), settle(tree)) as {
    replace?: readonly string[];
  };
  const absent = replace.find((section) => !tree.entries.has(section));
  if (absent === undefined) return tree;
  const at = formatOrigin(nearestOrigin(tree, ["replace"]));
  throw new Refusal(
    `${at}: replace: found "${absent}", expected sections that this file has`,
  );
}

function fileSchema(schema: z.ZodObject): z.ZodType {
  const replace = z.array(z.enum(REPLACEABLE)).optional()
    .describe("Sections of this file that take the place of the earlier files' entries.");
  return (partialOf(schema) as z.ZodObject).extend({ replace });
}

function applyFlags(
  files: LocatedMap,
  { schema, settle }: Reading,
  { sets = [], pick = [], models, regimeKeys, ...dates }: LoadOptions,
  firstLayer: number,
): LocatedMap {
  const partial = partialOf(schema);
  let tree = files;
  let layer = firstLayer;
  const lay = (flag: LocatedMap) => {
    validate(partial, settle(flag));
    tree = mergeFile(tree, flag);
    layer++;
  };
  for (const option of sets) lay(parseSet(option, { schema: partial, merged: tree, layer }));
  for (const key of ["start", "end"] as const) {
    const value = dates[key];
    if (value === undefined) continue;
    lay(nested(["system", key], { kind: "scalar", value, origin: { source: `--${key}`, layer } }));
  }
  if (pick.length === 0) return tree;
  return pickModels(tree, pick, { models, regimeKeys, origin: { source: "--models", layer } });
}

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === "object") {
    for (const item of Object.values(value)) deepFreeze(item);
    Object.freeze(value);
  }
  return value;
}
