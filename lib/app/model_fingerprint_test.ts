import { deepStrictEqual, notStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { appendFile, cp, readFile, writeFile } from "node:fs/promises";
import { Refusal } from "../core/errors.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { MODELS } from "../models/mod.ts";
import { codeFingerprint } from "./code_fingerprint.ts";
import { modelCode, modelCodeIn } from "./model_fingerprint.ts";
import { inProject } from "./project.ts";

const NAME = "CryptoMomentumModel_v1";

Deno.test("FR-017 every model that ships has a fingerprint of its own, over code that models may reach", async () => {
  const all = await Promise.all(MODELS.map(({ name }) => modelCode(name)));
  strictEqual(new Set(all.map(({ fingerprint }) => fingerprint)).size, MODELS.length);
  const { modules } = await codeFingerprint();
  for (const code of all) {
    const paths = Object.keys(code.modules);
    ok(paths.every((path) => /^lib\/(models|features|regime|learn|core)\//.test(path)));
    // What a run's card says of its code covers all of it.
    ok(paths.every((path) => modules[path] === code.modules[path]));
    deepStrictEqual(code.packages.map((name) => name.split("@")[0]), ["zod"]);
  }
});

Deno.test("FR-017 one byte of the model or of what it uses is another fingerprint, one of anything else is not", () =>
  inTestFolder(async (folder) => {
    await cp(inProject("lib"), `${folder}lib`, { recursive: true });
    const print = async () => (await modelCodeIn(folder, NAME)).fingerprint;
    const before = await print();
    strictEqual(before, (await modelCode(NAME)).fingerprint);
    const others = ["lib/models/equity_trend.ts", "lib/engine/decide.ts", "lib/app/runs.ts"];
    for (const other of others) await appendFile(`${folder}${other}`, " ");
    strictEqual(await print(), before);
    const own = [
      "models/crypto_momentum.ts",
      "models/model.ts",
      "features/kernels.ts",
      "core/bars.ts",
    ];
    for (const name of own) {
      const file = `${folder}lib/${name}`;
      const text = await readFile(file, "utf8");
      await writeFile(file, `${text} `);
      notStrictEqual(await print(), before, name);
      await writeFile(file, text);
      strictEqual(await print(), before);
    }
  }));

Deno.test("FR-017 a model that no module of the list defines has no fingerprint", async () => {
  await rejects(
    modelCode("OwnModel_v1"),
    (error) => error instanceof Refusal && /OwnModel_v1: found 0 modules/.test(error.message),
  );
});
