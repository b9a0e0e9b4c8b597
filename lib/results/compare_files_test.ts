import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { parseDate } from "../core/clock.ts";
import { compareFiles, jsonDifferences } from "./compare_files.ts";
import { encodeParquet } from "./parquet.ts";
import { TABLE_SCHEMAS } from "./table_schemas.ts";

const risk = {
  time: Float64Array.of(parseDate("2024-01-01"), parseDate("2024-01-02")),
  rule: ["leverage_cap", "asset_cap"],
  symbol: ["SPY", "BTC"],
  before: Float64Array.of(0.5, NaN),
  after: Float64Array.of(0.4, 0),
};

const encoded = (table: Partial<typeof risk> = {}) =>
  encodeParquet(TABLE_SCHEMAS.risk, { ...risk, ...table });
const bytes = (text: string) => new TextEncoder().encode(text);
const messageOf = async (name: string, found: Uint8Array, expected: Uint8Array) =>
  (await compareFiles(name, found, expected))?.message;

Deno.test("SC-008 equal files have no difference", async () => {
  strictEqual(await compareFiles("risk.parquet", await encoded(), await encoded()), undefined);
  strictEqual(await compareFiles("a.log", bytes(""), bytes("")), undefined);
});

Deno.test("SC-008 the first row and column of a table whose values differ are told, with the moment", async () => {
  const good = await encoded();
  const told = async (change: Partial<typeof risk>) =>
    await messageOf("risk.parquet", await encoded(change), good);
  strictEqual(
    await told({ after: Float64Array.of(0.4, 0.1), symbol: ["SPY", "ETH"] }),
    'row 1 (2024-01-02T00:00:00Z), column symbol: found "ETH", expected "BTC"',
  );
  strictEqual(
    await told({ before: Float64Array.of(0.5, 1) }),
    "row 1 (2024-01-02T00:00:00Z), column before: found 1, expected NaN",
  );
  strictEqual(
    await told({ after: Float64Array.of(0.4, -0) }),
    "row 1 (2024-01-02T00:00:00Z), column after: found -0, expected 0",
  );
  strictEqual(
    await told({ time: risk.time.map((time) => time + 1) }),
    "row 0 (2024-01-01T00:00:00Z), column time: " +
      "found 2024-01-01T00:00:00.001Z, expected 2024-01-01T00:00:00Z",
  );
  deepStrictEqual(
    await compareFiles("risk.parquet", await encoded({ before: Float64Array.of(0.1, NaN) }), good),
    {
      message: "row 0 (2024-01-01T00:00:00Z), column before: found 0.1, expected 0.5",
      row: 0,
      column: "before",
      found: "0.1",
      expected: "0.5",
    },
  );
});

Deno.test("SC-008 a row more or less, other bytes of equal values, and no table at all are told apart", async () => {
  const good = await encoded();
  const first = Object.fromEntries(
    Object.entries(risk).map(([name, column]) => [name, column.slice(0, 1)]),
  ) as typeof risk;
  strictEqual(
    await messageOf("risk.parquet", await encoded(first), good),
    "found 1 rows, expected 2; the others are equal",
  );
  const odd = good.slice();
  odd[0]! ^= 1;
  match((await messageOf("risk.parquet", odd, good))!, /bytes differ from byte 0 on/);
  match((await messageOf("risk.parquet", bytes(""), good))!, /cannot be decoded.*found 0 bytes/);
  match(
    (await messageOf("risk.parquet", good.slice(0, 99), good))!,
    /^cannot be decoded; its bytes differ from byte 99 on, where the file ends \(found 99 bytes, /,
  );
});

Deno.test("SC-008 any flipped bit of a table is told in one line", async () => {
  const good = await encoded();
  await fc.assert(
    fc.asyncProperty(fc.nat(good.length - 1), fc.nat(7), async (place, bit) => {
      const odd = good.slice();
      odd[place]! ^= 1 << bit;
      match((await messageOf("risk.parquet", odd, good))!, /^[^\n]+$/);
    }),
    { seed: 1, numRuns: 200 },
  );
});

Deno.test("SC-008 of a log the first line that differs is told, by key where it is JSON", async () => {
  const good = bytes('{"a":1,"b":{"c":[1,2]}}\n{"a":2}\n');
  const told = (text: string) => messageOf("a.log", bytes(text), good);
  strictEqual(
    await told('{"a":1,"b":{"c":[1,3]}}\n{"a":7}\n'),
    "line 1, b.c.1: found 3, expected 2",
  );
  strictEqual(
    await told('{"a":1,"b":{"c":[1,2]}}\n'),
    'line 2: found "", expected "{\\"a\\":2}"; the file ends there',
  );
  strictEqual(
    await told('{"a":1,"b":{"c":[1,2]}}\n{"a":2}'),
    'line 3: found nothing, expected ""; the file ends there',
  );
  strictEqual(
    await told('{"a":1,"b":{"c":[1,2]}}\n{"a":2}\nmore\n'),
    'line 3: found "more", expected ""',
  );
  match((await told('{"a":1, "b":{"c":[1,2]}}\n{"a":2}\n'))!, /^line 1: found ".* \\"b/);
  match((await told(`${"x".repeat(500)}\n`))!, /^line 1: found "x{119}…, expected /);
  strictEqual(
    await told('{"a":1,"b":{"c":[1,2]}}\n{"a":2}\n\u0000'),
    'line 3: found "\\u0000", expected ""',
  );
});

Deno.test("SC-008 of long values what stands around the first difference is told, so that they never read the same", async () => {
  const long = (odd: string) => `${"a".repeat(300)}${odd}${"z".repeat(300)}`;
  const [before, after] = [`…${"a".repeat(40)}`, `${"z".repeat(79)}…`];
  strictEqual(
    jsonDifferences({ k: long("1") }, { k: long("2") })[0]!.message,
    `k: found ${before}1${after}, expected ${before}2${after}`,
  );
  const line = `{"a":"${long("1")}"`; // a log that was cut inside a line is no JSON there
  const cut = await compareFiles("a.log", bytes(line.slice(0, 250)), bytes(`${line}}\n`));
  strictEqual(
    cut!.message,
    `line 1: found ${before}", expected ${before}${"a".repeat(56)}1${"z".repeat(23)}…; ` +
      "the file ends there",
  );
  await fc.assert(
    fc.property(fc.string({ maxLength: 400 }), fc.string({ maxLength: 400 }), (one, other) => {
      fc.pre(one !== other);
      const { message } = jsonDifferences(one, other)[0]!;
      const [, found, expected] = /^the document: found ([^]*), expected ([^]*)$/.exec(message)!;
      ok(found !== expected && message.length < 300, message);
    }),
    { seed: 1 },
  );
});

Deno.test("SC-008 bytes that are no text differ in the line they stand in", async () => {
  const [found, expected] = [Uint8Array.of(0x61, 0xff), Uint8Array.of(0x61, 0xfe)];
  match((await messageOf("a.log", found, expected))!, /bytes? .*1/);
});

Deno.test("SC-008 JSON values are compared by key path, in the order of what is expected", () => {
  const paths = (found: unknown, expected: unknown) =>
    jsonDifferences(found, expected).map((
      { column, found, expected },
    ) => [column, found, expected]);
  deepStrictEqual(paths({ b: 2, a: 1 }, { a: 1, b: 2 }), []);
  deepStrictEqual(paths({ z: 1, a: 1 }, { b: [], a: 2 }), [
    ["b", undefined, "[]"],
    ["a", "1", "2"],
    ["z", "1", undefined],
  ]);
  deepStrictEqual(paths([1], { 0: 1 }), [["", "[1]", '{"0":1}']]);
  deepStrictEqual(paths({ a: null }, { a: {} }), [["a", "null", "{}"]]);
  strictEqual(
    jsonDifferences({ "a\nb": 1 }, {})[0]!.message,
    String.raw`"a\nb": found 1, expected nothing`,
  );
});
