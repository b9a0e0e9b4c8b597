import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { Millis } from "../../core/bars.ts";
import { Refusal } from "../../core/errors.ts";
import type { DecimalText } from "../../core/ports.ts";
import type {
  OrderSide,
  VenueAction,
  VenueFill,
  VenueOrder,
  VenueOrderStatus,
  VenueRequest,
} from "../../core/trading.ts";
import { inTransaction } from "../../core/transaction.ts";

/** An order in the books of the built-in venue. */
export interface PaperOrder extends VenueOrder {
  readonly limitPrice?: DecimalText;
  /** When it came in, and until when the market has been looked at for it. */
  readonly time: Millis;
}

/** The books of the built-in venue: one file, every change in one transaction. */
export interface PaperLedger {
  cash(): DecimalText;
  positions(): Readonly<Record<string, DecimalText>>;
  order(clientOrderId: string): PaperOrder | undefined;
  /** Orders that may still fill, oldest first. */
  working(): readonly PaperOrder[];
  ordersSince(symbol: string, since: Millis): readonly PaperOrder[];
  fillsSince(since: Millis): readonly VenueFill[];
  add(request: VenueRequest, time: Millis): void;
  setStatus(clientOrderId: string, status: VenueOrderStatus, filled: DecimalText): void;
  addFill(fill: Omit<VenueFill, "tradeId">): void;
  /** Dividends and splits that were booked at or after a time, also those of which nothing was held. */
  actionsSince(time: Millis): readonly VenueAction[];
  addAction(action: VenueAction): void;
  /** When the books were made. */
  openedAt(): Millis;
  setCash(cash: DecimalText): void;
  /** Units held; "0" for nothing. */
  setPosition(symbol: string, quantity: DecimalText): void;
  /** All that `change` does, or nothing of it. */
  inTransaction<Value>(change: () => Value): Value;
  close(): void;
}

const SCHEMA = `
CREATE TABLE account (cash TEXT NOT NULL, opened_at INTEGER NOT NULL) STRICT;
CREATE TABLE position (symbol TEXT PRIMARY KEY, quantity TEXT NOT NULL) STRICT;
CREATE TABLE sent (
  number INTEGER PRIMARY KEY,
  cid TEXT NOT NULL UNIQUE,
  symbol TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
  quantity TEXT NOT NULL,
  limit_price TEXT,
  filled TEXT NOT NULL,
  status TEXT NOT NULL,
  time INTEGER NOT NULL
) STRICT;
CREATE INDEX sent_by_symbol ON sent (symbol, time);
CREATE INDEX sent_by_status ON sent (status);
CREATE TABLE fill (
  number INTEGER PRIMARY KEY,
  cid TEXT NOT NULL REFERENCES sent (cid),
  quantity TEXT NOT NULL,
  price TEXT NOT NULL,
  fee TEXT NOT NULL,
  fee_asset TEXT NOT NULL,
  time INTEGER NOT NULL
) STRICT;
CREATE INDEX fill_by_time ON fill (time);
CREATE TABLE action (
  id TEXT PRIMARY KEY,
  action TEXT NOT NULL,
  symbol TEXT NOT NULL,
  cash TEXT NOT NULL,
  units TEXT NOT NULL,
  time INTEGER NOT NULL
) STRICT;
PRAGMA user_version = 1;
`;

const FILLS = `SELECT fill.number AS trade, sent.number AS number, sent.cid AS cid, symbol, side,
  fill.quantity AS quantity, price, fee, fee_asset, fill.time AS time
  FROM fill JOIN sent ON sent.cid = fill.cid WHERE fill.time >= ? ORDER BY fill.time, fill.number`;

/** Opens the books, or makes them with `cash` and nothing held. Refuses another kind of file. */
export async function openPaperLedger(
  file: string,
  { cash, now }: { readonly cash: DecimalText; readonly now: Millis },
): Promise<PaperLedger> {
  const { DatabaseSync } = await import("node:sqlite"); // not everywhere that this module is bundled for
  let database: DatabaseSync;
  try {
    mkdirSync(dirname(file), { recursive: true });
    database = new DatabaseSync(file);
    database.exec("PRAGMA busy_timeout = 5000");
    database.exec("PRAGMA journal_mode = WAL");
    database.exec("PRAGMA synchronous = FULL");
    inTransaction(database, () => {
      if (database.prepare("PRAGMA user_version").get()!.user_version !== 0) return;
      database.exec(SCHEMA);
      database.prepare("INSERT INTO account VALUES (?, ?)").run(cash, now);
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `Cannot open ${file}: found ${reason}, expected books of the built-in venue`;
    throw new Refusal(message, { cause });
  }
  return ledgerIn(database);
}

function ledgerIn(database: DatabaseSync): PaperLedger {
  const all = (sql: string, ...values: (string | number)[]) =>
    database.prepare(sql).all(...values) as Row[];
  const run = (sql: string, ...values: (string | number | null)[]) => {
    database.prepare(sql).run(...values);
  };
  return {
    cash: () => text(all("SELECT cash FROM account")[0]!.cash),
    positions: () =>
      Object.fromEntries(
        all("SELECT symbol, quantity FROM position ORDER BY symbol")
          .map(({ symbol, quantity }) => [text(symbol), text(quantity)]),
      ),
    order: (clientOrderId) => {
      const [row] = all("SELECT * FROM sent WHERE cid = ?", clientOrderId);
      return row && orderOf(row);
    },
    working: () => all("SELECT * FROM sent WHERE status = 'working' ORDER BY number").map(orderOf),
    ordersSince: (symbol, since) =>
      all("SELECT * FROM sent WHERE symbol = ? AND time >= ? ORDER BY number", symbol, since)
        .map(orderOf),
    fillsSince: (since) => all(FILLS, since).map(fillOf),
    add({ clientOrderId, symbol, side, quantity, limitPrice = null }, time) {
      const sql =
        "INSERT INTO sent (cid, symbol, side, quantity, limit_price, filled, status, time) " +
        "VALUES (?, ?, ?, ?, ?, '0', 'working', ?)";
      run(sql, clientOrderId, symbol, side, quantity, limitPrice, time);
    },
    setStatus: (clientOrderId, status, filled) =>
      run("UPDATE sent SET status = ?, filled = ? WHERE cid = ?", status, filled, clientOrderId),
    addFill: ({ clientOrderId, quantity, price, fee, feeAsset, time }) =>
      run(
        "INSERT INTO fill (cid, quantity, price, fee, fee_asset, time) VALUES (?, ?, ?, ?, ?, ?)",
        ...[clientOrderId, quantity, price, fee, feeAsset, time],
      ),
    actionsSince: (time) =>
      all("SELECT * FROM action WHERE time >= ? ORDER BY time, id", time).map((row) => ({
        actionId: text(row.id),
        action: text(row.action) as VenueAction["action"],
        symbol: text(row.symbol),
        cash: text(row.cash),
        units: text(row.units),
        time: Number(row.time),
      })),
    addAction: ({ actionId, action, symbol, cash, units, time }) =>
      run(
        "INSERT INTO action VALUES (?, ?, ?, ?, ?, ?)",
        actionId,
        action,
        symbol,
        cash,
        units,
        time,
      ),
    openedAt: () => Number(all("SELECT opened_at FROM account")[0]!.opened_at),
    setCash: (cash) => run("UPDATE account SET cash = ?", cash),
    setPosition(symbol, quantity) {
      run("DELETE FROM position WHERE symbol = ?", symbol);
      if (quantity !== "0") run("INSERT INTO position VALUES (?, ?)", symbol, quantity);
    },
    inTransaction: (change) => inTransaction(database, change),
    close: () => {
      if (database.isOpen) database.close();
    },
  };
}

type Row = Readonly<Record<string, SQLOutputValue>>;

function text(value: SQLOutputValue | undefined): string {
  if (typeof value !== "string") throw new TypeError(`${value} is no text`);
  return value;
}

function orderOf(row: Row): PaperOrder {
  return {
    clientOrderId: text(row.cid),
    venueOrderId: String(row.number),
    symbol: text(row.symbol),
    side: text(row.side) as OrderSide,
    quantity: text(row.quantity),
    filled: text(row.filled),
    status: text(row.status) as VenueOrderStatus,
    time: Number(row.time),
    ...(row.limit_price === null ? {} : { limitPrice: text(row.limit_price) }),
  };
}

function fillOf(row: Row): VenueFill {
  return {
    tradeId: String(row.trade),
    venueOrderId: String(row.number),
    clientOrderId: text(row.cid),
    symbol: text(row.symbol),
    side: text(row.side) as OrderSide,
    quantity: text(row.quantity),
    price: text(row.price),
    fee: text(row.fee),
    feeAsset: text(row.fee_asset),
    time: Number(row.time),
  };
}
