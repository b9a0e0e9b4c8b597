import { formatTable } from "../../lib/mod.ts";
import type { Golden } from "./pins.ts";

const SHOWN_FIGURES = 20;

// What is told first; regimes are many and follow from the rest.
const FIRST = ["portfolio", "models", "assets", "benchmarks"];

/** What of a run is not bit for bit as pinned, for a person to read; empty when nothing is. */
export function movedSince(pinned: Golden | undefined, now: Golden): string {
  if (!pinned) return `Not pinned yet: ${now.orders.count} orders`;
  const figures = movedFigures(pinned.statistics, now.statistics);
  const rows = figures.slice(0, SHOWN_FIGURES).map(({ path, was, is }) => [path, was, is]);
  const more = figures.length - rows.length;
  return [
    ...(rows.length > 0 ? [formatTable(rows, { header: ["Figure", "Pinned", "Now"] })] : []),
    ...(more > 0 ? [`… and ${more} more`] : []),
    ...movedOrders(pinned, now),
  ].join("\n");
}

interface MovedFigure {
  readonly path: string;
  readonly was: string;
  readonly is: string;
}

function movedFigures(pinned: unknown, now: unknown): readonly MovedFigure[] {
  const then = new Map(leavesOf(pinned, []));
  // Through JSON as the pin went, which knows no −0.
  const current = new Map(leavesOf(JSON.parse(JSON.stringify(now)), []));
  const paths = [...new Set([...current.keys(), ...then.keys()])];
  paths.sort((a, b) => rankOf(a) - rankOf(b));
  return paths.flatMap((path) => {
    const [was, is] = [then, current].map((leaves) => leaves.get(path) ?? "–");
    return was === is ? [] : [{ path, was: was!, is: is! }];
  });
}

function rankOf(path: string): number {
  const place = FIRST.indexOf(path.split(".")[0]!);
  return place < 0 ? FIRST.length : place;
}

/** Every figure by its path, numbers with all their digits. */
function leavesOf(value: unknown, path: readonly string[]): (readonly [string, string])[] {
  if (typeof value !== "object" || value === null) return [[path.join("."), JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, item]) => leavesOf(item, [...path, key]));
}

function movedOrders(pinned: Golden, now: Golden): readonly string[] {
  if (pinned.orders.sha256 === now.orders.sha256) return [];
  const longest = Math.max(pinned.lines.length, now.lines.length);
  let first = 0;
  while (first < longest && pinned.lines[first] === now.lines[first]) first++;
  return [
    `First differing order: number ${first + 1} of ${pinned.orders.count} pinned, ` +
    `${now.orders.count} now`,
    `  pinned  ${pinned.lines[first] ?? "none"}`,
    `  now     ${now.lines[first] ?? "none"}`,
  ];
}
