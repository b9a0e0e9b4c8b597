import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { z } from "zod";
import { h4 } from "../features/mod.ts";
import { FLAT, REGIME, smallProposer } from "./model_fixtures.ts";
import { defineModel, each, type ModelDeclaration, ruleOf } from "./model.ts";

const parameters = z.strictObject({
  period: z.int().min(1).default(2),
  weights: z.record(z.string(), z.number()).default({ BTC: 1 }),
});

type Declaration = ModelDeclaration<typeof parameters, "average">;

const declaration: Declaration = {
  name: "ProbeModel_v1",
  version: "1.2.3",
  universe: ["BTC", "ETH"],
  parameters,
  features: ({ period }) => ({ average: h4.sma(period) }),
  decide: () => ({}),
};
const define = (changes: Partial<Declaration>) => defineModel({ ...declaration, ...changes });
const given = { period: 3, weights: { BTC: 1 } };

Deno.test("FR-017 a version is MAJOR.MINOR.PATCH, its major the one in the name", () => {
  strictEqual(define({}).version, "1.2.3");
  strictEqual(define({ name: "ProbeModel_v12", version: "12.0.10" }).name, "ProbeModel_v12");
  strictEqual(define({ name: "ProbeModel_v0", version: "0.1.0" }).name, "ProbeModel_v0");
  const wrong = [
    "2.0.0",
    "11.0.0",
    "1.0",
    "1",
    "1.0.0-rc",
    "v1.0.0",
    "01.0.0",
    "1.02.0",
    "1.0.0\n",
    "",
  ];
  for (const version of wrong) {
    throws(() => define({ version }), {
      name: "TypeError",
      message: `Version "${version}" of ProbeModel_v1 must be MAJOR.MINOR.PATCH ` +
        "with the major version of its name",
    });
  }
  throws(() => define({ name: "ProbeModel_v11", version: "1.0.0" }), TypeError);
});

Deno.test("FR-017 a name ends in its major version and has no room for punctuation", () => {
  for (
    const name of ["Probe", "Probe_v", "Probe_1", "1Probe_v1", "Probe-x_v1", "Probe_v1 ", "_v1"]
  ) {
    throws(() => define({ name }), {
      name: "TypeError",
      message: `Model name "${name}" must look like "DipBuyerModel_v1"`,
    });
  }
});

Deno.test("FR-013 a universe holds symbols, each once", () => {
  for (const universe of [[], ["BTC", "BTC"]]) {
    throws(() => define({ universe }), {
      name: "TypeError",
      message: "Universe of ProbeModel_v1 must hold symbols, each once",
    });
  }
});

Deno.test("FR-013 parameters that would let a misspelled key pass are no parameters", () => {
  const lax = [
    z.object({}),
    z.looseObject({}),
    z.strictObject({}).catchall(z.number()),
    z.string(),
  ];
  for (const schema of lax) {
    throws(() => define({ parameters: schema as unknown as typeof parameters }), {
      name: "TypeError",
      message: "Parameters of ProbeModel_v1 must be a z.strictObject",
    });
  }
  ok(define({ parameters: parameters.refine(() => true) }));
});

Deno.test("FR-013 a model does not change after it was made", () => {
  const universe = ["BTC", "ETH"];
  const model = define({ universe });
  universe.push("SPY");
  deepStrictEqual(model.universe, ["BTC", "ETH"]);
  ok(Object.isFrozen(model) && Object.isFrozen(model.universe));
});

Deno.test("FR-013 what is left out of a declaration has a plain meaning", () => {
  const model = define({});
  strictEqual(model.schedule(given), undefined);
  strictEqual(model.check(given, ["BTC"]), undefined);
  strictEqual(model.missing, undefined);
  strictEqual(model.shorts, false);
});

Deno.test("FR-013 features, schedule and check are asked with the parameters", () => {
  const model = define({
    schedule: ({ period }) => ({ days: period }),
    check: ({ period }, universe) => `period: found ${period} for ${universe.join()}`,
  });
  strictEqual(model.features(given)["average"]!.name, "sma(3)");
  deepStrictEqual(model.schedule(given), { days: 3 });
  strictEqual(model.check(given, ["BTC", "ETH"]), "period: found 3 for BTC,ETH");
});

Deno.test("FR-013 no function of a model can change the parameters or the universe it is given", () => {
  const spoil = (told: { period: number; weights: Record<string, number> }) => {
    told.period = 9;
  };
  const spoilDeeply = (told: { weights: Record<string, number> }) => {
    told.weights["BTC"] = 9;
  };
  const model = define({
    features(told) {
      spoil(told);
      return { average: h4.close() };
    },
    schedule(told) {
      spoilDeeply(told);
      return { days: 1 };
    },
    check: (_, universe) => (universe as string[]).reverse().join(),
  });
  const universe = ["BTC", "ETH"];
  throws(() => model.features(given), TypeError);
  throws(() => model.schedule(given), TypeError);
  strictEqual(model.check(given, universe), "ETH,BTC");
  deepStrictEqual([given, universe], [{ period: 3, weights: { BTC: 1 } }, ["BTC", "ETH"]]);
});

Deno.test("FR-013 a feature that was not declared is known neither to the compiler nor at run time", () => {
  const model = define({
    // @ts-expect-error only `average` is declared
    decide: ({ assets }) => ({ BTC: assets[0]!.momentum }),
  });
  throws(() => smallProposer(model).propose(0, FLAT), /returned nothing as weight of BTC/);
});

Deno.test("FR-013 each() keeps its rule where only ruleOf() finds it, and asks it for every asset", () => {
  const rule = ({ weight }: { weight: number }) => weight / 2;
  const decide = each(rule);
  strictEqual(ruleOf(decide), rule);
  strictEqual(ruleOf(() => ({})), undefined);
  deepStrictEqual(Object.keys(decide), []);
  const asset = (symbol: string, weight: number) => ({
    symbol,
    weight,
    barsHeld: 0,
    history: () => new Float64Array(0),
  });
  const assets = [asset("BTC", 0.5), asset("ETH", 1)];
  const budget = { fraction: 1, money: 1 };
  const context = {
    time: 0,
    assets,
    parameters: {},
    universe: ["BTC", "ETH"],
    regime: REGIME,
    budget,
  };
  deepStrictEqual(decide(context), { BTC: 0.25, ETH: 0.5 });
});
