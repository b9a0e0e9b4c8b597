import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { readFile, rm, truncate, writeFile } from "node:fs/promises";
import { backtest, loadPlan, PROJECT_ROOT } from "../lib/mod.ts";
import {
  hashesOf,
  type Outcome,
  outcomeOf,
  type TestProject,
  testProject,
} from "./test_project.ts";

let project: TestProject;

Deno.test.beforeAll(async () => {
  project = await testProject();
});

Deno.test.afterAll(async () => await project.remove());

function documentOf({ code, stdout, stderr }: Outcome) {
  deepStrictEqual([code, stderr], [0, ""]);
  return JSON.parse(stdout) as {
    run_id: string;
    origin: string;
    folder: string;
    statistics: { portfolio: { fills: number } };
  };
}

const NAME = "MovingAverageCrossModel_v1";
const CROSS = `models.${NAME}`;
/** One cross of BTC: quick, and with trades. */
const ONE = ["--models", NAME, "--set", `${CROSS}.universe=[BTC]`];
const QUICK = ["--end", "2020-06-30", ...ONE];

Deno.test("SC-008 the base run: twice, forced, on two threads and in another folder, the same bytes", async () => {
  const first = documentOf(await project.run("backtest", ["--json"]));
  const { run_id } = first;
  match(run_id, /^[0-9a-f]{16}$/);
  ok(first.statistics.portfolio.fills > 100);
  const hashes = await project.hashes(run_id);
  deepStrictEqual(
    Object.keys(hashes).filter((name) => name.endsWith(".parquet")).includes("nav.parquet"),
    true,
  );
  const again = documentOf(await project.run("backtest", ["--json"]));
  const forced = documentOf(await project.run("backtest", ["--json", "--force", "--threads", "2"]));
  deepStrictEqual([first, again, forced].map(({ run_id, origin }) => [run_id, origin]), [
    [run_id, "computed"],
    [run_id, "found"],
    [run_id, "confirmed"],
  ]);
  deepStrictEqual(await project.hashes(run_id), hashes);
  // This process runs the code of another folder, in its own thread.
  const elsewhere = await backtest(await loadPlan(), {
    threads: 0,
    resultsRoot: `${project.folder}elsewhere`,
  });
  strictEqual(elsewhere.id, run_id);
  deepStrictEqual(await hashesOf(elsewhere.folder), hashes);
  deepStrictEqual(await project.runs(), [run_id]);
});

Deno.test("FR-060 a notebook in another folder makes the run that the task makes", async () => {
  const { run_id } = documentOf(await project.run("backtest", ["--json", ...QUICK]));
  const notebook = `${project.folder}configs/notebook.ts`;
  const options = { end: "2020-06-30", models: [NAME], sets: [`${CROSS}.universe=[BTC]`] };
  await writeFile(
    notebook,
    `import { backtest, loadPlan } from "../lib/mod.ts";
const run = await backtest(await loadPlan([], ${
      JSON.stringify(options)
    }), { threads: 0, force: true });
console.log(run.id, run.origin);
`,
  );
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--cached-only", "--allow-all", "notebook.ts"],
    cwd: `${project.folder}configs`,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  deepStrictEqual(await outcomeOf(child), {
    code: 0,
    stdout: `${run_id} confirmed\n`,
    stderr: "",
  });
});

Deno.test("FR-058 two identical requests at once: one computes the run, the other finds it", async () => {
  const args = ["--json", "--set", "system.seed=2"];
  const [one, two] = await Promise.all([0, 1].map(() => project.run("backtest", args)));
  const documents = [one!, two!].map(({ code, stdout }) => {
    strictEqual(code, 0);
    return JSON.parse(stdout) as { run_id: string; origin: string };
  });
  deepStrictEqual(documents.map(({ origin }) => origin).sort(), ["computed", "found"]);
  strictEqual(documents[0]!.run_id, documents[1]!.run_id);
  for (const { stderr } of [one!, two!]) {
    match(stderr, /^(Another process is computing this run; waiting for it\n)?$/);
  }
  const own = (await project.trials()).filter(({ run_id }) => run_id === documents[0]!.run_id);
  deepStrictEqual(own.map(({ status }) => status).sort(), ["finished", "found"]);
});

Deno.test("FR-057 the page of a run says what it is and where it lies, and nothing goes to stderr", async () => {
  const { code, stdout, stderr } = await project.run("backtest", QUICK);
  deepStrictEqual([code, stderr], [0, ""]);
  const lines = stdout.split("\n");
  strictEqual(lines[0], "Backtest on h4 bars, 2020-01-01 to 2020-06-30");
  match(lines.at(-3)!, /^Run [0-9a-f]{16} \(/);
  match(lines.at(-2)!, /^Artefacts in results\/runs\/[0-9a-f]{16}$/);
  strictEqual(lines.at(-1), "");
});

Deno.test("FR-061 --report writes the page of the run and says where it lies", async () => {
  const { code, stdout, stderr } = await project.run("backtest", [...QUICK, "--report"]);
  deepStrictEqual([code, stderr], [0, ""]);
  const [, id] = /^Run ([0-9a-f]{16}) /m.exec(stdout)!;
  match(stdout, new RegExp(`\\nReport in results/reports/${id}\\.html\\n$`));
  const page = await readFile(`${project.folder}results/reports/${id}.html`, "utf8");
  ok(page.includes(id!) && page.length > 10_000);
});

Deno.test("FR-052 --config equals a file named alone, and the experiment names the page and the run", async () => {
  await writeFile(
    `${project.folder}half.yaml`,
    "experiment: { name: half_year }\nsystem: { end: 2020-06-30 }\n",
  );
  const rest = ["--json", ...ONE];
  const named = documentOf(await project.run("backtest", ["half.yaml", ...rest]));
  const flagged = documentOf(await project.run("backtest", ["--config", "half.yaml", ...rest]));
  const spelled = documentOf(await project.run("backtest", ["--json", ...QUICK]));
  deepStrictEqual([flagged.run_id, spelled.run_id], [named.run_id, named.run_id]);
});

Deno.test("FR-011 the same engine runs on daily closes", async () => {
  const args = ["--set", "system.timeframe=daily", "--json"];
  const run = documentOf(await project.run("backtest", args));
  ok(run.statistics.portfolio.fills > 20);
});

/** A request that cannot be served, and what its one line says. */
interface BadRequest {
  readonly args: readonly string[];
  readonly message: RegExp;
  readonly code?: number;
}

const BAD: Readonly<Record<string, BadRequest>> = {
  "an unknown key": { args: ["--set", "risk.per_aset_cap=1"], message: /per_asset_cap/ },
  "a wrong type": {
    args: ["--set", "risk.per_asset_cap=much"],
    message: /risk\.per_asset_cap.*"much"/,
  },
  "budgets over 1": {
    args: ["--set", "models.EquityTrendModel_v1.budget_fraction=0.7"],
    message: /budget_fraction summing to 1\.1 /,
  },
  "budgets over 1 in one regime": {
    args: ["--set", "regime_budgets.equity_bear.EquityTrendModel_v1=0.6"],
    message: /summing to 1\.05 under equity_bear, vol_low, crypto_risk_on, macro_expansion/,
  },
  "a regime that does not exist": {
    args: ["--set", "regime_budgets.equity_bare.EquityTrendModel_v1=0.6"],
    message: /equity_bare is not a known regime \(did you mean "equity_bear"\?\)/,
  },
  "an unknown model": {
    args: ["--models", "Foo_v1"],
    message: /Foo_v1 is not a known model/,
    code: 2,
  },
  "a version that is not there": {
    args: ["--set", `${CROSS}.version=2.0.0`],
    message: /version.*2\.0\.0.*expected 1\.0\.0/,
  },
  "a start after the end": {
    args: ["--start", "2024-06-01", "--end", "2024-01-01"],
    message: /start/,
  },
  "a date that does not exist": { args: ["--start", "2024-02-30"], message: /2024-02-30/ },
  "a range that misses all data": {
    args: ["--start", "1999-01-01", "--end", "1999-12-31"],
    message: /misses all data/,
  },
  "a symbol without a file": {
    args: [
      "--set",
      "assets.DOGE={asset_class: crypto, venue: binance, min_order_size: 0, quantity_precision: null, price_precision: null}",
      ...["--models", NAME, "--set", `${CROSS}.universe=[DOGE]`],
    ],
    message: /DOGE_h4\.parquet/,
  },
  "nothing warm before the end": {
    args: ["--models", NAME, "--set", `${CROSS}.parameters.slow_ma=90000`],
    message: /No asset is warm/,
  },
  "a configuration that is not there": { args: ["nowhere.yaml"], message: /nowhere\.yaml/ },
  "an unknown flag": { args: ["--fast"], message: /Unknown option '--fast'; usage: /, code: 2 },
  "a flag without its value": { args: ["--start"], message: /--start.*missing; usage: /, code: 2 },
  "a flag in place of a value": {
    args: ["--start", "--json"],
    message: /'--start' argument is ambiguous; usage: /,
    code: 2,
  },
  "no thread": { args: ["--threads", "0"], message: /--threads: found "0"/, code: 2 },
  "an empty list of models": { args: ["--models", ","], message: /--models: found ","/, code: 2 },
};

function refused({ code, stdout, stderr }: Outcome, bad: BadRequest, what: string): void {
  strictEqual(code, bad.code ?? 1, `${what}: ${stderr}`);
  match(stderr, /^error: [^\n]+\n$/, what);
  match(stderr, bad.message, what);
  strictEqual(stdout, "", what);
}

Deno.test("FR-050 every bad request gets one line, an exit code, and leaves the results as they were", async () => {
  const before = [await project.runs(), (await project.trials()).length];
  const cases = Object.entries(BAD);
  // Two at a time, as there may be no more cores than that.
  while (cases.length > 0) {
    await Promise.all(
      cases.splice(0, 2).map(async ([what, bad]) =>
        refused(await project.run("backtest", bad.args), bad, what)
      ),
    );
  }
  const warm = (await project.trials()).slice(before[1] as number);
  deepStrictEqual(warm.map(({ status }) => status), ["failed"], "only what reached the engine");
  deepStrictEqual(await project.runs(), before[0]);
});

Deno.test("FR-009 a truncated file of prices is refused in one line", async () => {
  const file = `${project.folder}data/crypto/BTC_h4.parquet`;
  await truncate(file, 50_000);
  const outcome = await project.run("backtest", [...QUICK, "--json"]);
  refused(outcome, { args: [], message: /BTC_h4\.parquet/ }, "truncated");
  await writeFile(file, await readFile(`${PROJECT_ROOT}data/crypto/BTC_h4.parquet`));
});

Deno.test("FR-058 a damaged card, a damaged artefact and a file in place of the results: one line each", async () => {
  const { run_id } = documentOf(await project.run("backtest", ["--json", ...QUICK]));
  const folder = `${project.folder}results/runs/${run_id}`;
  await writeFile(`${folder}/trades.parquet`, "damaged");
  const forced = await project.run("backtest", [...QUICK, "--force"]);
  refused(forced, { args: [], message: /trades\.parquet was changed or damaged/ }, "artefact");
  await writeFile(`${folder}/run.json`, "{}");
  refused(await project.run("backtest", QUICK), { args: [], message: /run\.json/ }, "card");
  await rm(`${project.folder}results`, { recursive: true });
  await writeFile(`${project.folder}results`, "in the way");
  refused(await project.run("backtest", QUICK), { args: [], message: /results/ }, "results");
  strictEqual(await readFile(`${project.folder}results`, "utf8"), "in the way");
});
