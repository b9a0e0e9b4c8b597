import { dirname } from "node:path";
import { type Disk, localDisk } from "../core/atomic_file.ts";
import type { Asset } from "../core/asset.ts";
import type { CorporateAction, Millis } from "../core/bars.ts";
import { type Clock, formatDate } from "../core/clock.ts";
import { type ActionsTable, readActionsTable, writeActions } from "./actions.ts";
import { keepOld, lockFile, removeLeftovers } from "./file_upkeep.ts";
import { fileExists } from "./file_version.ts";
import { actionsFile } from "./places.ts";
import type { BarDownload } from "./sources/source.ts";

/** An action whose value a source tells otherwise than it is stored. */
export interface RevisedAction {
  /** As text, such as `2024-03-15 dividend`. */
  readonly action: string;
  readonly stored: number;
  readonly found: number;
}

/** What became of one symbol's dividends and splits. */
export interface ActionsReport {
  readonly symbol: string;
  readonly source: string;
  readonly added: number;
  /** Actions of the symbol that are stored now. */
  readonly rows: number;
  readonly revised: readonly RevisedAction[];
  /** Stored actions inside the span that the source does not know, as text; they are kept. */
  readonly unknownAtSource: readonly string[];
  /** Where the table was kept that revisions replaced. */
  readonly before?: string;
}

/** How the table is brought up to date. */
export interface ActionsOptions {
  /** Span of ex-dates to ask for. */
  readonly from: Millis;
  readonly to: Millis;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Whether the prices that the dividends belong to carry splits already; dividends are kept in units of those prices. */
  readonly splits: "raw" | "applied";
  /** Takes the source's word where it contradicts the table. */
  readonly acceptRevisions?: boolean;
  readonly disk?: Disk;
}

// Publishers round dividends to a hundredth of a cent or finer.
const SAME_VALUE = 1e-4;

/**
 * Downloads one symbol's dividends and splits into the table, one row each, in one step. An action that is there stays
 * as it is: another value for it is reported, and taken over only when that is accepted.
 */
export async function updateActions(
  root: string,
  asset: Asset,
  source: BarDownload,
  options: ActionsOptions,
): Promise<ActionsReport> {
  const { from, to, signal } = options;
  const found = await source.actions({ asset, from, to }, { signal });
  const file = actionsFile(root);
  await (options.disk ?? localDisk).makeFolder(dirname(file)).catch(() => {}); // writing will say it better
  const release = await lockFile(root, file, { wait: true });
  try {
    await removeLeftovers(file);
    const table = await readActionsTable(root);
    return await merge(root, { asset, source, found, table }, options);
  } finally {
    await release();
  }
}

async function merge(
  root: string,
  { asset, source, found, table }: {
    readonly asset: Asset;
    readonly source: BarDownload;
    readonly found: readonly CorporateAction[];
    readonly table: ActionsTable;
  },
  { from, to, splits, acceptRevisions, clock, disk }: ActionsOptions,
): Promise<ActionsReport> {
  const file = actionsFile(root);
  const own = table.actions.filter(({ symbol }) => symbol === asset.symbol);
  const news = inUnitsOf(splits, source.splits, found, own);
  const stored = new Map(own.map((action) => [nameOf(action), action]));
  const added = news.filter((action) => !stored.has(nameOf(action)));
  const revised = news.filter((action) => {
    const known = stored.get(nameOf(action));
    return known && !isSameAction(known.value, action.value);
  });
  const taken = new Map((acceptRevisions ? revised : []).map((action) => [nameOf(action), action]));
  const names = new Set(news.map(nameOf));
  const before = taken.size > 0 && await fileExists(file)
    ? await keepOld(file, clock.now(), disk ? { disk } : {})
    : undefined;
  if (added.length + taken.size > 0) {
    const kept = table.actions.map((action) =>
      action.symbol === asset.symbol ? taken.get(nameOf(action)) ?? action : action
    );
    await writeActions(root, [...kept, ...added], {
      source: joined(table.source, source.description),
      licence: joined(table.licence, source.licence),
    }, disk ? { disk } : {});
  }
  return {
    symbol: asset.symbol,
    source: source.name,
    added: added.length,
    rows: own.length + added.length,
    revised: revised.map((action) => ({
      action: nameOf(action),
      stored: stored.get(nameOf(action))!.value,
      found: action.value,
    })),
    unknownAtSource: own.filter((action) =>
      action.exDate >= from && action.exDate < to && !names.has(nameOf(action))
    ).map(nameOf),
    ...(before === undefined ? {} : { before }),
  };
}

/**
 * Dividends per share of the prices they stand beside: where those carry splits already and the source counts shares
 * as they were, or the other way round, later splits are put in or taken out.
 */
function inUnitsOf(
  prices: "raw" | "applied",
  source: "raw" | "applied",
  found: readonly CorporateAction[],
  stored: readonly CorporateAction[],
): readonly CorporateAction[] {
  if (prices === source) return found;
  const splits = [...new Map([...stored, ...found].map((one) => [nameOf(one), one])).values()]
    .filter(({ kind }) => kind === "split");
  return found.map((action) => {
    if (action.kind === "split") return action;
    const ratio = splits.filter(({ exDate }) => exDate > action.exDate)
      .reduce((product, { value }) => product * value, 1);
    const value = prices === "applied" ? action.value / ratio : action.value * ratio;
    return ratio === 1 ? action : { ...action, value };
  });
}

function nameOf({ exDate, kind }: CorporateAction): string {
  return `${formatDate(exDate)} ${kind}`;
}

/** Whether two publishers mean the same amount or ratio. */
export function isSameAction(a: number, b: number): boolean {
  return Math.abs(a - b) <= SAME_VALUE * Math.max(1, Math.abs(a));
}

function joined(old: string, added: string): string {
  if (old.includes(added)) return old;
  return old === "" ? added : `${old}; ${added}`;
}
