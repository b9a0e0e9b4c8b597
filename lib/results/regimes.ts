import { formatTime } from "../core/clock.ts";
import type { JournalEntry } from "../core/ports.ts";
import type { RegimeDimensionName, RegimeRecord, RunRecord } from "../core/run_record.ts";
import type { ColumnKind } from "./parquet.ts";
import { type RunTables, TABLE_SCHEMAS } from "./table_schemas.ts";
import type { RunWarning } from "./warnings.ts";

/** The four dimensions in the order in which they are shown. */
export const REGIME_DIMENSIONS = ["equity", "volatility", "crypto", "macro"] as const;

/** Columns of `regimes.parquet` that hold numbers. */
// order: as the schema lists its columns
const INPUT_COLUMNS = Object.entries(TABLE_SCHEMAS.regimes as Readonly<Record<string, ColumnKind>>)
  .flatMap(([name, kind]) => kind === "number" ? [name] : []);

/** The rows at which a label, a default flag or an input differs from the decision before. RangeError for an unknown input. */
export function regimesTable(
  markTimes: Float64Array,
  record: RegimeRecord,
): NonNullable<RunTables["regimes"]> {
  // order: whichever is found is a broken promise
  const unknown = Object.keys(record.inputs).find((name) => !INPUT_COLUMNS.includes(name));
  if (unknown !== undefined) throw new RangeError(`regimes.parquet has no column "${unknown}"`);
  const at = changedRows(record);
  const numbers = (column: Float64Array | undefined) =>
    Float64Array.from(at, (index) => column?.[index] ?? NaN);
  const labels = (dimension: RegimeDimensionName) => ({
    names: record.labels[dimension],
    codes: Int32Array.from(at, (index) => record.codes[dimension][index]!),
  });
  const flags = (dimension: RegimeDimensionName) =>
    Array.from(at, (index) => record.defaults[dimension][index] === 1);
  return {
    time: numbers(markTimes),
    equity: labels("equity"),
    volatility: labels("volatility"),
    crypto: labels("crypto"),
    macro: labels("macro"),
    equity_default: flags("equity"),
    volatility_default: flags("volatility"),
    crypto_default: flags("crypto"),
    macro_default: flags("macro"),
    ...Object.fromEntries(
      INPUT_COLUMNS.map((name) => [name, numbers(record.inputs[name])]),
    ) as InputColumns,
  };
}

type InputColumns = Pick<
  NonNullable<RunTables["regimes"]>,
  {
    [Name in keyof typeof TABLE_SCHEMAS.regimes]: (typeof TABLE_SCHEMAS.regimes)[Name] extends
      "number" ? Name : never;
  }[keyof typeof TABLE_SCHEMAS.regimes]
>;

function changedRows({ codes, defaults, inputs }: RegimeRecord): Int32Array {
  const columns = [
    ...REGIME_DIMENSIONS.flatMap((dimension) => [codes[dimension], defaults[dimension]]),
    // order: a change in any of them counts
    ...Object.values(inputs),
  ];
  const changed = new Uint8Array(codes.equity.length);
  if (changed.length > 0) changed[0] = 1;
  for (const column of columns) {
    for (let index = 1; index < changed.length; index++) {
      const is = column[index]!;
      const was = column[index - 1]!;
      if (is !== was && !(is !== is && was !== was)) changed[index] = 1; // NaN twice is no change
    }
  }
  return Int32Array.from(changed.keys()).filter((index) => changed[index] === 1);
}

/** A line for each label at the first decision and whenever it changes, with the numbers it came from. */
export function labelEntries({ markTimes, regimes }: RunRecord): readonly JournalEntry[] {
  if (!regimes) return [];
  const entries: JournalEntry[] = [];
  const count = regimes.codes.equity.length;
  for (let index = 0; index < count; index++) {
    for (const dimension of REGIME_DIMENSIONS) {
      const codes = regimes.codes[dimension];
      if (index > 0 && codes[index] === codes[index - 1]) continue;
      const label = regimes.labels[dimension][codes[index]!]!;
      const before = index === 0 ? null : regimes.labels[dimension][codes[index - 1]!]!;
      entries.push({
        timestamp: markTimes[index]!,
        component: "regime",
        level: "info",
        message: before === null
          ? `${dimension} regime is ${label}`
          : `${dimension} regime turns from ${before} to ${label}`,
        context: {
          dimension,
          before,
          label,
          default: regimes.defaults[dimension][index] === 1,
          ...inputsAt(regimes, index),
        },
      });
    }
  }
  return entries;
}

/** Numbers known at a decision; null where unknown. */
function inputsAt({ inputs }: RegimeRecord, index: number): Record<string, number | null> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, values]) => {
      const value = values[index]!;
      return [name, Number.isNaN(value) ? null : value];
    }),
  );
}

/** A stretch in which a label did not come from the newest value of its own source, in JSON's words. */
export interface CardRegimeNote {
  readonly dimension: string;
  readonly kind: string;
  readonly reason: string;
  /** First decision of the stretch, and the first after it. */
  readonly from: string;
  readonly to: string;
}

/** The notes of a record for its card. */
export function regimeNotes({ markTimes, regimes }: RunRecord): readonly CardRegimeNote[] {
  return (regimes?.notes ?? []).map(({ dimension, kind, reason, from, to }) => ({
    dimension,
    kind,
    reason,
    from: formatTime(markTimes[from]!),
    to: formatTime(markTimes[to]!),
  }));
}

/** One warning for each note. */
export function regimeWarnings(record: RunRecord): readonly RunWarning[] {
  const notes = regimeNotes(record);
  return (record.regimes?.notes ?? []).map(({ from }, place) => {
    const note = notes[place]!;
    return {
      time: record.markTimes[from]!,
      component: "regime",
      message: `${note.dimension} regime, ${note.from} to ${note.to}: ${note.reason}; ` +
        (KIND_MEANING[note.kind] ?? note.kind),
      context: { ...note },
    };
  });
}

const KIND_MEANING: Readonly<Record<string, string>> = {
  held: "the old value holds",
  substitute: "another source stands in",
  default: "the default label stands in",
};
