import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Disk, localDisk } from "../core/atomic_file.ts";
import { holdLock } from "../core/file_lock.ts";
import { sha256 } from "../core/hash.ts";
import { inTestFolder } from "../core/test_folder.ts";
import type { FinishedRun } from "./artefacts.ts";
import { deriveRun } from "./derive.ts";
import { cardParts, FIXTURE_ID, fullRecord, handMadeRecord } from "./record_fixture.ts";
import { runStore } from "./store.ts";
import { openTables } from "./tables.ts";

const FILES = [
  ...["attribution.parquet", "bookings.parquet", "errors.log", "features.parquet"],
  ...["models.parquet", "nav.parquet"],
  ...["orders.log", "orders.parquet", "performance.log", "risk.parquet", "run.json", "trades.log"],
  ...["trades.parquet", "weights.parquet"],
];

function finished(changes: Parameters<typeof cardParts>[0] = {}): FinishedRun {
  const record = handMadeRecord();
  return { record, derived: deriveRun(record), parts: cardParts(changes) };
}

const oneLine = /^[^\n]+$/;

Deno.test("FR-058 a saved run is found again, with a card that names the hash of every file", () =>
  inTestFolder(async (root) => {
    const store = runStore(root);
    strictEqual(await store.find(FIXTURE_ID), undefined);
    const saved = await store.save(FIXTURE_ID, finished());
    strictEqual(saved.outcome, "saved");
    deepStrictEqual((await readdir(saved.folder)).sort(), FILES);
    const found = await store.find(FIXTURE_ID);
    deepStrictEqual(found, { id: FIXTURE_ID, folder: saved.folder, card: saved.card });
    const artefacts = Object.entries(found!.card.artefacts);
    deepStrictEqual(artefacts.map(([name]) => name), FILES.filter((name) => name !== "run.json"));
    for (const [name, hash] of artefacts) {
      strictEqual(sha256(await readFile(join(saved.folder, name))), hash);
    }
    deepStrictEqual(await readdir(join(root, "locks")), []);
    deepStrictEqual(await readdir(join(root, "runs")), [FIXTURE_ID]);
  }));

Deno.test("FR-058 the tables of a stored run read back as columns", () =>
  inTestFolder(async (root) => {
    const { folder } = await runStore(root).save(FIXTURE_ID, finished());
    const tables = openTables(folder);
    deepStrictEqual((await tables.nav()).nav, Float64Array.of(1000, 1025, 1054, 1051));
    deepStrictEqual((await tables.nav()).mode, ["NORMAL", "NORMAL", "REDUCED", "REDUCED"]);
    deepStrictEqual((await tables.weights()).symbol, ["BTC", "BTC", "ETH", "BTC", "ETH", "ETH"]);
    deepStrictEqual((await tables.trades()).pessimistic, [false, false, false]);
    const names = ["models", "orders", "attribution", "bookings", "risk"] as const;
    const rows = await Promise.all(names.map(async (name) => {
      const [column] = Object.values(await tables[name]());
      return column!.length;
    }));
    deepStrictEqual(rows, [8, 4, 7, 6, 1]);
  }));

Deno.test("FR-058 regimes and benchmarks of a run are stored with it: tables, figures, notes and lines of its logs", () =>
  inTestFolder(async (root) => {
    const record = fullRecord();
    const run = { record, derived: deriveRun(record), parts: cardParts() };
    const { folder, card } = await runStore(root).save(FIXTURE_ID, run);
    const files = [...FILES, "benchmarks.parquet", "regimes.parquet"].sort();
    deepStrictEqual((await readdir(folder)).sort(), files);
    const tables = openTables(folder);
    deepStrictEqual((await tables.regimes()).equity, ["NEUTRAL", "BULL", "BEAR"]);
    deepStrictEqual((await tables.regimes()).macro_default, [true, true, true]);
    deepStrictEqual(
      (await tables.benchmarks()).nav.slice(0, 5),
      Float64Array.of(1000, 1025, 1054, 1051, 500),
    );
    deepStrictEqual((await tables.models()).budget.slice(0, 3), Float64Array.of(0.6, 0.4, 0.6));
    deepStrictEqual(card.regimes!.days.equity, { BULL: 1, NEUTRAL: 1, BEAR: 1 });
    deepStrictEqual(card.regimes!.notes.map(({ kind, to }) => [kind, to]), [
      ["default", "2024-01-02T00:00:00Z"],
      ["held", "2024-01-04T00:00:00Z"],
    ]);
    deepStrictEqual(card.benchmarks, [{ name: "hold", title: "Hold" }, {
      name: "spy",
      title: "SPY",
    }]);
    strictEqual(card.statistics.benchmarks!.spy!.final_nav, 1051 / 2);
    strictEqual(card.statistics.regimes!.equity.BEAR!.days, 1);
    deepStrictEqual(card.decisions[1], {
      ...{ model: "B", changes: 2, first: "2024-01-02T00:00:00Z", last: "2024-01-03T00:00:00Z" },
    });
    const performance = await readFile(join(folder, "performance.log"), "utf8");
    const messages = performance.split("\n").slice(-4, -1).map((line) => JSON.parse(line).message);
    deepStrictEqual(messages, [
      "equity regime turns from BULL to BEAR",
      "mode REDUCED",
      "NAV 1051.00",
    ]);
    strictEqual(card.warnings.filter((line) => / regime, /.test(line)).length, 2);
    const found = (await runStore(root).find(FIXTURE_ID))!.card;
    deepStrictEqual(found, JSON.parse(JSON.stringify(card)));
  }));

Deno.test("SC-008 the same run saved in two places has the same bytes, however the plan's keys are ordered", () =>
  inTestFolder(async (root) => {
    const a = await runStore(join(root, "a")).save(
      FIXTURE_ID,
      finished({ plan: { x: 1, y: [2] } }),
    );
    const b = await runStore(join(root, "b")).save(
      FIXTURE_ID,
      finished({ plan: { y: [2], x: 1 } }),
    );
    for (const name of FILES) {
      deepStrictEqual(await readFile(join(a.folder, name)), await readFile(join(b.folder, name)));
    }
  }));

Deno.test("FR-060 the card holds market time only, as text, and ends with a line feed", () =>
  inTestFolder(async (root) => {
    const { folder, card } = await runStore(root).save(FIXTURE_ID, finished({ warnings: ["w"] }));
    const text = await readFile(join(folder, "run.json"), "utf8");
    ok(text.startsWith(`{\n  "run_id": "${FIXTURE_ID}",\n`) && text.endsWith("}\n"));
    deepStrictEqual(JSON.parse(text), JSON.parse(JSON.stringify(card)));
    strictEqual(card.statistics.portfolio.start, "2024-01-01T00:00:00Z");
    strictEqual(card.statistics.models.A!.end, "2024-01-04T00:00:00Z");
    deepStrictEqual(card.modes[0]!.time, "2024-01-03T00:00:00Z");
    deepStrictEqual(card.coverage[0]!.joins, "2024-01-02T00:00:00Z");
    deepStrictEqual(card.lapsed, [{ symbol: "ETH", target_weight: 0.05 }]);
    deepStrictEqual([card.warnings.length, card.warnings[0]], [4, "w"]);
    const errors = (await readFile(join(folder, "errors.log"), "utf8")).split("\n");
    strictEqual(JSON.parse(errors[0]!).message, "w");
    strictEqual(errors.length, 5);
  }));

Deno.test("FR-060 the same bytes again confirm a run", () =>
  inTestFolder(async (root) => {
    const store = runStore(root);
    await store.save(FIXTURE_ID, finished());
    strictEqual((await store.save(FIXTURE_ID, finished())).outcome, "confirmed");
    deepStrictEqual(await readdir(join(root, "runs")), [FIXTURE_ID]);
  }));

Deno.test("FR-060 other bytes for the same run are refused: the old run stays, the new one lies beside it", () =>
  inTestFolder(async (root) => {
    const store = runStore(root);
    const { folder, card } = await store.save(FIXTURE_ID, finished());
    const run = finished();
    const nav = run.record.nav.with(3, 1050);
    const other = {
      ...run,
      derived: { ...run.derived, portfolio: { ...run.derived.portfolio, nav } },
    };
    const refusal = {
      name: "Refusal",
      message:
        `The same request gave a different nav.parquet than before: the stored run is kept and the ` +
        `new one is in ${folder}.different; this is a defect of the program`,
    };
    await rejects(store.save(FIXTURE_ID, other), refusal);
    await rejects(store.save(FIXTURE_ID, other), refusal); // and once more, over what lies beside
    deepStrictEqual((await store.find(FIXTURE_ID))!.card, card);
    deepStrictEqual((await openTables(`${folder}.different`).nav()).nav[3], 1050);
    strictEqual(await store.resolve("01"), FIXTURE_ID);
  }));

Deno.test("FR-060 a stored file that was changed since is told apart from a run that differs", () =>
  inTestFolder(async (root) => {
    const store = runStore(root);
    const { folder } = await store.save(FIXTURE_ID, finished());
    await writeFile(join(folder, "trades.log"), "edited");
    await rejects(store.save(FIXTURE_ID, finished()), {
      name: "Refusal",
      message:
        /trades\.log was changed or damaged since it was stored: .*remove .* to accept that$/,
    });
  }));

for (
  const [what, text] of [
    ["broken JSON", "{"],
    ['run_id "beef"', '{"run_id":"beef"}'],
    ['no "plan"', `{"run_id":"${FIXTURE_ID}"}`],
    ["no JSON object", "null"],
  ] as const
) {
  Deno.test(`FR-058 a damaged card is refused in one line: ${what}`, () =>
    inTestFolder(async (root) => {
      const store = runStore(root);
      const { folder } = await store.save(FIXTURE_ID, finished());
      const file = join(folder, "run.json");
      await writeFile(file, text);
      await rejects(store.find(FIXTURE_ID), {
        name: "Refusal",
        message: `Cannot read ${file}: found ${what}, expected the card of run ${FIXTURE_ID}; ` +
          "remove its folder and run again",
      });
    }));
}

Deno.test("FR-058 a run folder without a card is refused, not taken for absent", () =>
  inTestFolder(async (root) => {
    await mkdir(join(root, "runs", FIXTURE_ID), { recursive: true });
    await rejects(runStore(root).find(FIXTURE_ID), {
      name: "Refusal",
      message: /run\.json: it is missing/,
    });
  }));

Deno.test("FR-058 of two identical requests at once one computes, the other waits and finds the run", () =>
  inTestFolder(async (root) => {
    const events: string[] = [];
    const entered = Promise.withResolvers<void>();
    const waited = Promise.withResolvers<void>();
    const request = (name: string) => {
      const store = runStore(root); // each with locks of its own, as in two processes
      return store.exclusive(FIXTURE_ID, async () => {
        if (await store.find(FIXTURE_ID)) return void events.push(`${name} finds`);
        entered.resolve();
        await waited.promise;
        await store.save(FIXTURE_ID, finished());
        events.push(`${name} computes`);
      }, {
        onWait: () => {
          events.push(`${name} waits`);
          waited.resolve();
        },
      });
    };
    const first = request("first");
    const second = entered.promise.then(() => request("second"));
    await Promise.all([first, second]);
    deepStrictEqual(events, ["second waits", "first computes", "second finds"]);
    deepStrictEqual(await readdir(join(root, "locks")), []);
  }));

Deno.test("FR-058 many requests for one lock get it one at a time, though its file comes and goes", () =>
  inTestFolder(async (root) => {
    let inside = 0;
    let most = 0;
    await Promise.all(Array.from({ length: 12 }, async () => {
      const release = await holdLock(join(root, "a.lock"));
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 1));
      inside--;
      await release();
    }));
    strictEqual(most, 1);
  }));

Deno.test("FR-058 a failing request gives its lock back", () =>
  inTestFolder(async (root) => {
    const store = runStore(root);
    await rejects(
      store.exclusive(FIXTURE_ID, () => Promise.reject(new RangeError("x"))),
      RangeError,
    );
    strictEqual(await store.exclusive(FIXTURE_ID, () => Promise.resolve(7)), 7);
  }));

const steps = ["makeFolder", "syncFolder", "rename", ...FILES] as const;
for (const step of steps) {
  Deno.test(`FR-058 a disk that fails at ${step} leaves no part of a run, and one line of reason`, () =>
    inTestFolder(async (root) => {
      const full = () => Promise.reject(new Error("No space left on device"));
      const disk: Disk = {
        ...localDisk,
        ...(step.includes(".") ? {} : { [step]: full }),
        async writeSynced(file, bytes) {
          await localDisk.writeSynced(file, bytes.subarray(0, 1));
          if (basename(file) === step) await full();
          await localDisk.writeSynced(file, bytes);
        },
      };
      await rejects(runStore(root, { disk }).save(FIXTURE_ID, finished()), {
        name: "Refusal",
        message: /^Cannot (save|lock) run 0123456789abcdef in [^\n]*: No space left on device$/,
      });
      const left = await readdir(join(root, "runs")).catch(() => []);
      deepStrictEqual(left, []);
      strictEqual((await runStore(root).save(FIXTURE_ID, finished())).outcome, "saved");
    }));
}

Deno.test("FR-058 a file in place of the results folder is refused in one line, for every request", () =>
  inTestFolder(async (folder) => {
    const root = join(folder, "results");
    await writeFile(root, "");
    const store = runStore(root);
    const refusal = { name: "Refusal", message: oneLine };
    await rejects(store.find(FIXTURE_ID), refusal);
    await rejects(store.save(FIXTURE_ID, finished()), refusal);
    await rejects(store.resolve("01"), refusal);
    await rejects(store.cleanUp(), refusal);
  }));

Deno.test("FR-058 an interruption removes what is being written", () =>
  inTestFolder(async (root) => {
    let interrupt = () => Promise.resolve();
    const disk: Disk = {
      ...localDisk,
      async syncFolder(folder) {
        await interrupt();
        await localDisk.syncFolder(folder);
      },
    };
    const store = runStore(root, { disk });
    interrupt = async () => {
      strictEqual((await readdir(join(root, "runs"))).length, 1);
      await store.cleanUp();
      deepStrictEqual(await readdir(join(root, "runs")), []);
    };
    await rejects(store.save(FIXTURE_ID, finished()), { name: "Refusal" });
    deepStrictEqual(await readdir(join(root, "runs")), []);
  }));

Deno.test("FR-058 at the start the remains of dead processes go, those of a living one stay", () =>
  inTestFolder(async (root) => {
    const other = "fedcba9876543210";
    const runs = join(root, "runs");
    await mkdir(join(runs, `.tmp-${FIXTURE_ID}-77-1`), { recursive: true });
    await mkdir(join(runs, `.tmp-${other}-78-1`), { recursive: true });
    await writeFile(join(runs, `.tmp-${FIXTURE_ID}-77-1`, "nav.parquet"), "half");
    await runStore(root).exclusive(other, async () => {
      await runStore(root).cleanUp();
      deepStrictEqual(await readdir(runs), [`.tmp-${other}-78-1`]);
    });
    await runStore(root).cleanUp();
    deepStrictEqual(await readdir(runs), []);
    deepStrictEqual(await readdir(join(root, "locks")), []);
  }));

Deno.test("FR-064 a unique prefix names a run; none and several are refused", () =>
  inTestFolder(async (root) => {
    const store = runStore(root);
    await rejects(store.resolve("01"), {
      name: "Refusal",
      message: /^No run "01" among the 0 in /,
    });
    await store.save(FIXTURE_ID, finished());
    await store.save("0123ffffffffffff", finished());
    strictEqual(await store.resolve("01234"), FIXTURE_ID);
    strictEqual(await store.resolve(FIXTURE_ID), FIXTURE_ID);
    await rejects(store.resolve("0123"), {
      message: `Run "0123" is ambiguous: ${FIXTURE_ID}, 0123ffffffffffff`,
    });
    await rejects(store.resolve("x"), { name: "Refusal" });
    await rejects(store.resolve("x", { or: "file" }), {
      message: `No run "x" among the 2 in ${join(root, "runs")}, and no file of that name`,
    });
    await rejects(store.resolve(""), {
      name: "Refusal",
      message: 'Run "": found nothing, expected a run id or its beginning',
    });
  }));

Deno.test("FR-058 an id that is no run id is the programmer's mistake", async () => {
  await rejects(runStore("nowhere").save("../x", finished()), RangeError);
});
