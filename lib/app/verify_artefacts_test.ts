import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { mkdir, readdir, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../core/hash.ts";
import { encodeParquet } from "../results/parquet.ts";
import { openTables } from "../results/mod.ts";
import { TABLE_SCHEMAS } from "../results/table_schemas.ts";
import { flipBit, found, withRun } from "./verify_test_market.ts";

Deno.test("SC-008 an untouched copy of a run is verified", async () => {
  await withRun(async ({ run, verify }) => {
    const { verdict, findings, executed, run_id } = await verify();
    deepStrictEqual([verdict, findings, executed, run_id], ["equal", [], true, run.id]);
  });
});

Deno.test("SC-008 a flipped bit at the head, in the middle or at the end of any artefact is found", async () => {
  await withRun(async ({ run, verify }) => {
    const names = Object.keys(run.card.artefacts);
    ok(names.length >= 14);
    let flips = 0;
    for (const name of names) {
      const { length } = await readFile(join(run.folder, name));
      for (const byte of length === 0 ? [] : [0, length >> 1, -1]) {
        const what = `${name}, byte ${byte}`;
        const verification = await verify((folder) => flipBit(join(folder, name), byte, flips % 8));
        found(verification, "artefact", what);
        deepStrictEqual(verification.findings.map(({ file }) => file), [name], what);
        match(verification.findings[0]!.message, /was changed since it was stored: /, what);
        flips++;
      }
    }
    ok(flips >= 40, `${flips} flips`);
  });
});

const onFolder: Readonly<
  Record<string, readonly [change: (folder: string) => Promise<void>, message: RegExp]>
> = {
  "truncated": [(folder) => truncate(join(folder, "nav.parquet"), 1_000), /nav\.parquet .*decoded/],
  "emptied": [(folder) => writeFile(join(folder, "trades.parquet"), ""), /found 0 bytes/],
  "emptied, a log": [
    (folder) => writeFile(join(folder, "trades.log"), ""),
    /trades\.log .*: line 1: found "", expected /,
  ],
  "cut by a line": [
    async (folder) => {
      const file = join(folder, "orders.log");
      const text = await readFile(file, "utf8");
      await writeFile(file, text.slice(0, text.lastIndexOf("\n", text.length - 2) + 1));
    },
    /orders\.log .*: line \d+: found "", expected /,
  ],
  "longer by a line": [
    async (folder) => {
      const file = join(folder, "orders.log");
      await writeFile(file, `${await readFile(file, "utf8")}{}\n`);
    },
    /orders\.log .*: line \d+: found "\{\}", expected ""/,
  ],
  "deleted": [(folder) => rm(join(folder, "weights.parquet")), /^weights\.parquet is missing$/],
  "beside a stranger": [
    (folder) => writeFile(join(folder, "notes.txt"), "x"),
    /^"notes\.txt" lies/,
  ],
  "beside a stranger with a familiar name": [
    (folder) => writeFile(join(folder, "constructor"), "x"),
    /^"constructor" lies/,
  ],
  "beside a folder": [
    async (folder) => {
      await mkdir(join(folder, "more"));
    },
    /^"more" lies in the folder and is no part/,
  ],
};

for (const [what, [change, message]] of Object.entries(onFolder)) {
  Deno.test(`SC-008 an artefact ${what} is found`, async () => {
    await withRun(async ({ verify }) => {
      const verification = await verify(change);
      found(verification, "artefact", what);
      strictEqual(verification.findings.length, 1);
      match(verification.findings[0]!.message, message);
    });
  });
}

Deno.test("SC-008 two artefacts that changed places are both found", async () => {
  await withRun(async ({ verify }) => {
    const verification = await verify(async (folder) => {
      const [one, two, aside] = ["trades.log", "orders.log", "aside"].map((it) => join(folder, it));
      await rename(one!, aside!);
      await rename(two!, one!);
      await rename(aside!, two!);
    });
    found(verification, "artefact", "swapped");
    deepStrictEqual(verification.findings.map(({ file }) => file).sort(), [
      "orders.log",
      "trades.log",
    ]);
  });
});

Deno.test("SC-008 the first changed value of a table is told with row, column and both values", async () => {
  await withRun(async ({ verify }) => {
    const change = async (folder: string) => {
      const table = await openTables(folder).nav();
      const nav = table.nav.map((value, row) => row === 12 || row === 30 ? value + 1 : value);
      await writeFile(
        join(folder, "nav.parquet"),
        await encodeParquet(TABLE_SCHEMAS.nav, { ...table, nav }),
      );
    };
    const { findings: [finding, ...others] } = await verify(change);
    const { message, ...facts } = finding!;
    strictEqual(others.length, 0);
    const { expected } = facts;
    const value = String(Number(expected) + 1);
    deepStrictEqual(facts, {
      kind: "artefact",
      file: "nav.parquet",
      row: 12,
      column: "nav",
      expected,
      found: value,
    });
    strictEqual(
      message,
      "nav.parquet was changed since it was stored: row 12 (2024-02-03T00:00:00Z), column nav: " +
        `found ${value}, expected ${expected}`,
    );
    // Whoever changes a file and its hash in the card is found by computing it again.
    const both = await verify(async (folder) => {
      await change(folder);
      const card = join(folder, "run.json");
      const file = join(folder, "nav.parquet");
      const text = await readFile(card, "utf8");
      const { artefacts } = JSON.parse(text) as { artefacts: Record<string, string> };
      const hash = sha256(await readFile(file));
      await writeFile(card, text.replace(artefacts["nav.parquet"]!, hash));
    });
    deepStrictEqual(both.findings.map(({ kind, file, column }) => [kind, file, column]), [
      ["artefact", "nav.parquet", "nav"],
      ["card", "run.json", "artefacts.nav.parquet"],
    ]);
    match(both.findings[0]!.message, /^nav\.parquet does not come out again: row 12 /);
  });
});

Deno.test("FR-049 verifying writes nothing and is no trial", async () => {
  await withRun(async ({ run, verify, folder }) => {
    const all = async () => (await readdir(folder, { recursive: true })).sort();
    const before = [await all(), sha256(await readFile(`${folder}results/assay.db`))];
    await verify();
    const resultsRoot = `${folder}results`;
    const { verify: verifyHere } = await import("./verify.ts");
    const here = await verifyHere(run.id, { resultsRoot, threads: 0 });
    deepStrictEqual([here.verdict, here.data_root], ["equal", `${folder}data`]);
    deepStrictEqual([await all(), sha256(await readFile(`${folder}results/assay.db`))], before);
  });
});
