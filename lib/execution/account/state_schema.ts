/** Version of the tables below, kept in the file's `user_version`; a file of version 0 is new. */
export const STATE_VERSION = 1;

/**
 * The chain in `order_event` is the truth, every other table follows from it. Money and quantities are decimal text, times
 * milliseconds since 1970 UTC.
 */
export const STATE_SCHEMA = `
CREATE TABLE order_event (
  seq INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  kind TEXT NOT NULL,
  cid TEXT,
  payload TEXT NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE decision (
  account TEXT NOT NULL,
  bar_close_ts INTEGER NOT NULL,
  config_hash TEXT NOT NULL,
  code_hash TEXT NOT NULL,
  inputs_hash TEXT NOT NULL,
  nav TEXT NOT NULL,
  weights TEXT NOT NULL,
  prices TEXT NOT NULL,
  targets TEXT NOT NULL,
  decided_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (account, bar_close_ts)
) STRICT;
CREATE TABLE memory (
  seq INTEGER PRIMARY KEY,
  bar_close_ts INTEGER NOT NULL,
  settled_to INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE TABLE missed (bar_close_ts INTEGER PRIMARY KEY, reason TEXT NOT NULL) STRICT;
CREATE TABLE skip (
  bar_close_ts INTEGER NOT NULL,
  symbol TEXT NOT NULL,
  reason TEXT NOT NULL,
  qty TEXT NOT NULL,
  PRIMARY KEY (bar_close_ts, symbol)
) STRICT;
CREATE TABLE intent (
  cid TEXT PRIMARY KEY,
  bar_close_ts INTEGER NOT NULL,
  symbol TEXT NOT NULL,
  leg TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  side TEXT NOT NULL,
  qty TEXT NOT NULL,
  type TEXT NOT NULL,
  tif TEXT NOT NULL,
  limit_price TEXT,
  state TEXT NOT NULL,
  filled TEXT NOT NULL,
  booked TEXT NOT NULL,
  adopted INTEGER NOT NULL,
  venue_order_id TEXT NOT NULL,
  sent_at INTEGER,
  sends INTEGER NOT NULL,
  ambiguous_since INTEGER,
  reason TEXT NOT NULL,
  UNIQUE (bar_close_ts, symbol, leg, attempt)
) STRICT;
CREATE INDEX intent_by_state ON intent (state);
CREATE INDEX intent_by_venue_order ON intent (symbol, venue_order_id);
CREATE TABLE fill (
  venue TEXT NOT NULL,
  account TEXT NOT NULL,
  trade_id TEXT NOT NULL,
  cid TEXT NOT NULL,
  symbol TEXT NOT NULL,
  side TEXT NOT NULL,
  qty TEXT NOT NULL,
  px TEXT NOT NULL,
  fee TEXT NOT NULL,
  fee_asset TEXT NOT NULL,
  time INTEGER NOT NULL,
  PRIMARY KEY (venue, account, symbol, trade_id)
) STRICT;
CREATE INDEX fill_by_order ON fill (cid);
CREATE TABLE corporate_action (
  action_id TEXT PRIMARY KEY,
  action TEXT NOT NULL,
  symbol TEXT NOT NULL,
  cash TEXT NOT NULL,
  units TEXT NOT NULL,
  time INTEGER NOT NULL
) STRICT;
CREATE TABLE balance (asset TEXT PRIMARY KEY, qty TEXT NOT NULL) STRICT;
CREATE TABLE mark (
  time INTEGER PRIMARY KEY,
  nav TEXT NOT NULL,
  cash TEXT NOT NULL,
  positions TEXT NOT NULL
) STRICT;
CREATE TABLE block (
  symbol TEXT NOT NULL,
  kind TEXT NOT NULL,
  reason TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (symbol, kind)
) STRICT;
CREATE TABLE adoption (
  seq INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  operator TEXT NOT NULL,
  reason TEXT NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL
) STRICT;
`;

/** Where the logs have got to. Not part of the truth: a line may be written twice, never lost. */
export const LOG_TABLE = `
CREATE TABLE log_cursor (seq INTEGER NOT NULL) STRICT;
INSERT INTO log_cursor (seq) VALUES (0);
`;

/** Every table that follows from the chain, with the columns that order its rows. */
export const DERIVED_TABLES: Readonly<Record<string, string>> = {
  meta: "key",
  decision: "bar_close_ts",
  memory: "seq",
  missed: "bar_close_ts",
  skip: "bar_close_ts, symbol",
  intent: "bar_close_ts, symbol, leg, attempt",
  fill: "time, symbol, trade_id",
  corporate_action: "action_id",
  balance: "asset",
  mark: "time",
  block: "symbol, kind",
  adoption: "seq",
};

/** What makes a file of version `i + 1` one of version `i + 2`. */
export const STATE_MIGRATIONS: readonly string[] = [];
