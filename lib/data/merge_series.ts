import type { Millis, Series } from "../core/bars.ts";
import { calendarDate, utcDate } from "../core/weekdays.ts";
import type { Publications } from "./series.ts";

/** One row of a macro file: what came out about one date at one moment; columns without news are absent. */
interface Row {
  readonly date: Millis;
  readonly availableAt: Millis;
  readonly values: Map<string, number>;
}

/** A value that was published again, changed. */
export interface RevisedValue {
  readonly column: string;
  readonly date: Millis;
  readonly stored: number;
  readonly found: number;
}

/** What a download adds to a file of publications. */
export interface MergedSeries {
  readonly publications: Required<Publications>;
  /** Dates that were not there. */
  readonly added: number;
  /** Rows that revise one which stays. */
  readonly revisions: number;
  readonly firstRevision?: RevisedValue;
  /** Observations of older dates that were never published before: nobody could have used them in time. */
  readonly late: number;
}

const NO_ROWS = new Float64Array(0);

/**
 * Adds what is new to stored publications: dates that were not there, and changed values of dates that were, each as a
 * row with its own time of publication. Where the source gives no new time for a changed value, it is known from `now`.
 */
export function mergeSeries(
  stored: Required<Publications> | undefined,
  fresh: Readonly<Record<string, Series>>,
  { now, revise }: { now: Millis; revise: boolean },
): MergedSeries {
  const columns = [
    ...new Set([...Object.keys(stored?.values ?? {}), ...Object.keys(fresh).sort()]),
  ];
  const rows = rowsOf(stored);
  const byPlace = new Map(rows.map((row) => [placeOf(row.date, row.availableAt), row]));
  const dates = new Set(rows.map(({ date }) => date));
  const first = rows[0];
  const latest = latestValues(rows);
  let newest = rows.reduce((most, { date }) => Math.max(most, date), -Infinity);
  let lastTime = rows.reduce((most, { availableAt }) => Math.max(most, availableAt), -Infinity);
  let [added, revisions, late] = [0, 0, 0];
  let firstRevision: RevisedValue | undefined;
  for (const { column, date, availableAt, value, isNewest } of observations(fresh)) {
    const name = `${column} ${date}`;
    const known = latest.get(name);
    // What came out before the stored value is its past; only the newest word of the source can contradict it.
    const isPast = known && availableAt <= known.availableAt && !isNewest;
    if (known && (known.value === value || isPast)) continue;
    if (known && !revise) {
      revisions++;
      firstRevision ??= { column, date, stored: known.value, found: value };
      continue;
    }
    const isBefore = first !== undefined && date < first.date && availableAt <= first.availableAt;
    if (!dates.has(date) && date < newest && !isBefore) {
      late++;
      continue;
    }
    let time = availableAt;
    if (known) {
      time = availableAt > known.availableAt ? availableAt : Math.max(now, known.availableAt + 1);
      revisions++;
      firstRevision ??= { column, date, stored: known.value, found: value };
    } else if (date > newest) {
      time = Math.max(availableAt, lastTime); // the careful side where two sources date it otherwise
    }
    if (!dates.has(date)) added++;
    dates.add(date);
    if (!isBefore) {
      [newest, lastTime] = [Math.max(newest, date), known ? lastTime : Math.max(lastTime, time)];
    }
    latest.set(name, { value, availableAt: time });
    const place = placeOf(date, time);
    const row = byPlace.get(place) ?? { date, availableAt: time, values: new Map() };
    if (!byPlace.has(place)) rows.push(row);
    byPlace.set(place, row);
    row.values.set(column, value);
  }
  return {
    publications: publicationsOf(rows, columns),
    added,
    revisions,
    ...(firstRevision ? { firstRevision } : {}),
    late,
  };
}

/**
 * Fills `column` with 50 + 10 × the mean of `from` over the date's month and the two before, each as it was known when
 * the row came out (rounded to three decimals); NaN where a month is not known. Rows that have a value keep it.
 */
export function withThreeMonthIndex(
  { date, availableAt, values }: Required<Publications>,
  { column, from }: { column: string; from: string },
): Required<Publications> {
  const source = values[from]!;
  const known = new Map<Millis, number>();
  const stored = values[column] ?? date.map(() => NaN);
  let newest = -Infinity;
  const filled = stored.map((value, row) => {
    const day = date[row]!;
    if (!Number.isNaN(source[row]!)) known.set(day, source[row]!);
    newest = Math.max(newest, day);
    if (!Number.isNaN(value) || day < newest) return value;
    const months = [0, 1, 2].map((back) => known.get(monthsBefore(day, back)));
    const sum = months.reduce<number>((total, month) => total + (month ?? NaN), 0);
    // The missing value that stands there stays as it is, to the bit: files are compared by theirs.
    return Number.isNaN(sum) ? value : Math.round((50 + 10 * sum / 3) * 1_000) / 1_000;
  });
  return { date, availableAt, values: { [column]: filled, ...without(values, column) } };
}

function without(
  values: Readonly<Record<string, Float64Array>>,
  column: string,
): Record<string, Float64Array> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => name !== column));
}

function monthsBefore(date: Millis, count: number): Millis {
  const { year, month } = calendarDate(date);
  return month > count ? utcDate(year, month - count, 1) : utcDate(year - 1, month + 12 - count, 1);
}

function placeOf(date: Millis, availableAt: Millis): string {
  return `${date}/${availableAt}`;
}

function rowsOf(stored: Required<Publications> | undefined): Row[] {
  if (!stored) return [];
  const names = Object.keys(stored.values);
  return Array.from(stored.date, (date, row) => ({
    date,
    availableAt: stored.availableAt[row]!,
    values: new Map(names.map((name) => [name, stored.values[name]![row]!])),
  }));
}

function latestValues(rows: readonly Row[]) {
  const latest = new Map<string, { value: number; availableAt: Millis }>();
  for (const { date, availableAt, values } of rows) {
    for (const [column, value] of values) {
      if (!Number.isNaN(value)) latest.set(`${column} ${date}`, { value, availableAt });
    }
  }
  return latest;
}

/** Observations of all columns in order of publication, then of date; the newest of each date is marked. */
function observations(fresh: Readonly<Record<string, Series>>) {
  return Object.keys(fresh).sort().flatMap((column) => {
    const { date, availableAt, value } = fresh[column]!;
    const newest = new Map<Millis, Millis>();
    for (const [row, day] of date.entries()) {
      newest.set(day, Math.max(newest.get(day) ?? -Infinity, availableAt[row]!));
    }
    return Array.from(date, (day, row) => ({
      column,
      date: day,
      availableAt: availableAt[row]!,
      value: value[row]!,
      isNewest: newest.get(day) === availableAt[row],
    }));
  }).filter(({ value }) => !Number.isNaN(value))
    .sort((a, b) => a.availableAt - b.availableAt || a.date - b.date);
}

function publicationsOf(rows: readonly Row[], columns: readonly string[]): Required<Publications> {
  const sorted = rows.toSorted((a, b) => byTime(a, b) || a.date - b.date);
  if (sorted.length === 0) return { date: NO_ROWS, availableAt: NO_ROWS, values: {} };
  return {
    date: Float64Array.from(sorted, ({ date }) => date),
    availableAt: Float64Array.from(sorted, ({ availableAt }) => availableAt),
    values: Object.fromEntries(columns.map((column) => [
      column,
      Float64Array.from(sorted, ({ values }) => values.get(column) ?? NaN),
    ])),
  };
}

/** By time of publication; days without one, such as those without a session, go by their date. */
function byTime(a: Row, b: Row): number {
  const difference = a.availableAt - b.availableAt;
  return Number.isNaN(difference) ? a.date - b.date : difference;
}
