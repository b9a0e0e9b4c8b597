import type { DataType, StructType } from "@uwdata/flechette";
import type { ColumnTable } from "arquero";
import { formatTime } from "../../core/clock.ts";

/** What the cells of an answer's column are. */
export type AnswerKind = "number" | "time" | "date" | "text" | "flag" | "other";

/**
 * One column of an answer. Numbers are numbers, or texts where whole ones are too large for that; moments are ISO text and
 * days `YYYY-MM-DD`; lists and structs are plain JSON; what is missing is null.
 */
export interface AnswerColumn {
  readonly name: string;
  readonly kind: AnswerKind;
  readonly values: readonly unknown[];
}

/** The columns of an answer, their names distinct. */
export async function decodeAnswer(
  stream: Uint8Array,
): Promise<{ readonly columns: readonly AnswerColumn[] }> {
  const { tableFromIPC, Type } = await import("@uwdata/flechette");
  const table = tableFromIPC(stream, { useBigInt: true });
  const taken = new Set<string>();
  const columns = table.schema.fields.map(({ name, type }, place) => {
    const values = Array.from(table.getChildAt(place).toArray(), (value) => plain(value, type));
    return { name: distinct(name, taken), ...normal(kindOf(type), values) };
  });
  return { columns };

  function kindOf({ typeId }: DataType): AnswerKind {
    if (typeId === Type.Int || typeId === Type.Float || typeId === Type.Decimal) return "number";
    if (typeId === Type.Timestamp) return "time";
    if (typeId === Type.Date) return "date";
    if (typeId === Type.Bool) return "flag";
    if (
      typeId === Type.List || typeId === Type.FixedSizeList || typeId === Type.Struct ||
      typeId === Type.Map
    ) return "other";
    return "text";
  }

  /** A value without BigInts and typed arrays, also inside. */
  function plain(value: unknown, type: DataType): unknown {
    if (value === null || value === undefined) return null;
    switch (type.typeId) {
      case Type.Timestamp:
        return isoText("time", Number(value));
      case Type.Date:
        return isoText("date", Number(value));
      case Type.Time:
        return timeOfDay(Number(value));
      case Type.Interval:
        return duration(value as ArrayLike<number>);
      case Type.Binary:
        return Array.from(value as Uint8Array, (byte) => byte.toString(16).padStart(2, "0")).join(
          "",
        );
      case Type.List:
      case Type.FixedSizeList:
        return Array.from(
          value as ArrayLike<unknown>,
          (item) => plain(item, type.children[0]!.type),
        );
      case Type.Struct:
        return Object.fromEntries(
          type.children.map((child) => [
            child.name,
            plain((value as Readonly<Record<string, unknown>>)[child.name], child.type),
          ]),
        );
      case Type.Map: {
        const { children: [key, held] } = type.children[0]!.type as StructType;
        return Array.from(
          value as Iterable<readonly [unknown, unknown]>,
          (entry) => [plain(entry[0], key!.type), plain(entry[1], held!.type)],
        );
      }
    }
    return typeof value === "bigint" ? exact(value) : value;
  }
}

const YEAR_0 = -62_167_219_200_000;
const YEAR_10000 = 253_402_300_800_000;

/** A moment or day as ISO text; null where four digits of a year do not reach. */
function isoText(kind: "time" | "date", time: number): string | null {
  if (!(time >= YEAR_0 && time < YEAR_10000)) return null;
  const text = formatTime(Math.floor(time));
  return kind === "time" ? text : text.slice(0, -"T00:00:00Z".length);
}

/** A column of whole numbers with one too large for a number is text throughout. */
function normal(kind: AnswerKind, values: readonly unknown[]) {
  if (kind !== "number" || !values.some((value) => typeof value === "string")) {
    return { kind, values };
  }
  return {
    kind: "text" as const,
    values: values.map((value) => value === null ? null : `${value}`),
  };
}

function exact(value: bigint): number | string {
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

function distinct(name: string, taken: Set<string>): string {
  let free = name;
  for (let n = 1; taken.has(free); n++) free = `${name}_${n}`;
  taken.add(free);
  return free;
}

/** `HH:MM:SS` of microseconds since midnight, with them only where there are any. */
function timeOfDay(micros: number): string {
  const seconds = Math.floor(micros / 1e6);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const clock = parts.map((part) => String(part).padStart(2, "0")).join(":");
  const rest = micros % 1e6;
  return rest === 0 ? clock : `${clock}.${String(rest).padStart(6, "0")}`;
}

/** ISO 8601, as `P1M2DT3.5S`. */
function duration(parts: ArrayLike<number>): string {
  const [months = 0, days = 0, nanos = 0] = Array.from(parts, Number);
  return `P${months}M${days}DT${nanos / 1e9}S`;
}

/** An Arquero table of an answer. */
export async function arqueroTable(columns: readonly AnswerColumn[]): Promise<ColumnTable> {
  const { table } = await import("arquero");
  return table(columns.map(({ name, values }): [string, unknown[]] => [name, [...values]]));
}
