import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { readdir, readFile, rm } from "node:fs/promises";
import type { Executor, SweepTrials } from "../../engine/sweep/crew.ts";
import { openDatabase } from "../../results/mod.ts";
import { backtest } from "../backtest.ts";
import { loadPlan } from "../load_plan.ts";
import { databaseFile } from "../trial.ts";
import { openExperiment } from "./experiments.ts";
import {
  CROSS,
  type Document,
  EVOLUTION,
  GRID,
  hashesOf,
  inMarket,
  inProcess,
  isIntact,
  oneCross,
  PAIRS,
  twoModels,
} from "./test_searches.ts";
import type { ExecutorWork } from "./work.ts";

const RANDOM: Document = {
  method: "random",
  distributions: { fast_ma: { integer: [2, 6] }, slow_ma: { log_integer: [7, 30] } },
  trials: 8,
  optimization: { save_top_n: 1 },
};

const METHODS = { grid: [GRID, 6, 1], random: [RANDOM, 8, 1], evolutionary: [EVOLUTION, 11, 3] };

for (const [method, [search, least, batches]] of Object.entries(METHODS)) {
  Deno.test(`FR-045 FR-046 FR-048 a ${method} search ends with a card, a table and a ranking, all trials on record`, () =>
    inMarket(async ({ run, trials, results }) => {
      const { id, folder, card, trials: rows, origin } = await run(oneCross(search as Document));
      deepStrictEqual([origin, card.method, card.experiment_id], ["computed", method, id]);
      ok(rows.length >= Number(least), `${rows.length} trials`);
      deepStrictEqual((await readdir(folder)).sort(), [
        "experiment.json",
        "returns.f64",
        "search.json",
        "summary.csv",
        "trials.parquet",
      ]);
      strictEqual(new Set(rows.map(({ batch }) => batch)).size, batches);
      deepStrictEqual(card.trials, {
        ...{ count: rows.length, finished: rows.length, failed: 0, excluded: 0 },
      });
      const best = rows.toSorted((a, b) => b.score! - a.score! || a.trial - b.trial);
      deepStrictEqual(best.map(({ rank }) => rank), best.map((_, place) => place + 1));
      const winner = card.winner!;
      deepStrictEqual(winner, rows[winner.trial]);
      // What counts is the lower of its score and its neighbours': the best alone may be a lucky spike.
      const support = ({ score, plateau, neighbours }: typeof winner) =>
        neighbours === 0 ? score! : plateau === null ? -Infinity : Math.min(score!, plateau);
      strictEqual(support(winner), Math.max(...rows.map(support)));
      deepStrictEqual(card.saved, [winner.run_id]);
      const [header, first, ...others] = (await readFile(`${folder}/summary.csv`, "utf8")).split(
        "\n",
      );
      match(header!, /^rank,trial,run_id,fast_ma,slow_ma,score,/);
      ok(first!.startsWith(`1,${best[0]!.trial},${best[0]!.run_id},${best[0]!.values.join()},`));
      strictEqual(others.length, rows.length);
      const onRecord = (await trials()).filter(({ experiment_id }) => experiment_id === id);
      deepStrictEqual(
        onRecord.map(({ place, run_id, status }) => [place, run_id, status]),
        rows.map(({ trial, run_id }) => [trial, run_id, "finished"]),
      );
      const { deflated, ...opened } = await openExperiment("tiny", { resultsRoot: results() });
      deepStrictEqual(opened, { id, folder, card, trials: rows });
      strictEqual(deflated!.trials, new Set(rows.map(({ run_id }) => run_id)).size);
      await isIntact(results());
    }));
}

Deno.test("FR-049 trials are on record, and counted, before any of them is run", () =>
  inMarket(async ({ run, results }) => {
    const seen: (readonly [string, number | null])[] = [];
    let counted = 0;
    const executor = (): Executor => ({
      close() {},
      async run({ count }: SweepTrials) {
        const database = await openDatabase(databaseFile(results()));
        for (const { status, place, family, data_set } of database.listTrials({})) {
          seen.push([status, place]);
          counted = database.ledgerOf({ family, dataSet: data_set }).trials;
        }
        database.close();
        throw new Error(`no answer to ${count} trials`);
      },
    });
    await rejects(run(oneCross(GRID), { executor }), { message: "no answer to 6 trials" });
    deepStrictEqual(seen, [0, 1, 2, 3, 4, 5].map((place) => ["running", place]));
    strictEqual(counted, 6);
    await isIntact(results());
    // The same trials go on, and are not counted twice.
    const { card, origin } = await run(oneCross(GRID));
    deepStrictEqual([origin, card.trials.finished], ["computed", 6]);
    const { deflated } = await openExperiment("tiny", { resultsRoot: results() });
    strictEqual(deflated!.trials, 6);
  }));

Deno.test("FR-045 an executor that says it is done and is not stops the search in one line", () =>
  inMarket(async ({ run }) => {
    const executor = (): Executor => ({ close() {}, run: () => Promise.resolve() });
    await rejects(run(oneCross(GRID), { executor }), {
      message: "The executor ended after 0 of 6 trials",
    });
  }));

const SHAPES = { "one asset in columns": oneCross, "two models in the loop": twoModels };

for (
  const [what, document] of Object.entries({
    "one asset in columns, bred": oneCross(EVOLUTION),
    "two models in the loop, bred on each window of a walk-forward": twoModels({
      ...EVOLUTION,
      validation: { method: "walk_forward", train_days: 12, test_days: 6 },
    }),
    "one asset in columns, bred on each split": oneCross({
      ...EVOLUTION,
      validation: { method: "combinatorial", folds: 4, purge_days: 1, embargo_days: 0 },
    }),
    "two models in the loop, a grid": twoModels(GRID),
  })
) {
  Deno.test(`SC-008 1, 2 and 8 workers and this process give the same bytes: ${what}`, () =>
    inMarket(async ({ run }) => {
      const first = await run(document, { root: "1", workers: 1 });
      const expected = await hashesOf(first.folder);
      strictEqual(Object.keys(expected).length, 5);
      ok(first.trials.some(({ figures }) => figures.round_trips! > 3));
      for (
        const [root, options] of Object.entries({
          "2": { workers: 2 },
          "8": { workers: 8 },
          here: { executor: inProcess },
          loop: { executor: (work: ExecutorWork) => inProcess(work, "loop") },
        })
      ) {
        const { folder, origin } = await run(document, { root, ...options });
        deepStrictEqual([origin, await hashesOf(folder)], ["computed", expected], root);
      }
    }));
}

for (const [shape, document] of Object.entries(SHAPES)) {
  Deno.test(`FR-049 the winner's file makes the winner's run again: ${shape}`, () =>
    inMarket(async ({ run, folder, results }) => {
      const { card, winnerFile } = await run(document(GRID));
      const winner = card.winner!;
      const loaded = await loadPlan(winnerFile!);
      const again = await backtest(loaded, { threads: 0, proofs: false, resultsRoot: results() });
      deepStrictEqual([again.id, again.origin], [winner.run_id, "found"]);
      const elsewhere = { threads: 0, proofs: false, resultsRoot: `${folder}elsewhere` };
      const fresh = await backtest(loaded, elsewhere);
      deepStrictEqual([fresh.id, fresh.origin], [winner.run_id, "computed"]);
      strictEqual(fresh.card.statistics.portfolio.final_nav, winner.figures.final_nav);
      deepStrictEqual(
        loaded.config.models[CROSS]!.parameters,
        { fast_ma: winner.values[0], slow_ma: winner.values[1] },
      );
      deepStrictEqual(loaded.config.experiment!.provenance, {
        experiment: "tiny",
        experiment_id: card.experiment_id,
        trial: winner.trial,
        run_id: winner.run_id,
        objective: "bps",
        chosen_by: "min(score, plateau)",
        score: winner.score,
        rank: winner.rank,
        plateau: winner.plateau,
        neighbours: winner.neighbours,
        spa: card.statistics!.spa!.consistent,
        test_score: null,
        trials: 6,
        data_fingerprint: card.data_fingerprint,
        code_fingerprint: card.code_fingerprint,
      });
    }));
}

Deno.test("FR-049 a value of null that won is null in the winner's file", () =>
  inMarket(async ({ run, results }) => {
    // Turned round, the trials that trade most win: those without a cap, which the base has.
    const search = {
      parameter_grid: { "risk.per_asset_cap": [0.1, null] },
      optimization: { metric: "fees", save_top_n: 1 },
    };
    const { card, winnerFile } = await run({
      ...oneCross(search),
      risk: { ...RISK, per_asset_cap: 0.2 },
    });
    deepStrictEqual(card.winner!.values, [null]);
    const loaded = await loadPlan(winnerFile!);
    strictEqual(loaded.config.risk.per_asset_cap, null);
    const options = { threads: 0, proofs: false, resultsRoot: results() };
    strictEqual((await backtest(loaded, options)).id, card.winner!.run_id);
  }));

const RISK = oneCross({})["risk"] as Document;

Deno.test("FR-049 where a condition leaves a parameter out, its own value stays in the winner's run and file", () =>
  inMarket(async ({ run, results }) => {
    const search = {
      parameter_grid: { fast_ma: [2, 4], "risk.per_asset_cap": [null, 0.01] },
      conditions: { "risk.per_asset_cap": { fast_ma: 4 } },
      optimization: { metric: "fees", save_top_n: 10 },
    };
    const document = { ...oneCross(search), risk: { ...RISK, per_asset_cap: 0.7 } };
    const { card, trials, winnerFile } = await run(document);
    deepStrictEqual(trials.map(({ values }) => values), [[2, null], [4, null], [4, 0.01]]);
    strictEqual(card.saved.length, 3);
    deepStrictEqual(new Set(card.saved), new Set(trials.map(({ run_id }) => run_id)));
    const options = { threads: 0, proofs: false, resultsRoot: results() };
    const again = await backtest(await loadPlan(winnerFile!), options);
    deepStrictEqual([again.id, again.origin], [card.winner!.run_id, "found"]);
  }));

Deno.test("SC-008 a second request finds the experiment and computes nothing; force makes the same bytes again", () =>
  inMarket(async ({ run, trials, results }) => {
    const first = await run(oneCross(GRID));
    const hashes = await hashesOf(first.folder);
    const before = await trials();
    const executor = () => {
      throw new Error("asked to compute");
    };
    const again = await run(oneCross(GRID), { executor });
    deepStrictEqual([again.origin, again.card, again.trials], ["found", first.card, first.trials]);
    deepStrictEqual(again.winnerFile, first.winnerFile);
    deepStrictEqual(await trials(), before);
    const forced = await run(oneCross(GRID), { force: true });
    deepStrictEqual([forced.origin, await hashesOf(forced.folder)], ["resumed", hashes]);
    const { deflated } = await openExperiment("tiny", { resultsRoot: results() });
    strictEqual(deflated!.trials, 6);
    await isIntact(results());
  }));

Deno.test("SC-008 what is gone of a finished experiment is made again, and no trial is counted twice", () =>
  inMarket(async ({ run, trials, results }) => {
    const { id, folder } = await run(oneCross(GRID));
    const hashes = await hashesOf(folder);
    const ended = async () =>
      (await trials()).filter(({ experiment_id }) => experiment_id === id).length;
    const before = await ended();
    for (const gone of ["returns.f64", "experiment.json", ""]) {
      await rm(`${folder}/${gone}`, { recursive: true });
      const { origin } = await run(oneCross(GRID), { force: gone === "returns.f64" });
      deepStrictEqual([origin, await hashesOf(folder)], ["resumed", hashes], gone);
    }
    strictEqual(await ended(), before);
    await isIntact(results());
  }));

Deno.test("SC-008 an experiment's bytes do not depend on what the ledger held: other slices of the same runs", () =>
  inMarket(async ({ run, results }) => {
    const validations: readonly Document[] = [
      { method: "split", train_fraction: 0.5 },
      { method: "split", train_fraction: 0.8 },
      { method: "walk_forward", train_days: 12, test_days: 6 },
      { method: "walk_forward", train_days: 12, test_days: 6, anchored: true },
      { method: "none" },
      { method: "purged_kfold", folds: 3, purge_days: 1 },
    ];
    const optimization = { save_top_n: 0, metric: "sharpe" };
    const document = (validation: Document) =>
      twoModels({ parameter_grid: PAIRS, optimization, validation });
    const figures = new Set<string>();
    for (const [place, validation] of validations.entries()) {
      const after = await run(document(validation), { root: "one ledger" });
      const alone = await run(document(validation), { root: `alone ${place}` });
      deepStrictEqual(await hashesOf(after.folder), await hashesOf(alone.folder), `${place}`);
      figures.add(JSON.stringify(alone.card.validation));
    }
    strictEqual(figures.size, validations.length);
    await isIntact(results("one ledger"));
  }));

Deno.test("FR-049 trials that another experiment computed are found, not computed again", () =>
  inMarket(async ({ run, trials, results }) => {
    const optimization = { statistics: false, save_top_n: 0 };
    await run(twoModels({ parameter_grid: PAIRS, optimization }));
    let asked = 0;
    const executor = (work: ExecutorWork): Executor => {
      const { run, close } = inProcess(work);
      return { close, run: (some, done) => (asked += some.count, run(some, done)) };
    };
    const wider = {
      name: "wider",
      parameter_grid: { ...PAIRS, slow_ma: [7, 11, 13] },
      optimization,
    };
    const found = await run(twoModels(wider), { executor });
    strictEqual(asked, 3);
    const rows = (await trials()).filter(({ experiment_id }) => experiment_id === found.id);
    deepStrictEqual(
      rows.map(({ status }) => status === "found"),
      found.trials.map(({ values }) => values[1] !== 13),
    );
    const fresh = await run(twoModels(wider), { root: "fresh" });
    deepStrictEqual(await hashesOf(found.folder), await hashesOf(fresh.folder));
    const { deflated } = await openExperiment("wider", { resultsRoot: results() });
    strictEqual(deflated!.trials, 9);
    await isIntact(results());
  }));
