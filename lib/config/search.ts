import { didYouMean } from "../core/errors.ts";
import type { Dimension, SearchSpace } from "../core/search_space.ts";
import { type SearchSettings, searchSettings } from "./experiment_schema.ts";
import { configOf, type LoadOptions, loadTree } from "./load.ts";
import { nearestOrigin } from "./located.ts";
import type { Config } from "./schema.ts";
import { pathOf, type WrittenChoice, writtenChoices } from "./search_choices.ts";
import { withConditions } from "./search_conditions.ts";
import { writtenConstraints } from "./search_constraints.ts";
import { refuseAt, type SearchContext } from "./search_context.ts";
import { settleLists } from "./search_lists.ts";

/** What a search starts from, what it may try and how it goes about it. */
export interface LoadedSearch {
  /** The configuration's own values; of a list in place of a value, the first. */
  readonly config: Config;
  /** Dimensions in order of path. */
  readonly space: SearchSpace;
  readonly search: SearchSettings;
}

/**
 * The search that base, files and options make together: `loadConfig`, with lists in place of values and everything in
 * `experiment` read. Throws Refusal with one line that names the file and line, or the flag, at fault.
 */
export async function loadSearch(
  files: readonly string[],
  options: LoadOptions,
): Promise<LoadedSearch> {
  const { schema, tree: written } = await loadTree(
    files,
    options,
    (tree, schema) => settleLists(tree, schema).tree,
  );
  const { tree, lists } = settleLists(written, schema);
  const config = configOf(tree, schema, options);
  const search = searchSettings(config.experiment, config.system);
  const context: SearchContext = { schema, tree, config, target: search.target_model };
  refuseTarget(context);
  const choices = writtenChoices(lists, context);
  refuseMethod(choices, search, context);
  const dimensions = withConditions(dimensionsOf(choices), context);
  const constraints = writtenConstraints(dimensions, context);
  return { config, space: { dimensions, constraints }, search };
}

function refuseTarget({ config, tree, target }: SearchContext): void {
  if (target === null || Object.hasOwn(config.models, target)) return;
  const known = Object.keys(config.models).sort();
  const near = didYouMean(target, known) || `, one of ${known.join(", ")}`;
  const origin = nearestOrigin(tree, ["experiment", "target_model"]);
  refuseAt(
    origin,
    `experiment.target_model: found "${target}", expected a configured model${near}`,
  );
}

function refuseMethod(
  choices: readonly WrittenChoice[],
  { method, evolution }: SearchSettings,
  { config, tree }: SearchContext,
): void {
  const { parameter_grid, distributions } = config.experiment ?? {};
  const at = (key: string) => nearestOrigin(tree, ["experiment", key]);
  if (parameter_grid !== undefined && Object.keys(parameter_grid).length === 0) {
    refuseAt(
      at("parameter_grid"),
      "experiment.parameter_grid: found an empty grid, expected lists of values by key path",
    );
  }
  if (choices.length === 0) {
    refuseAt(
      at("method"),
      "experiment: found nothing to search over, expected parameter_grid, distributions or a list in place of a parameter's value",
    );
  }
  if (method === "grid" && distributions !== undefined) {
    refuseAt(
      at("distributions"),
      "experiment.distributions: found distributions for method grid, expected parameter_grid, or method random or evolutionary",
    );
  }
  const range = choices.find(({ choice }) => choice.kind === "range");
  if (method === "evolutionary" && evolution.start === "grid" && range !== undefined) {
    refuseAt(
      range.origin,
      `${pathOf(range)}: found a range, expected lists only, as experiment.evolution.start is grid`,
    );
  }
}

function dimensionsOf(choices: readonly WrittenChoice[]): Dimension[] {
  return choices.map((written) => ({
    path: pathOf(written),
    label: labelOf(written, choices),
    choice: written.choice,
  }));
}

function labelOf(written: WrittenChoice, all: readonly WrittenChoice[]): string {
  const { keys } = written;
  const ends = keys.map((_, i) => keys.slice(keys.length - 1 - i).join("."));
  const isShared = (end: string) =>
    all.some((other) => other !== written && `.${pathOf(other)}`.endsWith(`.${end}`));
  return ends.find((end) => !isShared(end)) ?? pathOf(written);
}
