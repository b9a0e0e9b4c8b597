import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { type Outcome, type TestProject, testProject } from "./test_project.ts";

const NAME = "CryptoMomentumModel_v1";

let project: TestProject;
let run: string;

Deno.test.beforeAll(async () => {
  project = await testProject();
});

Deno.test.afterAll(async () => await project.remove());

async function models(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await project.run("models", args);
  deepStrictEqual([code, stderr], [0, ""]);
  return stdout;
}

async function refused(args: readonly string[], code: number, message: RegExp): Promise<void> {
  const found: Outcome = await project.run("models", args);
  deepStrictEqual([found.code, found.stdout], [code, ""]);
  match(found.stderr, /^error: [^\n]+\n$/);
  match(found.stderr, message);
}

const by = (operator: string, reason: string) => ["--operator", operator, "--reason", reason];

Deno.test("FR-019 before anything was promoted all models are at research, and asking makes nothing", async () => {
  const text = await models("list");
  match(text, /CryptoMomentumModel_v1 +1\.0\.0 +15% +research +– +no +no/);
  match(
    await models("show", NAME),
    /lacking +evidence +none +a finished backtest of CryptoMomentumModel_v1 alone/,
  );
  match(await models("history"), /^Nothing on record/);
  deepStrictEqual(await project.trials(), []);
});

Deno.test("FR-019 the README's walk: research to candidate to paper on the bundled data; live stays locked and says why", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const walk = /## From research to live\n[^]*?\n\n((?: {4}deno task .*\n)+)/.exec(readme)![1]!;
  const before = await readFile(`${project.folder}configs/base/models.yaml`, "utf8");
  const outputs: Record<string, string> = {};
  for (const line of walk.trim().split("\n")) {
    const words = [...line.trim().matchAll(/"([^"]*)"|(\S+)/g)].map((word) => word[1] ?? word[2]!);
    const args = words.slice(3).map((word) => word === "RUN" ? run : word);
    if (args[0] === "demote") break;
    const { code, stdout, stderr } = await project.run(words[2]!, args);
    deepStrictEqual([code, stderr], [0, ""], line);
    if (words[2] === "backtest") run = /^Run ([0-9a-f]{16})/m.exec(stdout)![1]!;
    outputs[args.slice(0, 1).concat(args.includes("paper") ? "paper" : []).join(" ")] = stdout;
  }
  match(
    outputs["promote"]!,
    /research to candidate, approved by ada; written to configs\/base\/models\.yaml/,
  );
  match(outputs["promote paper"]!, /candidate to paper, approved by ada/);
  match(outputs["--once"]!, /^Decision {4}2024-12-31T20:00:00Z made$/m);
  ok(!outputs["--once"]!.includes(`${NAME} is left out`));
  match(outputs["--once"]!, /^rehearsal: stages as written, nothing here counts as evidence$/m);
  match(outputs["show"]!, /Stage on record +paper since/);
  match(outputs["show"]!, /Next: paper to live, by run [0-9a-f]{16}: 8 lines are lacking/);
  match(outputs["show"]!, /lacking +lifecycle\.live\.max_notional +null +configured/);
  match(outputs["show"]!, /lacking +record of paper trading +none/); // a rehearsal is none
  match(outputs["show"]!, /lacking +approvals +none +2 different people within 24 h/);
  const after = await readFile(`${project.folder}configs/base/models.yaml`, "utf8");
  const [changed] = after.split("\n").filter((line, i) => line !== before.split("\n")[i]);
  strictEqual(changed, "    lifecycle_stage: paper");
  match(await models("list"), /CryptoMomentumModel_v1 .* paper +\d{4}-\d\d-\d\d +yes +no/);
  await refused(["promote", NAME, ...by("ben", "live")], 1, /record of paper trading: found none/);
});

Deno.test("FR-022 the log holds each event with time, operator and reason; --json prints one document", async () => {
  const lines = (await readFile(`${project.folder}logs/model_lifecycle_events.jsonl`, "utf8"))
    .trimEnd().split("\n").map((line) => JSON.parse(line));
  deepStrictEqual(lines.map(({ kind }) => kind), [
    ...["approved", "promoted", "written", "approved", "promoted", "written"],
  ]);
  ok(
    lines.every(({ at, operator, reason }) =>
      /^20/.test(at) && operator === "ada" && reason !== ""
    ),
  );
  const { evidence } = JSON.parse(await models("show", NAME, "--json"));
  strictEqual(evidence.run_id, run);
  strictEqual(evidence.trials, 1);
  const history = JSON.parse(await models("history", NAME, "--json"));
  deepStrictEqual([history.stages, history.events, history.faults], [
    { [NAME]: "paper" },
    lines,
    [],
  ]);
  deepStrictEqual(JSON.parse(await models("list", "--json"))[0].refused.paper, null);
});

Deno.test("FR-020 one byte of the model's code, or one parameter, and it would run in paper no more", async () => {
  const edits = [
    [
      "lib/models/crypto_momentum.ts",
      (text: string) => `${text} `,
      /code [0-9a-f]{12} was promoted, found [0-9a-f]{12}/,
    ],
    [
      "configs/base/models.yaml",
      (text: string) => text.replace("short_lookback: 30", "short_lookback: 31"),
      /parameters [0-9a-f]{12} was promoted, found [0-9a-f]{12}/,
    ],
  ] as const;
  for (const [name, edit, message] of edits) {
    const text = await readFile(project.folder + name, "utf8");
    await writeFile(project.folder + name, edit(text));
    const list = await models("list");
    match(list, /CryptoMomentumModel_v1 .* paper +\d{4}-\d\d-\d\d +no +no/);
    match(list, message);
    match(list, /deno task models demote CryptoMomentumModel_v1 --operator ID --reason TEXT/);
    match(await models("show", NAME), /changed since: .* was promoted, found/);
    await writeFile(project.folder + name, text);
  }
  match(await models("list"), /CryptoMomentumModel_v1 .* paper +\d{4}-\d\d-\d\d +yes +no/);
});

Deno.test("FR-019 a stage edited in file or database is told by list, and show --mend mends it", async () => {
  const file = `${project.folder}configs/base/models.yaml`;
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace("lifecycle_stage: paper", "lifecycle_stage: live"));
  match(
    await models("list"),
    /paper \(!\).*\n[^]*the configuration says live, the record says paper/,
  );
  match(await models("show", NAME, "--mend"), /^mended: configs\/base\/models\.yaml said live/);
  strictEqual(await readFile(file, "utf8"), text);
  const raw = new DatabaseSync(`${project.folder}results/assay.db`);
  raw.exec("UPDATE lifecycle SET operator = 'eve' WHERE seq = 2");
  raw.close();
  const history = await project.run("models", ["history"]);
  strictEqual(history.code, 3);
  match(
    history.stdout,
    /broken: lifecycle event 2 was changed: its hash is not that of its columns/,
  );
  const verified = await project.run("verify", ["--ledger"]);
  strictEqual(verified.code, 3);
  match(verified.stdout, /lifecycle: lifecycle event 2 was changed/);
  match(await models("show", NAME, "--mend"), /^mended: lifecycle event 2 was changed/);
  const sound = await project.run("verify", ["--ledger"]);
  strictEqual(sound.code, 0);
  match(sound.stdout, /^Ledger: intact, .*7 lifecycle events/);
  match(await models("show", NAME, "--mend"), /^nothing to mend/);
});

Deno.test("FR-022 demote takes it back; what is asked wrongly is refused with the usage", async () => {
  match(
    await models("demote", NAME, ...by("ada", "end of the exercise")),
    /paper to research, demoted; written to/,
  );
  match(
    await readFile(`${project.folder}configs/base/models.yaml`, "utf8"),
    /^(?![^]*lifecycle_stage: paper)/,
  );
  await refused(
    ["promote", NAME, ...by("ada", "again")],
    1,
    /found no evidence, expected --run RUN/,
  );
  await refused(["promote", NAME, "--run", run], 2, /--operator: found none/);
  await refused(["promote", NAME, "--operator", "ada"], 2, /--reason: found none/);
  await refused(
    ["promote", NAME, "--to", "gold", ...by("ada", "x")],
    2,
    /--to: found "gold", expected one of research, candidate, paper, live/,
  );
  await refused(
    ["promote", `${NAME}@3.0.0`, "--run", run, ...by("ada", "x")],
    1,
    /has no version 3\.0\.0/,
  );
  await refused(
    ["show", "CryptoMomentum_v1"],
    1,
    /no configured model.*did you mean "CryptoMomentumModel_v1"/,
  );
  await refused(["show"], 2, /expected show NAME/);
  await refused(["list", "--run", run], 2, /--run: found it beside "list"/);
  await refused(["history", "--at", "yesterday"], 2, /--at: found "yesterday"/);
  await appendFile(`${project.folder}configs/base/models.yaml`, "lifecycle: 1\n");
  await refused(["list"], 1, /lifecycle is given twice/);
});
