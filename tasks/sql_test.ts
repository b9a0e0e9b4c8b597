import { deepStrictEqual, match, ok } from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { type Outcome, type TestProject, testProject } from "./test_project.ts";

let project: TestProject;

Deno.test.beforeAll(async () => {
  project = await testProject();
});

Deno.test.afterAll(async () => await project.remove());

function refused({ code, stdout, stderr }: Outcome, expected: number, message: RegExp): void {
  deepStrictEqual([code, stdout], [expected, ""]);
  match(stderr, /^error: [^\n]+\n$/);
  match(stderr, message);
}

Deno.test("FR-058 sql says that there are no runs yet, and makes none", async () => {
  refused(await project.run("sql", ["select * from runs"]), 1, /no runs in .*results.runs yet/);
  ok(!(await readdir(project.folder)).includes("results"));
});

Deno.test("FR-058 sql answers about runs as text and as JSON under its own permissions, a damaged one left out", async () => {
  const cross = "MovingAverageCrossModel_v1";
  const made: { run_id: string; final_nav: number }[] = [];
  for (const seed of [1, 2]) {
    const { stdout } = await project.run("backtest", [
      ...["--end", "2020-06-30", "--models", cross, "--no-audit", "--json"],
      ...["--set", `models.${cross}.universe=[BTC]`, "--set", `system.seed=${seed}`],
    ]);
    made.push(JSON.parse(stdout));
  }
  const text =
    "select run_id, last(nav order by time) as nav, max(time) as until from nav group by all order by 1";
  const answer = await project.run("sql", [text, "--json"]);
  deepStrictEqual([answer.code, answer.stderr], [0, ""]);
  const found = JSON.parse(answer.stdout) as { run_id: string; until: string }[];
  deepStrictEqual(found.map(({ run_id }) => run_id), made.map(({ run_id }) => run_id).sort());
  deepStrictEqual(found.map(({ until }) => until), [
    "2020-07-01T00:00:00Z",
    "2020-07-01T00:00:00Z",
  ]);
  const [first, second] = found.map(({ run_id }) => run_id) as [string, string];
  await writeFile(`${project.folder}results/runs/${first}/nav.parquet`, "gone");
  const { code, stdout, stderr } = await project.run("sql", [text]);
  deepStrictEqual(code, 0);
  match(stdout, new RegExp(`^run_id +nav  until\n-+\n${second} +[\\d,.]+  2020-07-01 00:00\n$`));
  match(stderr, new RegExp(`^warning: run ${first} is left out: [^\n]*nav\\.parquet was changed`));
});

Deno.test("FR-058 sql refuses mistakes in one line, and wrong usage with code 2", async () => {
  refused(
    await project.run("sql", ["select * from navs"]),
    1,
    /no table "navs" \(did you mean "nav"/,
  );
  refused(await project.run("sql", ["select 1 from"]), 1, /^error: SQL at its end: syntax error/);
  refused(await project.run("sql", ["drop table runs"]), 1, /found "drop", expected select/);
  refused(await project.run("sql", []), 2, /found 0 arguments, expected one; usage: deno task sql/);
  refused(await project.run("sql", ["select 1", "--csv"]), 2, /'--csv'.*; usage: deno task sql/);
});
