import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Disk, localDisk } from "../core/atomic_file.ts";
import { Refusal } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { openDatabase, runStore, type TrialRow } from "../results/mod.ts";
import { backtest } from "./backtest.ts";
import { databaseFile } from "./trial.ts";
import type { LoadedPlan } from "./load_plan.ts";
import { tinyPlan, writeBtc } from "./test_market.ts";

const here = { threads: 0 };

async function withPlan(
  action: (loaded: LoadedPlan, resultsRoot: string) => Promise<void>,
): Promise<void> {
  await inTestFolder(async (folder) => {
    await writeBtc(`${folder}data`);
    await action(await tinyPlan(`${folder}data`), `${folder}results`);
  });
}

async function trials(resultsRoot: string): Promise<readonly TrialRow[]> {
  const database = await openDatabase(databaseFile(resultsRoot));
  try {
    return database.listTrials();
  } finally {
    database.close();
  }
}

/** What is filed under a results folder: runs, and whatever was left beside them. */
async function filed(resultsRoot: string): Promise<string[]> {
  const names = await readdir(join(resultsRoot, "runs")).catch(() => []);
  return names.sort();
}

/** Of what else is written beside runs, the data's quality comes at any moment, even before a request has its run to itself. */
function isOfRun(file: string, resultsRoot: string): boolean {
  return file.startsWith(join(resultsRoot, "runs"));
}

async function hashes(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name))));
  return Object.fromEntries(names.map((name, i) => [name, sha256(texts[i]!)]));
}

const refusal = (message: RegExp) => (error: unknown) => {
  ok(error instanceof Refusal, String(error));
  match(error.message, message);
  ok(!error.message.includes("\n"), error.message);
  return true;
};

Deno.test("SC-008 in the sandbox, on one worker or two, and in this process: one id, the same bytes", async () => {
  await withPlan(async (loaded, resultsRoot) => {
    const runs = [];
    for (const threads of [0, 1, 2]) {
      const run = await backtest(loaded, { threads, resultsRoot: `${resultsRoot}${threads}` });
      strictEqual(run.origin, "computed");
      runs.push(run);
    }
    const [first, ...others] = runs;
    const bytes = await hashes(first!.folder);
    ok(first!.card.statistics.portfolio.fills > 4);
    for (const other of others) {
      strictEqual(other.id, first!.id);
      deepStrictEqual(await hashes(other.folder), bytes);
    }
  });
});

Deno.test("FR-060 the same request finds the finished run, --force computes and confirms it", async () => {
  await withPlan(async (loaded, resultsRoot) => {
    const first = await backtest(loaded, { ...here, resultsRoot });
    const again = await backtest(loaded, { ...here, resultsRoot });
    const forced = await backtest(loaded, { ...here, resultsRoot, force: true });
    deepStrictEqual([first.origin, again.origin, forced.origin], [
      "computed",
      "found",
      "confirmed",
    ]);
    deepStrictEqual(again.card, JSON.parse(JSON.stringify(first.card)));
    deepStrictEqual([again.id, forced.id], [first.id, first.id]);
    deepStrictEqual(await filed(resultsRoot), [first.id]);
    const rows = await trials(resultsRoot);
    deepStrictEqual(rows.map(({ status }) => status), ["finished", "found", "finished"]);
    ok(rows.every(({ run_id }) => run_id === first.id));
  });
});

Deno.test("FR-058 a run that is stored and not on record is put on record when it is found", async () => {
  await withPlan(async (loaded, resultsRoot) => {
    const { id } = await backtest(loaded, { ...here, resultsRoot });
    await Deno.remove(databaseFile(resultsRoot));
    const found = await backtest(loaded, { ...here, resultsRoot, name: "again" });
    strictEqual(found.origin, "found");
    const database = await openDatabase(databaseFile(resultsRoot));
    strictEqual(database.findRun(id)?.name, "again");
    database.close();
  });
});

Deno.test("SC-008 --force notices a damaged artefact in one line and keeps what is stored", async () => {
  await withPlan(async (loaded, resultsRoot) => {
    const { id, folder } = await backtest(loaded, { ...here, resultsRoot });
    const file = join(folder, "nav.parquet");
    const damaged = await readFile(file);
    damaged[100]! ^= 1;
    await writeFile(file, damaged);
    await rejects(
      backtest(loaded, { ...here, resultsRoot, force: true }),
      refusal(/nav\.parquet was changed or damaged/),
    );
    ok(damaged.equals(await readFile(file)));
    deepStrictEqual(await filed(resultsRoot), [id, `${id}.different`]);
    strictEqual((await trials(resultsRoot)).at(-1)!.status, "failed");
  });
});

Deno.test("FR-060 a damaged card is refused in one line, whichever part is missing", async () => {
  await withPlan(async (loaded, resultsRoot) => {
    const { id, folder } = await backtest(loaded, { ...here, resultsRoot });
    for (const text of ["", "{", "[]", "null", `{"run_id":"${id}"}`, '{"run_id":"other"}']) {
      await writeFile(join(folder, "run.json"), text);
      await rejects(backtest(loaded, { ...here, resultsRoot }), refusal(/run\.json/));
    }
    await Deno.remove(join(folder, "run.json"));
    await rejects(backtest(loaded, { ...here, resultsRoot }), refusal(/run\.json: it is missing/));
  });
});

Deno.test("FR-049 a trial is on record before its result is known", async () => {
  await withPlan(async (loaded, resultsRoot) => {
    let during: readonly TrialRow[] = [];
    const disk: Disk = {
      ...localDisk,
      async rename(from, to) {
        // The run's folder is moved to its place once; its proofs follow.
        if (!/proofs/.test(to)) during = await trials(resultsRoot);
        await localDisk.rename(from, to);
      },
    };
    const { id } = await backtest(loaded, { ...here, resultsRoot, disk });
    deepStrictEqual(during.map(({ run_id, status }) => [run_id, status]), [[id, "running"]]);
    deepStrictEqual((await trials(resultsRoot)).map(({ status }) => status), ["finished"]);
  });
});

const full = () => Promise.reject(new Error("ENOSPC: no space left on device\n    at write"));

for (const action of ["makeFolder", "writeSynced", "syncFolder", "rename"] as const) {
  Deno.test(`FR-058 a disk that fails at ${action} leaves nothing half written`, async () => {
    await withPlan(async (loaded, resultsRoot) => {
      const disk: Disk = { ...localDisk, [action]: full };
      await rejects(
        backtest(loaded, { ...here, resultsRoot, disk }),
        refusal(/^Cannot (save|lock) run [0-9a-f]{16} in .*: ENOSPC: no space left on device$/),
      );
      deepStrictEqual(await filed(resultsRoot), []);
      // Without a folder for its lock a request does not get as far as a trial.
      const asked = action === "makeFolder" ? [] : ["failed"];
      deepStrictEqual((await trials(resultsRoot)).map(({ status }) => status), asked);
      const { origin } = await backtest(loaded, { ...here, resultsRoot });
      strictEqual(origin, "computed");
    });
  });
}

Deno.test("FR-058 a file in place of the results folder is refused in one line", async () => {
  await withPlan(async (loaded, resultsRoot) => {
    await writeFile(resultsRoot, "not a folder");
    await rejects(backtest(loaded, { ...here, resultsRoot }), refusal(/results/));
    strictEqual(await readFile(resultsRoot, "utf8"), "not a folder");
  });
});

Deno.test("FR-058 whoever asks for a run that is being computed waits for it and finds it", async () => {
  await withPlan(async (loaded, resultsRoot) => {
    const waited: string[] = [];
    const started = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const slow: Disk = {
      ...localDisk,
      async writeSynced(file, bytes) {
        if (isOfRun(file, resultsRoot)) {
          started.resolve();
          await goOn.promise;
        }
        await localDisk.writeSynced(file, bytes);
      },
    };
    const first = backtest(loaded, { ...here, resultsRoot, disk: slow });
    await started.promise;
    const second = backtest(loaded, {
      ...here,
      resultsRoot,
      onWait() {
        waited.push("second");
        goOn.resolve();
      },
    });
    deepStrictEqual([(await first).origin, (await second).origin], ["computed", "found"]);
    deepStrictEqual(waited, ["second"]);
  });
});

Deno.test("FR-058 an interruption ends the wait for another process's run", async () => {
  await withPlan(async (loaded, resultsRoot) => {
    const { id } = await backtest(loaded, { ...here, resultsRoot });
    await runStore(resultsRoot).exclusive(id, async () => {
      const stop = new AbortController();
      const waiting = backtest(loaded, {
        ...here,
        resultsRoot,
        force: true,
        signal: stop.signal,
        onWait: () => stop.abort(),
      });
      await rejects(waiting, refusal(/^Interrupted$/));
    });
    deepStrictEqual((await trials(resultsRoot)).map(({ status }) => status), ["finished"]);
  });
});

Deno.test("FR-058 a request interrupted before it began stores nothing", async () => {
  await withPlan(async (loaded, resultsRoot) => {
    for (const threads of [0, 1]) {
      const signal = AbortSignal.abort();
      await rejects(backtest(loaded, { threads, resultsRoot, signal }), refusal(/^Interrupted$/));
    }
    deepStrictEqual(await filed(resultsRoot), []);
  });
});

Deno.test("FR-058 a run interrupted on its way into the store is stored whole or not at all", async () => {
  await withPlan(async (loaded, resultsRoot) => {
    const stop = new AbortController();
    const disk: Disk = {
      ...localDisk,
      async rename(from, to) {
        if (isOfRun(to, resultsRoot)) stop.abort();
        await localDisk.rename(from, to);
      },
    };
    const { id } = await backtest(loaded, { ...here, resultsRoot, disk, signal: stop.signal });
    deepStrictEqual(await filed(resultsRoot), [id]);
    deepStrictEqual((await trials(resultsRoot)).map(({ status }) => status), ["finished"]);
  });
});

Deno.test("FR-039 a run that fills at the close of its decision says that it is optimistic", async () => {
  await inTestFolder(async (folder) => {
    await writeBtc(`${folder}data`);
    const loaded = await tinyPlan(`${folder}data`, { sets: ["execution.fill=same_close"] });
    const { card } = await backtest(loaded, { ...here, resultsRoot: `${folder}results` });
    ok(card.warnings.some((line) => /same_close.*optimistic/.test(line)));
  });
});
