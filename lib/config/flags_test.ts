import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { LoadOptions } from "./load.ts";
import { loadTexts, refusalOf, TEST_BASE } from "./test_config.ts";

const load = (options: Partial<LoadOptions>) => loadTexts([TEST_BASE], options);

async function refused(options: Partial<LoadOptions>) {
  const { exitCode, message } = await refusalOf(() => load(options));
  return `${exitCode} ${message}`;
}

Deno.test("FR-052 --set lays a value over every file; the last of several wins", async () => {
  const config = await load({
    sets: [
      "risk.max_leverage=null",
      "system.seed=3",
      "system.seed=4",
      "models.CrossModel_v1.universe=[BTC]",
      "models.CrossModel_v1.parameters.weights={BTC: 0.5}",
      "execution.costs.crypto={fee_bps: 0}",
      "data.root=/some/where else",
      "experiment.name=2020-01-01",
    ],
  });
  strictEqual(config.risk.max_leverage, null);
  strictEqual(config.system.seed, 4);
  deepStrictEqual(config.models.CrossModel_v1!.universe, ["BTC"]);
  deepStrictEqual(config.models.CrossModel_v1!.parameters.weights, { BTC: 0.5 });
  deepStrictEqual(config.execution.costs.crypto, { fee_bps: 0, slippage_bps: 5 });
  strictEqual(config.data.root, "/some/where else");
  strictEqual(config.experiment?.name, "2020-01-01");
});

Deno.test("FR-052 --set reaches an asset whose symbol holds dots", async () => {
  const asset =
    "{asset_class: equity, venue: x, min_order_size: 0, quantity_precision: 0, price_precision: 2}";
  const config = await loadTexts([TEST_BASE, `assets: { BRK.B: ${asset} }`], {
    sets: ["assets.BRK.B.venue=y", "assets.SPY.venue=z", `assets.NEW=${asset}`],
  });
  strictEqual(config.assets["BRK.B"]!.venue, "y");
  strictEqual(config.assets.SPY!.venue, "z");
  strictEqual(config.assets.NEW!.venue, "x");
});

Deno.test("FR-050 --set with an unknown key or a wrong value is refused under its own name", async () => {
  strictEqual(
    await refused({ sets: ["risk.max_levrage=1"] }),
    '1 --set risk.max_levrage: risk.max_levrage is not a known key (did you mean "max_leverage"?)',
  );
  strictEqual(
    await refused({ sets: ["system.start=20200101"] }),
    "1 --set system.start: system.start: found 20200101 (a number), expected a date like 2020-01-01",
  );
  strictEqual(
    await refused({ sets: ["system.seed.deep=1"] }),
    "1 --set system.seed.deep: system.seed: found a mapping, expected a whole number of at least 0",
  );
  strictEqual(
    await refused({ sets: ["system.__proto__.x=1"] }),
    "1 --set system.__proto__.x: system.__proto__.x is not a known key",
  );
  strictEqual(
    await refused({ sets: ["system.end=2019-12-31"] }),
    "1 --set system.end: system.start: found 2020-01-01, expected no later than system.end 2019-12-31",
  );
  strictEqual(
    (await refused({ sets: ["replace=[models]"] })).startsWith(
      "1 --set replace: replace is not a known key",
    ),
    true,
  );
});

Deno.test("FR-050 a --set that is no key=value is wrong usage", async () => {
  strictEqual(
    await refused({ sets: ["system.seed"] }),
    '2 found "--set system.seed", expected --set key.path=value',
  );
  strictEqual(
    await refused({ sets: ["=1"] }),
    '2 found "--set =1", expected --set key.path=value',
  );
  strictEqual(
    await refused({ sets: ["system..seed=1"] }),
    "2 --set system..seed: found an empty key, expected names joined by single dots",
  );
  for (const value of ["", " ", "# off", "[1", "1, 2", "1] [2", "a: 1\nb: 2", ".nan", "!!set x"]) {
    const line = await refused({ sets: [`risk.max_leverage=${value}`] });
    strictEqual(line.startsWith("2 --set risk.max_leverage: found "), true, line);
    strictEqual(line.includes("\n"), false);
  }
});

Deno.test("FR-050 --start and --end lie over --set and are checked like any date", async () => {
  const config = await load({ sets: ["system.start=2020-03-01"], start: "2020-02-01" });
  strictEqual(config.system.start, "2020-02-01");
  strictEqual(
    await refused({ end: "2020-13-01" }),
    '1 --end: system.end: found "2020-13-01", expected a date like 2020-01-01',
  );
  strictEqual(
    await refused({ start: "2021-01-01" }),
    "1 --start: system.start: found 2021-01-01, expected no later than system.end 2020-12-31",
  );
});

Deno.test("FR-050 --models keeps the picked models and their budgets", async () => {
  const both = `${TEST_BASE}  DipModel_v1: { budget_fraction: 0.3 }\n`;
  const config = await loadTexts([both], { pick: ["DipModel_v1"] });
  deepStrictEqual(Object.keys(config.models), ["DipModel_v1"]);
  strictEqual(config.models.DipModel_v1!.budget_fraction, 0.3);
  strictEqual(Object.keys((await loadTexts([both], { pick: [] })).models).length, 2);
});

Deno.test("FR-050 a picked model that is not configured joins with its defaults and what budget is left", async () => {
  const beside = await load({ pick: ["CrossModel_v1", "DipModel_v1", "DipModel_v1"] });
  strictEqual(beside.models.CrossModel_v1!.budget_fraction, 0.6);
  deepStrictEqual(beside.models.DipModel_v1, {
    version: "1.0.0",
    lifecycle_stage: "research",
    budget_fraction: 0.4,
    universe: ["SPY"],
    parameters: { weight: 0.25 },
  });
  const alone = await load({
    pick: ["DipModel_v1"],
    sets: ["models.DipModel_v1.parameters.weight=1"],
  });
  strictEqual(alone.models.DipModel_v1!.budget_fraction, 1);
  deepStrictEqual(alone.models.DipModel_v1!.parameters, { weight: 1 });
});

Deno.test("FR-050 --models refuses an unknown model and one for which no budget is left", async () => {
  strictEqual(
    await refused({ pick: ["DipModel_v2"] }),
    '2 --models: DipModel_v2 is not a known model (did you mean "DipModel_v1"?)',
  );
  strictEqual(
    await refused({ pick: ["Other"] }),
    "2 --models: Other is not a known model; expected one of CrossModel_v1, DipModel_v1",
  );
  strictEqual(
    await refused({
      pick: ["CrossModel_v1", "DipModel_v1"],
      sets: ["models.CrossModel_v1.budget_fraction=1"],
    }),
    "1 --models: found no budget left for DipModel_v1, expected a budget_fraction below 1 in all " +
      "for the others, in every regime (set models.NAME.budget_fraction)",
  );
});
