/** Where a value was written: a file with its line, or a flag of the command line. */
export interface Origin {
  readonly source: string;
  readonly line?: number;
  /** Place in the order of merging; a higher layer was merged later. */
  readonly layer: number;
}

export type Scalar = string | number | boolean | null;

/** A parsed value that remembers, at every level, where it was written. */
export type Located = LocatedScalar | LocatedList | LocatedMap;

export interface LocatedScalar {
  readonly kind: "scalar";
  readonly value: Scalar;
  readonly origin: Origin;
}

export interface LocatedList {
  readonly kind: "list";
  readonly items: readonly Located[];
  readonly origin: Origin;
}

/** Entries live in a Map, so that no key can reach a prototype. */
export interface LocatedMap {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, Located>;
  readonly origin: Origin;
}

/** Keys and list positions from the root to a value. */
export type Path = readonly (string | number)[];

/** Keys that mean something to JavaScript itself and therefore nothing to a configuration. */
export const FORBIDDEN_KEYS: readonly string[] = ["__proto__", "constructor", "prototype"];

/** A mapping without entries. */
export function emptyMap(origin: Origin): LocatedMap {
  return { kind: "map", entries: new Map(), origin };
}

/**
 * The bare value, mappings as null-prototype objects with sorted keys: the order in which a file
 * lists its assets is then no hidden input of a run.
 */
export function toPlain(located: Located): unknown {
  if (located.kind === "scalar") return located.value;
  if (located.kind === "list") return located.items.map(toPlain);
  const plain: Record<string, unknown> = Object.create(null);
  for (const key of [...located.entries.keys()].sort()) {
    plain[key] = toPlain(located.entries.get(key)!);
  }
  return plain;
}

/** The value at `path`, or undefined when nothing is written there. */
export function valueAt(root: Located, path: Path): Located | undefined {
  let located: Located | undefined = root;
  for (const step of path) located = located && child(located, step);
  return located;
}

/** Origin of the value at `path`, or of the nearest mapping around it that was written. */
export function nearestOrigin(root: Located, path: Path): Origin {
  let located = root;
  for (const step of path) {
    const next = child(located, step);
    if (next === undefined) break;
    located = next;
  }
  return located.origin;
}

function child(located: Located, step: string | number): Located | undefined {
  if (located.kind === "map") return located.entries.get(String(step));
  if (located.kind === "list") return located.items[Number(step)];
  return undefined;
}

/** A mapping with `value` at `path`, and nothing else in it. Throws RangeError on an empty path. */
export function nested([key, ...rest]: readonly string[], value: Located): LocatedMap {
  if (key === undefined) throw new RangeError("nested() needs a path of at least one key");
  const inner = rest.length === 0 ? value : nested(rest, value);
  return { kind: "map", entries: new Map([[key, inner]]), origin: value.origin };
}

/** `file:line` of an origin, or the flag. */
export function formatOrigin({ source, line }: Origin): string {
  return line === undefined ? source : `${source}:${line}`;
}

/** `models.Name.universe[2]`; a key that is no plain name is quoted. */
export function formatPath(path: Path): string {
  return path.map((step, i) => {
    if (typeof step === "number") return `[${step}]`;
    const key = /^[\w.-]{1,64}$/.test(step) ? step : shorten(JSON.stringify(step));
    return i === 0 ? key : `.${key}`;
  }).join("");
}

/** At most 60 characters of a text, for one-line messages. */
export function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
