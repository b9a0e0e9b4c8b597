import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { copyFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { TRIAL_FIGURES } from "../../core/trial_figures.ts";
import type { Executor, FinishedTrial } from "../../engine/sweep/crew.ts";
import { databaseFile } from "../trial.ts";
import {
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

/** Ends trials of these places as a limit of time does, the first `times` times that they are run. */
function cutting(places: readonly number[], times: number) {
  const runs: number[][] = [];
  const cuts = new Map<number, number>();
  const executor = (work: ExecutorWork): Executor => {
    const { run, close } = inProcess(work);
    return {
      close,
      run(trials, onFinished) {
        const some = [...trials];
        runs.push(some.map(({ place }) => place));
        return run(
          { count: some.length, [Symbol.iterator]: () => some.values() },
          (finished) =>
            onFinished(finished.map((trial): FinishedTrial => {
              const before = cuts.get(trial.place) ?? 0;
              if (!places.includes(trial.place) || before >= times) return trial;
              cuts.set(trial.place, before + 1);
              const figures = new Float64Array(TRIAL_FIGURES.length).fill(NaN);
              return { ...trial, figures, returns: null, failure: "too slow", isCutShort: true };
            })),
        );
      },
    };
  };
  return { executor, runs };
}

Deno.test("FR-045 a trial that a limit ends is run once more alone, and nothing tells it from one that never was", () =>
  inMarket(async ({ run, trials, results }) => {
    const { executor, runs } = cutting([1, 4], 1);
    const { card, folder } = await run(oneCross(GRID), { executor });
    deepStrictEqual(runs, [[0, 1, 2, 3, 4, 5], [1], [4]]);
    strictEqual(card.trials.failed, 0);
    const plain = await run(oneCross(GRID), { root: "plain" });
    deepStrictEqual(await hashesOf(folder), await hashesOf(plain.folder));
    ok((await trials()).every(({ status }) => status !== "interrupted"));
    await isIntact(results());
  }));

Deno.test("FR-045 a trial that its limits end twice has failed in this result, and is tried again when asked to", () =>
  inMarket(async ({ run, trials, results }) => {
    const { executor } = cutting([1, 4], 2);
    const first = await run(oneCross(GRID), { executor });
    deepStrictEqual(first.card.trials, { count: 6, finished: 4, failed: 2, excluded: 0 });
    deepStrictEqual(
      first.trials.filter(({ status }) => status === "failed").map((
        { trial, message },
      ) => [trial, message]),
      [[1, "too slow"], [4, "too slow"]],
    );
    await isIntact(results());
    // Found as it is; with force the two run again, whatever else is on record.
    strictEqual((await run(oneCross(GRID))).origin, "found");
    const again = cutting([], 0);
    const forced = await run(oneCross(GRID), { force: true, executor: again.executor });
    deepStrictEqual([again.runs, forced.origin], [[[1, 4]], "resumed"]);
    const plain = await run(oneCross(GRID), { root: "plain" });
    deepStrictEqual(await hashesOf(forced.folder), await hashesOf(plain.folder));
    const rows = (await trials()).filter(({ experiment_id, place }) =>
      experiment_id === first.id && (place === 1 || place === 4)
    );
    deepStrictEqual(rows.map(({ place, status }) => [place, status]), [
      [1, "interrupted"],
      [4, "interrupted"],
      [1, "finished"],
      [4, "finished"],
    ]);
    await isIntact(results());
  }));

const CUT = twoModels({
  parameter_grid: PAIRS,
  optimization: { save_top_n: 0, statistics: false },
});

/** What is done to the record of six trials that were run, and what the same search says then. */
const TAMPERED: Readonly<Record<string, readonly [sql: string, says: RegExp]>> = {
  "a row deleted": ["DELETE FROM trials WHERE place = 2", /entry 1 covers 6 trials, found 5/],
  "the first row deleted": [
    "DELETE FROM trials WHERE place = 0",
    /entry 1 covers 6 trials, found 5/,
  ],
  "another run's id": [
    "UPDATE trials SET run_id = '0123456789abcdef' WHERE place = 3",
    /entry 1 covers trials that were changed/,
  ],
  "another place": [
    "UPDATE trials SET place = 7 WHERE place = 5",
    /entry 1 covers trials that were/,
  ],
  "another figure": [
    "UPDATE trials SET figures = zeroblob(160) WHERE place = 3",
    /entry \d+ covers trials that were changed/,
  ],
  "an end that nobody wrote": [
    "DELETE FROM ledger WHERE kind = 'finished'",
    /trial 1 has an end that no entry covers/,
  ],
  "an entry changed": [
    "UPDATE ledger SET experiment = 'other' WHERE seq = 1",
    /entry 1 was changed: its hash/,
  ],
};

Deno.test("SC-008 a search does not go on from trials that are not on record as they were written", () =>
  inMarket(async ({ run, results }) => {
    await run(CUT);
    const file = databaseFile(results());
    await copyFile(file, `${file}.sound`);
    for (const [what, [sql, says]] of Object.entries(TAMPERED)) {
      await copyFile(`${file}.sound`, file);
      const database = new DatabaseSync(file);
      database.exec(sql);
      database.close();
      await rejects(run(CUT, { force: true }), (error: Error & { exitCode?: number }) => {
        deepStrictEqual([error.name, error.exitCode], ["Refusal", 3], what);
        ok(says.test(error.message) && !error.message.includes("\n"), `${what}: ${error.message}`);
        return true;
      });
    }
    await copyFile(`${file}.sound`, file);
    strictEqual((await run(CUT, { force: true })).origin, "resumed");
  }));
