import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { z } from "zod";
import { inTestFolder } from "../core/test_folder.ts";
import { trading } from "../features/mod.ts";
import { MODELS } from "../models/mod.ts";
import { defineModel, type Model } from "../models/model.ts";
import { loadPlan } from "./load_plan.ts";
import { inProject } from "./project.ts";
import { CROSS_FILE } from "./test_market.ts";

const CROSS = "MovingAverageCrossModel_v1";

function holder(name: string, missing?: Model["missing"]): Model {
  return defineModel({
    name,
    version: "1.0.0",
    universe: ["SPY"],
    parameters: z.strictObject({ share: z.number().default(0.5) }),
    features: () => ({ price: trading.close() }),
    decide: () => ({}),
    ...(missing ? { missing } : {}),
  });
}

Deno.test("FR-050 the base plan is the three models with their budgets, on four assets in order of symbol", async () => {
  const { plan, models, sealed, dataRoot } = await loadPlan();
  deepStrictEqual(plan.assets.map(({ symbol }) => symbol), ["BTC", "ETH", "QQQ", "SPY"]);
  deepStrictEqual(plan.models.map(({ name, budgetFraction }) => [name, budgetFraction]), [
    ["CryptoMomentumModel_v1", 0.15],
    ["EquityTrendModel_v1", 0.6],
    ["IndexMeanReversionModel_v1", 0.25],
  ]);
  deepStrictEqual(models.map(({ name }) => name).sort(), plan.models.map(({ name }) => name));
  deepStrictEqual(plan.regimeBudgets, {
    equity_bear: {
      CryptoMomentumModel_v1: 0.05,
      EquityTrendModel_v1: 0.2,
      IndexMeanReversionModel_v1: 0.4,
    },
  });
  deepStrictEqual(plan.regimeLimits, { vol_high: { maxLeverage: 0.8 } });
  strictEqual(plan.end, Date.parse("2025-01-01"));
  deepStrictEqual([sealed, dataRoot], [true, inProject("data")]);
});

Deno.test("FR-014 FR-015 FR-016 the base writes out what the three models have as defaults", async () => {
  const { plan, models } = await loadPlan();
  for (const { name, version, parameters } of plan.models) {
    const model = models.find((candidate) => candidate.name === name)!;
    strictEqual(version, model.version);
    deepStrictEqual(parameters, model.parameters.parse({}), name);
  }
});

Deno.test("FR-052 several files merge left to right, then --set, then --start and --end", async () => {
  await inTestFolder(async (folder) => {
    const [one, two] = [`${folder}one.yaml`, `${folder}two.yaml`];
    await writeFile(one, "system: { start: 2021-01-01, seed: 7 }\nrisk: { per_asset_cap: 0.3 }\n");
    await writeFile(two, "system: { start: 2022-01-01 }\nrisk: { max_leverage: 1 }\n");
    const { plan } = await loadPlan([one, two], {
      sets: ["risk.max_leverage=0.9", "system.end=2023-06-01"],
      end: "2023-03-31",
    });
    deepStrictEqual(
      [plan.start, plan.end, plan.seed, plan.risk.perAssetCap, plan.risk.maxLeverage],
      [Date.parse("2022-01-01"), Date.parse("2023-04-01"), 7, 0.3, 0.9],
    );
    const { plan: turned } = await loadPlan([two, one]);
    strictEqual(turned.start, Date.parse("2021-01-01"));
    strictEqual(turned.risk.maxLeverage, 1);
  });
});

Deno.test("FR-013 a registered model without an entry in the configuration gets what the others leave", async () => {
  const define = [holder("HolderModel_v1")];
  const alone = await loadPlan([], { define, models: ["HolderModel_v1"] });
  deepStrictEqual(
    alone.plan.models.map(({ name, budgetFraction, parameters }) => [
      name,
      budgetFraction,
      parameters,
    ]),
    [["HolderModel_v1", 1, { share: 0.5 }]],
  );
  deepStrictEqual(alone.plan.assets.map(({ symbol }) => symbol), ["SPY"]);
  const beside = await loadPlan(CROSS_FILE, {
    define,
    models: [CROSS, "HolderModel_v1"],
    sets: [`models.${CROSS}.budget_fraction=0.75`, "models.HolderModel_v1.parameters.share=0.1"],
  });
  deepStrictEqual(beside.plan.models.map(({ budgetFraction }) => budgetFraction), [0.25, 0.75]);
  deepStrictEqual(beside.plan.models[0]!.parameters, { share: 0.1 });
  strictEqual(beside.sealed, false);
  strictEqual((await loadPlan([], { define })).sealed, true, "defined and not used");
});

Deno.test("FR-005 a model's own policy for missing data holds unless the configuration gives it another", async () => {
  const define = [holder("HolderModel_v1"), holder("StrictModel_v1", "fail")];
  const names = ["HolderModel_v1", "StrictModel_v1"];
  const policies = async (sets: string[]) =>
    (await loadPlan([], { define, models: names, sets })).plan.models.map(({ missing }) => missing);
  deepStrictEqual(await policies([]), ["ffill", "fail"]);
  deepStrictEqual(await policies(["data.missing=skip"]), ["skip", "fail"]);
  deepStrictEqual(await policies(["models.StrictModel_v1.missing=skip"]), ["ffill", "skip"]);
});

Deno.test("FR-013 a plan without any model is refused with the names of those there are", async () => {
  await inTestFolder(async (folder) => {
    await writeFile(`${folder}none.yaml`, "replace: [models]\nmodels: {}\n");
    await rejects(loadPlan(`${folder}none.yaml`), {
      name: "Refusal",
      message: `models: found no model, expected at least one of ${
        MODELS.map(({ name }) => name).join(", ")
      }`,
    });
  });
});

Deno.test("FR-017 a plan is what decides a result: names, stages and places are no part of it", async () => {
  const { plan } = await loadPlan();
  const text = JSON.stringify(plan);
  const left = ["lifecycle", "root", "live_feed", "timeout", "experiment", "threads"];
  for (const word of [...left, "brokers", "trading", "paper"]) ok(!text.includes(word), word);
  strictEqual(plan.models[0]!.version, "1.0.0");
});
