import { deepStrictEqual, ok, rejects } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import fc from "fast-check";
import { parseDate } from "../core/clock.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { encodeParquet } from "./parquet.ts";
import { readTable } from "./parquet_read.ts";

const schema = { time: "time", price: "number", symbol: "text", odd: "flag" } as const;
const table = {
  time: Float64Array.of(parseDate("1969-12-31"), parseDate("2024-02-29"), 4_102_444_800_123),
  price: Float64Array.of(-1.5, NaN, Infinity),
  symbol: ["SPY", "Zürich €", "SPY"],
  odd: [true, false, true],
};

Deno.test("FR-058 a table comes back from its Parquet file as it went in", () =>
  inTestFolder(async (folder) => {
    const file = join(folder, "t.parquet");
    await writeFile(file, await encodeParquet(schema, table));
    deepStrictEqual(await readTable(file, schema), table);
  }));

Deno.test("FR-058 any Parquet reader sees moments, doubles, text and booleans", async () => {
  const bytes = new Uint8Array(await encodeParquet(schema, table)).buffer;
  const rows = await parquetReadObjects({ file: bytes });
  deepStrictEqual(rows[1], {
    time: new Date("2024-02-29T00:00:00Z"),
    price: NaN,
    symbol: "Zürich €",
    odd: false,
  });
  deepStrictEqual(parquetMetadata(bytes).created_by, "assay");
});

Deno.test("FR-058 labels are stored like the text they stand for", async () => {
  const labels = { names: ["SPY", "Zürich €"], codes: Int32Array.of(0, 1, 0) };
  deepStrictEqual(
    await encodeParquet(schema, { ...table, symbol: labels }),
    await encodeParquet(schema, table),
  );
});

Deno.test("FR-058 tables of every length and vocabulary come back whole", () =>
  inTestFolder(async (folder) => {
    const file = join(folder, "t.parquet");
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.double(), fc.string(), fc.boolean())), async (rows) => {
        const small = {
          price: Float64Array.from(rows, ([price]) => price),
          symbol: rows.map(([, symbol]) => symbol.toWellFormed()),
          odd: rows.map(([, , odd]) => odd),
        };
        const { time: _, ...kinds } = schema;
        await writeFile(file, await encodeParquet(kinds, small));
        deepStrictEqual(await readTable(file, kinds), small);
      }),
      { seed: 1, numRuns: 60 },
    );
    for (const words of [256, 257, 65_536, 65_537]) {
      const long = { word: Array.from({ length: words + 3 }, (_, row) => `w${row % words}`) };
      await writeFile(file, await encodeParquet({ word: "text" }, long));
      const { word } = await readTable(file, { word: "text" });
      ok(word.join() === long.word.join(), `${words} different words`);
    }
  }));

Deno.test("FR-058 columns of different lengths are the programmer's mistake", async () => {
  await rejects(
    encodeParquet(schema, { ...table, odd: [true] }),
    new RangeError('Column "odd" has 1 rows, expected 3'),
  );
});

Deno.test("FR-058 a damaged table is refused in one line", () =>
  inTestFolder(async (folder) => {
    const file = join(folder, "t.parquet");
    await writeFile(file, (await encodeParquet(schema, table)).subarray(0, 60));
    const refusal = {
      name: "Refusal",
      message: /^Cannot read .*t\.parquet, expected a table.*[^\n]$/,
    };
    await rejects(readTable(file, schema), refusal);
    await rejects(readTable(join(folder, "absent.parquet"), schema), { name: "Refusal" });
    await writeFile(file, await encodeParquet({ price: "number" }, { price: table.price }));
    await rejects(readTable(file, schema), { message: /column "time" is not there/ });
  }));
