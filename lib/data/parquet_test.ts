import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { zstdCompressSync } from "node:zlib";
import { inTestFolder } from "../core/test_folder.ts";
import { openParquet, readNumbers, readTexts } from "./parquet_read.ts";
import { encodeParquet, writeParquetFile } from "./parquet_write.ts";

Deno.test("FR-001 columns and metadata come back as they were written", () =>
  inTestFolder(async (folder) => {
    const file = `${folder}table.parquet`;
    await writeParquetFile(file, [
      { name: "time", kind: "time", values: Float64Array.of(1, 1577836800000) },
      { name: "day", kind: "date", values: Float64Array.of(-86400000, 86400000) },
      { name: "value", kind: "number", values: Float64Array.of(NaN, 0.1) },
      { name: "feed", kind: "text", values: ["", "köln"] },
    ], { "assay.format": "1", empty: "" });
    const parquet = await openParquet(file);
    deepStrictEqual(Object.fromEntries(parquet.metadata), { "assay.format": "1", empty: "" });
    deepStrictEqual([...parquet.columns.values()], ["time", "time", "number", "text"]);
    deepStrictEqual(await readNumbers(parquet, ["value", "day", "time"]), [
      Float64Array.of(NaN, 0.1),
      Float64Array.of(-86400000, 86400000),
      Float64Array.of(1, 1577836800000),
    ]);
    deepStrictEqual(await readTexts(parquet, "feed"), ["", "köln"]);
  }));

Deno.test("FR-060 the same columns give the same bytes", async () => {
  const columns = [{ name: "x", kind: "number" as const, values: Float64Array.of(1, 2) }];
  deepStrictEqual(
    await encodeParquet(columns, { a: "b" }),
    await encodeParquet(columns, { a: "b" }),
  );
});

Deno.test("FR-001 columns of different lengths are never written", async () => {
  await rejects(
    encodeParquet([
      { name: "a", kind: "number", values: Float64Array.of(1, 2) },
      { name: "b", kind: "number", values: Float64Array.of(1) },
    ], {}),
    { name: "RangeError", message: 'Column "b" has 1 rows, expected 2' },
  );
});

Deno.test("FR-010 times of other programs are read whatever their unit", () =>
  inTestFolder(async (folder) => {
    const millis = 1577836800001; // one millisecond past a grid time shows any rounding
    const schema = (["MILLIS", "MICROS", "NANOS"] as const).map((unit) => ({
      name: unit,
      type: "INT64" as const,
      repetition_type: "OPTIONAL" as const,
      logical_type: { type: "TIMESTAMP" as const, isAdjustedToUTC: false, unit },
    }));
    const bytes = parquetWriteBuffer({
      schema: [{ name: "root", num_children: 3 }, ...schema],
      columnData: schema.map(({ name }, i) => ({
        name,
        data: [BigInt(millis) * 1000n ** BigInt(i), undefined],
      })),
    });
    await writeFile(`${folder}times.parquet`, new Uint8Array(bytes));
    const columns = await readNumbers(await openParquet(`${folder}times.parquet`), [
      "MILLIS",
      "MICROS",
      "NANOS",
    ]);
    for (const column of columns) deepStrictEqual(column, Float64Array.of(millis, NaN));
  }));

Deno.test("FR-001 integers, nulls and compressed pages of other programs become numbers", () =>
  inTestFolder(async (folder) => {
    const bytes = parquetWriteBuffer({
      columnData: [
        { name: "int64", data: [5n, null, 7n], type: "INT64" },
        { name: "int32", data: Int32Array.of(5, 6, 7) },
        { name: "float", data: Float32Array.of(0.5, 1.5, 2.5) },
      ],
      codec: "ZSTD",
      compressors: { ZSTD: (page) => new Uint8Array(zstdCompressSync(page)) },
      rowGroupSize: 2,
    });
    await writeFile(`${folder}other.parquet`, new Uint8Array(bytes));
    const parquet = await openParquet(`${folder}other.parquet`);
    deepStrictEqual(await readNumbers(parquet, ["int64", "int32", "float"]), [
      Float64Array.of(5, NaN, 7),
      Float64Array.of(5, 6, 7),
      Float64Array.of(0.5, 1.5, 2.5),
    ]);
  }));

Deno.test("FR-001 property: every double survives, bit for bit", () =>
  inTestFolder(async (folder) => {
    let run = 0;
    const property = fc.asyncProperty(fc.float64Array({ minLength: 1 }), async (values) => {
      const file = `${folder}${run++}.parquet`;
      await writeParquetFile(file, [{ name: "x", kind: "number", values }], {});
      const [read] = await readNumbers(await openParquet(file), ["x"]);
      deepStrictEqual(read, Float64Array.from(values));
    });
    await fc.assert(property, { seed: 1, numRuns: 50 });
    strictEqual(run, 50);
  }));
