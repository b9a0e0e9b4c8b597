import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from "yaml";
import { Refusal } from "../core/errors.ts";
import { canonicalJson } from "../core/hash.ts";
import type { Stage } from "../core/lifecycle.ts";
import { baseFiles } from "./load.ts";
import { emptyMap, type Located, toPlain, valueAt } from "./located.ts";
import { readConfigFile } from "./read_file.ts";
import { parseYaml } from "./yaml_document.ts";

/** The file that says at which stage a model is, or that configures it where none says so. */
export interface StagePlace {
  readonly path: string | URL;
  /** As a person writes it. */
  readonly name: string;
  /** Line of the stage, or of the model where no stage is written; from 1. */
  readonly line: number;
  /** What the file says; undefined where it says nothing. */
  readonly written: string | undefined;
  readonly text: string;
}

/** Where a model's stage stands, among the base and these files as they are merged; undefined when none configures it. */
export async function findStage(
  files: readonly string[],
  model: string,
  { base }: { readonly base?: readonly string[] | undefined } = {},
): Promise<StagePlace | undefined> {
  const asGiven = (path: string) => ({ path, name: path });
  const all = [...base?.map(asGiven) ?? await baseFiles(), ...files.map(asGiven)];
  let configures: StagePlace | undefined;
  let says: StagePlace | undefined;
  for (const { path, name } of all) {
    const text = await readConfigFile(path, name);
    const tree = parseYaml(text, { source: name, layer: 0 }) ??
      emptyMap({ source: name, layer: 0 });
    if (replacesModels(tree)) configures = says = undefined;
    const entry = valueAt(tree, ["models", model]);
    if (entry === undefined) continue;
    const stage = valueAt(tree, ["models", model, "lifecycle_stage"]);
    const line = (stage ?? entry).origin.line ?? 1;
    const written = stage?.kind === "scalar" ? String(stage.value) : undefined;
    configures = { path, name, line, written, text };
    if (written !== undefined) says = configures;
  }
  return says ?? configures;
}

function replacesModels(tree: Located): boolean {
  const replace = valueAt(tree, ["replace"]);
  return replace?.kind === "list" &&
    replace.items.some((item) => item.kind === "scalar" && item.value === "models");
}

/**
 * The file's text with another stage of the model, every other character as it was. Refuses a file whose shape leaves no
 * safe place for it.
 */
export function withStage(
  { text, name }: Pick<StagePlace, "text" | "name">,
  model: string,
  stage: Stage,
): string {
  const edited = editedText(text, model, stage);
  if (edited !== undefined && saysOnly(edited, text, { model, stage })) return edited;
  throw new Refusal(
    `${name}: found models.${model} in a form that cannot be edited safely, ` +
      `expected lifecycle_stage: ${stage} written there by hand`,
  );
}

function editedText(text: string, model: string, stage: Stage): string | undefined {
  const document = parseDocument(text, { uniqueKeys: false });
  const entry = document.getIn(["models", model], true);
  if (!isMap(entry)) return undefined;
  const found = document.getIn(["models", model, "lifecycle_stage"], true);
  if (isScalar(found)) {
    const [start, end] = found.range!;
    return text.slice(0, start) + stage + text.slice(end);
  }
  return found === undefined ? withNewKey(text, entry, stage) : undefined;
}

/** A new first key, in the style of the others. */
function withNewKey(text: string, entry: YAMLMap, stage: Stage): string | undefined {
  const key = (entry.items[0] as Pair | undefined)?.key;
  const start = isScalar(key) ? key.range?.[0] : undefined;
  if (start === undefined) return undefined;
  if (entry.flow) return `${text.slice(0, start)}lifecycle_stage: ${stage}, ${text.slice(start)}`;
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const indent = text.slice(lineStart, start);
  if (indent.trim() !== "") return undefined;
  return `${text.slice(0, lineStart)}${indent}lifecycle_stage: ${stage}\n${text.slice(lineStart)}`;
}

/** Whether the edited text says what the old one says, but for this one stage. */
function saysOnly(
  edited: string,
  text: string,
  { model, stage }: { readonly model: string; readonly stage: Stage },
): boolean {
  const read = (source: string) => {
    const tree = parseYaml(source, { source: "", layer: 0 });
    return tree && toPlain(tree) as { models: Record<string, Record<string, unknown>> };
  };
  const [before, after] = [read(text), read(edited)];
  if (!before || !after) return false;
  before.models[model]!.lifecycle_stage = stage;
  return canonicalJson(before) === canonicalJson(after);
}
