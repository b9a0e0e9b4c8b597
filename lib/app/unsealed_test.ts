import {
  deepStrictEqual,
  match,
  notStrictEqual,
  ok,
  rejects,
  strictEqual,
} from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { z } from "zod";
import { Refusal } from "../core/errors.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { trading } from "../features/mod.ts";
import { type Context, defineModel, type Model, type Targets } from "../models/model.ts";
import { MODELS } from "../models/mod.ts";
import { openDatabase } from "../results/mod.ts";
import { backtest, type Run } from "./backtest.ts";
import { databaseFile } from "./trial.ts";
import { loadPlan } from "./load_plan.ts";
import { tinyPlan, writeBtc } from "./test_market.ts";

const NAME = "NotebookModel_v1";

/** A model as a notebook would define it: on BTC, deciding what it is told. */
function notebookModel(decide: (context: Context<unknown, "price">) => unknown): Model {
  return defineModel({
    name: NAME,
    version: "1.0.0",
    universe: ["BTC"],
    parameters: z.strictObject({}),
    features: () => ({ price: trading.close() }),
    decide: decide as (context: Context<unknown, "price">) => Targets,
  });
}

const holding = (weight: number) => notebookModel(() => ({ BTC: weight }));

/** Lends a function that runs one model, with the results of all such runs in one folder. */
async function withRunner(
  action: (run: (model: Model) => Promise<Run>, resultsRoot: string) => Promise<void>,
): Promise<void> {
  await inTestFolder(async (folder) => {
    await writeBtc(`${folder}data`);
    const resultsRoot = `${folder}results`;
    await action(async (model) => {
      const loaded = await tinyPlan(`${folder}data`, { define: [model], models: [NAME] });
      return await backtest(loaded, { resultsRoot });
    }, resultsRoot);
  });
}

Deno.test("FR-013 a model defined in code runs, is marked as unsealed, and is never found from before", async () => {
  await withRunner(async (run) => {
    const first = await run(holding(0.3));
    const again = await run(holding(0.3));
    strictEqual(first.card.sealed, false);
    ok(first.card.warnings.some((line) => line.includes("unsealed")));
    deepStrictEqual([first.origin, again.origin], ["computed", "computed"]);
    strictEqual(again.id, first.id, "the same outcome is the same run");
    deepStrictEqual(first.card.statistics.portfolio.fills > 0, true);
  });
});

Deno.test("FR-060 two models with equal plans and different answers have runs of their own", async () => {
  await withRunner(async (run, resultsRoot) => {
    const [low, high] = [await run(holding(0.1)), await run(holding(0.2))];
    // The wishes differ and the limits make the same of them: the outcome is more than the money.
    const [capped, cappedToo] = [await run(holding(0.5)), await run(holding(0.6))];
    const ids = new Set([low, high, capped, cappedToo].map(({ id }) => id));
    strictEqual(ids.size, 4);
    strictEqual(
      capped.card.statistics.portfolio.final_nav,
      cappedToo.card.statistics.portfolio.final_nav,
    );
    notStrictEqual(
      low.card.statistics.portfolio.final_nav,
      high.card.statistics.portfolio.final_nav,
    );
    deepStrictEqual((await readdir(`${resultsRoot}/runs`)).sort(), [...ids].sort());
  });
});

const broken: Readonly<Record<string, [unknown: () => unknown, message: RegExp]>> = {
  "throws": [
    () => {
      throw new Error("out of ideas\nat once");
    },
    /out of ideas/,
  ],
  "throws no error": [
    () => {
      throw "out of ideas";
    },
    /out of ideas/,
  ],
  "returns NaN": [() => ({ BTC: NaN }), /NaN/],
  "returns Infinity": [() => ({ BTC: Infinity }), /Infinity/],
  "names an unknown symbol": [() => ({ DOGE: 0.1 }), /DOGE/],
  "asks for more than its budget": [() => ({ BTC: 1.1 }), /1\.1/],
  "goes short where it may not": [() => ({ BTC: -0.1 }), /-0\.1/],
  "returns a promise": [() => Promise.resolve({ BTC: 0.1 }), /promise/i],
  "returns nothing": [() => undefined, /undefined|nothing/],
  "returns text for a weight": [() => ({ BTC: "0.1" }), /0\.1|string/],
};

for (const [what, [decide, message]] of Object.entries(broken)) {
  Deno.test(`FR-018 a model that ${what} ends the run in one line and a failed trial`, async () => {
    await withRunner(async (run, resultsRoot) => {
      await rejects(run(notebookModel(decide)), (error) => {
        ok(error instanceof Refusal, String(error));
        match(error.message, message);
        match(error.message, /NotebookModel_v1/);
        ok(!error.message.includes("\n"), error.message);
        return true;
      });
      const database = await openDatabase(databaseFile(resultsRoot));
      const [trial, ...others] = database.listTrials();
      database.close();
      deepStrictEqual([trial!.status, others.length], ["failed", 0]);
      match(trial!.message!, message);
      deepStrictEqual(await readdir(`${resultsRoot}/runs`).catch(() => []), []);
    });
  });
}

Deno.test("FR-002 a model that fails to declare its features is refused in one line", async () => {
  const model = defineModel({
    name: NAME,
    version: "1.0.0",
    universe: ["BTC"],
    parameters: z.strictObject({}),
    features: () => {
      throw new Error("no features today");
    },
    decide: () => ({}),
  });
  await withRunner(async (run) => {
    await rejects(run(model), {
      name: "Refusal",
      message: `${NAME} could not declare its features: no features today`,
    });
  });
});

Deno.test("FR-049 models that differ in what can be seen of them are trials of their own", async () => {
  await withRunner(async (run, resultsRoot) => {
    await run(notebookModel(() => ({ BTC: 0.1 })));
    await run(notebookModel(() => ({ BTC: 0.2 })));
    const database = await openDatabase(databaseFile(resultsRoot));
    const size = database.ledgerSize();
    database.close();
    strictEqual(size, 2);
  });
});

Deno.test("FR-013 a library model handed in by code stays sealed; a second model of one name is refused", async () => {
  const [shipped] = MODELS;
  strictEqual((await loadPlan([], { define: [shipped!] })).sealed, true);
  const twin = defineModel({
    ...shipped!,
    parameters: z.strictObject({}),
    features: () => ({ price: trading.close() }),
    schedule: () => ({ days: 1 }),
    check: () => undefined,
    missing: "skip",
  });
  await rejects(loadPlan([], { define: [twin] }), {
    name: "Refusal",
    message: `define: found a second model named ${twin.name}, expected a name of its own`,
  });
  await rejects(loadPlan([], { define: [holding(0.1), holding(0.2)] }), { name: "Refusal" });
});
