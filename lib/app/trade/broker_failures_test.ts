import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { inTestFolder } from "../../core/test_folder.ts";
import { countFailure } from "./broker_failures.ts";

Deno.test("FR-022 closes on end on which the broker failed are counted over visits, each once", () =>
  inTestFolder(async (folder) => {
    const visits = [[1, true], [1, true], [2, true], [2, false], [3, true], [4, true], [5, false]];
    const counts: number[] = [];
    for (const [close, failed] of visits as [number, boolean][]) {
      counts.push(await countFailure(folder, "a", { close, failed }));
    }
    deepStrictEqual(counts, [1, 1, 2, 0, 1, 2, 0]);
    await writeFile(`${folder}a.failures.json`, "{");
    strictEqual(await countFailure(folder, "a", { close: 6, failed: true }), 1);
  }));
