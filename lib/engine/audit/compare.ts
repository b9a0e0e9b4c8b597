import { upperBound } from "../../core/bars.ts";
import { formatTime } from "../../core/clock.ts";
import type { AuditFinding, Certificate } from "../../core/proofs.ts";
import type { RunRecord } from "../../core/run_record.ts";
import type { FeatureColumn } from "../../models/view.ts";
import type { RegimeTimeline } from "../../regime/mod.ts";
import type { Rehearsable } from "../simulate.ts";
import { timeframeOf } from "../setup.ts";
import { type Difference, differingRow, firstDifference } from "./difference.ts";
import type { Rehearsal } from "./rehearse.ts";

/** A finding before it is known which checkpoint and variant it belongs to. */
export type BareFinding = Omit<AuditFinding, "checkpoint" | "variant">;

/** How much was compared. */
export type Compared = { -readonly [Name in keyof Certificate["compared"]]: number };

/** Nothing compared yet. */
export function nothingCompared(): Compared {
  return { feature_values: 0, regime_values: 0, decisions: 0, orders: 0, fills: 0 };
}

/** What two rehearsals of one stretch must have in common, and how far. */
export interface Comparison {
  readonly run: Rehearsable;
  readonly expected: Rehearsal;
  readonly found: Rehearsal;
  readonly compared: Compared;
}

/**
 * Features on their own bars as far as they were known, and as decisions saw them, against those of the run itself: one
 * finding at most for each model.
 */
export function featureFindings({ run, expected, found, compared }: Comparison): BareFinding[] {
  return run.laid.setup.models.flatMap((seated, model) => {
    const { planned, features, places } = seated;
    const other = found.laid.setup.models[model]!;
    const stretch = { from: expected.offset, to: expected.offset + expected.at + 1 };
    return planned.universe.flatMap((symbol, place) => {
      const market = run.laid.market.assets[places[place]!]!;
      // By name, as a leak may lie in what the universe is.
      const columns = other.columns[other.planned.universe.indexOf(symbol)];
      // order: as the model declares them
      return Object.entries(features).flatMap(([name, feature], column) => {
        const where = `${planned.name} ${symbol} ${name}`;
        const { availableAt } = market.adjusted(timeframeOf(feature, run.laid.plan)).bars;
        const mine = { ...seated.columns[place]![column]!, availableAt };
        const theirs = columns?.[column];
        return columnFindings({ run, where, mine, theirs, stretch, compared });
      });
    }).slice(0, 1);
  });
}

/** What differs in one column of one asset, from its beginning to the last decision of the stretch. */
function columnFindings({ run, where, mine, theirs, stretch: { from, to }, compared }: {
  run: Rehearsable;
  where: string;
  mine: FeatureColumn & { availableAt: Float64Array };
  theirs: FeatureColumn | undefined;
  stretch: { from: number; to: number };
  compared: Compared;
}): BareFinding[] {
  const times = run.laid.market.decisionTimes;
  const time = times[to - 1]!;
  if (!theirs) return [cell(where, time, "a column", "none")];
  const known = Math.min(upperBound(mine.availableAt, time), mine.own.length);
  compared.feature_values += known + to - from;
  const row = differingRow(mine.own, theirs.own, known);
  if (row >= 0) return [cell(where, mine.availableAt[row]!, mine.own[row], theirs.own[row])];
  const joined = mine.joined.subarray(from, to);
  const at = differingRow(joined, theirs.joined, to - from);
  return at < 0 ? [] : [cell(where, times[from + at]!, joined[at], theirs.joined[at])];
}

/** The four labels, whether they are defaults, and the numbers they came from, from the run's beginning on. */
export function regimeFindings({ run, expected, found, compared }: Comparison): BareFinding[] {
  const { timeline: mine } = expected;
  const { timeline: theirs } = found;
  if (!mine || !theirs) return [];
  const rows = expected.offset + expected.at + 1;
  const columns = regimeColumns(mine);
  const others = regimeColumns(theirs);
  compared.regime_values += columns.size * rows;
  for (const [name, column] of columns) {
    const row = differingRow(column, others.get(name)!, rows);
    if (row < 0) continue;
    const time = run.laid.market.decisionTimes[row]!;
    return [{ ...cell(name, time, column[row], others.get(name)![row]), what: "regime" }];
  }
  return [];
}

function regimeColumns(timeline: RegimeTimeline): Map<string, ArrayLike<number>> {
  const { equity, volatility, crypto, macro, defaults, inputs } = timeline;
  // order: as the timeline is made
  return new Map<string, ArrayLike<number>>([
    ...Object.entries({ equity, volatility, crypto, macro }),
    ...Object.entries(defaults).map(([name, flags]) => [`${name} default`, flags] as const),
    ...Object.entries(inputs),
  ]);
}

/** Which of the things that happen at the checkpoint itself the future may rightly change. */
export interface AtCheckpoint {
  /** Market orders fill there on bars that are known by then, or of which the open is. */
  readonly marketFills: boolean;
  /** Stops and limits do so too. */
  readonly everyFill: boolean;
  /** Whether what is compared is counted. */
  readonly counts: boolean;
}

/** Wishes, cuts by risk, orders and fills, NAV and cash: what the stretch wrote down up to its checkpoint. */
export function recordFindings(
  { expected, found, compared }: Comparison,
  { marketFills, everyFill, counts }: AtCheckpoint,
): BareFinding[] {
  const { at } = expected;
  const times = expected.laid.market.markTimes;
  const part = (record: RunRecord) => {
    const first = <Item extends { index: number }>(items: readonly Item[], until: number) =>
      items.filter(({ index }) => index < until);
    const outcomes = record.outcomes.filter(({ index, kind }) =>
      index < at || index === at && (everyFill || marketFills && kind === "market")
    );
    return {
      wish: first(record.wishes, at + 1),
      risk: [...first(record.adjustments, at + 1), ...first(record.modes, at + 1)],
      order: outcomes.filter(({ status }) => status === "skipped"),
      fill: outcomes.filter(({ status }) => status === "filled"),
      account: first(record.bookings, at + (everyFill ? 1 : 0)),
    };
  };
  const mine = part(expected.record);
  if (counts) {
    compared.decisions += at;
    compared.orders += mine.order.length + mine.fill.length;
    compared.fills += mine.fill.length;
  }
  return [
    ...listFindings(expected, times, mine, part(found.record)),
    ...curveFindings(expected, found),
  ];
}

/** What a run wrote down, by kind of finding. */
type Written = Readonly<
  Partial<Record<AuditFinding["what"], readonly { readonly index: number }[]>>
>;

/** The first difference of each kind; `times` are of the clock that the items are on. */
function listFindings(
  { record }: Rehearsal,
  times: Float64Array,
  expected: Written,
  found: Written,
): BareFinding[] {
  const kinds = ["wish", "risk", "order", "fill", "account"] as const;
  return kinds.flatMap((what): BareFinding[] => {
    const [mine = [], theirs = []] = [expected[what], found[what]];
    const difference = firstDifference(mine, theirs);
    if (!difference) return [];
    const place = Number(/^\[(\d+)\]/.exec(difference.path)?.[1] ?? 0);
    const item = mine[place] ?? theirs[place];
    return [finding(what, nameOf(record, item, difference), times[item!.index]!, difference)];
  });
}

function curveFindings(expected: Rehearsal, found: Rehearsal): BareFinding[] {
  const curves = (record: RunRecord) => ({
    NAV: record.nav,
    cash: record.cash,
    ...Object.fromEntries(
      record.closes.map((column, asset) => [`close of ${record.assets[asset]!.symbol}`, column]),
    ),
  });
  const theirs = curves(found.record);
  // order: as written above
  for (const [name, column] of Object.entries(curves(expected.record))) {
    const other = theirs[name as keyof typeof theirs];
    const row = differingRow(column, other, expected.at + 1);
    if (row < 0) continue;
    return [{
      ...cell(name, expected.laid.market.markTimes[row]!, column[row], other[row]),
      what: "account",
    }];
  }
  return [];
}

/** All that the run carries over into the checkpoint's decision. */
export function stateFindings({ expected, found }: Comparison): BareFinding[] {
  const difference = firstDifference(expected.state, found.state);
  if (!difference) return [];
  const what = difference.path.includes(".risk") ? "risk" : "account";
  const time = expected.laid.market.decisionTimes[expected.at]!;
  return [finding(what, `state${difference.path}`, time, difference)];
}

/** The first difference of a run and the same stretch of it made again. */
export function againFindings(
  { run, expected }: Pick<Comparison, "run" | "expected">,
): BareFinding[] {
  const { offset, from, at, record } = expected;
  const within = <Item extends { index: number }>(items: readonly Item[], by: number) =>
    items.filter(({ index }) => index + by >= from && index + by < offset + at)
      .map((item) => ({ ...item, index: item.index + by }));
  const part = (of: RunRecord, by: number): Written => ({
    wish: within(of.wishes, by),
    risk: [...within(of.adjustments, by), ...within(of.modes, by)],
    fill: within(of.outcomes, by),
    account: within(of.bookings, by),
  });
  const times = run.laid.market.markTimes;
  const lists = listFindings(expected, times, part(run.record, 0), part(record, offset));
  if (lists.length > 0) return lists;
  for (const name of ["nav", "cash"] as const) {
    const column = run.record[name].subarray(offset, offset + at + 1);
    const row = differingRow(column, record[name], at + 1);
    if (row >= 0) {
      const time = times[offset + row]!;
      return [{ ...cell(name, time, column[row], record[name][row]), what: "account" }];
    }
  }
  return [];
}

function nameOf(record: RunRecord, item: unknown, { path }: Difference): string {
  const { model, asset } = item as { model?: number; asset?: number };
  const names = [
    model === undefined || model < 0 ? undefined : record.models[model]?.name,
    asset === undefined ? undefined : record.assets[asset]?.symbol,
    path.replace(/^\[\d+\]\.?/, "") || undefined,
  ];
  return names.filter((name) => name !== undefined).join(" ") || "list";
}

function finding(
  what: AuditFinding["what"],
  where: string,
  time: number,
  { expected, found }: Difference,
): BareFinding {
  return { what, where, time: formatTime(time), expected: shown(expected), found: shown(found) };
}

function cell(where: string, time: number, expected: unknown, found: unknown): BareFinding {
  return finding("feature", where, time, { path: "", expected, found });
}

/** A value in few words. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "object" && value !== null) {
    const text = JSON.stringify(value);
    return text.length > 80 ? `${text.slice(0, 79)}…` : text;
  }
  return String(value);
}
