import type { Located, LocatedMap } from "./located.ts";

/** Sections whose keys are names: a file may take the place of all earlier entries of such a section. */
export const REPLACEABLE = ["assets", "models", "regime_budgets", "regime_limits"] as const;

/**
 * `later` laid over `earlier`: mappings merge key by key, lists and scalars replace, and null is a value
 * like any other. A section named in the later file's `replace` list takes the place of the earlier one.
 */
export function mergeFile(earlier: LocatedMap, later: LocatedMap): LocatedMap {
  const replaced = replacedSections(later);
  const kept = new Map([...earlier.entries].filter(([key]) => !replaced.includes(key)));
  const added = new Map([...later.entries].filter(([key]) => key !== "replace"));
  return mergeMaps({ ...earlier, entries: kept }, { ...later, entries: added });
}

function replacedSections(file: LocatedMap): string[] {
  const list = file.entries.get("replace");
  if (list?.kind !== "list") return [];
  return list.items.flatMap((item) => item.kind === "scalar" ? [String(item.value)] : []);
}

function mergeMaps(earlier: LocatedMap, later: LocatedMap): LocatedMap {
  const entries = new Map<string, Located>(earlier.entries);
  for (const [key, value] of later.entries) {
    const before = entries.get(key);
    const both = before?.kind === "map" && value.kind === "map";
    entries.set(key, both ? mergeMaps(before, value) : value);
  }
  return { kind: "map", entries, origin: later.origin };
}
