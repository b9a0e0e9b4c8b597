import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  LineCounter,
  type Pair,
  parseDocument,
  type Scalar as ScalarNode,
  type YAMLError,
  type YAMLMap,
} from "yaml";
import { Refusal } from "../core/errors.ts";
import {
  FORBIDDEN_KEYS,
  formatOrigin,
  formatPath,
  type Located,
  type Origin,
  type Path,
  shorten,
} from "./located.ts";

/** An alias repeats what it points to, so a few lines of aliases can stand for billions of values. */
const MAX_ALIASES = 20;

/** Far deeper than any configuration, far shallower than the stack. */
const MAX_DEPTH = 32;

interface Reading {
  readonly document: Document;
  /** Origin of the text at a character offset. */
  at(offset: number): Origin;
  aliases: number;
}

/**
 * The one YAML document in `text` (1.2 core schema: dates stay text, `no` is a word), or undefined when it
 * holds none. Throws Refusal at the first thing that is no plain data.
 */
export function parseYaml(text: string, source: Omit<Origin, "line">): Located | undefined {
  const lines = new LineCounter();
  const at = (offset: number): Origin => ({ ...source, line: lines.linePos(offset).line });
  // Keys are compared below, in one pass: the parser's own check takes quadratic time.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
  });
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault) refuse(at(fault.pos[0]), `not valid YAML: ${describeFault(fault)}`);
  if (document.directives?.yaml.explicit) {
    // %YAML 1.1 would turn `no` into false and 2020-01-01 into something else.
    refuse(at(0), "found a %YAML directive, expected plain YAML 1.2");
  }
  if (document.contents === null || isEmptyScalar(document.contents)) return undefined;
  return locate(document.contents, [], at(startOf(document.contents)), {
    document,
    at,
    aliases: 0,
  });
}

function locate(node: unknown, path: Path, origin: Origin, reading: Reading): Located {
  if (path.length > MAX_DEPTH) {
    refuse(origin, `not valid YAML: nested deeper than ${MAX_DEPTH} levels`);
  }
  if (isAlias(node)) return locate(resolve(node, origin, reading), path, origin, reading);
  if (isMap(node)) return { kind: "map", entries: entriesOf(node, path, reading), origin };
  if (isCollection(node)) {
    const items = node.items.map((item, i) =>
      locate(item, [...path, i], reading.at(startOf(item)), reading)
    );
    return { kind: "list", items, origin };
  }
  return { kind: "scalar", value: scalarOf(node, path, origin), origin };
}

function resolve(alias: Alias, origin: Origin, reading: Reading): unknown {
  reading.aliases++;
  if (reading.aliases > MAX_ALIASES) {
    refuse(origin, `found more than ${MAX_ALIASES} uses of aliases (*name), expected fewer`);
  }
  const target = alias.resolve(reading.document);
  if (target) return target;
  return refuse(origin, `found the alias *${shorten(alias.source)}, expected an anchor before it`);
}

function entriesOf(map: YAMLMap, path: Path, reading: Reading): Map<string, Located> {
  const entries = new Map<string, Located>();
  for (const pair of map.items as Pair[]) {
    const origin = reading.at(startOf(pair.key));
    const key = keyOf(pair.key, path, origin);
    const keyPath = [...path, key];
    if (FORBIDDEN_KEYS.includes(key)) refuse(origin, `${formatPath(keyPath)} is not a known key`);
    const first = entries.get(key);
    if (first) {
      refuse(
        origin,
        `${formatPath(keyPath)} is given twice, expected once (first in line ${first.origin.line})`,
      );
    }
    entries.set(key, locate(pair.value, keyPath, origin, reading));
  }
  return entries;
}

function keyOf(node: unknown, path: Path, origin: Origin): string {
  if (!isScalar(node)) {
    const place = path.length === 0 ? "" : `${formatPath(path)}: `;
    return refuse(origin, `${place}found a key that is no plain text, expected a name`);
  }
  // A symbol such as 0700 is a name although YAML reads a number: take what was written.
  return typeof node.value === "string" ? node.value : node.source ?? "";
}

function scalarOf(node: unknown, path: Path, origin: Origin) {
  const value = isScalar(node) ? node.value : node;
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value !== "number" || !Number.isFinite(value)) {
    const written = (node as ScalarNode).source ?? String(value);
    return refuse(
      origin,
      `${formatPath(path)}: found ${shorten(written)}, expected a finite number`,
    );
  }
  return value + 0; // -0 becomes 0, which compares and prints the same everywhere
}

function isEmptyScalar(node: unknown): boolean {
  return isScalar(node) && node.value === null && !node.source;
}

function startOf(node: unknown): number {
  return (node as { range?: readonly number[] } | null)?.range?.[0] ?? 0;
}

function describeFault({ code, message }: YAMLError): string {
  if (code === "MULTIPLE_DOCS") return "found a second document, expected one";
  if (message.includes("call stack")) return `nested deeper than ${MAX_DEPTH} levels`;
  return message.split("\n")[0]!;
}

function refuse(origin: Origin, message: string): never {
  throw new Refusal(`${formatOrigin(origin)}: ${message}`);
}
