/** Version of the tables below, kept in the file's `user_version`; a file of version 0 is new. */
export const SCHEMA_VERSION = 2;

/** Text times are ISO with milliseconds, so that they sort; rates and drawdowns are fractions, undefined is NULL. */
export const SCHEMA = `
CREATE TABLE runs (
  run_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  experiment TEXT,
  start TEXT NOT NULL,
  "end" TEXT NOT NULL,
  created_at TEXT NOT NULL,
  duration_ms REAL NOT NULL,
  host TEXT NOT NULL,
  sealed INTEGER NOT NULL,
  plan_hash TEXT NOT NULL,
  data_fingerprint TEXT NOT NULL,
  code_fingerprint TEXT NOT NULL,
  folder TEXT NOT NULL,
  periods_per_year INTEGER NOT NULL,
  initial_nav REAL,
  final_nav REAL,
  total_return REAL,
  cagr REAL,
  annual_volatility REAL,
  sharpe REAL,
  sortino REAL,
  max_drawdown REAL,
  win_rate REAL,
  turnover REAL,
  trades INTEGER NOT NULL,
  fees REAL,
  slippage REAL,
  bps REAL,
  data_root TEXT
) STRICT;
CREATE INDEX runs_by_time ON runs (created_at);
CREATE TABLE run_models (
  run_id TEXT NOT NULL REFERENCES runs,
  model TEXT NOT NULL,
  version TEXT NOT NULL,
  parameters TEXT NOT NULL,
  total_return REAL,
  cagr REAL,
  sharpe REAL,
  max_drawdown REAL,
  win_rate REAL,
  turnover REAL,
  bps REAL,
  PRIMARY KEY (run_id, model)
) STRICT;
CREATE INDEX run_models_by_model ON run_models (model, version);
CREATE TABLE trials (
  trial_id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL,
  experiment TEXT,
  started_at TEXT NOT NULL,
  finished_at TEXT,
  status TEXT NOT NULL,
  message TEXT
) STRICT;
CREATE INDEX trials_by_run ON trials (run_id);
CREATE INDEX trials_by_experiment ON trials (experiment);
`;

/** What makes a file of version `i + 1` one of version `i + 2`. */
export const MIGRATIONS: readonly string[] = ["ALTER TABLE runs ADD COLUMN data_root TEXT"];
