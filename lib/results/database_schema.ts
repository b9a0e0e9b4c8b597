/** Version of the tables below, kept in the file's `user_version`; a file of version 0 is new. */
export const SCHEMA_VERSION = 3;

/** What a trial has since version 3: the entries of the ledger that cover it, its place in a sweep, and its figures. */
const TRIAL_COLUMNS = [
  "entry INTEGER",
  "result_entry INTEGER",
  "place INTEGER",
  "batch INTEGER",
  "outcome_id TEXT",
  "sharpe_per_day REAL",
  "days INTEGER",
  "skew REAL",
  "kurtosis REAL",
  "figures BLOB",
  "slices TEXT",
];

const LEDGER = `
CREATE INDEX trials_by_entry ON trials (entry);
CREATE INDEX trials_by_result_entry ON trials (result_entry) WHERE result_entry IS NOT NULL;
CREATE TABLE ledger (
  seq INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  written_at TEXT NOT NULL,
  family TEXT NOT NULL,
  data_set TEXT NOT NULL,
  experiment TEXT,
  experiment_id TEXT,
  count INTEGER NOT NULL,
  digest TEXT NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE INDEX ledger_by_family ON ledger (family, data_set);
CREATE INDEX ledger_by_experiment ON ledger (experiment_id) WHERE experiment_id IS NOT NULL;
`;

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
  message TEXT,
${TRIAL_COLUMNS.map((column) => `  ${column}`).join(",\n")}
) STRICT;
CREATE INDEX trials_by_run ON trials (run_id);
CREATE INDEX trials_by_experiment ON trials (experiment);
${LEDGER}`;

/** What makes a file of version `i + 1` one of version `i + 2`; trials of version 2 are adopted after that. */
export const MIGRATIONS: readonly string[] = [
  "ALTER TABLE runs ADD COLUMN data_root TEXT",
  `${
    TRIAL_COLUMNS.map((column) => `ALTER TABLE trials ADD COLUMN ${column};`).join("\n")
  }${LEDGER}`,
];
