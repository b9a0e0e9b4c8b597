import { safeParse } from "zod";
import { groupDigits } from "../core/digits.ts";
import { canonicalJson } from "../core/hash.ts";
import type { Choice, ParameterValue } from "../core/search_space.ts";
import { formatPath, type Located, nested, type Origin, toPlain, valueAt } from "./located.ts";
import type { Config } from "./schema.ts";
import { partialOf, schemaAt } from "./schema_walk.ts";
import { parameterKeys, refuseAt, type SearchContext } from "./search_context.ts";
import type { WrittenList } from "./search_lists.ts";
import { validate } from "./validate.ts";

/** One parameter that is searched, and where that was written. */
export interface WrittenChoice {
  readonly keys: readonly string[];
  readonly choice: Choice;
  readonly origin: Origin;
}

type Experiment = NonNullable<Config["experiment"]>;
type Grid = NonNullable<Experiment["parameter_grid"]>[string];
type Distribution = NonNullable<Experiment["distributions"]>[string];

/** More values of one parameter than anybody means. */
const MOST_VALUES = 1_000_000;

/** What lists, grid and distributions say together, in order of path. Throws Refusal for what cannot be tried. */
export function writtenChoices(
  lists: readonly WrittenList[],
  context: SearchContext,
): WrittenChoice[] {
  const { parameter_grid = {}, distributions = {} } = context.config.experiment ?? {};
  // order: of names, as every mapping of a configuration
  const choices = [
    ...lists.map(({ keys, items }) =>
      listChoice(keys, { items, origin: items[0]!.origin, context })
    ),
    ...Object.entries(parameter_grid).map(([name, grid]) => gridChoice(name, grid, context)),
    ...Object.entries(distributions).map(([name, given]) => drawnChoice(name, given, context)),
  ];
  choices.sort((a, b) => pathOf(a) < pathOf(b) ? -1 : pathOf(a) > pathOf(b) ? 1 : 0);
  const twice = choices.find((choice, i) => i > 0 && pathOf(choices[i - 1]!) === pathOf(choice));
  if (twice === undefined) return choices;
  const path = pathOf(twice);
  return refuseAt(twice.origin, `${path} is searched twice, expected one list or distribution`);
}

/** Key path of a parameter, as `--set` takes it. */
export function pathOf({ keys }: Pick<WrittenChoice, "keys">): string {
  return keys.join(".");
}

interface ListContext {
  readonly items: readonly Located[];
  readonly origin: Origin;
  readonly context: SearchContext;
}

function listChoice(keys: readonly string[], { items, origin, context }: ListContext) {
  if (items.length === 0) {
    refuseAt(origin, `${formatPath(keys)}: found an empty list, expected at least one value`);
  }
  for (const item of items) checkValue(keys, item, context);
  const values = items.map((item) => structuredClone(toPlain(item)) as ParameterValue);
  const texts = values.map(canonicalJson);
  const seen = new Set<string>();
  const again = texts.findIndex((text) => seen.size === seen.add(text).size);
  if (again >= 0) {
    refuseAt(
      items[again]!.origin,
      `${formatPath(keys)}: found ${texts[again]} twice, expected every value once`,
    );
  }
  return { keys, origin, choice: { kind: "list", values } as const };
}

function gridChoice(name: string, grid: Grid, context: SearchContext): WrittenChoice {
  const written = valueAt(context.tree, ["experiment", "parameter_grid", name])!;
  const { origin } = written;
  const keys = parameterKeys(name, context, origin);
  if (written.kind === "list") return listChoice(keys, { items: written.items, origin, context });
  const values = stepped(
    grid as Steps,
    (message) => refuseAt(origin, `${formatPath(keys)}: ${message}`),
  );
  const items = values.map((value) => ({ kind: "scalar", value, origin } as const));
  return listChoice(keys, { items, origin, context });
}

interface Steps {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/** From, from + step … up to `to`, each with no more decimal places than `from` and `step` have. */
function stepped({ from, to, step }: Steps, refuse: (message: string) => never): number[] {
  if (from > to) refuse(`found from ${from} to ${to}, expected the lower number first`);
  // A part of a step that rounding takes away must not lose the last value.
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  if (count > MOST_VALUES) {
    refuse(`found ${groupDigits(count)} values, expected at most 1,000,000`);
  }
  const places = Math.max(decimalPlaces(from), decimalPlaces(step));
  return Array.from({ length: count }, (_, i) => Number((from + i * step).toFixed(places)));
}

function decimalPlaces(value: number): number {
  const [digits, exponent = "0"] = String(value).split("e");
  const places = (digits!.split(".")[1] ?? "").length - Number(exponent);
  return Math.min(Math.max(places, 0), 100);
}

function drawnChoice(name: string, given: Distribution, context: SearchContext): WrittenChoice {
  const at = ["experiment", "distributions", name];
  const { origin } = valueAt(context.tree, at)!;
  const keys = parameterKeys(name, context, origin);
  const list = valueAt(context.tree, [...at, "choice"]);
  if (list?.kind === "list") return listChoice(keys, { items: list.items, origin, context });
  const kind = RANGES.find((range) => given[range] !== undefined)!;
  const [low, high] = given[kind]!;
  const [whole, log] = [kind.endsWith("integer"), kind.startsWith("log")];
  const found = `${formatPath(keys)}: found ${kind}: [${low}, ${high}], expected`;
  if (low >= high) refuseAt(origin, `${found} the lower number first`);
  if (log && low <= 0) refuseAt(origin, `${found} numbers above 0`);
  if (whole && !(Number.isInteger(low) && Number.isInteger(high))) {
    refuseAt(origin, `${found} whole numbers`);
  }
  for (const value of [low, high]) checkValue(keys, { kind: "scalar", value, origin }, context);
  const between = low + (high - low) / Math.SQRT2;
  if (!whole && !accepts(keys, between, context)) {
    refuseAt(origin, `${found} ${log ? "log_integer" : "integer"}, as it takes whole numbers only`);
  }
  return { keys, origin, choice: { kind: "range", low, high, whole, log } };
}

const RANGES = ["uniform", "log_uniform", "integer", "log_integer"] as const;

function checkValue(keys: readonly string[], value: Located, context: SearchContext): void {
  if (accepts(keys, toPlain(value), context)) return;
  validate(partialOf(context.schema), nested(keys, value));
}

function accepts(keys: readonly string[], value: unknown, { schema }: SearchContext): boolean {
  const at = schemaAt(schema, keys);
  return at === undefined || safeParse(at, value).success;
}
