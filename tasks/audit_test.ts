import { deepStrictEqual, match, ok } from "node:assert/strict";
import { type TestProject, testProject } from "./test_project.ts";

let project: TestProject;

const NAME = "MovingAverageCrossModel_v1";
const QUICK = ["--end", "2020-06-30", "--models", NAME, "--set", `models.${NAME}.universe=[BTC]`];

Deno.test.beforeAll(async () => {
  project = await testProject();
});

Deno.test.afterAll(async () => await project.remove());

Deno.test("SC-002 a finished run is audited by its id: the certificate as a page and as one JSON document", async () => {
  const made = await project.run("backtest", [...QUICK, "--no-audit", "--json"]);
  const { run_id, proofs } = JSON.parse(made.stdout);
  deepStrictEqual([made.code, Object.keys(proofs).sort()], [0, ["envelope", "luck"]]);
  const page = await project.run("audit", [run_id.slice(0, 6)]);
  deepStrictEqual([page.code, page.stderr], [0, ""]);
  match(page.stdout, new RegExp(`^Run ${run_id}\n\nCausality: passed at 8 checkpoints`));
  const asJson = await project.run("audit", [run_id, "--json"]);
  const certificate = JSON.parse(asJson.stdout);
  deepStrictEqual(
    [certificate.run_id, certificate.verdict, certificate.findings],
    [run_id, "passed", []],
  );
  const shown = await project.run("runs", ["show", run_id]);
  ok(shown.stdout.includes("Causality: passed at 8 checkpoints"));
});

Deno.test("SC-002 the corpus of planted leaks is told as a table, exit 0 when every leak is caught", async () => {
  const { code, stdout, stderr } = await project.run("audit", ["--corpus"]);
  deepStrictEqual([code, stderr], [0, ""]);
  match(stdout, /\n(\d+) of \1 leaks caught, 0 of \1 clean twins accused\n$/);
});

Deno.test("SC-002 what cannot be audited is refused in one line", async () => {
  const cases: readonly [args: readonly string[], code: number, message: RegExp][] = [
    [["0123456789abcdef"], 1, /No run "0123456789abcdef" among the 1 in .*, and no configuration/],
    [["zzz"], 1, /No run "zzz" among the 1 in .*runs, and no configuration file of that name$/m],
    [["nowhere.yaml"], 1, /nowhere\.yaml/],
    [[""], 1, /Audit: found "", expected a run id, its beginning or a configuration file/],
    [["--corpus", "abc"], 2, /beside --corpus; usage/],
    [["--nonsense"], 2, /--nonsense/],
    [["--data", ""], 2, /--data/],
  ];
  for (const [args, code, message] of cases) {
    const outcome = await project.run("audit", args);
    deepStrictEqual([outcome.code, outcome.stdout], [code, ""], args.join(" "));
    match(outcome.stderr, /^error: [^\n]+\n$/);
    match(outcome.stderr, message);
  }
});
