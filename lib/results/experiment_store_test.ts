import { deepStrictEqual, match, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { cp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { localDisk } from "../core/atomic_file.ts";
import type { ExperimentCard } from "../core/experiment.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { openDatabase, type ResultsDatabase } from "./database.ts";
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
  statistics_note: null,
  validation: null,
  saved: [],
};

const NO_TRIALS: TrialRecords = {
  ...{ count: 0, order: new Int32Array(), failed: [], front: [] },
  at: () => {
    throw new RangeError("no trial");
  },
};

const contentOf = (card: ExperimentCard) => ({
  card,
  trials: NO_TRIALS,
  search: { of: card.name },
});

const other = (id: string, name = CARD.name): ExperimentCard => ({
  ...CARD,
  experiment_id: id,
  name,
});

async function withLedger<Result>(
  root: string,
  work: (ledger: ResultsDatabase) => Result,
): Promise<Result> {
  const ledger = await openDatabase(`${root}assay.db`);
  try {
    return work(ledger);
  } finally {
    ledger.close();
  }
}

Deno.test("FR-049 a stored experiment is found by its name and by the beginning of its id", () =>
  inTestFolder(async (root) => {
    const store = experimentStore(root);
    deepStrictEqual([await store.list(), await store.find(CARD.experiment_id)], [
      { cards: [], damaged: [] },
      undefined,
    ]);
    await rejects(store.resolve("pairs"), /No experiment "pairs" in .*; none is finished/);
    deepStrictEqual(await readdir(root), [], "looking makes nothing");
    const saved = await store.save(contentOf(CARD));
    deepStrictEqual(await store.find(CARD.experiment_id), saved);
    for (const name of ["pairs", "0123", CARD.experiment_id]) {
      strictEqual(await store.resolve(name), CARD.experiment_id);
    }
    await rejects(
      store.resolve("012"),
      /No experiment "012" .*; finished are pairs \(0123456789abcdef\)/,
    );
    await store.save(contentOf(other("0123ffffffffffff")));
    await store.save(contentOf(other("ffffffffffffffff", "0123")));
    const ids = (await store.matching("pairs")).map(({ experiment_id }) => experiment_id);
    deepStrictEqual(ids, ["0123ffffffffffff", CARD.experiment_id], "the newest first");
    strictEqual(await store.resolve("pairs"), "0123ffffffffffff");
    await rejects(
      store.resolve("0123"),
      /"0123" may be ffffffffffffffff .* or .* or .*, expected one/,
    );
    strictEqual(await store.resolve("01234"), CARD.experiment_id);
    strictEqual((await store.list()).cards.length, 3);
  }));

Deno.test("FR-049 a damaged card or table is refused in one line that names the file", () =>
  inTestFolder(async (root) => {
    const store = experimentStore(root);
    const { folder } = await store.save(contentOf(CARD));
    const file = `${folder}/experiment.json`;
    const text = await readFile(file, "utf8");
    for (
      const wrong of ["", "{", "[]", "null", '"x"', "{}", text.replace("0123456789abcdef", "ffff")]
    ) {
      await writeFile(file, wrong);
      const asks: readonly (() => Promise<unknown>)[] = [
        () => store.find(CARD.experiment_id),
        () => store.resolve("pairs"),
        () => store.resolve("0123"),
      ];
      for (const ask of asks) {
        await rejects(ask(), (error: Error) => {
          deepStrictEqual([error.name, error.message.includes("\n")], ["Refusal", false]);
          match(
            error.message,
            /Cannot read .*experiment\.json, expected the card of an experiment: .*; remove the folder and run/,
          );
          return true;
        }, wrong);
      }
    }
    await writeFile(file, text);
    await rm(`${folder}/trials.parquet`);
    await rejects(store.find(CARD.experiment_id), { name: "Refusal", message: /trials\.parquet/ });
    strictEqual((await store.list()).cards.length, 1);
  }));

Deno.test("FR-049 one damaged experiment keeps none of the others from being listed and found", () =>
  inTestFolder(async (root) => {
    const store = experimentStore(root);
    const [older, newer] = ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"];
    await store.save(contentOf(other(older)));
    await store.save(contentOf(other("cccccccccccccccc", "alone")));
    const { folder } = await store.save(contentOf(other(newer)));
    const card = await readFile(`${folder}/experiment.json`, "utf8");
    const unreadable = /Cannot read .*bbbb\/experiment\.json/;
    for (
      const [text, says] of [
        [card.slice(0, 50), unreadable],
        [card.replace('"seed": 1', '"seed": 2'), /experiment\.json was changed since it was saved/],
      ] as const
    ) {
      await writeFile(`${folder}/experiment.json`, text);
      const { cards, damaged } = await store.list();
      deepStrictEqual(cards.map(({ experiment_id }) => experiment_id), [older, "cccccccccccccccc"]);
      deepStrictEqual(damaged.map(({ id, name }) => [id, name]), [[newer, "pairs"]]);
      match(damaged[0]!.damage.message, says);
      strictEqual(await store.resolve("alone"), "cccccccccccccccc");
      strictEqual(await store.resolve(older), older);
      // The name alone means the newest: an older one in its place would be a wrong answer.
      for (const name of ["pairs", newer, "bbbb"]) await rejects(store.resolve(name), says, name);
    }
    await writeFile(`${folder}/experiment.json`, card);
    strictEqual(await store.resolve("pairs"), newer);
    await writeFile(`${root}experiments/${older}/experiment.json`, "{");
    const matching = await store.matching("pairs");
    deepStrictEqual(matching.map(({ experiment_id }) => experiment_id), [newer]);
    // One that no ledger knows has no name but its id.
    await rm(`${root}assay.db`);
    const { damaged } = await store.list();
    deepStrictEqual(damaged.find(({ id }) => id === older)!.name, undefined);
    strictEqual(damaged.length, 3);
  }));

Deno.test("FR-049 one changed byte of a stored experiment is refused with exit code 3, and one that nobody saved", () =>
  inTestFolder(async (root) => {
    const store = experimentStore(root);
    const { folder } = await store.save(contentOf(CARD));
    deepStrictEqual(await store.search(CARD.experiment_id), { of: "pairs" });
    const changed = { name: "Refusal", exitCode: 3, message: /was changed since it was saved/ };
    for (const name of ["experiment.json", "summary.csv", "trials.parquet", "search.json"]) {
      const bytes = await readFile(`${folder}/${name}`);
      await writeFile(`${folder}/${name}`, Uint8Array.from([...bytes, 10]));
      await rejects(store.find(CARD.experiment_id), changed, name);
      if (name === "experiment.json") await rejects(store.resolve("pairs"), changed);
      await writeFile(`${folder}/${name}`, bytes);
    }
    ok(await store.find(CARD.experiment_id));
    const copy = `${root}experiments/ffffffffffffffff`;
    await cp(folder, copy, { recursive: true });
    await writeFile(
      `${copy}/experiment.json`,
      `${JSON.stringify(other("ffffffffffffffff"), null, 2)}\n`,
    );
    await rejects(store.find("ffffffffffffffff"), {
      exitCode: 3,
      message: /no entry of the ledger of trials says that it was saved/,
    });
  }));

Deno.test("FR-049 what is saved again with the same bytes stays where it is, and is on the ledger once", () =>
  inTestFolder(async (root) => {
    const store = experimentStore(root);
    const { folder } = await store.save(contentOf(CARD));
    const { ino } = await stat(`${folder}/experiment.json`);
    // Nothing is taken away in between: whoever stops, the finished experiment is there.
    const rename = () => Promise.reject(new Error("stopped"));
    await experimentStore(root, { disk: { ...localDisk, rename } }).save(contentOf(CARD));
    strictEqual((await stat(`${folder}/experiment.json`)).ino, ino);
    const database = await openDatabase(`${root}assay.db`);
    const { entries, faults } = database.checkLedger();
    database.close();
    deepStrictEqual([entries, faults], [1, []]);
    // A damaged one is replaced.
    await writeFile(`${folder}/summary.csv`, "x");
    await store.save(contentOf(CARD));
    ok(await store.find(CARD.experiment_id));
  }));

Deno.test("FR-049 a disk that fails leaves the experiment that was there, or none", () =>
  inTestFolder(async (root) => {
    await experimentStore(root).save(contentOf(CARD));
    const before = await readFile(`${root}experiments/${CARD.experiment_id}/experiment.json`);
    for (const step of ["makeFolder", "writeSynced", "syncFolder", "rename"] as const) {
      const failing = () => Promise.reject(new Error("no space left"));
      const store = experimentStore(root, { disk: { ...localDisk, [step]: failing } });
      await rejects(store.save(contentOf(other("ffffffffffffffff"))), {
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
    const { folder } = await store.save(contentOf(CARD), again);
    deepStrictEqual((await readdir(folder)).sort(), [
      ...["experiment.json", "returns.f64", "search.json", "summary.csv", "trials.parquet"],
    ]);
    await rejects(stat(temporary), { code: "ENOENT" });
    await withLedger(root, (ledger) => {
      const kept = store.keptReturns(ledger);
      deepStrictEqual(kept(CARD.experiment_id, 5, days), of(5));
      for (const place of [1, 4, 6]) {
        strictEqual(kept(CARD.experiment_id, place, days), undefined);
      }
      strictEqual(kept("ffffffffffffffff", 0, days), undefined);
    });
    const unwanted = store.returnsFile(CARD.experiment_id, days);
    unwanted.write(0, of(0));
    unwanted.settle(null);
    await rejects(stat(temporary), { code: "ENOENT" });
  }));

Deno.test("FR-049 a changed byte of the returns is refused and never read", () =>
  inTestFolder(async (root) => {
    const store = experimentStore(root);
    const id = CARD.experiment_id;
    const returns = store.returnsFile(id, 2);
    returns.write(0, Float64Array.of(0.01, -0.02));
    const { folder } = await store.save(contentOf(CARD), returns);
    const file = `${folder}/returns.f64`;
    const bytes = await readFile(file);
    const read = () => withLedger(root, (ledger) => store.keptReturns(ledger)(id, 0, 2));
    deepStrictEqual(await read(), Float64Array.of(0.01, -0.02));
    for (
      const changed of [bytes.with(9, bytes[9]! ^ 1), Uint8Array.of(...bytes, 0), bytes.slice(0, 8)]
    ) {
      await writeFile(file, changed);
      await rejects(store.find(id), {
        exitCode: 3,
        message: /returns\.f64 was changed since it was saved; remove the folder/,
      });
      strictEqual(await read(), undefined);
      strictEqual((await store.list()).cards.length, 1, "a list does not look at returns");
    }
    await writeFile(file, bytes);
    ok(await store.find(id));
    // As an earlier version saved it: found as ever, and its returns are believed by nobody.
    await withLedger(root, (ledger) => {
      const { "returns.f64": _, ...files } = ledger.sealedExperiment(id)!.files;
      ledger.sealExperiment(CARD, { files, at: 0 });
    });
    ok(await store.find(id));
    strictEqual(await read(), undefined);
  }));

Deno.test("FR-049 returns that are gone are no reason to refuse an experiment", () =>
  inTestFolder(async (root) => {
    const store = experimentStore(root);
    const returns = store.returnsFile(CARD.experiment_id, 1);
    returns.write(0, Float64Array.of(0.5));
    const { folder } = await store.save(contentOf(CARD), returns);
    await rm(`${folder}/returns.f64`);
    ok(await store.find(CARD.experiment_id));
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
