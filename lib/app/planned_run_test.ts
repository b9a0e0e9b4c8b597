import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { z } from "zod";
import { inTestFolder } from "../core/test_folder.ts";
import { trading } from "../features/mod.ts";
import { defineModel, type Model } from "../models/model.ts";
import { backtest } from "./backtest.ts";
import { plannedRun } from "./planned_run.ts";
import { inProject } from "./project.ts";
import { tinyPlan, writeBtc } from "./test_market.ts";
import { databaseFile } from "./trial.ts";
import { verify } from "./verify.ts";

Deno.test("SC-008 a run is verified although the record cannot be opened; then its data are the project's or those given", async () => {
  await inTestFolder(async (folder) => {
    const [dataRoot, root] = [`${folder}data`, `${folder}results`];
    await writeBtc(dataRoot);
    const loaded = await tinyPlan(dataRoot);
    const { id } = await backtest(loaded, { threads: 0, resultsRoot: root });
    const { plan, sealed } = loaded;
    const rootOf = async () => (await plannedRun({ id, plan, sealed, root })).dataRoot;
    strictEqual(await rootOf(), dataRoot);
    const file = databaseFile(root);
    for (const spoil of [() => writeFile(file, "no database"), () => mkdir(file)]) {
      for (const name of [file, `${file}-wal`, `${file}-shm`]) await rm(name, { force: true });
      await spoil();
      strictEqual(await rootOf(), inProject("data"));
      const { verdict, findings } = await verify(id, { threads: 0, resultsRoot: root, dataRoot });
      deepStrictEqual([verdict, findings], ["equal", []]);
    }
  });
});

Deno.test({
  name: "SC-008 a results folder that may only be read is enough to verify a run in it",
  ignore: Deno.build.os === "windows",
  async fn() {
    await inTestFolder(async (folder) => {
      const [dataRoot, resultsRoot] = [`${folder}data`, `${folder}results`];
      await writeBtc(dataRoot);
      const { id } = await backtest(await tinyPlan(dataRoot), { threads: 0, resultsRoot });
      await chmod(databaseFile(resultsRoot), 0o444);
      await chmod(resultsRoot, 0o555);
      try {
        const { verdict } = await verify(id, { threads: 0, resultsRoot, dataRoot });
        strictEqual(verdict, "equal");
      } finally {
        await chmod(resultsRoot, 0o755);
      }
    });
  },
});

function holding(name: string): Model {
  return defineModel({
    name,
    version: "1.0.0",
    universe: ["BTC"],
    parameters: z.strictObject({}),
    features: () => ({ price: trading.close() }),
    decide: () => ({ BTC: 0.1 }),
  });
}

Deno.test("FR-013 models of an unsealed run are named, and where they can be handed over, or which of them is missing", async () => {
  await inTestFolder(async (folder) => {
    const [a, b, c] = ["A_v1", "B_v1", "C_v1"].map(holding);
    const half = (model: Model) => `models.${model.name}.budget_fraction=0.5`;
    const { plan } = await tinyPlan(`${folder}data`, {
      define: [a!, b!],
      models: ["A_v1", "B_v1"],
      sets: [half(a!), half(b!)],
    });
    const run = { id: "0123456789abcdef", plan, sealed: false, root: folder };
    const refused = (message: string, define?: readonly Model[]) =>
      rejects(plannedRun({ ...run, ...(define ? { define } : {}) }), { name: "Refusal", message });
    await refused(
      "Run 0123456789abcdef is unsealed: its models A_v1, B_v1 live in a notebook, not in the library; hand them over " +
        'there, with verify("0123456789abcdef", { define: [A_v1, B_v1] }) ' +
        'or audit("0123456789abcdef", { define: [A_v1, B_v1] })',
    );
    await refused(
      "Run 0123456789abcdef is unsealed: define lacks its model B_v1, found A_v1, C_v1",
      [a!, c!],
    );
    await refused(
      "Run 0123456789abcdef is unsealed: define lacks its models A_v1, B_v1, found none",
      [],
    );
    const { models, sealed } = await plannedRun({ ...run, define: [b!, a!] });
    deepStrictEqual([models.map(({ name }) => name), sealed], [["B_v1", "A_v1"], false]);
  });
});
