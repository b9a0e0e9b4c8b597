import type { Engine } from "./duckdb.ts";
import { PLAN_SCHEMA, STORE_SCHEMA } from "./duckdb.ts";
import type { ReadColumns } from "./run_rows.ts";
import { arrivingColumns, columnNames, columnTypes, type View, viewStatement } from "./views.ts";

const ARRIVING = "arriving";

/** An empty table to plan on, and the view before anything of it is loaded. */
export function prepareView(engine: Engine, view: View): void {
  const all = columnNames(view);
  engine.run(`CREATE TABLE ${PLAN_SCHEMA}.${view.name} (${columnTypes(view, all)})`);
  emptyView(engine, view, ["run_id"]);
}

/** Leaves a view without rows, ready to take these columns. */
export function emptyView(engine: Engine, view: View, columns: readonly string[]): void {
  engine.run(
    `CREATE OR REPLACE TABLE ${STORE_SCHEMA}.${view.name} (${columnTypes(view, columns)})`,
  );
  engine.run(viewStatement(view, columns));
}

/** Adds rows to a view: all of one run, or of the record where no run is named. */
export async function addRows(
  engine: Engine,
  view: View,
  rows: {
    readonly runId?: string;
    readonly columns: readonly string[];
    readonly values: ReadColumns;
  },
): Promise<void> {
  const { runId, columns, values } = rows;
  // A run id is 16 hex digits and needs no care with quotes.
  const id = runId === undefined ? "run_id" : `'${runId}'`;
  const others = arrivingColumns(view, columns);
  engine.insert(ARRIVING, await arrowStream(values));
  try {
    engine.run(
      `INSERT INTO ${STORE_SCHEMA}.${view.name} ` +
        `SELECT ${id}${others === "" ? "" : `, ${others}`} FROM ${STORE_SCHEMA}.${ARRIVING}`,
    );
  } finally {
    engine.run(`DROP TABLE ${STORE_SCHEMA}.${ARRIVING}`);
  }
}

async function arrowStream(values: ReadColumns): Promise<Uint8Array> {
  const { bool, columnFromArray, float64, tableFromColumns, tableToIPC, utf8 } = await import(
    "@uwdata/flechette"
  );
  // order: as the columns were read
  const columns = Object.entries(values).map(([name, column]) => {
    const type = column instanceof Float64Array
      ? float64()
      : typeof column[0] === "boolean"
      ? bool()
      : utf8();
    return [name, columnFromArray<unknown>(column as unknown[], type)] as const;
  });
  return tableToIPC(tableFromColumns(Object.fromEntries(columns)), { format: "stream" })!;
}
