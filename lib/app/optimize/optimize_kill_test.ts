import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Disk, localDisk } from "../../core/atomic_file.ts";
import { seededRandom } from "../../core/random.ts";
import type { Executor } from "../../engine/sweep/crew.ts";
import {
  bytesOf,
  type Document,
  inMarket,
  inProcess,
  isIntact,
  oneCross,
  PAIRS,
  type Searches,
  trialsIn,
  twoModels,
} from "./test_searches.ts";
import type { ExecutorWork, OptimizeOptions } from "./work.ts";

const CHILD = fileURLToPath(new URL("test_optimize_child.ts", import.meta.url));

/** Time limits of models must not end with the clock that runs a hundred times too fast. */
const PATIENT = { start: "2024-02-01", end: "2024-02-28", model_timeout_ms: 600_000 };

const SAMPLE: Document = {
  method: "random",
  distributions: { fast_ma: { integer: [2, 6] }, slow_ma: { integer: [7, 60] } },
  trials: 160,
  optimization: { save_top_n: 4 },
};

const BRED: Document = {
  ...SAMPLE,
  method: "evolutionary",
  evolution: { population: 60, generations: 4 },
  optimization: { save_top_n: 3, statistics: false },
  validation: { method: "split" },
};

/** Runs a search in a process of its own, killed so many milliseconds after it began; what it said to the end. */
async function child(
  args: readonly string[],
  killAfterMs?: () => number,
): Promise<{ readonly said: string; readonly ms: number }> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--cached-only", "--allow-all", CHILD, ...args],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = (await reader.read()).value ?? "";
  const begun = performance.now();
  if (killAfterMs) {
    await setTimeout(killAfterMs());
    try {
      process.kill("SIGKILL");
    } catch {
      // It was through already.
    }
  }
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    said += chunk.value;
  }
  const [{ code }, errors] = await Promise.all([
    process.status,
    new Response(process.stderr).text(),
  ]);
  if (!killAfterMs) deepStrictEqual([code, errors], [0, ""]);
  return { said, ms: performance.now() - begun };
}

for (
  const [name, document] of Object.entries({
    "a sample in the loop": { ...twoModels(SAMPLE), system: PATIENT },
    "an evolution in columns, on a part of the days": { ...oneCross(BRED), system: PATIENT },
    "an evolution on each split of a cross-validation": {
      ...oneCross({ ...BRED, validation: { method: "purged_kfold", folds: 3, purge_days: 1 } }),
      system: PATIENT,
    },
    "an evolution on each window of a walk-forward": {
      ...oneCross({
        ...BRED,
        validation: { method: "walk_forward", train_days: 12, test_days: 6 },
      }),
      system: PATIENT,
    },
  })
) {
  Deno.test(`SC-008 a sweep that is killed at any moment goes on to the same bytes: ${name}`, () =>
    inMarket(async ({ folder, dataRoot, results }) => {
      const config = `${folder}search.yaml`;
      await writeFile(config, JSON.stringify(document));
      const whole = await child([config, dataRoot, results("whole")]);
      strictEqual(whole.said, "begun\ncomputed\n");
      const expected = await bytesOf(results("whole"));
      const killed = results("killed");
      const random = seededRandom(`kill ${name}`);
      let kept = 0;
      for (let kill = 0; kill < 6; kill++) {
        // Early on trials run; later the statistics, the runs of the best and the files are what is cut short.
        const { said } = await child(
          [config, dataRoot, killed],
          () => whole.ms * (0.1 + 0.12 * (kill + random.next())),
        );
        if (said !== "begun\n") break;
        await isIntact(killed);
        kept = (await trialsIn(killed)).filter(({ status, place }) =>
          status === "finished" && place !== null
        ).length;
      }
      ok(kept > 0, "no kill came after the first result");
      const { said } = await child([config, dataRoot, killed]);
      ok(["begun\nresumed\n", "begun\nfound\n"].includes(said), said);
      deepStrictEqual(await bytesOf(killed), expected);
      await isIntact(killed);
      const again = await child([config, dataRoot, killed]);
      strictEqual(again.said, "begun\nfound\n");
      deepStrictEqual(
        (await readdir(`${killed}/experiments`)).filter((entry) => entry.startsWith(".")),
        [],
      );
    }));
}

const SMALL = oneCross({ parameter_grid: PAIRS, optimization: { save_top_n: 2 } });

/** Runs a search with trouble at one moment after the other until it is through; then all must be as without. */
async function troubled(
  { run, results }: Searches,
  trouble: (moment: number) => OptimizeOptions,
): Promise<number> {
  await run(SMALL, { root: "whole" });
  let moments = 0;
  for (let isDone = false; !isDone; moments++) {
    isDone = await run(SMALL, { root: "cut", ...trouble(moments) }).then(() => true, () => false);
    await isIntact(results("cut"));
  }
  deepStrictEqual(await bytesOf(results("cut")), await bytesOf(results("whole")));
  return moments;
}

Deno.test("SC-008 a search that fails wherever it reports goes on to the same bytes", () =>
  inMarket(async (searches) => {
    let calls = 0;
    const moments = await troubled(searches, (moment) => {
      calls = 0;
      const report = () => {
        if (calls++ === moment) throw new Error("no terminal");
      };
      return { onProgress: report, onStage: report };
    });
    // The first report, one for trials at least, the tests and the runs.
    ok(moments > 3, `${moments}`);
  }));

Deno.test("SC-008 a search that fails wherever it writes goes on to the same bytes", () =>
  inMarket(async (searches) => {
    const moments = await troubled(searches, (moment) => {
      let left = 2 * moment;
      const failing =
        <Args extends readonly unknown[]>(work: (...args: Args) => Promise<void>) =>
        async (...args: Args) => {
          if (left-- === 0) throw new Error("the disk is full");
          await work(...args);
        };
      const disk: Disk = {
        makeFolder: failing(localDisk.makeFolder),
        writeSynced: failing(localDisk.writeSynced),
        rename: failing(localDisk.rename),
        syncFolder: failing(localDisk.syncFolder),
        remove: failing(localDisk.remove),
      };
      return { disk };
    });
    ok(moments > 3, `${moments}`);
  }));

Deno.test("SC-008 Ctrl-C during the trials, the tests and the runs keeps what is finished", () =>
  inMarket(async ({ run, results, trials }) => {
    await run(SMALL, { root: "whole" });
    const stages: readonly ((abort: () => void) => OptimizeOptions)[] = [
      (abort) => (abort(), {}),
      (abort) => ({ onProgress: ({ done }) => done > 0 && abort() }),
      (abort) => ({ onStage: (stage) => stage.startsWith("tests") && abort() }),
      (abort) => ({ onStage: (stage) => stage.startsWith("run 1") && abort() }),
    ];
    for (const [place, stage] of stages.entries()) {
      const controller = new AbortController();
      const options = stage(() => controller.abort());
      await rejects(run(SMALL, { signal: controller.signal, ...options }), {
        name: "Refusal",
        message: "Interrupted",
      }, `${place}`);
      await isIntact(results());
    }
    strictEqual(
      (await trials()).filter(({ place, status }) => place !== null && status === "finished")
        .length,
      6,
    );
    strictEqual((await run(SMALL)).origin, "resumed");
    deepStrictEqual(await bytesOf(results()), await bytesOf(results("whole")));
  }));

Deno.test("SC-008 two requests for one search at once: the second waits and finds it", () =>
  inMarket(async ({ run, results }) => {
    const [isIn, waits] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const executor = (work: ExecutorWork): Executor => {
      const { run, close } = inProcess(work);
      return {
        close,
        async run(trials, onFinished) {
          isIn.resolve();
          await waits.promise;
          await run(trials, onFinished);
        },
      };
    };
    const first = run(SMALL, { executor });
    await isIn.promise;
    const second = run(SMALL, { onWait: waits.resolve });
    deepStrictEqual([(await first).origin, (await second).origin], ["computed", "found"]);
    deepStrictEqual((await first).card, (await second).card);
    await isIntact(results());
  }));

Deno.test("SC-008 who waits for another process can be interrupted", () =>
  inMarket(async ({ run }) => {
    const controller = new AbortController();
    const started = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const first = run(SMALL, {
      executor: () => ({
        close() {},
        async run() {
          started.resolve();
          await goOn.promise;
          throw new Error("stopped");
        },
      }),
    });
    first.catch(() => {});
    await started.promise;
    const second = run(SMALL, { signal: controller.signal, onWait: () => controller.abort() });
    try {
      await rejects(second, { name: "Refusal", message: "Interrupted" });
    } finally {
      goOn.resolve();
    }
    await rejects(first, { message: "stopped" });
    // The one that was interrupted still takes its turn at the lock, and gives it back: the folder is not to go before.
    await setTimeout(500);
  }));
