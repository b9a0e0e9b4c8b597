import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { Refusal } from "../core/errors.ts";
import { inTestFolder } from "../core/test_folder.ts";
import type { Feature } from "../features/mod.ts";
import { trading } from "../features/mod.ts";
import { defineModel } from "../models/model.ts";
import { openDatabase } from "../results/mod.ts";
import { audit } from "./audit.ts";
import { backtest } from "./backtest.ts";
import type { LoadedPlan } from "./load_plan.ts";
import { engineAnswer } from "./proofs.ts";
import { openRun } from "./runs.ts";
import { tinyPlan, writeBtc } from "./test_market.ts";
import { databaseFile } from "./trial.ts";
import { verify } from "./verify.ts";

const here = { threads: 0 };

async function withPlan(
  action: (loaded: LoadedPlan, resultsRoot: string, dataRoot: string) => Promise<void>,
): Promise<void> {
  await inTestFolder(async (folder) => {
    await writeBtc(`${folder}data`);
    await action(await tinyPlan(`${folder}data`), `${folder}results`, `${folder}data`);
  });
}

Deno.test("SC-002 a backtest brings its certificate, its envelope and its intervals, and keeps them beside the run", async () => {
  await withPlan(async (loaded, resultsRoot) => {
    const { id, proofs } = await backtest(loaded, { ...here, resultsRoot });
    const { certificate, envelope, luck } = proofs;
    strictEqual(certificate!.verdict, "passed");
    strictEqual(certificate!.checkpoints.length, 8);
    ok(certificate!.compared.fills > 0);
    deepStrictEqual(envelope!.members.map(({ name }) => name), [
      "next_open",
      "next_close",
      "next_worst",
      "bar_later",
      "double_costs",
    ]);
    ok(luck!.portfolio.sharpe.low! < luck!.portfolio.sharpe.high!);
    const opened = await openRun(id, { resultsRoot });
    deepStrictEqual(opened.proofs, JSON.parse(JSON.stringify(proofs)));
    const again = await backtest(loaded, { ...here, resultsRoot });
    deepStrictEqual([again.origin, again.proofs], ["found", opened.proofs]);
  });
});

Deno.test("SC-002 a sandbox and this process prove the same", async () => {
  await withPlan(async (loaded, resultsRoot) => {
    const proofs = [];
    for (const threads of [0, 1, 2]) {
      const run = await backtest(loaded, { threads, resultsRoot: `${resultsRoot}${threads}` });
      proofs.push(JSON.stringify(run.proofs));
    }
    deepStrictEqual(new Set(proofs).size, 1);
  });
});

Deno.test("SC-002 a request that finds a proof lacking adds it, and the run stays as it was", async () => {
  await withPlan(async (loaded, resultsRoot) => {
    const bare = await backtest(loaded, { ...here, resultsRoot, proofs: false });
    deepStrictEqual([bare.origin, bare.proofs], ["computed", {}]);
    const without = await backtest(loaded, { ...here, resultsRoot, audit: false });
    deepStrictEqual(Object.keys(without.proofs).sort(), ["envelope", "luck"]);
    const whole = await backtest(loaded, { ...here, resultsRoot });
    deepStrictEqual([whole.origin, whole.id], ["confirmed", bare.id]);
    strictEqual(whole.proofs.certificate!.verdict, "passed");
    strictEqual((await backtest(loaded, { ...here, resultsRoot })).origin, "found");
  });
});

Deno.test("SC-002 a damaged proof is made again", async () => {
  await withPlan(async (loaded, resultsRoot) => {
    const { id, proofs } = await backtest(loaded, { ...here, resultsRoot });
    const file = join(resultsRoot, "proofs", id, "certificate.json");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace('"passed"', '"failed"'));
    strictEqual((await openRun(id, { resultsRoot })).proofs.certificate, undefined);
    const { verdict, findings } = await verify(id, { ...here, resultsRoot });
    deepStrictEqual([verdict, findings.map(({ file }) => file)], [
      "different",
      [`proofs/${id}/certificate.json`],
    ]);
    const again = await backtest(loaded, { ...here, resultsRoot });
    deepStrictEqual(again.proofs.certificate, proofs.certificate);
    strictEqual(await readFile(file, "utf8"), text);
  });
});

/** Tomorrow's close beside today's, as a careless shift makes it. */
const tomorrow: Feature = {
  name: "shifted close",
  timeframe: "trading",
  warmUp: 1,
  compute: ({ close }) => close.map((value, row) => close[row + 1] ?? value),
};

const seer = defineModel({
  name: "Seer_v1",
  version: "1.0.0",
  universe: ["BTC"],
  parameters: z.strictObject({}),
  features: () => ({ now: trading.close(), next: tomorrow }),
  decide: ({ assets }) =>
    Object.fromEntries(assets.map(({ symbol, now, next }) => [symbol, next > now ? 1 : 0])),
});

Deno.test("SC-002 a notebook's model that looks ahead is told by its certificate", async () => {
  await withPlan(async (_, resultsRoot, dataRoot) => {
    const loaded = await tinyPlan(dataRoot, { define: [seer], models: ["Seer_v1"] });
    const { proofs, card } = await backtest(loaded, { resultsRoot });
    ok(card.statistics.portfolio.sharpe! > 10, "it does see the future");
    strictEqual(proofs.certificate!.verdict, "failed");
    const [first] = proofs.certificate!.findings;
    deepStrictEqual([first!.what, first!.variant], ["feature", "cut"]);
    match(first!.where, /^Seer_v1 BTC next$/);
  });
});

Deno.test("SC-002 fills at the close of the decision are certified as optimistic", async () => {
  await withPlan(async (_, resultsRoot, dataRoot) => {
    const loaded = await tinyPlan(dataRoot, { sets: ["execution.fill=same_close"] });
    const { proofs } = await backtest(loaded, { ...here, resultsRoot });
    strictEqual(proofs.certificate!.verdict, "optimistic");
    deepStrictEqual(proofs.envelope!.members.map(({ name }) => name).slice(0, 2), [
      "same_close",
      "next_open",
    ]);
  });
});

Deno.test("SC-002 a run is audited by its id, whatever certificate it has, and only on its own code and data", async () => {
  await withPlan(async (loaded, resultsRoot, dataRoot) => {
    const { id } = await backtest(loaded, { ...here, resultsRoot, proofs: false });
    const audited = await audit(id.slice(0, 6), { ...here, resultsRoot });
    deepStrictEqual([audited.run.id, audited.certificate.verdict], [id, "passed"]);
    strictEqual(audited.run.origin, "confirmed");
    strictEqual((await openRun(id, { resultsRoot })).proofs.certificate!.verdict, "passed");

    const refused = (message: RegExp, exitCode: number) => (error: unknown) => {
      ok(error instanceof Refusal, String(error));
      match(error.message, message);
      strictEqual(error.exitCode, exitCode);
      return true;
    };
    const other = id.startsWith("0") ? "1" : "0";
    await rejects(audit(other, { ...here, resultsRoot }), refused(/run/, 1));
    await inTestFolder(async (other) => {
      await writeBtc(`${other}data`);
      const changed = { ...here, resultsRoot, dataRoot: `${other}data` };
      strictEqual((await audit(id, changed)).run.id, id, "the same values, wherever they lie");
    });
    const file = join(resultsRoot, "runs", id, "run.json");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace(/"fingerprint": "./, '"fingerprint": "x'));
    await rejects(audit(id, { ...here, resultsRoot }), refused(/^Run [0-9a-f]{16}: run\.json/, 3));
    ok(dataRoot);
  });
});

Deno.test("SC-002 a limit that stops the proofs is no finding: the run stays, and what was on file too", async () => {
  await withPlan(async (loaded, resultsRoot) => {
    const { proofs } = await backtest(loaded, { ...here, resultsRoot });
    const stopped = Promise.reject(new Refusal("used more than 262 MB of memory"));
    deepStrictEqual(await engineAnswer(stopped), {
      proofs: {},
      unproved: "used more than 262 MB of memory",
    });
    await rejects(engineAnswer(Promise.reject(new Refusal("Interrupted"))), Refusal);
    await rejects(engineAnswer(Promise.reject(new TypeError("a fault"))), TypeError);
    const luckOnly = await backtest(loaded, { ...here, resultsRoot, force: true, audit: false });
    deepStrictEqual(
      (await openRun(luckOnly.id, { resultsRoot })).proofs.certificate,
      proofs.certificate,
    );
  });
});

Deno.test("FR-058 proofs that cannot be written are told as that, and the run is there", async () => {
  await withPlan(async (loaded, resultsRoot) => {
    await mkdir(resultsRoot, { recursive: true });
    await writeFile(join(resultsRoot, "proofs"), "in the way");
    await rejects(backtest(loaded, { ...here, resultsRoot }), (error: unknown) => {
      ok(error instanceof Refusal, String(error));
      match(error.message, /^Cannot write .*proofs/);
      return true;
    });
    const names = await readdir(join(resultsRoot, "runs"));
    strictEqual(names.length, 1);
    const database = await openDatabase(databaseFile(resultsRoot));
    deepStrictEqual(database.listTrials().map(({ status }) => status), ["finished"]);
    database.close();
  });
});
