/** One value of Thrift's compact protocol, the language of Parquet's headers and footer. */
export interface ThriftValue {
  /** Type number as it stands in front of a field or a list. */
  readonly type: number;
  write(out: number[]): void;
}

const TRUE = 1;
const FALSE = 2;
const INT32 = 5;
const INT64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;
const STOP = 0;
const SHORT_LIST = 15;

/** A boolean field; its value lies in its type. */
export function flag(value: boolean): ThriftValue {
  return { type: value ? TRUE : FALSE, write: () => {} };
}

/** A whole number from 0 to 2³¹ − 1; nothing in a footer is negative. */
export function int32(value: number): ThriftValue {
  return { type: INT32, write: (out) => writeVarint(out, value * 2) };
}

/** A whole number from 0 to 2⁵² − 1. */
export function int64(value: number): ThriftValue {
  return { type: INT64, write: (out) => writeVarint(out, value * 2) };
}

/** Text in UTF-8. */
export function text(value: string): ThriftValue {
  return {
    type: BINARY,
    write(out) {
      const bytes = new TextEncoder().encode(value);
      writeVarint(out, bytes.length);
      for (const byte of bytes) out.push(byte);
    },
  };
}

/** Values of one type; an empty list says it holds structs. */
export function list(items: readonly ThriftValue[]): ThriftValue {
  return {
    type: LIST,
    write(out) {
      const type = items[0]?.type ?? STRUCT;
      out.push(Math.min(items.length, SHORT_LIST) << 4 | type);
      if (items.length >= SHORT_LIST) writeVarint(out, items.length);
      for (const item of items) item.write(out);
    },
  };
}

/** Fields by their number, 1 to 15; undefined leaves a field out. */
export function struct(fields: Readonly<Record<number, ThriftValue | undefined>>): ThriftValue {
  return {
    type: STRUCT,
    write(out) {
      let before = 0;
      for (const [key, field] of Object.entries(fields)) { // whole-number keys come in ascending order
        if (field === undefined) continue;
        out.push((Number(key) - before) << 4 | field.type);
        field.write(out);
        before = Number(key);
      }
      out.push(STOP);
    },
  };
}

/** The bytes of one value. */
export function thriftBytes(value: ThriftValue): Uint8Array {
  const out: number[] = [];
  value.write(out);
  return Uint8Array.from(out);
}

/** Appends a whole number, seven bits a byte, the lowest first. */
export function writeVarint(out: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    out.push(rest % 0x80 | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  out.push(rest);
}
