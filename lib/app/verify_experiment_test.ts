import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { sha256 } from "../core/hash.ts";
import { experimentSheet } from "../report/sheet/experiment.ts";
import { type LedgerCount, openDatabase } from "../results/mod.ts";
import { deflatedBy, ledgerCountOf, openExperiment } from "./optimize/experiments.ts";
import {
  type Document,
  GRID,
  hashesOf,
  inMarket,
  oneCross,
  PAIRS,
  twoModels,
} from "./optimize/test_searches.ts";
import { loadPageClient } from "./report_client.ts";
import { databaseFile } from "./trial.ts";
import { verifyExperiment, verifyNamed } from "./verify_experiment.ts";
import type { Verification } from "./verify_finding.ts";
import { verifyLedger } from "./verify_ledger.ts";
import { verifyReport } from "./verify_report.ts";

const messages = ({ findings }: Verification) => findings.map(({ message }) => message).join("\n");

const VALIDATIONS: readonly (readonly [string, Document])[] = [
  ["none", {}],
  ["split", { validation: { method: "split", train_fraction: 0.6 } }],
  ["walk_forward", { validation: { method: "walk_forward", train_days: 10, test_days: 6 } }],
  ["walk_forward, bred on each window", {
    method: "evolutionary",
    evolution: { population: 3, generations: 2, elite: 1 },
    validation: { method: "walk_forward", train_days: 10, test_days: 6 },
  }],
  ["purged_kfold", { validation: { method: "purged_kfold", folds: 4, purge_days: 1 } }],
  ["purged_kfold, bred on each split", {
    method: "evolutionary",
    evolution: { population: 3, generations: 2, elite: 1 },
    validation: { method: "purged_kfold", folds: 3, purge_days: 1 },
  }],
  ["purged_kfold, auto", {
    parameter_grid: { fast_ma: [1, 2], slow_ma: [3, 4] },
    validation: { method: "purged_kfold", folds: 4, purge_days: "auto", embargo_days: 0 },
  }],
];

for (const [method, validation] of VALIDATIONS) {
  Deno.test(`SC-008 an experiment is appraised again from the ledger, byte by byte: validation ${method}`, () =>
    inMarket(async ({ run, results, trials }) => {
      const made = await run(oneCross({ ...GRID, ...validation }));
      const resultsRoot = results();
      const before = await trials();
      const { findings, verdict, executed, appraised, experiment_id } = await verifyExperiment(
        "tiny",
        { resultsRoot, threads: 0 },
      );
      deepStrictEqual([findings, verdict, executed, appraised], [[], "equal", true, true]);
      strictEqual(experiment_id, made.id);
      // Nothing of it is left behind, and nothing went on record.
      deepStrictEqual(await trials(), before);
      deepStrictEqual(await readdir(`${resultsRoot}/experiments`), [made.id]);
    }));
}

Deno.test("SC-008 an experiment whose returns are gone is verified by running its trials again", () =>
  inMarket(async ({ run, results }) => {
    const { folder, id } = await run(twoModels({ ...GRID, parameter_grid: PAIRS }));
    await rm(`${folder}/returns.f64`);
    const resultsRoot = results();
    deepStrictEqual((await verifyNamed(id.slice(0, 6), { resultsRoot })).findings, []);
    strictEqual((await verifyLedger({ resultsRoot })).verdict, "intact");
  }));

Deno.test("FR-049 a byte of an experiment that was changed: refused when shown and verified, named by the ledger", () =>
  inMarket(async ({ run, results }) => {
    const { folder, card } = await run(oneCross(GRID));
    const resultsRoot = results();
    const file = `${folder}/experiment.json`;
    const text = await readFile(file, "utf8");
    const sharpe = card.winner!.figures.sharpe!;
    await writeFile(file, text.replace(`"sharpe": ${sharpe}`, '"sharpe": 3.5'));
    const refusal = { exitCode: 3, message: /experiment\.json was changed since it was saved/ };
    await rejects(openExperiment("tiny", { resultsRoot }), refusal);
    await rejects(verifyNamed("tiny", { resultsRoot }), refusal);
    const { findings } = await verifyLedger({ resultsRoot });
    deepStrictEqual(findings.map(({ message }) => message), [
      `experiment ${card.experiment_id} is stored, and experiment.json was changed since it was saved`,
    ]);
  }));

/** Turns one bit in the middle of a file. */
async function turnBit(file: string): Promise<void> {
  const bytes = await readFile(file);
  const place = bytes.length >> 1;
  await writeFile(file, bytes.with(place, bytes[place]! ^ 1));
}

Deno.test("FR-049 one bit of an experiment's returns: refused, named by the ledger, and mended by running it again", () =>
  inMarket(async ({ run, results }) => {
    const { folder, id } = await run(oneCross(GRID));
    const resultsRoot = results();
    const before = await hashesOf(folder);
    await turnBit(`${folder}/returns.f64`);
    const refusal = { exitCode: 3, message: /returns\.f64 was changed since it was saved; remove/ };
    await rejects(openExperiment("tiny", { resultsRoot }), refusal);
    await rejects(verifyNamed("tiny", { resultsRoot }), refusal);
    await rejects(run(oneCross(GRID)), refusal);
    const { findings } = await verifyLedger({ resultsRoot });
    deepStrictEqual(findings.map(({ message }) => message), [
      `experiment ${id} is stored, and returns.f64 was changed since it was saved`,
    ]);
    await run(oneCross(GRID), { force: true });
    deepStrictEqual(await hashesOf(folder), before);
    deepStrictEqual((await verifyNamed("tiny", { resultsRoot, threads: 0 })).findings, []);
  }));

Deno.test("FR-049 a search does not take changed returns of another one's trials", () =>
  inMarket(async ({ run }) => {
    const optimization = { save_top_n: 0 };
    const { folder } = await run(twoModels({ parameter_grid: PAIRS, optimization }));
    await turnBit(`${folder}/returns.f64`);
    const wider = twoModels({
      name: "wider",
      parameter_grid: { ...PAIRS, slow_ma: [7, 11, 13] },
      optimization,
    });
    const after = await run(wider);
    const alone = await run(wider, { root: "alone" });
    deepStrictEqual(await hashesOf(after.folder), await hashesOf(alone.folder));
  }));

Deno.test("SC-008 an experiment whose returns have no hash on the ledger is verified without them, and says so", () =>
  inMarket(async ({ run, results }) => {
    const { folder, card } = await run(oneCross(GRID));
    const resultsRoot = results();
    const note =
      /returns\.f64 has no hash on the ledger, as in earlier versions: nothing was read from it/;
    const verified = await verifyNamed("tiny", { resultsRoot, threads: 0 });
    deepStrictEqual([verified.findings, note.test(verified.notes.join("\n"))], [[], false]);
    const { "returns.f64": _, ...files } = await hashesOf(folder);
    const database = await openDatabase(databaseFile(resultsRoot));
    database.sealExperiment(card, { files, at: 0 });
    database.close();
    await turnBit(`${folder}/returns.f64`);
    const again = await verifyNamed("tiny", { resultsRoot, threads: 0 });
    deepStrictEqual([again.findings, again.verdict], [[], "equal"]);
    match(again.notes.join("\n"), note);
  }));

Deno.test("FR-049 figures that somebody put on the ledger, too, do not come out again", () =>
  inMarket(async ({ run, results }) => {
    const { folder, card } = await run(oneCross(GRID));
    const resultsRoot = results();
    const forged = {
      ...card,
      winner: { ...card.winner!, plateau: 9 },
      statistics: { ...card.statistics!, spa: { ...card.statistics!.spa!, consistent: 0 } },
    };
    await writeFile(`${folder}/experiment.json`, `${JSON.stringify(forged, null, 2)}\n`);
    const names = ["experiment.json", "search.json", "summary.csv", "trials.parquet"];
    const files = Object.fromEntries(
      await Promise.all(
        names.map(async (name) => [name, sha256(await readFile(`${folder}/${name}`))] as const),
      ),
    );
    const database = await openDatabase(databaseFile(resultsRoot));
    database.sealExperiment(card, { files, at: 0 });
    database.close();
    const verification = await verifyExperiment("tiny", { resultsRoot, threads: 0 });
    strictEqual(verification.verdict, "different");
    match(messages(verification), /experiment\.json: statistics\.spa\.consistent/);
    match(messages(verification), /experiment\.json: winner\.plateau/);
  }));

Deno.test("FR-049 a page of an experiment with a forged count of trials is found, at whatever entry it claims", () =>
  inMarket(async ({ folder, run, results }) => {
    const { card, trials } = await run(oneCross(GRID));
    const resultsRoot = results();
    const ledger = await ledgerCountOf(card, { resultsRoot });
    const check = async (count: LedgerCount) => {
      const deflated = deflatedBy(card, count);
      const source = { card, trials, ledger: count, ...(deflated && { deflated }) };
      await writeFile(`${folder}page.html`, await experimentSheet(source, await loadPageClient()));
      return await verifyReport(`${folder}page.html`, { resultsRoot, threads: 0 });
    };
    deepStrictEqual((await check(ledger)).findings, []);
    const one = { trials: 1, counted: 1, statisticVariance: 1 };
    match(
      messages(await check({ ...ledger, ...one, related: one })),
      /it counts 1 trials, 1 related; the ledger counts 6 trials, 6 related/,
    );
    const early = { ...ledger, ...one, related: one, entry: { seq: 1, hash: "beef" } };
    match(
      messages(await check(early)),
      /counted at entry 1 of the ledger, before its own at entry/,
    );
  }));
