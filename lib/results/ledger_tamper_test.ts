import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { inTestFolder } from "../core/test_folder.ts";
import { openDatabase } from "./database.ts";
import { entryHash, type LedgerEntry } from "./ledger.ts";

const KEY = { family: "A+B", dataSet: "QQQ,SPY h4" };

/** Two batches, a run that failed, one that goes on; the last entry is the end of the second batch. */
async function makeLedger(file: string): Promise<void> {
  const database = await openDatabase(file);
  const trials = ["a", "b", "c"].map((runId, place) => ({ runId, place, batch: 0 }));
  const result = {
    sharpe: 0.05,
    days: 250,
    skew: -0.5,
    kurtosis: 4,
    figures: new Float64Array(20),
  };
  const end = { status: "finished" as const, finishedAt: 2, result, outcomeId: "o" };
  database.beginTrials({ ...KEY, startedAt: 1, experiment: "grid", experimentId: "e1", trials });
  database.finishTrials([{ trial: 1, ...end }, { trial: 2, ...end }]);
  const failed = database.beginTrial("d", { ...KEY, startedAt: 3 });
  database.finishTrial(failed, { status: "failed", finishedAt: 4, message: "ruined" });
  database.close();
}

/** What the check says after `tamper`, on a ledger of its own. */
async function faultsAfter(
  folder: string,
  tamper: (database: DatabaseSync) => void,
): Promise<readonly string[]> {
  const file = join(folder, "assay.db");
  await copyFile(join(folder, "sound.db"), file);
  const raw = new DatabaseSync(file);
  tamper(raw);
  raw.close();
  const database = await openDatabase(file);
  try {
    return database.checkLedger().faults.map(({ message }) => message);
  } finally {
    database.close();
  }
}

async function inLedger(work: (folder: string) => Promise<void>): Promise<void> {
  await inTestFolder(async (folder) => {
    const file = join(folder, "assay.db");
    await makeLedger(file);
    await copyFile(file, join(folder, "sound.db"));
    deepStrictEqual(await faultsAfter(folder, () => {}), []);
    await work(folder);
  });
}

type Value = null | number | bigint | string | Uint8Array;

function changed(value: Value): Value {
  if (value === null) return 1;
  if (typeof value === "string") return `${value}0`;
  if (value instanceof Uint8Array) return value.map((byte, at) => at === 9 ? byte ^ 1 : byte);
  return Number.isInteger(value) ? Number(value) + 100 : Number(value) * (1 + 2 ** -52);
}

Deno.test("FR-049 no column of any entry and of any trial can be changed unseen", () =>
  inLedger(async (folder) => {
    const raw = new DatabaseSync(join(folder, "sound.db"));
    const cells = (["trials", "ledger"] as const).flatMap((table) =>
      raw.prepare(`SELECT rowid AS row, * FROM ${table}`).all().flatMap(({ row, ...columns }) =>
        Object.entries(columns).map(([column, value]) => ({
          table,
          row: Number(row),
          column,
          value: value as Value,
        }))
      )
    );
    raw.close();
    ok(cells.length > 90);
    for (const { table, row, column, value } of cells) {
      for (const other of value === null ? [changed(value)] : [changed(value), null]) {
        const faults = await faultsAfter(folder, (database) => {
          try {
            database.prepare(`UPDATE ${table} SET "${column}" = ? WHERE rowid = ?`).run(other, row);
          } catch {
            // The table itself takes no such value.
            database.prepare(`DELETE FROM ${table} WHERE rowid = ?`).run(row);
          }
        });
        ok(faults.length > 0, `${table} ${row}: ${column} was ${value}, is ${other}`);
      }
    }
  }));

const CHANGES: Readonly<Record<string, readonly [sql: string, fault: RegExp]>> = {
  "a Sharpe ratio edited": [
    "UPDATE trials SET sharpe_per_day = 0.04 WHERE trial_id = 2",
    /^entry 2 covers trials that were changed since: among trials 1 to 2$/,
  ],
  "a trial deleted": [
    "DELETE FROM trials WHERE trial_id = 3",
    /^entry 1 covers 3 trials, found 2 on record$/,
  ],
  "a trial added": [
    "INSERT INTO trials (run_id, started_at, status) VALUES ('x', '', 'running')",
    /^trial 5 \(run x\) was registered by no entry$/,
  ],
  "a trial added to a batch": [
    "INSERT INTO trials (run_id, started_at, status, entry) VALUES ('x', '', 'running', 1)",
    /^entry 1 covers 3 trials, found 4 on record$/,
  ],
  "two results swapped": [
    "UPDATE trials SET run_id = iif(run_id = 'a', 'b', 'a') WHERE trial_id < 3",
    /^entry 1 covers trials that were changed since: among trials 1 to 3$/,
  ],
  "an end forged": [
    "UPDATE trials SET status = 'failed', result_entry = 1 WHERE trial_id = 3",
    /^entry 1 covers trials that were changed since/,
  ],
  "an end without an entry": [
    "UPDATE trials SET status = 'failed' WHERE trial_id = 3",
    /^trial 3 \(run c\) has an end that no entry covers$/,
  ],
  "an entry cut out": [
    "DELETE FROM ledger WHERE seq = 2",
    /^entry 3 follows entry 1: entry 2 is missing$/,
  ],
  "the first entry cut out": [
    "DELETE FROM ledger WHERE seq = 1",
    /^entry 2 follows entry 0: entry 1 is missing$/,
  ],
  "the newest entry undone": [
    "DELETE FROM ledger WHERE seq = 4; UPDATE trials SET status = 'running', message = NULL, " +
    "finished_at = NULL, result_entry = NULL WHERE trial_id = 4",
    /^ledger.head: entry 4 was written and is gone, the newest is 3$/,
  ],
  "the newest trial undone": [
    "DELETE FROM ledger WHERE seq > 2; DELETE FROM trials WHERE trial_id = 4",
    /^ledger.head: entry 4 was written and is gone, the newest is 2$/,
  ],
  "everything deleted": ["DELETE FROM ledger; DELETE FROM trials", /the newest is none$/],
};

for (const [what, [sql, fault]] of Object.entries(CHANGES)) {
  Deno.test(`FR-049 the check of the ledger names the first thing that is wrong: ${what}`, () =>
    inLedger(async (folder) => {
      const [first] = await faultsAfter(folder, (database) => database.exec(sql));
      ok(first !== undefined && fault.test(first), first);
    }));
}

Deno.test("FR-049 an entry that was rewritten with a hash of its own breaks the chain after it, or the head", () =>
  inLedger(async (folder) => {
    for (const seq of [1, 2, 3, 4]) {
      const [first] = await faultsAfter(folder, (database) => {
        const row = database.prepare("SELECT * FROM ledger WHERE seq = ?").get(seq);
        const entry = { ...row as unknown as LedgerEntry, family: "another" };
        database.prepare("UPDATE ledger SET family = ?, hash = ? WHERE seq = ?")
          .run(entry.family, entryHash(entry), seq);
      });
      strictEqual(
        first,
        seq === 4
          ? "ledger.head: entry 4 is not the one that was written"
          : `entry ${seq + 1} does not continue the entry before it`,
      );
    }
  }));

Deno.test("FR-049 what was cut off is noticed after new trials, too", () =>
  inLedger(async (folder) => {
    await faultsAfter(folder, (database) => {
      database.exec("DELETE FROM ledger WHERE seq > 2; DELETE FROM trials WHERE trial_id = 4");
    });
    const database = await openDatabase(join(folder, "assay.db"));
    for (const run of ["x", "y", "z"]) database.beginTrial(run, { ...KEY, startedAt: 9 });
    const [first] = database.checkLedger().faults;
    database.close();
    strictEqual(first?.message, "ledger.head: entry 4 is not the one that was written");
  }));
