import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Millis } from "../../core/bars.ts";
import { canonicalJson } from "../../core/hash.ts";
import { type Exact, exact, textOf } from "./exact.ts";
import { isAmbiguous } from "./order_machine.ts";
import type { Balances, StateEvent } from "./state_events.ts";
import { statement } from "./statements.ts";

/** Key of cash among the balances; no symbol is spelled like it. */
export const CASH = "$cash";

/** What fees are taken in when they are taken in cash: one currency, as everywhere. */
export const MONEY: readonly string[] = ["USD", "USDT", "USDC", "ZUSD"];

/** One link of the chain as it is applied. */
export interface AppliedEvent {
  readonly seq: number;
  readonly time: Millis;
  readonly event: StateEvent;
}

type Handler<Kind extends StateEvent["kind"]> = (
  database: DatabaseSync,
  event: Extract<StateEvent, { readonly kind: Kind }>,
  at: AppliedEvent,
) => void;

/** Brings the tables up to date with one event; from no rows and all events come all rows. */
export function project(database: DatabaseSync, applied: AppliedEvent): void {
  const handler = HANDLERS[applied.event.kind] as Handler<StateEvent["kind"]>;
  handler(database, applied.event as never, applied);
}

const HANDLERS: { readonly [Kind in StateEvent["kind"]]: Handler<Kind> } = {
  opened(database, { venue, mode, accountNumber, ...balances }, { time }) {
    const facts = { venue, mode, account_number: accountNumber, opened_at: String(time) };
    for (const [key, value] of Object.entries(facts).sort()) {
      statement(database, "INSERT INTO meta (key, value) VALUES (?, ?)").run(key, value);
    }
    setMeta(database, "synced_until", String(time));
    setBalances(database, balances);
  },
  decision(database, event, { time }) {
    statement(database, "UPDATE decision SET state = 'superseded' WHERE state = 'open'").run();
    insert(database, "decision", {
      account: metaOf(database, "account_number"),
      bar_close_ts: event.barCloseTime,
      config_hash: event.configHash,
      code_hash: event.codeHash,
      inputs_hash: event.inputsHash,
      nav: event.nav,
      weights: canonicalJson(event.weights),
      prices: canonicalJson(event.prices),
      targets: canonicalJson(event.targets),
      decided_at: time,
      state: "open",
    });
  },
  memory(database, { barCloseTime, settledTo, text }, { seq }) {
    insert(database, "memory", { seq, bar_close_ts: barCloseTime, settled_to: settledTo, text });
  },
  inputs() {},
  missed(database, { barCloseTime, reason }) {
    insert(database, "missed", { bar_close_ts: barCloseTime, reason });
  },
  halt_ended() {},
  decision_done(database, { barCloseTime }) {
    statement(
      database,
      "UPDATE decision SET state = 'done' WHERE bar_close_ts = ? AND state = 'open'",
    )
      .run(barCloseTime);
  },
  skipped(database, { barCloseTime, symbol, reason, quantity }) {
    insert(database, "skip", { bar_close_ts: barCloseTime, symbol, reason, qty: quantity });
  },
  planned(database, event) {
    insert(database, "intent", {
      cid: event.clientOrderId,
      bar_close_ts: event.barCloseTime,
      symbol: event.symbol,
      leg: event.leg,
      attempt: event.attempt,
      side: event.side,
      qty: event.quantity,
      type: event.limitPrice === null ? "market" : "limit",
      tif: "day",
      limit_price: event.limitPrice,
      state: "PLANNED",
      filled: "0",
      booked: "0",
      adopted: 0,
      venue_order_id: "",
      sent_at: null,
      sends: 0,
      ambiguous_since: null,
      reason: "",
    });
  },
  order(database, { clientOrderId, state, filled, venueOrderId, reason }, { time }) {
    const isSent = state === "SUBMITTING";
    statement(
      database,
      "UPDATE intent SET state = ?, filled = ?, venue_order_id = ?, reason = ?, " +
        "sent_at = CASE WHEN ? THEN ? ELSE sent_at END, sends = sends + ?, " +
        "ambiguous_since = CASE WHEN ? THEN coalesce(ambiguous_since, ?) ELSE NULL END WHERE cid = ?",
    ).run(
      ...[state, filled, venueOrderId, reason],
      ...[Number(isSent), time, Number(isSent)],
      ...[Number(isAmbiguous(state)), time, clientOrderId],
    );
  },
  fill(database, { kind: _, ...fill }) {
    insert(database, "fill", {
      venue: metaOf(database, "venue"),
      account: metaOf(database, "account_number"),
      trade_id: fill.tradeId,
      cid: fill.clientOrderId,
      symbol: fill.symbol,
      side: fill.side,
      qty: fill.quantity,
      px: fill.price,
      fee: fill.fee,
      fee_asset: fill.feeAsset,
      time: fill.time,
    });
    if (isAdopted(database, fill.clientOrderId)) return; // its effect was taken over with the holdings
    const units = exact(fill.quantity);
    book(database, fill.clientOrderId, units);
    countFill(database);
    const signed = fill.side === "buy" ? units : units.neg();
    addTo(database, fill.symbol, signed);
    addTo(database, CASH, signed.mul(exact(fill.price)).neg());
    addTo(database, MONEY.includes(fill.feeAsset) ? CASH : fill.feeAsset, exact(fill.fee).neg());
  },
  corporate_action(database, { kind: _, actionId, ...event }) {
    insert(database, "corporate_action", { action_id: actionId, ...event });
    addTo(database, CASH, exact(event.cash));
    addTo(database, event.symbol, exact(event.units));
    if (event.action !== "split") return;
    // What still waits was sized in units that are no more.
    statement(database, "UPDATE decision SET state = 'superseded' WHERE state = 'open'").run();
  },
  synced(database, { until }) {
    setMeta(database, "synced_until", String(until));
  },
  blocked(database, { symbol, block, reason }, { time }) {
    statement(
      database,
      "INSERT INTO block (symbol, kind, reason, since) VALUES (?, ?, ?, ?) " +
        "ON CONFLICT (symbol, kind) DO UPDATE SET reason = excluded.reason",
    ).run(symbol, block, reason, time);
  },
  unblocked(database, { symbol, block }) {
    statement(database, "DELETE FROM block WHERE symbol = ? AND kind = ?").run(symbol, block);
  },
  anchored(database, balances) {
    setBalances(database, balances);
    setMeta(database, "fills_since_mark", "0");
  },
  adopted(database, { operator, reason, before, after }, { seq, time }) {
    insert(database, "adoption", {
      ...{ seq, time, operator, reason },
      before: canonicalJson(before),
      after: canonicalJson(after),
    });
    setBalances(database, after);
    statement(database, "DELETE FROM block WHERE kind = 'drift'").run();
    database.exec("UPDATE intent SET booked = filled, adopted = 1 WHERE filled <> booked");
    setMeta(database, "fills_since_mark", "0");
  },
  kill_on() {},
  kill_off() {},
  mark(database, { nav, cash, positions }, { time }) {
    setMeta(database, "fills_since_mark", "0");
    statement(
      database,
      "INSERT INTO mark (time, nav, cash, positions) VALUES (?, ?, ?, ?) ON CONFLICT (time) " +
        "DO UPDATE SET nav = excluded.nav, cash = excluded.cash, positions = excluded.positions",
    ).run(time, nav, cash, canonicalJson(positions));
  },
};

function isAdopted(database: DatabaseSync, clientOrderId: string): boolean {
  const row = statement(database, "SELECT adopted FROM intent WHERE cid = ?").get(clientOrderId);
  return row?.adopted === 1;
}

function book(database: DatabaseSync, clientOrderId: string, units: Exact): void {
  const row = statement(database, "SELECT booked FROM intent WHERE cid = ?").get(clientOrderId);
  const booked = textOf(exact(String(row?.booked ?? "0")).add(units));
  statement(database, "UPDATE intent SET booked = ? WHERE cid = ?").run(booked, clientOrderId);
}

function countFill(database: DatabaseSync): void {
  const count = Number(metaOf(database, "fills_since_mark") || "0");
  setMeta(database, "fills_since_mark", String(count + 1));
}

function metaOf(database: DatabaseSync, key: string): string {
  const row = statement(database, "SELECT value FROM meta WHERE key = ?").get(key);
  return String(row?.value ?? "");
}

function setMeta(database: DatabaseSync, key: string, value: string): void {
  statement(
    database,
    "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
  ).run(key, value);
}

function setBalances(database: DatabaseSync, { cash, positions }: Balances): void {
  database.exec("DELETE FROM balance");
  addTo(database, CASH, exact(cash));
  for (const symbol of Object.keys(positions).sort()) {
    addTo(database, symbol, exact(positions[symbol]!));
  }
}

function addTo(database: DatabaseSync, asset: string, change: Exact): void {
  const row = statement(database, "SELECT qty FROM balance WHERE asset = ?").get(asset);
  const after = exact(String(row?.qty ?? "0")).add(change);
  if (after.isZero() && asset !== CASH) {
    statement(database, "DELETE FROM balance WHERE asset = ?").run(asset);
    return;
  }
  statement(
    database,
    "INSERT INTO balance (asset, qty) VALUES (?, ?) ON CONFLICT (asset) DO UPDATE SET qty = excluded.qty",
  ).run(asset, textOf(after));
}

/** Adds a row; a key that is there already is an error, as events are made only for what is new. */
function insert(
  database: DatabaseSync,
  table: string,
  row: Readonly<Record<string, SQLInputValue>>,
): void {
  const columns = Object.keys(row).sort();
  statement(
    database,
    `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
  ).run(...columns.map((column) => row[column]!));
}
