import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_ROOT } from "../lib/mod.ts";
import { parseEnv } from "./data_env.ts";
import { progressText } from "./data_progress.ts";
import { outcomeOf, type TestProject, testProject } from "./test_project.ts";

/** The loopback sources as a process of their own, and how `--set` names them. */
async function sources() {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-check", "--no-prompt", "--cached-only", "--allow-net=127.0.0.1"],
      ...["tasks/dev/data_server.ts", "2022-01-03"],
    ],
    cwd: PROJECT_ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = process.stdout.getReader();
  const { value } = await reader.read();
  const url = new TextDecoder().decode(value).trim();
  const names = ["alpaca", "yahoo", "binance", "kraken", "fred"];
  return {
    url,
    sets: names.flatMap((name) => ["--set", `data.sources.${name}.base_url=${url}`]),
    async close() {
      process.kill("SIGTERM");
      await reader.cancel();
      await process.stdin.close().catch(() => {});
      await process.status;
    },
  };
}

/** A project without data, and keys of the loopback sources in its `.env`. */
async function emptyProject(): Promise<TestProject> {
  const project = await testProject();
  await rm(`${project.folder}data`, { recursive: true });
  await Deno.mkdir(`${project.folder}data`);
  await writeFile(
    `${project.folder}.env`,
    "# keys\nALPACA_KEY_ID=TEST-KEY-ID\r\nexport ALPACA_SECRET_KEY='test-secret-0123456789'\n" +
      "FRED_API_KEY=abcdef0123456789abcdef0123456789\nOTHER=1\n",
  );
  return project;
}

async function dataFiles(project: TestProject): Promise<string[]> {
  const names = await readdir(`${project.folder}data`, { recursive: true });
  return names.filter((name) => /\.(?:parquet|json)$/.test(name)).sort();
}

Deno.test("FR-006 download, validate and backtest: three lines from nothing to a finished run", async () => {
  const [server, project] = [await sources(), await emptyProject()];
  try {
    const symbols = "SPY,QQQ,BTC,ETH,vix,yield_curve,pmi";
    const got = await project.run("data", [
      ...["download", "--symbols", symbols, "--start", "2022-01-03", ...server.sets],
    ]);
    deepStrictEqual([got.code, got.stderr], [0, ""], got.stderr + got.stdout);
    match(got.stdout, /SPY h4 +created +[\d,]+ +[\d,]+ +20/);
    ok(!got.stdout.includes("test-secret"));
    const valid = await project.run("data", ["validate", "--json"]);
    strictEqual(valid.code, 0, valid.stderr);
    const report = JSON.parse(valid.stdout);
    strictEqual(report.verdict, "clean");
    strictEqual(report.files.length, 12);
    const run = await project.run("backtest", [
      ...["--start", "2023-01-03", "--end", "2023-12-29", "--no-audit", "--json"],
    ]);
    strictEqual(run.code, 0, run.stderr);
    ok(JSON.parse(run.stdout).run_id);
    const before = await dataFiles(project);
    const again = await project.run("data", ["update", "--json", ...server.sets]);
    strictEqual(again.code, 0, again.stderr);
    ok(
      JSON.parse(again.stdout).every(({ outcome }: { outcome: string }) =>
        outcome === "unchanged" || outcome === "extended"
      ),
    );
    deepStrictEqual(await dataFiles(project), before);
    const list = await project.run("data", ["list"]);
    match(list.stdout, /equities\/SPY_h4\.parquet/);
  } finally {
    await project.remove();
    await server.close();
  }
});

Deno.test("FR-006 what fails is one line: a bad symbol beside good ones, no source, wrong flags, a folder that cannot be written", async () => {
  const [server, project] = [await sources(), await emptyProject()];
  try {
    const run = (...args: string[]) => project.run("data", args);
    const start = ["--start", "2024-01-02"];
    const mixed = await run(
      ...[
        "download",
        "--symbols",
        "NOSUCH,SPY",
        "--asset-class",
        "equity",
        "--timeframes",
        "daily",
      ],
      ...[...start, ...server.sets],
    );
    strictEqual(mixed.code, 1);
    match(mixed.stderr, /^error: NOSUCH [^\n]*unknown symbol[^\n]*\n$/);
    match(mixed.stdout, /SPY daily +created[^]*failed: NOSUCH/);
    deepStrictEqual((await dataFiles(project)).filter((name) => name.includes("NOSUCH")), []);
    const gone = await run(
      ...["download", "--symbols", "QQQ", "--timeframes", "daily", "--source", "yahoo", ...start],
      ...["--set", "data.sources.yahoo.base_url=http://localhost.example"],
    );
    strictEqual(gone.code, 1);
    match(gone.stderr, /^error: [^\n]*localhost\.example[^\n]*\n$/);
    const wrong: readonly [args: string[], message: RegExp][] = [
      [["download", "--symbols", "SPY"], /^error: download: found no --start/],
      [["download", ...start], /^error: download: found no --symbols/],
      [
        ["download", "--symbols", "SPY", "--start", "2024-02-30"],
        /--start: "2024-02-30" is not a date/,
      ],
      [["update", "--timeframes", "h5"], /--timeframes: found "h5", expected h4 or daily/],
      [["update", "--source", "binace"], /did you mean "binance"/],
      [["frobnicate"], /found "frobnicate", expected download, update/],
      [["import"], /expected import FILE/],
    ];
    for (const [args, message] of wrong) {
      const { code, stderr } = await run(...args);
      strictEqual(code, 2, args.join(" "));
      match(stderr, message);
      strictEqual(stderr.trimEnd().split("\n").length, 1);
    }
    const outside = await run(
      ...["download", "--symbols", "QQQ", "--timeframes", "daily", ...start, ...server.sets],
      ...["--set", "data.root=results/elsewhere"],
    );
    strictEqual(outside.code, 1);
    match(outside.stderr, /^error: [^\n]*Cannot write [^\n]*\n$/);
  } finally {
    await project.remove();
    await server.close();
  }
});

Deno.test("FR-009 validation of a broken file ends with exit code 3 and names it", async () => {
  const project = await testProject();
  try {
    const file = join(project.folder, "data/crypto/BTC_h4.parquet");
    await writeFile(file, (await readFile(file)).subarray(0, 1_000));
    const { code, stdout, stderr } = await project.run("data", ["validate"]);
    strictEqual(code, 3);
    match(stdout, /crypto\/BTC_h4\.parquet +0 +– +– +found/);
    match(stderr, /^error: Data beyond the thresholds: crypto\/BTC_h4\.parquet\n$/);
    const csv = join(project.folder, "own.csv");
    await writeFile(
      csv,
      "Date,Open,High,Low,Close\n2024-01-02 09:30,1,1,1,1\n2024-01-02 10:00,1,1,1,1\n",
    );
    const flags = ["--symbol", "XYZ", "--asset-class", "equity", "--timeframe", "h4"];
    const refused = await project.run("data", ["import", csv, ...flags]);
    strictEqual(refused.code, 1);
    match(
      refused.stderr,
      /^error: [^\n]*line 2, column Date: found "2024-01-02 09:30", a local time/,
    );
  } finally {
    await project.remove();
  }
});

Deno.test("FR-006 a download that is interrupted says so, and leaves the folder valid", async () => {
  const [server, project] = [await sources(), await emptyProject()];
  try {
    const child = project.start("data", [
      ...["download", "--symbols", "SPY,QQQ,AAA,BBB,CCC,DDD,EEE,FFF", "--asset-class", "equity"],
      ...["--start", "2022-01-03", ...server.sets],
    ]);
    setTimeout(() => child.kill("SIGINT"), 900);
    const { code, stderr } = await outcomeOf(child);
    ok(code === 1 && /^error: Interrupted/.test(stderr) || code === 0 || code === 130, stderr);
    strictEqual((await project.run("data", ["validate"])).code, 0);
  } finally {
    await project.remove();
    await server.close();
  }
});

Deno.test("FR-006 lines of .env are read however they are written, and a wrong one is refused without showing it", () => {
  const text = "\ufeffA=1\r\n# B=2\n\nexport C = \"x y\"\nD='q'\nE=a=b\n";
  deepStrictEqual([...parseEnv(text, ".env")], [["A", "1"], ["C", "x y"], ["D", "q"], [
    "E",
    "a=b",
  ]]);
  try {
    parseEnv("A=1\nsecret", ".env");
    ok(false);
  } catch (error) {
    strictEqual(
      (error as Error).message,
      ".env:2: found a line that is no variable, expected KEY=VALUE",
    );
  }
});

Deno.test("FR-006 the line of a running download tells rate and time left", () => {
  strictEqual(
    progressText("SPY h4", { rows: 12_000, share: 0.25 }, 4),
    "SPY h4 [#####               ]  25%  3,000 rows/s  0:12 left",
  );
  strictEqual(progressText("vix", { rows: 0, share: 0 }, 0), "vix [                    ]   0%");
});
