import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { sha256 } from "../core/hash.ts";
import { readSheet } from "../report/sheet/read_sheet.ts";
import { openExperiment } from "./optimize/experiments.ts";
import { inMarket, oneCross, PAIRS } from "./optimize/test_searches.ts";
import { report } from "./report.ts";
import { databaseFile } from "./trial.ts";
import type { Verification } from "./verify_finding.ts";
import { verifyReport } from "./verify_report.ts";

interface Made {
  readonly resultsRoot: string;
  readonly id: string;
  /** Run of the winner. */
  readonly run: string;
  readonly file: string;
  readonly text: string;
  again(name?: string): Promise<void>;
  check(changed?: string): Promise<Verification>;
}

const searched = (name: string) =>
  oneCross({ name, parameter_grid: PAIRS, optimization: { save_top_n: 1 } });

const withPage = (action: (made: Made) => Promise<void>) =>
  inMarket(async ({ run, results, dataRoot }) => {
    const resultsRoot = results();
    const { id, card } = await run(searched("tiny"));
    const { file } = await report(["tiny"], { resultsRoot });
    const text = await readFile(file, "utf8");
    await action({
      ...{ resultsRoot, id, run: card.winner!.run_id, file, text },
      async again(name = "other") {
        await run({ ...searched(name), system: { start: "2024-02-02", end: "2024-02-27" } });
      },
      async check(changed = text) {
        await writeFile(file, changed);
        return await verifyReport(file, { resultsRoot, dataRoot, threads: 0 });
      },
    });
  });

const messages = ({ findings }: Verification) => findings.map(({ message }) => message).join("\n");

Deno.test("FR-049 an experiment is reported by its name or the beginning of its id, with the trials on record", () =>
  withPage(async ({ resultsRoot, id, file, text }) => {
    strictEqual(file, `${resultsRoot}/reports/experiment-${id}.html`);
    match(text, /<h1>tiny<\/h1>[^]*Trials on record<[^]{0,60}>6</);
    const read = readSheet(text);
    ok(read.kind === "experiment" && read.odd.length === 0);
    match(read.parts.ledgerText, /"trials":6/);
    strictEqual((await report([id.slice(0, 6)], { resultsRoot })).note, undefined);
    strictEqual(await readFile(file, "utf8"), text);
  }));

Deno.test("FR-049 a run comes before an experiment of the same name, and the page says so; neither is refused in one line", () =>
  withPage(async ({ resultsRoot, id, run, again }) => {
    await again(run);
    const { file, note } = await report([run], { resultsRoot });
    strictEqual(file, `${resultsRoot}/reports/${run}.html`);
    match(
      note!,
      new RegExp(`^"${run}" is the run ${run} and the experiment ${run} \\([0-9a-f]{16}\\)`),
    );
    await rejects(report(["zz"], { resultsRoot }), {
      message: /^No run "zz" among the 2 in .*, and no experiment of that name$/,
    });
    await rejects(report([run, "tiny"], { resultsRoot }), /No run "tiny"/);
    await again("tiny");
    const newest = await openExperiment("tiny", { resultsRoot });
    deepStrictEqual(newest.namesakes!.map(({ experiment_id }) => experiment_id), [id]);
    const page = await report(["tiny"], { resultsRoot });
    strictEqual(page.file, `${resultsRoot}/reports/experiment-${newest.id}.html`);
  }));

Deno.test("SC-008 the page of an experiment is verified: drawn again, its trials on the ledger, its winner computed again", () =>
  withPage(async ({ id, run, resultsRoot, again, check }) => {
    const first = await check();
    deepStrictEqual([first.findings, first.verdict, first.executed], [[], "equal", true]);
    deepStrictEqual([first.experiment_id, first.run_id], [id, run]);
    match(
      first.notes.join("\n"),
      /The winner is run [0-9a-f]{16}; other trials were held against the ledger/,
    );
    await again();
    deepStrictEqual((await check()).findings, [], "its count of trials is the page's own");
    await rm(`${resultsRoot}/runs/${run}`, { recursive: true });
    const bare = await check();
    deepStrictEqual([bare.verdict, bare.executed], ["equal", false]);
    match(bare.notes.join(), /not stored: no trial was computed again/);
  }));

Deno.test("SC-008 what was typed into the page of an experiment, or changed behind it, is found", () =>
  withPage(async ({ resultsRoot, id, run, text, check }) => {
    const typed = await check(text.replace("<h1>tiny", "<h1>sure"));
    match(messages(typed), /^\S+\.html: line \d+ is not what the experiment gives$/);
    const count = await check(
      text.replace(/("counted":6,[^}]*"trials":)6/, (_, head) => `${head}1`),
    );
    match(messages(count), /its ledger block has SHA-256/);
    const card = await check(text.replace('"seed":1', '"seed":2'));
    match(messages(card), /its card block has SHA-256/);
    const trials = sha256("other");
    const other = await check(text.replace(/(assay:trials" content=")\w+/, `$1${trials}`));
    match(messages(other), /its seal is[^]*its trials are not those of the stored experiment/);
    await appendFile(`${resultsRoot}/runs/${run}/trades.log`, "more\n");
    match(messages(await check()), /trades\.log/);
    const database = new DatabaseSync(databaseFile(resultsRoot));
    database.exec("UPDATE trials SET figures = NULL WHERE place = 3");
    database.close();
    match(messages(await check()), /trial 3, run [0-9a-f]{16}, is not what the ledger has/);
    await rm(`${resultsRoot}/experiments/${id}`, { recursive: true });
    await rejects(check(), /experiment [0-9a-f]{16} is not in .*run its search here first/);
  }));
