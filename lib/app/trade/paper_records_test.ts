import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { DAY_MS, HOUR_MS } from "../../core/bars.ts";
import { formatTime, parseTime } from "../../core/clock.ts";
import { inTestFolder } from "../../core/test_folder.ts";
import { stateText, type TradingState } from "../../engine/trading/mod.ts";
import { openState } from "../../execution/account/state_database.ts";
import { paperRecordsIn } from "./paper_records.ts";

const MODEL = "One_v1@1.0.0";
const BEGIN = parseTime("2026-01-01T00:00:00Z");

/** What the model holds at a decision, and the price then. */
interface Bar {
  readonly units: number;
  readonly cash: number;
  readonly price: number;
}

/** A state of one model and one asset; NAV is 1000. */
function state(time: number, { units, cash, price }: Bar, isRehearsal: boolean): TradingState {
  const one = (value: number) => Float64Array.of(value);
  return {
    ...{ models: [MODEL], assets: ["BTC"], unwanted: one(0) },
    ledgers: { quantity: one(units), cash: one(cash), entryTime: one(NaN) },
    memory: {
      ...{ live: Uint8Array.of(0), raw: one(0), kept: one(0), stops: one(NaN), limits: one(NaN) },
      ...{ reread: Uint8Array.of(0), dueTime: one(NaN), dueNav: one(NaN), dueCloses: one(NaN) },
      risk: { mode: "NORMAL", peakNav: 1_000, haltedAt: NaN },
    },
    newest: {
      ...{ time, nav: 1_000, cash: 1_000, shares: one(0), prices: one(price) },
      ...{ settled: Uint8Array.of(0), ...(isRehearsal ? { isRehearsal } : {}) },
    },
  } as TradingState;
}

/** An account at which a decision is made a day. */
async function trade(
  folder: string,
  bars: readonly Bar[],
  { isRehearsal = false, from = 0 }: { isRehearsal?: boolean; from?: number } = {},
): Promise<void> {
  let now = BEGIN;
  const file = await openState(`${folder}a.db`, { clock: { now: () => now, elapsed: () => 0 } });
  if (from === 0) {
    const opening = { venue: "alpaca", mode: "paper", accountNumber: "A1", cash: "1000" };
    file.append({ kind: "opened", ...opening, positions: {} });
  }
  for (const [i, bar] of bars.entries()) {
    now = BEGIN + (from + i) * DAY_MS;
    const text = stateText(state(now, bar, isRehearsal));
    file.append({ kind: "memory", barCloseTime: now, settledTo: 1, text });
  }
  file.close();
}

/** Bought at 100, up to 110, down to 99, sold there; and again nothing. */
const TRADE: readonly Bar[] = [
  { units: 0, cash: 0, price: 100 },
  { units: 1, cash: -100, price: 110 },
  { units: 1, cash: -100, price: 99 },
  { units: 0, cash: -1, price: 99 },
];

const ASKED = {
  ...{ account: "a", budget: 0.1 },
  since: "2026-01-01T00:00:00.000Z",
  until: "2026-01-31T00:00:00.000Z",
};

Deno.test("FR-019 a record of paper trading has days, trades, Sharpe ratio and drawdown of the model's own ledger", () =>
  inTestFolder(async (folder) => {
    await trade(folder, TRADE);
    const { hash, sharpe, max_drawdown, ...rest } =
      (await paperRecordsIn(folder).read(MODEL, ASKED))!;
    deepStrictEqual(rest, {
      ...{ account: "a", days: 4, trades: 1, first: "2026-01-01", last: "2026-01-04" },
    });
    // Lent 100 of 1000: +10 %, then -11 %, then 0.
    ok(Math.abs(max_drawdown! - 0.11) < 1e-12, String(max_drawdown));
    const mean = (0.1 - 0.11) / 3;
    const spread = [0.1, -0.11, 0].map((one) => (one - mean) ** 2).reduce((a, b) => a + b) / 2;
    ok(Math.abs(sharpe! - mean / Math.sqrt(spread) * Math.sqrt(365)) < 1e-9, String(sharpe));
    ok(/^[0-9a-f]{64}$/.test(hash));
  }));

Deno.test("FR-019 the same question has the same answer, however much is traded later", () =>
  inTestFolder(async (folder) => {
    await trade(folder, TRADE);
    const until = formatTime(BEGIN + 3 * DAY_MS + HOUR_MS);
    const ask = () => paperRecordsIn(folder).read(MODEL, { ...ASKED, until });
    const before = await ask();
    await trade(folder, TRADE, { from: 4 });
    deepStrictEqual(await ask(), before);
    const all = (await paperRecordsIn(folder).read(MODEL, ASKED))!;
    deepStrictEqual([all.days, all.trades], [8, 2]);
    strictEqual(all.hash === before!.hash, false);
    const since = formatTime(BEGIN + 2 * DAY_MS);
    const late = (await paperRecordsIn(folder).read(MODEL, { ...ASKED, since, until }))!;
    deepStrictEqual([late.days, late.trades], [2, 0]); // what was held before was not opened there
  }));

Deno.test("FR-019 rehearsals, other models and accounts that were never traded are no record; a damaged state is refused", () =>
  inTestFolder(async (folder) => {
    const read = (model = MODEL) => paperRecordsIn(folder).read(model, ASKED);
    strictEqual(await read(), undefined);
    await trade(folder, TRADE, { isRehearsal: true });
    strictEqual(await read(), undefined);
    await trade(folder, TRADE, { from: 4 });
    strictEqual(await read("Two_v1@1.0.0"), undefined);
    strictEqual((await read())!.days, 4);
    const raw = new DatabaseSync(`${folder}a.db`);
    raw.exec("UPDATE order_event SET time = time + 1 WHERE seq = 3");
    raw.close();
    await rejects(read(), /^Refusal: Cannot read .*a\.db: row 3 of its chain: /);
  }));
