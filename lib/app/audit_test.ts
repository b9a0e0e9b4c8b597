import { rejects, strictEqual } from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inTestFolder } from "../core/test_folder.ts";
import { audit } from "./audit.ts";
import { backtest } from "./backtest.ts";
import { CROSS_FILE, tinyPlan, writeBtc } from "./test_market.ts";

Deno.test("SC-002 what is neither a run nor a file is refused with the number of runs looked at", async () => {
  await inTestFolder(async (resultsRoot) => {
    await mkdir(join(resultsRoot, "runs/0123456789abcdef"), { recursive: true });
    const place = `among the 1 in ${join(resultsRoot, "runs")}`;
    for (const subject of ["zzz", "0123456789abcdee", "nowhere.yaml", resultsRoot]) {
      await rejects(audit(subject, { resultsRoot }), {
        name: "Refusal",
        exitCode: 1,
        message: `No run "${subject}" ${place}, and no configuration file of that name`,
      });
    }
    for (const subject of ["", [""], [CROSS_FILE, ""]]) {
      await rejects(audit(subject, { resultsRoot }), {
        name: "Refusal",
        message: 'Audit: found "", expected a run id, its beginning or a configuration file',
      });
    }
    const file = join(resultsRoot, "0123");
    await writeFile(file, "system: { start: never }\n");
    await rejects(audit(file, { resultsRoot }), { name: "Refusal", message: /system\.start/ });
  });
});

Deno.test("FR-013 an unsealed run whose model is not given is refused, by the name of the model", async () => {
  await inTestFolder(async (folder) => {
    const [dataRoot, resultsRoot] = [`${folder}data`, `${folder}results`];
    await writeBtc(dataRoot);
    const { MODELS } = await import("../models/mod.ts");
    const shipped = MODELS.find(({ name }) => name === "MovingAverageCrossModel_v1")!;
    const model = { ...shipped, name: "NotebookModel_v1" };
    const loaded = await tinyPlan(dataRoot, {
      define: [model],
      models: [model.name],
      sets: [`models.${model.name}.universe=[BTC]`],
    });
    const { id } = await backtest(loaded, { resultsRoot, proofs: false });
    await rejects(audit(id, { resultsRoot }), {
      message: /its model NotebookModel_v1 lives in a notebook.* or audit\("[0-9a-f]{16}", \{ /,
    });
    await rejects(audit(id, { resultsRoot, define: [] }), {
      message: /define lacks its model NotebookModel_v1, found none$/,
    });
    const { certificate } = await audit(id, { resultsRoot, define: [model] });
    strictEqual(certificate.verdict, "passed");
  });
});
