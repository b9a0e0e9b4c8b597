import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { type TestProject, testProject } from "./test_project.ts";

let project: TestProject;
let id: string;

const NAME = "MovingAverageCrossModel_v1";
const QUICK = ["--end", "2020-06-30", "--models", NAME, "--set", `models.${NAME}.universe=[BTC]`];

Deno.test.beforeAll(async () => {
  project = await testProject();
  const { stdout } = await project.run("backtest", [...QUICK, "--json"]);
  id = JSON.parse(stdout).run_id;
});

Deno.test.afterAll(async () => await project.remove());

Deno.test("FR-061 a page is written in a process of its own with the permissions of the task, and verified by file", async () => {
  const { code, stdout, stderr } = await project.run("report", [id.slice(0, 6)]);
  deepStrictEqual([code, stderr], [0, ""]);
  strictEqual(stdout.replace(/, [\d.]+ MB\n$/, ""), `results/reports/${id}.html`);
  const asJson = await project.run("report", [id, "--out", "shared/page.html", "--json"]);
  const { file, bytes } = JSON.parse(asJson.stdout);
  deepStrictEqual([file, bytes], [
    `${project.folder}shared/page.html`,
    (await readFile(`${project.folder}shared/page.html`)).length,
  ]);
  const verified = await project.run("verify", ["shared/page.html"]);
  deepStrictEqual([verified.code, verified.stderr], [0, ""]);
  match(verified.stdout, /^Run [0-9a-f]{16}: equal, /);

  // Sent to somebody who has the program and the data, but not the run.
  await rm(`${project.folder}results`, { recursive: true });
  strictEqual((await project.run("verify", ["shared/page.html"])).code, 0);
  const page = await readFile(`${project.folder}shared/page.html`, "utf8");
  await writeFile(file, page.replace('<span class="value">', '<span class="value">1'));
  const odd = await project.run("verify", ["shared/page.html"]);
  deepStrictEqual([odd.code, odd.stderr], [3, ""]);
  match(odd.stdout, /1 finding[^]*artefact: page\.html: line \d+ is not what the run gives/);
});

Deno.test("FR-061 what cannot be written is refused in one line: exit 1, wrong usage exit 2", async () => {
  const cases: [args: string[], code: number, message: RegExp][] = [
    [[], 2, /found no run, expected one or more; usage: deno task report RUN/],
    [["zz"], 1, /No run "zz" among the 0/],
    [["zz", "--out", "lib"], 2, /--out: found the folder "lib", expected a file/],
    [["zz", "--colour"], 2, /Unknown option '--colour'; usage/],
    [[""], 2, /found an empty run id ""/],
  ];
  for (const [args, code, message] of cases) {
    const found = await project.run("report", args);
    deepStrictEqual([found.code, found.stdout], [code, ""], found.stderr);
    match(found.stderr, /^error: [^\n]+\n$/);
    match(found.stderr, message);
  }
});

Deno.test("FR-059 --charts writes every picture of a run as a file, and tells what it cannot have", async () => {
  const made = await project.run("backtest", [...QUICK, "--json"]);
  const { run_id } = JSON.parse(made.stdout);
  const { code, stdout, stderr } = await project.run("report", [run_id, "--charts", "pictures"]);
  deepStrictEqual([code, stderr], [0, ""]);
  const lines = stdout.trimEnd().split("\n");
  strictEqual(lines[0], "pictures/nav.svg");
  strictEqual(lines.includes("pictures/price_BTC.svg"), true);
  match(await readFile(`${project.folder}pictures/nav.svg`, "utf8"), /^<svg [^]*<\/svg>\n$/);
  const several = await project.run("report", [run_id, run_id, "--charts", "pictures"]);
  deepStrictEqual([several.code, several.stdout], [2, ""]);
  match(several.stderr, /^error: --charts: found 2 runs, expected one run and a folder/);
});

Deno.test("FR-049 a search with --report leaves the page of its experiment, which is reported by name and verified by file", async () => {
  const search = [
    ...["configs/experiments/moving_average_cross.yaml", "--end", "2020-06-30"],
    ...["--set", `models.${NAME}.universe=[BTC]`, "--set", `experiment.target_model=${NAME}`],
    ...["--set", "experiment.parameter_grid={fast_ma: [20, 50], slow_ma: [100, 200]}"],
    ...["--set", "experiment.optimization.save_top_n=1"],
  ];
  const made = await project.run("optimize", ["run", ...search, "--report"]);
  strictEqual(made.code, 0, made.stderr);
  const place = /\nReport in (results\/reports\/experiment-[0-9a-f]{16}\.html)\n$/.exec(
    made.stdout,
  )![1]!;
  const again = await project.run("optimize", ["run", ...search, "--report", "--json"]);
  strictEqual(JSON.parse(again.stdout).report, project.folder + place);
  const named = await project.run("report", ["moving_average_cross"]);
  deepStrictEqual([named.code, named.stderr], [0, ""]);
  ok(named.stdout.startsWith(`${place}, `));
  const verified = await project.run("verify", [place]);
  deepStrictEqual([verified.code, verified.stderr], [0, ""]);
  match(
    verified.stdout,
    /^Experiment [0-9a-f]{16}: equal, appraised again, its winner computed again in /,
  );
});
