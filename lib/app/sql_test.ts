import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { parseDate } from "../core/clock.ts";
import type { RunRecord } from "../core/run_record.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { openDatabase, openTables, runStore, type TableName } from "../results/mod.ts";
import { deriveRun } from "../results/derive.ts";
import { cardParts, fullRecord, handMadeRecord, randomRecord } from "../results/record_fixture.ts";
import { TABLE_NAMES, TABLE_SCHEMAS } from "../results/table_schemas.ts";
import { inProject } from "./project.ts";
import { openSql, type Sql } from "./sql.ts";
import { databaseFile } from "./trial.ts";

const RUNS: Readonly<Record<string, RunRecord>> = {
  "00aa000000000000": fullRecord(),
  "00ab000000000000": handMadeRecord(),
  "ff00000000000000": randomRecord({
    ...{ seed: 7, marks: 40, symbols: ["BTC", "ETH"], budgets: [0.5, 0.5], activity: 0.5 },
  }),
};
const IDS = Object.keys(RUNS);
const [FIRST, SECOND, THIRD] = IDS as [string, string, string];

let root: string;
let results: Sql;

Deno.test.beforeAll(async () => {
  const home = inProject("results/.test");
  await mkdir(home, { recursive: true });
  root = await mkdtemp(`${home}/sql-`);
  await fill(root);
  results = await openSql({ resultsRoot: root });
});

Deno.test.afterAll(async () => {
  results.close();
  await rm(root, { recursive: true });
});

async function fill(folder: string): Promise<void> {
  const store = runStore(folder);
  const database = await openDatabase(databaseFile(folder));
  for (const [place, id] of IDS.entries()) {
    const record = RUNS[id]!;
    const run = await store.save(id, { record, derived: deriveRun(record), parts: cardParts() });
    database.recordRun({
      ...{ card: run.card, folder: run.folder, name: `run ${place}`, experiment: null, host: "" },
      ...{ createdAt: parseDate("2025-01-01") + place * 1500, durationMs: 1.5 },
      models: [{ name: "A", version: "1.0.0", parameters: { slow: 200 } }],
    });
    const trial = database.beginTrial(id, {
      startedAt: parseDate("2025-01-01"),
      family: "A",
      dataSet: "SPY h4",
    });
    if (place > 0) {
      database.finishTrial(trial, { status: "finished", finishedAt: parseDate("2025-01-02") });
    }
  }
  database.close();
}

async function rows(text: string, values: Parameters<Sql["query"]>[1] = []) {
  return (await results.query(text, values)).rows();
}

async function refused(text: string, message: RegExp, sql = results): Promise<void> {
  await rejects(sql.query(text), (error: Error) => {
    match(error.message, /^[^\n]+$/);
    match(error.message, message);
    return error.name === "Refusal";
  });
}

const iso = (time: number) => new Date(time).toISOString().replace(".000Z", "Z");

/** What SQL must show of a stored cell. */
function shown(kind: string, value: unknown): unknown {
  if (kind === "time") return iso(value as number);
  return Number.isNaN(value) || value === "" ? null : value;
}

for (const name of TABLE_NAMES) {
  Deno.test(`FR-058 SQL shows every row and column of ${name} as the run folders hold them`, async () => {
    const expected = (await Promise.all(IDS.map((id) => storedRows(name, id)))).flat();
    const { columns } = await results.query(`select * from ${name} limit 0`);
    deepStrictEqual(columns.map((column) => column.name), [
      "run_id",
      ...Object.keys(TABLE_SCHEMAS[name]),
    ]);
    deepStrictEqual(await rows(`select * from ${name}`), expected);
  });
}

async function storedRows(name: TableName, id: string): Promise<Record<string, unknown>[]> {
  const { regimes, benchmarks } = RUNS[id]!;
  if (name === "regimes" && !regimes || name === "benchmarks" && !benchmarks) return [];
  const columns = Object.entries(await openTables(join(root, "runs", id))[name]());
  return Array.from(columns[0]![1] as ArrayLike<unknown>, (_, row) => ({
    run_id: id,
    ...Object.fromEntries(columns.map(([column, values]) => [
      column,
      shown((TABLE_SCHEMAS[name] as Record<string, string>)[column]!, values[row]),
    ])),
  }));
}

Deno.test("FR-058 SQL shows runs, their models and the requests for them as the database holds them", async () => {
  const database = await openDatabase(databaseFile(root));
  const runs = database.listRuns().toReversed();
  const trials = database.listTrials();
  database.close();
  const inSeconds = (time: string | null) => time?.replace(".000Z", "Z") ?? null;
  deepStrictEqual(
    await rows("select * from runs"),
    runs.map(({ run_id, models: _, ...run }) => ({
      run_id,
      ...Object.fromEntries(
        ["name", "experiment", "start", "end", "created_at", "duration_ms", "host"]
          .map((key) => [key, run[key as keyof typeof run] === "" ? null : run[key as "name"]]),
      ),
      ...pick(run, ["sealed", "initial_nav", "final_nav", "annual_volatility", "sortino"]),
      ...pick(run, ["trades", "fees", "slippage", "periods_per_year", "total_return", "cagr"]),
      ...pick(run, ["sharpe", "max_drawdown", "win_rate", "turnover", "bps", "plan_hash"]),
      ...pick(run, ["data_fingerprint", "code_fingerprint", "data_root", "folder"]),
      created_at: inSeconds(run.created_at),
    })),
  );
  deepStrictEqual(
    await rows("select trial_id, run_id, status, started_at, finished_at from trials"),
    trials.map((trial) => ({
      ...pick(trial, ["trial_id", "run_id", "status"]),
      started_at: inSeconds(trial.started_at),
      finished_at: inSeconds(trial.finished_at),
    })),
  );
  deepStrictEqual(await rows("select run_id, version, parameters, bps from run_models limit 1"), [
    { run_id: FIRST, version: "1.0.0", parameters: '{"slow":200}', bps: runs[0]!.models[0]!.bps },
  ]);
});

function pick(row: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, row[name as keyof typeof row]]));
}

Deno.test("FR-064 a question may join runs, days and models", async () => {
  const found = await rows(
    "select r.name, max(n.nav) as peak, count(distinct t.trade_id) as trades, sum(t.fee) as fees " +
      "from runs r join nav n using (run_id) join trades t using (run_id) " +
      "where n.time = (select max(time) from nav m where m.run_id = r.run_id) " +
      "and r.run_id in ('00aa000000000000', '00ab000000000000') group by r.name order by 1",
  );
  deepStrictEqual(found, [
    { name: "run 0", peak: 1051, trades: 3, fees: 6 },
    { name: "run 1", peak: 1051, trades: 3, fees: 6 },
  ]);
  deepStrictEqual(
    await rows(
      "with last as (select run_id, max(time) as time from nav group by run_id) " +
        "select count(*) as n from last join models using (run_id, time) where model = 'A'",
    ),
    [{ n: 2 }],
  );
});

Deno.test("FR-064 rows of one run, of some and of a beginning are those of all, filtered", async () => {
  const all = await rows("select run_id, time, nav from nav order by all");
  const fresh = await openSql({ resultsRoot: root });
  for (
    const [condition, values, kept] of [
      ["run_id = ?", [SECOND], [SECOND]],
      ["run_id like '00a%'", [], [FIRST, SECOND]],
      ["starts_with(run_id, '00a')", [], [FIRST, SECOND]],
      ["run_id in (?, ?)", [FIRST, THIRD], [FIRST, THIRD]],
      ["run_id = 'it''s none'", [], []],
      ["run_id = '00aa000000000000' or nav > 1050", [], undefined],
      ["not run_id = ?", [SECOND], [FIRST, THIRD]],
      ["run_id >= '00ab000000000000'", [], [SECOND, THIRD]],
    ] as const
  ) {
    const text = `select run_id, time, nav from nav where ${condition} order by all`;
    const found = (await fresh.query(text, values)).rows();
    const expected = kept
      ? all.filter(({ run_id }) => kept.includes(run_id as never))
      : all.filter(({ run_id, nav }) => run_id === FIRST || nav as number > 1050);
    deepStrictEqual(found, expected, condition);
  }
  fresh.close();
});

Deno.test("FR-058 a question reads no folder of a run that it names out, and no column it does not name", async () => {
  const fresh = await openSql({ resultsRoot: root });
  const file = join(root, "runs", SECOND, "nav.parquet");
  const loaded = async () =>
    (await fresh.sql`select column_name as name from information_schema.columns
      where table_schema = 'store' and table_name = 'nav'`).rows().map(({ name }) => name);
  await rename(file, `${file}.away`);
  try {
    const one = await fresh.query("select count(*) as n from nav where run_id = ?", [FIRST]);
    deepStrictEqual([one.rows(), one.warnings], [[{ n: 4 }], []]);
    deepStrictEqual(await loaded(), ["run_id", "time"]);
    const all = await fresh.query("select run_id, count(*) as n from nav group by all order by 1");
    deepStrictEqual(all.rows(), [{ run_id: FIRST, n: 4 }, { run_id: THIRD, n: 40 }]);
    deepStrictEqual(all.warnings, [`run ${SECOND} is left out: ${file} is missing`]);
  } finally {
    await rename(`${file}.away`, file);
  }
  const mended = await fresh.query("select count(*) as n, sum(nav) as nav from nav");
  deepStrictEqual([mended.rows()[0]!.n, mended.warnings], [48, []]);
  deepStrictEqual(await loaded(), ["run_id", "time", "nav"]);
  fresh.close();
});

Deno.test("FR-058 a damaged file or card is named, and the other runs still answer", () =>
  inTestFolder(async (folder) => {
    await fill(folder);
    await writeFile(join(folder, "runs", FIRST, "risk.parquet"), "PAR1 spoilt PAR1");
    await writeFile(join(folder, "runs", SECOND, "run.json"), "{");
    const sql = await openSql({ resultsRoot: folder });
    const damaged = await sql.query("select * from risk");
    const { warnings } = damaged;
    const display = (damaged as never)[Symbol.for("Jupyter.display")] as () => {
      "text/html": string;
    };
    ok(display()["text/html"].includes(`run ${FIRST} is left out`));
    deepStrictEqual(warnings.length, 2);
    match(warnings[0]!, /^run 00aa0{12} is left out: .*risk\.parquet was changed or damaged/);
    match(warnings[1]!, /^run 00ab0{12} is left out: .*run\.json: found broken JSON/);
    const { table } = await sql.query("select distinct run_id from nav order by 1");
    deepStrictEqual(table.array("run_id"), [FIRST, THIRD]);
    sql.close();
  }));

Deno.test("FR-058 runs that are made and removed while SQL is open are seen and gone", () =>
  inTestFolder(async (folder) => {
    await fill(folder);
    const away = join(folder, "away");
    await rename(join(folder, "runs", THIRD), away);
    const sql = await openSql({ resultsRoot: folder });
    const count = async () => (await sql.query("select count(*) as n from nav")).rows()[0]!.n;
    strictEqual(await count(), 8);
    await rename(away, join(folder, "runs", THIRD));
    strictEqual(await count(), 48);
    await rename(join(folder, "runs", FIRST), away);
    strictEqual(await count(), 44);
    sql.close();
  }));

Deno.test("FR-058 where nothing was run SQL says so, and asking makes nothing", () =>
  inTestFolder(async (folder) => {
    const sql = await openSql({ resultsRoot: join(folder, "none") });
    for (const name of ["runs", "trials", "nav"]) {
      await refused(
        `select * from ${name}`,
        /no runs in .*none.runs yet; "deno task backtest" makes one$/,
        sql,
      );
    }
    deepStrictEqual((await sql.query("select 1 as one")).rows(), [{ one: 1 }]);
    deepStrictEqual(await readdir(folder), []);
    sql.close();
  }));

Deno.test("FR-058 what is put into the template is a value, whatever it says", async () => {
  const attack = `x' or '1'='1'; drop table nav; --`;
  deepStrictEqual((await results.sql`select * from nav where run_id = ${attack}`).rows(), []);
  deepStrictEqual((await results.sql`select ${attack} as said`).rows(), [{ said: attack }]);
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => {
      const said = text.toWellFormed().replaceAll("\0", "");
      deepStrictEqual((await results.sql`select ${said} as said`).rows(), [{ said }]);
    }),
    { seed: 1, numRuns: 50 },
  );
  const ids = [FIRST, SECOND];
  const since = new Date(parseDate("2024-01-02"));
  const { table } = await results
    .sql`select count(*) as n from nav where run_id in ${ids} and time >= ${since} and nav > ${1030.5}`;
  deepStrictEqual(table.array("n"), [4]);
  deepStrictEqual((await results.sql`select ${true} as a, ${null} as b, ${12n} as c`).rows(), [
    { a: true, b: null, c: 12 },
  ]);
});

Deno.test("FR-058 values that cannot be bound and values that are not asked for are refused", async () => {
  for (
    const [value, found] of [
      [NaN, /found NaN as a value/],
      [undefined, /found a value of type undefined/],
      [{ a: 1 }, /found a value of type object/],
    ] as const
  ) await rejects(results.query("select ?", [value as never]), found);
  await rejects(results.sql`select * from nav where run_id in ${[]}`, /found an empty list/);
  await refused("select ?", /Values were not provided .* parameters: 1$/);
});

Deno.test("FR-058 a table, column or function that does not exist is named, with what there is", async () => {
  await refused(
    "select * from navs",
    /^SQL at line 1, column 15: no table "navs" \(did you mean "nav"\?\), expected one of runs, run_m/,
  );
  await refused(
    "select nvv from nav",
    /^SQL at line 1, column 8: no column "nvv" \(did you mean "nav"\?\); nav has run_id, time, nav,/,
  );
  await refused(
    "select n.nvv from nav n",
    /no column "nvv" \(did you mean "nav"\?\); nav has run_id/,
  );
  await refused("select m.nav from nav n", /no table "m"/);
  await refused("select sharp(nav) from nav", /column 8: no function "sharp"/);
  await refused("select * from read_parquet('x')", /no function "read_parquet"$/);
});

Deno.test("FR-058 a mistake in the language is shown with its place", async () => {
  await refused(
    "select nav\nfrom nav\nwhere and 1",
    /^SQL at line 3, column 7: syntax error at or near "and"$/,
  );
  await refused("select * from nav where", /^SQL at its end: syntax error at end of input$/);
  const long = `select ${"nav, ".repeat(60)} nvv from nav`;
  await refused(
    long,
    new RegExp(`^SQL at line 1, column ${long.indexOf("nvv") + 1}: no column "nvv"`),
  );
  await refused("select sum(mode) from nav", /column 8: No function matches .*'sum\(VARCHAR\)'/);
  await refused("select 'x'::double from nav", /Could not convert string 'x' to DOUBLE/);
});

Deno.test("FR-058 only questions are answered, one at a time, and no file can be reached", async () => {
  for (
    const [text, found] of [
      ["", "nothing"],
      ["  -- hi", "nothing"],
      ["insert into nav values (1)", '"insert"'],
      ["/* select */ drop table nav", '"drop"'],
      ["copy nav to 'x.csv'", '"copy"'],
      ["set threads = 4", '"set"'],
      ["attach 'x.db'", '"attach"'],
      ["; select 1", '";"'],
      ["constructor", '"constructor"'],
    ] as const
  ) await refused(text, new RegExp(`^SQL: found ${found}, expected select, with, describe`));
  await refused("select 1; drop view nav", /found several statements, expected one/);
  for (const change of ["delete from store.nav", "insert into store.nav (nav) select 1"]) {
    await refused(
      `with x as (select 1) ${change}`,
      /^SQL: found "(delete|insert)", expected select/,
    );
    await refused(`explain analyze ${change}`, /^SQL: found "(delete|insert)", expected select/);
    await refused(
      `explain analyze with x as (select 1) ${change}`,
      /^SQL: found "(delete|insert)"/,
    );
  }
  strictEqual((await rows("select count(*) as n from nav"))[0]!.n, 48);
  await refused("select * from read_csv('deno.json')", /file system operations are disabled/);
  await refused("select * from glob('*')", /./);
  await refused("from (pivot nav on mode using count(*))", /^SQL: pivot is not to be had/);
});

Deno.test("FR-058 tables can be described, and what a question does explained", async () => {
  const names = (await rows("show tables")).map(({ name }) => name);
  deepStrictEqual(names, ["run_models", "runs", "trials", ...TABLE_NAMES].sort());
  deepStrictEqual((await rows("describe trials"))[1], {
    ...{ column_name: "trial_id", column_type: "DOUBLE", null: "YES" },
    ...{ key: null, default: null, extra: null },
  });
  ok(`${await results.query("explain select nav from nav")}`.includes("SEQ_SCAN"));
  ok(`${await results.query("explain analyze select max(nav) from nav")}`.includes("48 rows"));
  const [time] = await rows(
    "select column_name, min, count from (summarize nav) where column_name = 'time'",
  );
  deepStrictEqual(time, { column_name: "time", min: "2020-01-01 00:00:00", count: 48 });
  strictEqual((await rows("summarize risk"))[0]!.column_name, "run_id");
  for (
    const text of [
      "from nav select count(*) as n",
      "(select count(time) as n from results.nav)",
      "with a as (select * from nav) select count(a.cash) as n from a",
      "select count(n) as n from nav n",
      "select n from (select count(*) over () as n, mode from nav where nav > 0) limit 1",
    ]
  ) strictEqual((await rows(text))[0]!.n, 48, text);
});

Deno.test("FR-058 every kind of answer is plain JSON: ISO dates, exact whole numbers, no BigInt", async () => {
  const { columns, toJSON } = await results.query(
    "select 3::bigint as a, 9007199254740993 as b, sum(3) as c, 1.5::decimal(5, 2) as d, 1 / 0 as e, " +
      "date '2024-02-29' as f, timestamp '2024-02-29 10:00:00.25' as g, time '10:00:01' as h, " +
      "interval 36 hour as i, [1::bigint, null] as j, {a: date '2024-01-01', b: [true]} as k, " +
      "'x'::blob as l, null as m, map {'a': 1::bigint} as n, 'infinity'::timestamp as o, 1 as a",
  );
  deepStrictEqual(JSON.parse(JSON.stringify({ toJSON })), [{
    ...{ a: 3, b: "9007199254740993", c: 3, d: 1.5, e: null, f: "2024-02-29" },
    ...{ g: "2024-02-29T10:00:00.250Z", h: "10:00:01", i: "P0M0DT129600S", j: [1, null] },
    ...{ k: { a: "2024-01-01", b: [true] }, l: "78", m: null, n: [["a", 1]], o: null, a_1: 1 },
  }]);
  deepStrictEqual(columns.slice(0, 3).map(({ kind }) => kind), ["number", "text", "number"]);
});

Deno.test("FR-058 an answer is an Arquero table, shown with units, to the right, at most 100 rows", async () => {
  const answer = await results.query("select time, nav, drawdown from nav where run_id = ?", [
    FIRST,
  ]);
  deepStrictEqual(answer.table.columnNames(), ["time", "nav", "drawdown"]);
  deepStrictEqual(answer.table.array("nav"), [1000, 1025, 1054, 1051]);
  strictEqual(
    `${answer}`,
    [
      "time                   nav  drawdown",
      "------------------------------------",
      "2024-01-01 00:00  1,000.00     0.00%",
      "2024-01-02 00:00  1,025.00     0.00%",
      "2024-01-03 00:00  1,054.00     0.00%",
      "2024-01-04 00:00  1,051.00     0.28%",
    ].join("\n"),
  );
  const long = await results.query("select range as n from range(1234)");
  const display = (long as never)[Symbol.for("Jupyter.display")] as () => Record<string, string>;
  ok(display()["text/plain"]!.endsWith("99\n… 1,134 more"));
  strictEqual(display()["text/html"]!.match(/<tr>/g)!.length, 101);
});

Deno.test("FR-058 questions asked at once are answered each with its own, and none after the end", async () => {
  const numbers = Array.from({ length: 20 }, (_, place) => place);
  const answers = await Promise.all(numbers.map((n) => results.sql`select ${n} as n`));
  deepStrictEqual(answers.map((answer) => answer.rows()[0]!.n), numbers);
  const other = await openSql({ resultsRoot: root });
  strictEqual((await other.query("select 1")).table.numRows(), 1);
  other.close();
  await rejects(other.query("select 1"), /^Refusal: SQL was closed$/);
});
