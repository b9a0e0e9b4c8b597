import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { appendFile, readdir, rm } from "node:fs/promises";
import { type Outcome, type TestProject, testProject } from "./test_project.ts";

let project: TestProject;
/** Ids of two runs, the older first. */
const made: string[] = [];

const CROSS = "MovingAverageCrossModel_v1";

Deno.test.beforeAll(async () => {
  project = await testProject();
});

Deno.test.afterAll(async () => await project.remove());

function refused({ code, stdout, stderr }: Outcome, expected: number, message: RegExp): void {
  deepStrictEqual([code, stdout], [expected, ""]);
  match(stderr, /^error: [^\n]+\n$/);
  match(stderr, message);
}

async function documentOf<Document>(args: readonly string[]): Promise<Document> {
  const { code, stdout, stderr } = await project.run("runs", [...args, "--json"]);
  deepStrictEqual([code, stderr], [0, ""]);
  return JSON.parse(stdout) as Document;
}

Deno.test("FR-058 where nothing was run there is nothing to list or show, and asking makes nothing", async () => {
  deepStrictEqual(await project.run("runs", ["list"]), {
    code: 0,
    stdout: "No runs on record\n",
    stderr: "",
  });
  deepStrictEqual(await documentOf(["list"]), []);
  refused(await project.run("runs", ["show", "ab"]), 1, /No run "ab"/);
  ok(!(await readdir(project.folder)).includes("results"));
});

Deno.test("FR-009 check says ready on the shipped base and stores no run", async () => {
  const { code, stdout, stderr } = await project.run("check");
  deepStrictEqual([code, stderr], [0, ""]);
  match(
    stdout,
    /^ok {7}configuration {2}(\w+Model_v1@1\.0\.0(, | )){3}on BTC, ETH, QQQ, SPY$/m,
  );
  ok(stdout.endsWith("\n\nready\n"));
  deepStrictEqual(await project.runs(), []);
  deepStrictEqual(await project.trials(), []);
});

Deno.test("FR-009 check says what is missing otherwise, with exit code 1", async () => {
  const { code, stdout, stderr } = await project.run("check", ["--json", "--set", "data.root=no"]);
  strictEqual(code, 1);
  match(stderr, /^error: Not ready: data: [^\n]*BTC_h4\.parquet[^\n]*\n$/);
  const { ready, steps } = JSON.parse(stdout) as { ready: boolean; steps: { ok: boolean }[] };
  deepStrictEqual([ready, steps.map(({ ok }) => ok)], [false, [true, false, true]]);
});

Deno.test("FR-064 runs are listed newest first, by experiment, day and model version, as text and JSON", async () => {
  for (const name of ["one", "two"]) {
    const args = [
      ...[
        "--end",
        "2020-06-30",
        "--models",
        CROSS,
        "--set",
        `models.${CROSS}.universe=[BTC]`,
        "--json",
      ],
      ...["--set", `experiment={name: ${name}}`, "--set", `system.seed=${made.length}`],
    ];
    const { stdout } = await project.run("backtest", args);
    made.push((JSON.parse(stdout) as { run_id: string }).run_id);
  }
  const [older, newer] = made as [string, string];
  const list = async (...args: string[]) =>
    (await documentOf<{ run_id: string }[]>(["list", ...args])).map(({ run_id }) => run_id);
  deepStrictEqual(await list(), [newer, older]);
  deepStrictEqual(await list("--experiment", "one"), [older]);
  deepStrictEqual(await list("--model", `${CROSS}@1.0.0`), [newer, older]);
  deepStrictEqual(await list("--model", `${CROSS}@2.0.0`), []);
  const [{ created_at }] = await documentOf<[{ created_at: string }]>(["list"]);
  const today = created_at.slice(0, 10);
  deepStrictEqual(await list("--since", today, "--until", today), [newer, older]);
  deepStrictEqual(await list("--until", "2020-01-01"), []);
  const { stdout } = await project.run("runs", ["list"]);
  const lines = stdout.trimEnd().split("\n");
  match(lines[0]!, /^Run +Name +Start +End +Final NAV/);
  deepStrictEqual(lines.slice(2).map((line) => line.slice(0, 16)), [newer, older]);
});

Deno.test("FR-061 a run is shown by any unique beginning of its id, several one after the other", async () => {
  const [older, newer] = made as [string, string];
  const { code, stdout, stderr } = await project.run("runs", ["show", older.slice(0, 8), newer]);
  deepStrictEqual([code, stderr], [0, ""]);
  ok(stdout.startsWith(`Run ${older}\n`));
  ok(stdout.includes(`\n\nRun ${newer}\n`));
  ok(stdout.endsWith(`Artefacts in results/runs/${newer}\n`));
  strictEqual((await documentOf<{ run_id: string }>(["show", newer])).run_id, newer);
  const both = await documentOf<{ run_id: string }[]>(["show", newer, older]);
  deepStrictEqual(both.map(({ run_id }) => run_id), [newer, older]);
});

Deno.test("FR-065 two runs are compared, as a page and as one JSON document", async () => {
  const { code, stdout, stderr } = await project.run("runs", ["compare", ...made]);
  deepStrictEqual([code, stderr], [0, ""]);
  match(stdout, /^Comparison of 2 runs\n/);
  match(stdout, /^seed +0 +1$/m);
  ok(stdout.includes("\nPlan: different\nData: equal\nCode: equal\n"));
  const found = await documentOf<{ runs: string[]; plan: unknown[] }>(["compare", ...made]);
  deepStrictEqual(found.runs, made);
  deepStrictEqual(found.plan, [{ path: "seed", values: [0, 1] }]);
});

Deno.test("SC-002 a certificate that was changed or lost is never passed over in silence", async () => {
  const [older, newer] = made as [string, string];
  const certificate = (id: string) => `${project.folder}results/proofs/${id}/certificate.json`;
  await appendFile(certificate(older), "\n");
  await rm(certificate(newer));
  const damaged =
    `Causality: the certificate on file is damaged; deno task audit ${older} makes it anew\n`;
  const none = `Causality: not audited; deno task audit ${newer}\n`;
  const shown = await project.run("runs", ["show", ...made]);
  ok(shown.stdout.includes(`\n${damaged}Run ${older} (stored)\n`), shown.stdout);
  ok(shown.stdout.includes(`\n${none}Run ${newer} (stored)\n`), shown.stdout);
  const compared = await project.run("runs", ["compare", ...made]);
  ok(compared.stdout.includes(`\n${older}  ${damaged}`), compared.stdout);
  ok(compared.stdout.includes(`\n${newer}  ${none}`), compared.stdout);
});

Deno.test("FR-062 the way of a position is told, as a page and as one JSON document", async () => {
  const asked = ["attribution", made[0]!, "--symbol", "BTC", "--at", "2020-06-01T12:00:00Z"];
  const { code, stdout, stderr } = await project.run("runs", asked);
  deepStrictEqual([code, stderr], [0, ""]);
  ok(stdout.startsWith(`BTC in run ${made[0]} at 2020-06-01 12:00 UTC\n`));
  ok(stdout.endsWith("\nEvery sum agrees within 1e-6\n"));
  const found = await documentOf<{ run_id: string; at: string; models: { model: string }[] }>(
    asked,
  );
  deepStrictEqual([found.run_id, found.at], [made[0], "2020-06-01T12:00:00Z"]);
  deepStrictEqual(found.models.map(({ model }) => model), [CROSS]);
});

Deno.test("FR-063 performance by regime is told, as a page and as one JSON document", async () => {
  const { code, stdout, stderr } = await project.run("runs", ["regimes", made[0]!]);
  deepStrictEqual([code, stderr], [0, ""]);
  ok(stdout.startsWith(`Performance by regime in run ${made[0]}\n\nPortfolio\n\nRegime `));
  const { regimes } = await documentOf<
    { regimes: Record<string, Record<string, { days: number }>> }
  >(
    ["regimes", made[0]!],
  );
  const days = Object.values(regimes).map((states) =>
    Object.values(states).reduce((sum, { days }) => sum + days, 0)
  );
  deepStrictEqual(days, [182, 182, 182, 182]);
});

Deno.test("FR-064 a wrong question about runs gets one line and its exit code", async () => {
  const cases: [args: string[], code: number, message: RegExp][] = [
    [["list", "--since", "x"], 2, /--since: "x" is not a date/],
    [["list", "--until", "2024-13-01"], 2, /--until: "2024-13-01" is not a date/],
    [["list", "extra"], 2, /found "list extra", expected list without runs/],
    [["lst"], 2, /found "lst", expected list, show, compare, attribution, regimes;/],
    [[], 2, /found nothing, expected list, show/],
    [["show"], 2, /expected show RUN…;/],
    [["compare", made[0]!], 2, /expected compare RUN RUN…;/],
    [["regimes"], 2, /expected regimes RUN;/],
    [
      ["attribution", made[0]!, "--symbol", "BTC"],
      2,
      /expected attribution RUN --symbol S --at D;/,
    ],
    [["attribution", made[0]!, "--symbol", "BTX", "--at", "2020-06-01"], 1, /mean "BTC"/],
    [["attribution", made[0]!, "--symbol", "BTC", "--at", "2020"], 2, /--at: found "2020"/],
    [["attribution", made[0]!, "--symbol", "BTC", "--at", "2030-01-01"], 1, /is outside run/],
    [["list", "--json=yes"], 2, /--json.*usage/],
    [["show", "zz"], 1, /No run "zz" among the 2/],
    [["show", ""], 1, /Run "": found nothing, expected a run id or its beginning/],
    [["compare", made[0]!, ""], 1, /Run "": found nothing/],
    [["regimes", ""], 1, /Run "": found nothing/],
    [["attribution", "", "--symbol", "BTC", "--at", "2020-06-01"], 1, /Run "": found nothing/],
  ];
  while (cases.length > 0) {
    await Promise.all(
      cases.splice(0, 2).map(async ([args, code, message]) =>
        refused(await project.run("runs", args), code, message)
      ),
    );
  }
});
