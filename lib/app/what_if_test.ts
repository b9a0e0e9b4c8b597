import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { stat } from "node:fs/promises";
import { inTestFolder } from "../core/test_folder.ts";
import { canonicalJson } from "../core/hash.ts";
import { openDatabase, openTables } from "../results/mod.ts";
import { CROSS_FILE, tinyPlan, writeBtc } from "./test_market.ts";
import { backtest } from "./backtest.ts";
import { loadPlan } from "./load_plan.ts";
import { databaseFile } from "./trial.ts";
import { changedPlan, whatIf } from "./what_if.ts";

const FAST = "models.MovingAverageCrossModel_v1.parameters.fast_ma";

Deno.test("a what-if answers with the figures of the run that the same settings make", async () => {
  await inTestFolder(async (folder) => {
    await writeBtc(`${folder}data`);
    const plan = await tinyPlan(`${folder}data`);
    const resultsRoot = `${folder}what-if`;
    const ask = await whatIf(plan, { resultsRoot });
    const four = await ask({ [FAST]: 4 });
    const wide = await ask({ "execution.costs": { crypto: { fee_bps: 50, slippage_bps: 5 } } });
    const asked = await tinyPlan(`${folder}data`, { sets: [`${FAST}=4`] });
    const run = await backtest(asked, {
      resultsRoot: `${folder}results`,
      threads: 0,
      proofs: false,
    });
    const { nav } = await openTables(run.folder).nav();
    deepStrictEqual([four.id, [...four.nav.values]], [run.id, [...nav]]);
    strictEqual(four.statistics.sharpe, run.card.statistics.portfolio.sharpe);
    strictEqual(four.previous.name, "as loaded");
    // Each answer starts from the plan as loaded, not from the answer before.
    strictEqual(wide.previous.id, four.id);
    const { final_nav } = wide.statistics;
    ok(final_nav! < four.previous.statistics.final_nav!, `${final_nav}`);
  });
});

Deno.test("FR-049 every what-if is on record as a trial, and its run is stored only when it is kept", async () => {
  await inTestFolder(async (folder) => {
    await writeBtc(`${folder}data`);
    const resultsRoot = `${folder}results`;
    const ask = await whatIf(await tinyPlan(`${folder}data`), { resultsRoot });
    const four = await ask({ [FAST]: 4 });
    await ask();
    await ask({ [FAST]: 4 });
    const trials = async () => {
      const database = await openDatabase(databaseFile(resultsRoot));
      const found = { rows: database.listTrials(), size: database.ledgerSize() };
      database.close();
      return found;
    };
    const { rows, size } = await trials();
    deepStrictEqual(rows.map(({ status }) => status), Array(4).fill("finished"));
    strictEqual(rows[1]!.message, "what-if: its run was not stored");
    deepStrictEqual([rows[1]!.run_id, rows[3]!.run_id, size], [four.id, four.id, 2]);
    strictEqual(await stat(`${resultsRoot}/runs`).then(() => true, () => false), false);
    const kept = await ask.keep({ proofs: false });
    deepStrictEqual([kept.id, kept.origin], [four.id, "computed"]);
    strictEqual((await trials()).rows.length, 5);
  });
});

Deno.test("a what-if refuses what --set refuses, and goes on from what it knew", async () => {
  await inTestFolder(async (folder) => {
    await writeBtc(`${folder}data`);
    const ask = await whatIf(await tinyPlan(`${folder}data`), {
      resultsRoot: `${folder}results`,
    });
    await rejects(ask({ [`${FAST}s`]: 4 }), {
      name: "Refusal",
      message: /fast_mas is not a known key \(did you mean "fast_ma"\?\)/,
    });
    await rejects(ask({ [FAST]: 90 }), { name: "Refusal" });
    await rejects(ask({ "system.start": "2031-01-01", "system.end": "2031-02-01" }), {
      name: "Refusal",
      message: /misses all data/,
    });
    strictEqual((await ask()).previous.name, "as loaded");
  });
});

Deno.test("a plan whose changes are none is the same plan, whatever it was made of", async () => {
  for (const files of [[], [CROSS_FILE]]) {
    const loaded = await loadPlan(files, { sets: ["risk.max_net_leverage=0.9"] });
    const same = await changedPlan(loaded, {});
    strictEqual(canonicalJson(same.plan), canonicalJson(loaded.plan));
    strictEqual(canonicalJson(same.config), canonicalJson(loaded.config));
  }
});

Deno.test("an answer shows its NAV and figures beside those it is held against", async () => {
  await inTestFolder(async (folder) => {
    await writeBtc(`${folder}data`);
    const ask = await whatIf(await tinyPlan(`${folder}data`), {
      resultsRoot: `${folder}results`,
    });
    const answer = await ask({ [FAST]: 4 });
    const show = (answer as unknown as Record<symbol, () => Promise<Record<string, string>>>)[
      Symbol.for("Jupyter.display")
    ]!;
    const shown = await show();
    match(shown["text/html"]!, /^<svg [^]*as loaded[^]*<table/);
    match(shown["text/plain"]!, /^Figure +fast_ma 4 +as loaded\n/);
    match(shown["text/plain"]!, /on record as a trial/);
  });
});
