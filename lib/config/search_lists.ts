import type { z } from "zod";
import { Refusal } from "../core/errors.ts";
import { formatOrigin, formatPath, type Located, type LocatedMap, type Path } from "./located.ts";
import { schemaAt, takesLists } from "./schema_walk.ts";

/** A list that stands where a single value is expected: a search goes through it. */
export interface WrittenList {
  readonly keys: readonly string[];
  readonly items: readonly Located[];
}

/** A tree without such lists, the first value of each in its place, and the lists. */
export interface Settled {
  readonly tree: LocatedMap;
  readonly lists: readonly WrittenList[];
}

/** Whether a list at `path` asks for a search: in a model's parameters, its budget, or a limit. */
export function mayBeSearched(path: Path, schema: z.core.$ZodType): boolean {
  const [section, , key] = path;
  const isPlace = section === "risk" ||
    (section === "models" && (key === "parameters" ? path.length > 3 : key === "budget_fraction"));
  if (!isPlace) return false;
  const at = schemaAt(schema, path);
  return at !== undefined && !takesLists(at);
}

/** Takes lists out of places that hold one value. Throws Refusal for one without any value. */
export function settleLists(tree: LocatedMap, schema: z.ZodObject): Settled {
  const lists: WrittenList[] = [];
  const settle = (located: Located, keys: readonly string[]): Located => {
    if (located.kind === "map") {
      const entries = [...located.entries].map(([key, value]) =>
        [key, settle(value, [...keys, key])] as const
      );
      return { ...located, entries: new Map(entries) };
    }
    if (located.kind !== "list" || !mayBeSearched(keys, schema)) return located;
    const [first] = located.items;
    if (first === undefined) {
      throw new Refusal(
        `${formatOrigin(located.origin)}: ${formatPath(keys)}: found an empty list, ` +
          "expected at least one value to search over",
      );
    }
    lists.push({ keys, items: located.items });
    return first;
  };
  return { tree: settle(tree, []) as LocatedMap, lists };
}
