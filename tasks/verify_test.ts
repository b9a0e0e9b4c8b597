import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { appendFile, cp, readFile, rm, writeFile } from "node:fs/promises";
import { type Outcome, type TestProject, testProject } from "./test_project.ts";

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

function refused({ code, stdout, stderr }: Outcome, expected: number, message: RegExp): void {
  deepStrictEqual([code, stdout], [expected, ""], stderr);
  match(stderr, /^error: [^\n]+\n$/);
  match(stderr, message);
}

Deno.test("SC-008 a run is verified in a process of its own, exit 0, and the record stays as it was", async () => {
  const before = [await project.trials(), await project.hashes(id), await project.runs()];
  const { code, stdout, stderr } = await project.run("verify", [id.slice(0, 5)]);
  deepStrictEqual([code, stderr], [0, ""]);
  match(
    stdout,
    /^Run [0-9a-f]{16}: equal, \d\d files, [\d.]+ [kM]B, computed again in \d+\.\d\d s\n$/,
  );
  const asJson = await project.run("verify", [id, "--json"]);
  deepStrictEqual([asJson.code, asJson.stderr], [0, ""]);
  const { run_id, verdict, findings, executed, data_root } = JSON.parse(asJson.stdout);
  deepStrictEqual([run_id, verdict, findings, executed], [id, "equal", [], true]);
  strictEqual(data_root, `${project.folder}data`);
  deepStrictEqual([await project.trials(), await project.hashes(id), await project.runs()], before);
});

Deno.test("SC-008 a damaged artefact, other data and other code: exit 3, a summary, one line a finding", async () => {
  const file = `${project.folder}results/runs/${id}/trades.log`;
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace('"price":', '"price":1'));
  const damaged = await project.run("verify", [id]);
  deepStrictEqual([damaged.code, damaged.stderr], [3, ""]);
  match(
    damaged.stdout,
    /^Run [0-9a-f]{16}: different, 1 finding \(.*\)\nartefact: trades\.log was changed since it was stored: line 1, [a-z.]+: found .*, expected .*\n$/,
  );
  await writeFile(file, text);

  await cp(`${project.folder}data`, `${project.folder}other`, { recursive: true });
  await rm(`${project.folder}other/macro/vix.parquet`);
  const data = await project.run("verify", [id, "--data", "other", "--json"]);
  deepStrictEqual([data.code, data.stderr], [3, ""]);
  const { verdict, findings, data_root } = JSON.parse(data.stdout);
  deepStrictEqual([verdict, findings.length, findings[0].kind], ["different", 1, "data"]);
  match(findings[0].message, /vix\.parquet \(close\) is missing$/);
  strictEqual(data_root, `${project.folder}other`);

  const module = `${project.folder}lib/results/logs.ts`;
  const code = await readFile(module, "utf8");
  await appendFile(module, "// another line\n");
  const changed = await project.run("verify", [id]);
  deepStrictEqual([changed.code, changed.stderr], [3, ""]);
  match(changed.stdout, /not computed again\)\ncode: lib\/results\/logs\.ts was changed since/);
  await writeFile(module, code);
  strictEqual((await project.run("verify", [id])).code, 0);
});

Deno.test("SC-002 a proof that was changed, and then lost, is told: a finding with exit 3, a note with exit 0", async () => {
  const file = `${project.folder}results/proofs/${id}/certificate.json`;
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace('"passed"', '"failed"'));
  const changed = await project.run("verify", [id]);
  deepStrictEqual([changed.code, changed.stderr], [3, ""]);
  match(
    changed.stdout,
    /\nartefact: proofs\/\w{16}\/certificate\.json is not what was once written; `deno task audit \w{16}` makes it anew\n$/,
  );
  await rm(file);
  const lost = await project.run("verify", [id]);
  deepStrictEqual([lost.code, lost.stderr], [0, ""]);
  match(lost.stdout, /: equal, [^\n]*\nCausality: not audited; deno task audit \w{16}\n$/);
  await writeFile(file, text);
});

Deno.test("FR-049 the ledger of trials is intact, exit 0; a hidden run breaks it, exit 3", async () => {
  const { code, stdout, stderr } = await project.run("verify", ["--ledger"]);
  deepStrictEqual([code, stderr], [0, ""]);
  match(
    stdout,
    /^Ledger: intact, \d+ entries, \d+ trials?, 1 stored run, checked in [\d.]+ s\nNewest entry \d+: \w{64}\n$/,
  );
  const hidden = `${project.folder}results/runs/0123456789abcdef`;
  await cp(`${project.folder}results/runs/${id}`, hidden, { recursive: true });
  const broken = await project.run("verify", ["--ledger"]);
  deepStrictEqual([broken.code, broken.stderr], [3, ""]);
  match(
    broken.stdout,
    /^Ledger: broken, 1 finding \(.*\)\nrun: run 0123456789abcdef is stored, and no trial is on record\n$/,
  );
  const asJson = await project.run("verify", ["--ledger", "--json"]);
  const { verdict, findings, runs } = JSON.parse(asJson.stdout);
  deepStrictEqual([asJson.code, verdict, findings.length, runs], [3, "broken", 1, 2]);
  await rm(hidden, { recursive: true });
});

Deno.test("SC-008 what cannot be verified is refused in one line: exit 1, wrong usage exit 2", async () => {
  const other = JSON.parse(
    (await project.run("backtest", [...QUICK, "--set", "system.seed=2", "--json"])).stdout,
  ).run_id as string;
  ok(other !== id);
  const cases: [args: string[], code: number, message: RegExp][] = [
    [["zz"], 1, /No run "zz" among the 2/],
    [[""], 1, /Run "": found nothing, expected a run id/],
    [[], 2, /found 0 runs or experiments, expected one; usage: deno task verify RUN/],
    [[id, other], 2, /found 2 runs or experiments, expected one/],
    [[id, "--data"], 2, /--data.*usage/],
    [[id, "--data="], 2, /--data: found "", expected a folder/],
    [[id, "--ledger"], 2, /--ledger: found "\w{16}" beside it, expected nothing; usage/],
    [[id, "--anchor"], 2, /--anchor: found it without --ledger; usage/],
    [["--ledger", "--anchor"], 2, /--anchor: expected it with --operator ID and --reason TEXT/],
    [["--ledger", "--operator", "mm"], 2, /--anchor: expected it with --operator ID/],
    [
      ["--ledger", "--anchor", "--operator", "mm", "--reason", "none"],
      1,
      /ledger\.head: found the head of this ledger, expected one that needs an anchor/,
    ],
    [["--ledger", "--data", "other"], 2, /--ledger: found "--data" beside it/],
    [[id, "--acount"], 2, /Unknown option '--acount'; usage/],
    [["--account"], 2, /Option '--account <value>' argument missing; usage/],
  ];
  for (const [args, code, message] of cases) {
    refused(await project.run("verify", args), code, message);
  }
});

Deno.test("FR-049 a lost head is written down again by name and reason, and told ever after", async () => {
  const head = `${project.folder}results/ledger.head`;
  const text = await readFile(head, "utf8");
  await rm(head);
  const lost = await project.run("verify", ["--ledger"]);
  strictEqual(lost.code, 3);
  match(lost.stdout, /ledger: ledger\.head is missing/);
  await project.run("backtest", [...QUICK, "--set", "system.seed=3"]);
  strictEqual((await project.run("verify", ["--ledger"])).code, 3);
  const why = ["--operator", "mm", "--reason", "the disk was restored"];
  const anchored = await project.run("verify", ["--ledger", "--anchor", ...why]);
  deepStrictEqual([anchored.code, anchored.stderr], [0, ""]);
  const word =
    /Entry \d+: the head was lost before .*Z, written down again by mm: the disk was rest/;
  match(anchored.stdout, word);
  match((await project.run("verify", ["--ledger"])).stdout, word);
  ok((await readFile(head, "utf8")) !== text);
});
