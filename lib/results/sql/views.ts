import { TABLE_NAMES, TABLE_SCHEMAS, type TableName } from "../table_schemas.ts";
import { QUERY_SCHEMA, STORE_SCHEMA } from "./duckdb.ts";

/** How a column is stored; `date` is a day without a time. */
export type ViewColumnKind = "time" | "date" | "number" | "text" | "flag";

/** One view of SQL. */
export interface View {
  readonly name: ViewName;
  /** By name, in the order of `select *`; `run_id` is the first of each. */
  readonly columns: Readonly<Record<string, ViewColumnKind>>;
}

/** Views over the record of runs and requests; the others are the tables of the run folders. */
export type RecordViewName = "runs" | "run_models" | "trials";
export type ViewName = TableName | RecordViewName;

const RUN_FIGURES = {
  total_return: "number",
  cagr: "number",
  sharpe: "number",
  max_drawdown: "number",
  win_rate: "number",
  turnover: "number",
  bps: "number",
} as const;

const RECORD_COLUMNS: Readonly<Record<RecordViewName, Readonly<Record<string, ViewColumnKind>>>> = {
  runs: {
    run_id: "text",
    name: "text",
    experiment: "text",
    start: "date",
    end: "date",
    created_at: "time",
    duration_ms: "number",
    host: "text",
    sealed: "flag",
    initial_nav: "number",
    final_nav: "number",
    annual_volatility: "number",
    sortino: "number",
    trades: "number",
    fees: "number",
    slippage: "number",
    periods_per_year: "number",
    ...RUN_FIGURES,
    plan_hash: "text",
    data_fingerprint: "text",
    code_fingerprint: "text",
    data_root: "text",
    folder: "text",
  },
  run_models: {
    run_id: "text",
    model: "text",
    version: "text",
    parameters: "text",
    ...RUN_FIGURES,
  },
  trials: {
    run_id: "text",
    trial_id: "number",
    experiment: "text",
    started_at: "time",
    finished_at: "time",
    status: "text",
    message: "text",
    family: "text",
    data_set: "text",
    experiment_id: "text",
    place: "number",
    batch: "number",
    outcome_id: "text",
    sharpe_per_day: "number",
    days: "number",
    skew: "number",
    kurtosis: "number",
  },
};

/** Every view, the record first. */
export const VIEWS: readonly View[] = [
  ...(["runs", "run_models", "trials"] as const).map((name) => ({
    name,
    columns: RECORD_COLUMNS[name],
  })),
  ...TABLE_NAMES.map((name) => ({
    name,
    columns: { run_id: "text" as const, ...TABLE_SCHEMAS[name] },
  })),
];

/** The columns of a view in their order. */
export function columnNames({ columns }: View): readonly string[] {
  return Object.keys(columns); // order: as the view lists its columns
}

/** Whether a view is of the record and not of the run folders. */
export function isRecordView(name: ViewName): name is RecordViewName {
  return name in RECORD_COLUMNS;
}

const SQL_TYPES: Readonly<Record<ViewColumnKind, string>> = {
  time: "TIMESTAMP",
  date: "DATE",
  number: "DOUBLE",
  text: "VARCHAR",
  flag: "BOOLEAN",
};

/** Columns of a `CREATE TABLE`, in the view's order. */
export function columnTypes(view: View, columns: readonly string[]): string {
  return columns.map((name) => `"${name}" ${SQL_TYPES[view.columns[name]!]}`).join(", ");
}

/**
 * The select list that makes columns as they arrive into what SQL shows: moments from milliseconds, and NULL for what is
 * missing, whether as NaN or as empty text.
 */
export function arrivingColumns(view: View, columns: readonly string[]): string {
  return columns.filter((name) => name !== "run_id").map((name) => {
    switch (view.columns[name]!) {
      case "time":
        return `make_timestamp_ms(CAST(nullif("${name}", 'nan') AS BIGINT)) AS "${name}"`;
      case "date":
        return `CAST(nullif("${name}", '') AS DATE) AS "${name}"`;
      case "number":
        return `nullif("${name}", 'nan') AS "${name}"`;
      case "text":
        return `nullif("${name}", '') AS "${name}"`;
      case "flag":
        return `"${name}"`;
    }
  }).join(", ");
}

/** The view over what is loaded; a column that is not loaded fails when it is read, naming itself. */
export function viewStatement(view: View, loaded: readonly string[]): string {
  // order: as the view lists its columns
  const columns = Object.entries(view.columns).map(([name, kind]) =>
    loaded.includes(name)
      ? `"${name}"`
      : `CAST(error('${NOT_LOADED}${view.name}.${name}') AS ${SQL_TYPES[kind]}) AS "${name}"`
  );
  return `CREATE OR REPLACE VIEW ${QUERY_SCHEMA}.${view.name} AS ` +
    `SELECT ${columns.join(", ")} FROM ${STORE_SCHEMA}.${view.name}`;
}

/** What the message of a column begins with that is read before it was loaded. */
export const NOT_LOADED = "not loaded: ";
