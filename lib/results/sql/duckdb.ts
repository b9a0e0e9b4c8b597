import { fileURLToPath } from "node:url";

/** A database in memory, in this process. Everything blocks until it is done; what goes wrong is thrown as it came. */
export interface Engine {
  /** Runs statements of ours; what they return is dropped. */
  run(text: string): void;
  /** One statement with its values: the answer as an Arrow IPC stream. */
  ask(
    text: string,
    values: readonly Value[],
    options?: { readonly planning?: boolean },
  ): Uint8Array;
  /** Throws where `ask` on empty tables would, without values. */
  check(text: string): void;
  /** Makes a table of an Arrow IPC stream. */
  insert(table: string, stream: Uint8Array): void;
  close(): void;
}

/** What can be bound to a parameter. */
export type Value = string | number | boolean | null;

/** Exactly this version, which is locked in `deno.lock` beside this file and not in that of the project. */
export const DUCKDB = "npm:@duckdb/duckdb-wasm@1.32.0";

/** Where queries and where plans look their tables up. */
export const QUERY_SCHEMA = "results";
export const PLAN_SCHEMA = "plan";
export const STORE_SCHEMA = "store";

/**
 * Starts the engine, which takes about a second, and shuts it in: no extensions, no files, no way to change that.
 * `prepare` is called before it is shut. Needs a process that runs on the lock file of this folder.
 */
export async function openEngine(prepare: (engine: Engine) => void): Promise<Engine> {
  const duckdb = await load();
  const wasm = (kind: string) =>
    fileURLToPath(import.meta.resolve(`${DUCKDB}/dist/duckdb-${kind}.wasm`));
  const database = await duckdb.createDuckDB(
    { mvp: { mainModule: wasm("mvp") }, eh: { mainModule: wasm("eh") } },
    new duckdb.VoidLogger(),
    duckdb.NODE_RUNTIME,
  );
  await database.instantiate();
  database.open({});
  const [queries, plans] = [database.connect(), database.connect()];
  // Without these an unknown function would wait for ever for an extension that cannot be fetched.
  queries.query("SET autoload_known_extensions = false");
  queries.query("SET autoinstall_known_extensions = false");
  for (const schema of [QUERY_SCHEMA, PLAN_SCHEMA, STORE_SCHEMA]) {
    queries.query(`CREATE SCHEMA ${schema}`);
  }
  queries.query(`SET schema = '${QUERY_SCHEMA}'`);
  plans.query(`SET schema = '${PLAN_SCHEMA}'`);
  const engine: Engine = {
    run: (text) => queries.useUnsafe((bindings, number) => void bindings.runQuery(number, text)),
    ask: (text, values, { planning = false } = {}) =>
      (planning ? plans : queries).useUnsafe((bindings, number) => {
        const statement = bindings.createPrepared(number, text);
        try {
          return bindings.runPrepared(number, statement, [...values]);
        } finally {
          bindings.closePrepared(number, statement);
        }
      }),
    check: (text) =>
      plans.useUnsafe((bindings, number) =>
        bindings.closePrepared(number, bindings.createPrepared(number, text))
      ),
    insert: (table, stream) =>
      queries.useUnsafe((bindings, number) =>
        bindings.insertArrowFromIPCStream(number, stream, {
          schema: STORE_SCHEMA,
          name: table,
          create: true,
        })
      ),
    close() {
      queries.close();
      plans.close();
    },
  };
  prepare(engine);
  // A plan over tables that are still empty must not be short-cut because they are.
  engine.run("SET disabled_optimizers = 'statistics_propagation'");
  engine.run("SET enable_external_access = false");
  engine.run("SET lock_configuration = true");
  return engine;
}

/** What is used of the package, whose own types would have to be fetched to be checked. */
interface Package {
  createDuckDB(bundles: unknown, logger: unknown, runtime: unknown): Promise<Database>;
  readonly VoidLogger: new () => unknown;
  readonly NODE_RUNTIME: unknown;
}

interface Database {
  instantiate(): Promise<unknown>;
  open(options: object): void;
  connect(): Connection;
}

interface Connection {
  query(text: string): unknown;
  useUnsafe<Result>(use: (bindings: Bindings, connection: number) => Result): Result;
  close(): void;
}

interface Bindings {
  runQuery(connection: number, text: string): Uint8Array;
  createPrepared(connection: number, text: string): number;
  runPrepared(connection: number, statement: number, values: Value[]): Uint8Array;
  closePrepared(connection: number, statement: number): void;
  insertArrowFromIPCStream(connection: number, stream: Uint8Array, options: object): void;
}

/**
 * The specifier is computed and in no import map: a package of 138 MB that the project's lock file named would be
 * fetched by the first run of anything.
 */
async function load(): Promise<Package> {
  return await import(`${DUCKDB}/blocking`);
}
