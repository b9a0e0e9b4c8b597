import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { fixedClock } from "../../core/clock.ts";
import { inTestFolder } from "../../core/test_folder.ts";
import { openState } from "./state_database.ts";
import type { StateEvent } from "./state_events.ts";
import { verifyAccount } from "./verify.ts";

const clock = fixedClock(1_000);

const DECISION: StateEvent = {
  kind: "decision",
  barCloseTime: 1_000,
  configHash: "c",
  codeHash: "d",
  inputsHash: "i",
  nav: "1000",
  weights: { BTC: "0.5" },
  prices: { BTC: "100" },
  targets: { BTC: "5" },
};

const EVENTS: readonly StateEvent[] = [
  {
    ...{ kind: "opened", venue: "binance", mode: "paper", accountNumber: "A1" },
    ...{ cash: "1000", positions: {} },
  },
  DECISION,
  {
    ...{ kind: "planned", clientOrderId: "q1-a", barCloseTime: 1_000, symbol: "BTC", leg: "buy" },
    ...{ attempt: 1, side: "buy", quantity: "5", limitPrice: null },
  },
  {
    ...{ kind: "order", clientOrderId: "q1-a", state: "SUBMITTING", filled: "0" },
    ...{ venueOrderId: "", reason: "" },
  },
  {
    ...{ kind: "fill", tradeId: "t1", venueOrderId: "v1", clientOrderId: "q1-a", symbol: "BTC" },
    ...{ side: "buy", quantity: "5", price: "100.1", fee: "0.005", feeAsset: "BTC", time: 1_100 },
  },
  { kind: "kill_on", operator: "me", reason: "test", flatten: false },
];

Deno.test("FR-058 what was appended is there after opening again, in exact decimals", () =>
  inTestFolder(async (folder) => {
    const file = `${folder}state/a.db`;
    const state = await openState(file, { clock });
    state.append(...EVENTS);
    state.close();
    const again = await openState(file, { clock });
    deepStrictEqual(again.balances(), { cash: "499.5", positions: { BTC: "4.995" } });
    const [intent] = again.openIntents();
    deepStrictEqual([intent!.sentAt, intent!.filled, intent!.booked], [1_000, "0", "5"]);
    deepStrictEqual(again.unsettledIntents(), [intent]);
    strictEqual(again.newestDecision()!.state, "open");
    strictEqual(again.head().seq, EVENTS.length);
    again.close();
  }));

Deno.test("a bar is decided once, a trade booked once, and what fails leaves nothing behind", () =>
  inTestFolder(async (folder) => {
    const state = await openState(`${folder}a.db`, { clock });
    state.append(...EVENTS);
    const head = state.head();
    throws(() => state.append({ kind: "synced", until: 5 }, DECISION), /UNIQUE/);
    throws(() => state.append(EVENTS[4]!), /UNIQUE/);
    deepStrictEqual(state.head(), head);
    strictEqual(state.syncedUntil(), 1_000);
    state.close();
  }));

Deno.test("SC-010 each event is told to the logs, after a stop as well", () =>
  inTestFolder(async (folder) => {
    const state = await openState(`${folder}a.db`, { clock });
    state.append(...EVENTS);
    const kinds: string[] = [];
    throws(() =>
      state.tellNews(({ kind }) => {
        if (kinds.push(kind) === 3) throw new RangeError("stopped");
      })
    );
    state.close();
    const again = await openState(`${folder}a.db`, { clock });
    again.tellNews(({ kind }) => kinds.push(kind));
    again.tellNews(({ kind }) => kinds.push(kind));
    deepStrictEqual(kinds, [...EVENTS.slice(0, 3), ...EVENTS.slice(2)].map(({ kind }) => kind));
    again.close();
  }));

Deno.test("a newer decision replaces the one that still waits", () =>
  inTestFolder(async (folder) => {
    const state = await openState(`${folder}a.db`, { clock });
    state.append(...EVENTS, { ...DECISION, barCloseTime: 2_000 });
    deepStrictEqual(state.decisions().map((decision) => decision.state), ["superseded", "open"]);
    state.close();
  }));

Deno.test("verifyAccount finds the first row that was changed, removed or moved, in every table", () =>
  inTestFolder(async (folder) => {
    const changes: readonly (readonly [sql: string, table: string, row: number])[] = [
      [
        "UPDATE order_event SET payload = replace(payload, '\"5\"', '\"6\"') WHERE seq = 5",
        "order_event",
        5,
      ],
      ["DELETE FROM order_event WHERE seq = 2", "order_event", 2],
      ["UPDATE order_event SET kind = 'order' WHERE seq = 6", "order_event", 6],
      ["UPDATE order_event SET prev_hash = hash WHERE seq = 3", "order_event", 3],
      ["UPDATE fill SET px = '100.2'", "fill", 1],
      ["UPDATE decision SET targets = '{}'", "decision", 1],
      ["UPDATE intent SET state = 'FILLED'", "intent", 1],
      ["UPDATE balance SET qty = '7' WHERE asset = 'BTC'", "balance", 2],
      ["INSERT INTO block VALUES ('BTC', 'drift', '', 1)", "block", 1],
      ["DELETE FROM order_event WHERE seq = 5", "order_event", 5],
    ];
    for (const [i, [sql, table, row]] of changes.entries()) {
      const file = `${folder}${i}.db`;
      const state = await openState(file, { clock });
      state.append(...EVENTS);
      state.close();
      strictEqual((await verifyAccount(file)).ok, true);
      const database = new DatabaseSync(file);
      database.exec(sql);
      database.close();
      const verdict = await verifyAccount(file);
      ok(!verdict.ok, sql);
      deepStrictEqual([verdict.table, verdict.row], [table, row], sql);
    }
  }));

Deno.test("another kind of file, a newer version and no file are refused", () =>
  inTestFolder(async (folder) => {
    await writeFile(
      `${folder}text.db`,
      "not a database at all, but long enough to be one".repeat(99),
    );
    await rejects(
      openState(`${folder}text.db`, { clock }),
      /Cannot use the state .*not a database/,
    );
    const database = new DatabaseSync(`${folder}new.db`);
    database.exec("PRAGMA user_version = 99");
    database.close();
    await rejects(openState(`${folder}new.db`, { clock }), /version is 99, expected 1/);
    await rejects(verifyAccount(`${folder}none.db`), /no such file/);
  }));
