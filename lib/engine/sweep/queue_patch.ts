import type { Plan } from "../plan.ts";
import type { PlanPatch } from "./serve_sweep.ts";

/** One value of a plan that a trial has otherwise, by the way to it: `["models", 0, "parameters", "fast_ma"]`. */
export interface Difference {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/** Trials of one job: each is pairs of a place among the paths and the value there, one after the other. */
export interface PackedTrials {
  readonly paths: readonly Difference["path"][];
  readonly rows: readonly (readonly unknown[])[];
}

/** What a patch makes otherwise in a plan, as far down as the two are alike in shape; values of the plan itself are left out. */
export function differencesOf(base: Plan, patch: PlanPatch): readonly Difference[] {
  const found: Difference[] = [];
  // order: as the patch is written, so that equal patches have equal differences
  for (const [name, value] of Object.entries(patch)) {
    collect(base[name as keyof Plan], value, [name], found);
  }
  return found;
}

function collect(
  before: unknown,
  after: unknown,
  path: readonly (string | number)[],
  found: Difference[],
): void {
  if (Object.is(before, after)) return;
  const keys = commonKeys(before, after);
  if (!keys) {
    found.push({ path, value: after });
    return;
  }
  for (const key of keys) {
    const [one, other] = [before, after] as Readonly<Record<string, unknown>>[];
    collect(one![key], other![key], [...path, Array.isArray(after) ? Number(key) : key], found);
  }
}

/** The keys of two objects, or two lists, that have the same ones in the same order. */
function commonKeys(before: unknown, after: unknown): readonly string[] | undefined {
  if (!isBranch(before) || !isBranch(after)) return undefined;
  if (Array.isArray(before) !== Array.isArray(after)) return undefined;
  const [one, other] = [Object.keys(before), Object.keys(after)]; // order: is what is compared
  return one.length === other.length && one.every((key, i) => key === other[i]) ? one : undefined;
}

function isBranch(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** The patch behind differences: parts that are as in the plan are the plan's own. */
export function patchOf(base: Plan, differences: readonly Difference[]): PlanPatch {
  const patch: Record<string, unknown> = {};
  for (const { path: [name, ...rest], value } of differences) {
    const before = name! in patch ? patch[name!] : base[name as keyof Plan];
    patch[name!] = withValue(before, rest, value);
  }
  return patch;
}

function withValue(before: unknown, path: Difference["path"], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (!isBranch(before) || !Object.hasOwn(before, key)) {
    throw new TypeError(`A trial sets "${key}", which its plan does not have`);
  }
  const after = withValue((before as Record<string, unknown>)[key], rest, value);
  if (Array.isArray(before)) return before.with(Number(key), after);
  return { ...before, [key]: after };
}

/** Trials packed for a job. */
export function packed(trials: readonly (readonly Difference[])[]): PackedTrials {
  const places = new Map<string, number>();
  const paths: Difference["path"][] = [];
  const rows = trials.map((differences) =>
    differences.flatMap(({ path, value }) => {
      const name = JSON.stringify(path);
      if (!places.has(name)) {
        places.set(name, paths.length);
        paths.push(path);
      }
      return [places.get(name)!, value];
    })
  );
  return { paths, rows };
}

/** Trials of a job. */
export function unpacked({ paths, rows }: PackedTrials): readonly (readonly Difference[])[] {
  return rows.map((row) =>
    Array.from({ length: row.length / 2 }, (_, i) => ({
      path: paths[row[2 * i] as number]!,
      value: row[2 * i + 1],
    }))
  );
}

/** JSON that keeps every number, also those that JSON does not know. */
export function exactText(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    const isOdd = typeof item === "number" && (!Number.isFinite(item) || Object.is(item, -0));
    return isOdd ? { "~number": Object.is(item, -0) ? "-0" : String(item) } : item;
  });
}

/** What `exactText` wrote. */
export function fromExactText(text: string): unknown {
  return JSON.parse(text, (_key, item: unknown) => {
    if (!isBranch(item) || !("~number" in item)) return item;
    return Number(item["~number"]);
  });
}
