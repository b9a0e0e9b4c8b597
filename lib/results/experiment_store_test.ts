import { deepStrictEqual, match, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { localDisk } from "../core/atomic_file.ts";
import type { ExperimentCard } from "../core/experiment.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { experimentStore } from "./experiment_store.ts";
import type { TrialRecords } from "./experiment_table.ts";

const CARD: ExperimentCard = {
  experiment_id: "0123456789abcdef",
  name: "pairs",
  description: null,
  method: "grid",
  target_model: null,
  family: "A",
  data_set: "BTC h4",
  dimensions: [{ path: "m.fast", label: "fast", values: [1, 2] }],
  constraints: [],
  objective: { name: "bps", weights: { bps: 1 } },
  front: [{ figure: "cagr", more: true }],
  seed: 1,
  start: "2024-02-01",
  end: "2024-02-28",
  periods_per_year: 365,
  data_fingerprint: "d",
  code_fingerprint: "c",
  trials: { count: 0, finished: 0, failed: 0, excluded: 0 },
  winner: null,
  statistics: null,
  validation: null,
  saved: [],
};

const NO_TRIALS: TrialRecords = {
  ...{ count: 0, order: new Int32Array(), failed: [], front: [] },
  at: () => {
    throw new RangeError("no trial");
  },
};

const other = (id: string, name = CARD.name): ExperimentCard => ({
  ...CARD,
  experiment_id: id,
  name,
});

Deno.test("FR-049 a stored experiment is found by its name and by the beginning of its id", () =>
  inTestFolder(async (root) => {
    const store = experimentStore(root);
    deepStrictEqual([await store.list(), await store.find(CARD.experiment_id)], [[], undefined]);
    await rejects(store.resolve("pairs"), /No experiment "pairs" in .*; none is finished/);
    deepStrictEqual(await readdir(root), [], "looking makes nothing");
    const saved = await store.save(CARD, NO_TRIALS);
    deepStrictEqual(await store.find(CARD.experiment_id), saved);
    for (const name of ["pairs", "0123", CARD.experiment_id]) {
      strictEqual(await store.resolve(name), CARD.experiment_id);
    }
    await rejects(
      store.resolve("012"),
      /No experiment "012" .*; finished are pairs \(0123456789abcdef\)/,
    );
    await store.save(other("0123ffffffffffff"), NO_TRIALS);
    await store.save(other("ffffffffffffffff", "0123"), NO_TRIALS);
    await rejects(
      store.resolve("pairs"),
      /"pairs" may be 0123456789abcdef .* or 0123ffffffffffff .*, expected one/,
    );
    await rejects(store.resolve("0123"), /"0123" may be .* or .* or ffffffffffffffff/);
    strictEqual(await store.resolve("01234"), CARD.experiment_id);
    strictEqual((await store.list()).length, 3);
  }));

Deno.test("FR-049 a damaged card or table is refused in one line that names the file", () =>
  inTestFolder(async (root) => {
    const store = experimentStore(root);
    const { folder } = await store.save(CARD, NO_TRIALS);
    const file = `${folder}/experiment.json`;
    const text = await readFile(file, "utf8");
    for (
      const wrong of ["", "{", "[]", "null", '"x"', "{}", text.replace("0123456789abcdef", "ffff")]
    ) {
      await writeFile(file, wrong);
      const asks: readonly (() => Promise<unknown>)[] = [
        () => store.find(CARD.experiment_id),
        store.list,
        () => store.resolve("pairs"),
      ];
      for (const ask of asks) {
        await rejects(ask(), (error: Error) => {
          deepStrictEqual([error.name, error.message.includes("\n")], ["Refusal", false]);
          match(
            error.message,
            /Cannot read .*experiment\.json, expected the card of an experiment/,
          );
          return true;
        }, wrong);
      }
    }
    await writeFile(file, text);
    await rm(`${folder}/trials.parquet`);
    await rejects(store.find(CARD.experiment_id), { name: "Refusal", message: /trials\.parquet/ });
    strictEqual((await store.list()).length, 1);
  }));

Deno.test("FR-049 a disk that fails leaves the experiment that was there, or none", () =>
  inTestFolder(async (root) => {
    await experimentStore(root).save(CARD, NO_TRIALS);
    const before = await readFile(`${root}experiments/${CARD.experiment_id}/experiment.json`);
    for (const step of ["makeFolder", "writeSynced", "syncFolder", "rename"] as const) {
      const failing = () => Promise.reject(new Error("no space left"));
      const store = experimentStore(root, { disk: { ...localDisk, [step]: failing } });
      await rejects(store.save(other("ffffffffffffffff"), NO_TRIALS), {
        name: "Refusal",
        message: /Cannot save experiment ffffffffffffffff in .*: no space left/,
      });
      deepStrictEqual(await readdir(`${root}experiments`), [CARD.experiment_id], step);
    }
    deepStrictEqual(
      await readFile(`${root}experiments/${CARD.experiment_id}/experiment.json`),
      before,
    );
  }));

Deno.test("FR-049 returns are read as they were written, in any order; a place in between is missing", () =>
  inTestFolder(async (root) => {
    const store = experimentStore(root);
    const days = 3;
    const of = (place: number) => Float64Array.of(place, 0, -place);
    const file = store.returnsFile(CARD.experiment_id, days);
    for (const place of [4, 0, 2]) file.write(place, of(place));
    file.sync();
    for (const place of [0, 2, 4]) {
      ok(file.has(place));
      deepStrictEqual(file.read(place), of(place));
    }
    for (const place of [1, 3, 5]) {
      ok(!file.has(place));
      throws(() => file.read(place), { name: "Refusal", message: new RegExp(`trial ${place}$`) });
    }
    throws(() => file.write(0, Float64Array.of(1)), {
      message: "A trial has 3 daily returns, found 1",
    });
    file.close();
    // Another process goes on with it, also after a write that was cut short.
    const temporary = `${root}experiments/.returns-${CARD.experiment_id}`;
    await writeFile(temporary, (await readFile(temporary)).subarray(0, 4 * 24 + 10));
    const again = store.returnsFile(CARD.experiment_id, days);
    deepStrictEqual([0, 1, 2, 3, 4, 5].map(again.has), [true, false, true, false, false, false]);
    again.write(5, of(5));
    deepStrictEqual([again.has(4), again.read(5)], [false, of(5)]);
    const { folder } = await store.save(CARD, NO_TRIALS, again);
    deepStrictEqual((await readdir(folder)).sort(), [
      ...["experiment.json", "returns.f64", "summary.csv", "trials.parquet"],
    ]);
    await rejects(stat(temporary), { code: "ENOENT" });
    deepStrictEqual(store.keptReturns(CARD.experiment_id, 5, days), of(5));
    for (const place of [1, 4, 6]) {
      strictEqual(store.keptReturns(CARD.experiment_id, place, days), undefined);
    }
    strictEqual(store.keptReturns("ffffffffffffffff", 0, days), undefined);
    const unwanted = store.returnsFile(CARD.experiment_id, days);
    unwanted.write(0, of(0));
    unwanted.settle(null);
    await rejects(stat(temporary), { code: "ENOENT" });
  }));

Deno.test("FR-049 what is done alone is not done twice at once, and what fails lets the next one in", () =>
  inTestFolder(async (root) => {
    const store = experimentStore(root);
    const [isIn, waits] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const said: string[] = [];
    const first = store.exclusive(CARD.experiment_id, async () => {
      isIn.resolve();
      await waits.promise;
      said.push("first is out");
      throw new Error("failed");
    });
    await isIn.promise;
    const second = store.exclusive(CARD.experiment_id, () => {
      said.push("second is in");
      return Promise.resolve(2);
    }, waits.resolve);
    await rejects(first, { message: "failed" });
    strictEqual(await second, 2);
    deepStrictEqual(said, ["first is out", "second is in"]);
    deepStrictEqual(await readdir(`${root}locks`), []);
  }));
