import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { appendFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { sha256 } from "../core/hash.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { readSheet } from "../report/sheet/read_sheet.ts";
import type { SheetTables } from "../report/sheet/sheet_data.ts";
import { sheetFacts, tearSheet } from "../report/sheet/sheet.ts";
import { CARD_FILE, type LedgerCount } from "../results/mod.ts";
import { TABLE_NAMES } from "../results/table_schemas.ts";
import { backtest } from "./backtest.ts";
import { codeFingerprint } from "./code_fingerprint.ts";
import { ledgerCounts } from "./deflated.ts";
import { report } from "./report.ts";
import { loadPageClient } from "./report_client.ts";
import { type OpenRun, openRun } from "./runs.ts";
import { tinyPlan, writeBtc } from "./test_market.ts";
import type { Verification } from "./verify_finding.ts";
import { verifyReport } from "./verify_report.ts";

interface Made {
  readonly folder: string;
  readonly resultsRoot: string;
  readonly id: string;
  readonly file: string;
  readonly text: string;
  check(changed?: string): Promise<Verification>;
}

async function withPage(action: (made: Made) => Promise<void>) {
  await inTestFolder(async (folder) => {
    await writeBtc(`${folder}data`);
    const resultsRoot = `${folder}results`;
    const { id } = await backtest(await tinyPlan(`${folder}data`), { threads: 0, resultsRoot });
    const { file } = await report([id], { resultsRoot });
    const text = await readFile(file, "utf8");
    const options = { resultsRoot, dataRoot: `${folder}data`, threads: 0 };
    await action({
      ...{ folder, resultsRoot, id, file, text },
      async check(changed = text) {
        await writeFile(file, changed);
        return await verifyReport(file, options);
      },
    });
  });
}

const messages = ({ findings }: Verification) => findings.map(({ message }) => message);

Deno.test("SC-008 a tear sheet is verified by computing its run again, with the run's folder and without", async () => {
  await withPage(async ({ resultsRoot, id, check }) => {
    const first = await check();
    deepStrictEqual([first.run_id, first.verdict, first.findings, first.executed], [
      ...[id, "equal", [], true],
    ]);
    await rm(resultsRoot, { recursive: true });
    await mkdir(`${resultsRoot}/reports`, { recursive: true });
    const second = await check();
    deepStrictEqual([second.verdict, second.findings], ["equal", []]);
    ok(second.files > 8);
    match(second.notes.join("\n"), /is not on this ledger of trials: the count on the page is/);
  });
});

Deno.test("SC-008 a figure typed into the page, or a block that was changed, is found", async () => {
  await withPage(async ({ text, check }) => {
    const line = text.split("\n").findIndex((line) => line.includes('<span class="value">'));
    const typed = text.replace('<span class="value">', '<span class="value">9');
    deepStrictEqual(messages(await check(typed)).map((text) => text.replace(/^\S+ /, "")), [
      `line ${line + 1} is not what the run gives`,
    ]);
    const data = await check(text.replace('"k":"f64"', '"k":"F64"'));
    strictEqual(data.verdict, "different");
    match(messages(data).join("\n"), /its data block has SHA-256/);
    match(messages(data).join("\n"), /its data are not the run's: \w+\./);
    const card = await check(text.replace('"seed": 1', '"seed": 2'));
    deepStrictEqual([card.verdict, card.executed], ["different", false]);
    match(messages(card).join("\n"), /its card block has SHA-256[^]*run\.json/);
  });
});

Deno.test("SC-008 a forged proof is found although page, hashes and seal agree with it", async () => {
  await withPage(async ({ text, check }) => {
    const read = readSheet(text);
    ok(read.kind === "run");
    const { parts } = read;
    const forged = parts.proofsText.replace(/"p_value":[0-9.e-]+/, '"p_value":0.0001');
    ok(forged !== parts.proofsText);
    const client = await loadPageClient();
    const facts = sheetFacts({ ...parts, proofsText: forged, client });
    const sealed = text.replace(parts.proofsText, forged)
      .replace(sha256(parts.proofsText), facts.proofs!)
      .replace(/(assay:seal" content=")[0-9a-f]+/, `$1${facts.seal}`);
    const again = readSheet(sealed);
    ok(again.kind === "run" && again.odd.length === 0);
    match(messages(await check(sealed)).join("\n"), /its luck is not what the run gives/);
  });
});

Deno.test("FR-049 a page is equal after the ledger has grown; its count cannot be changed alone", async () => {
  await withPage(async ({ folder, resultsRoot, text, check }) => {
    match(text, /Deflated Sharpe \d\.\d\d after 1 trial/);
    const more = { sets: ["models.MovingAverageCrossModel_v1.parameters.slow_ma=9"] };
    await backtest(await tinyPlan(`${folder}data`, more), { threads: 0, resultsRoot });
    deepStrictEqual((await check()).findings, []);
    const count = '"statisticVariance":null,"trials":1';
    ok(text.includes(count));
    const forged = await check(text.replace(count, count.replace('"trials":1', '"trials":2')));
    match(messages(forged).join("\n"), /its ledger block has SHA-256/);
    match(messages(forged).join("\n"), /line \d+ is not what the run gives/);
    const typed = await check(text.replace("after 1 trial", "after 9 trials"));
    match(messages(typed).join("\n"), /line \d+ is not what the run gives/);
  });
});

Deno.test("FR-049 a forged count is found, however well the page around it fits; an older entry is no way out", async () => {
  await withPage(async ({ folder, resultsRoot, id, check }) => {
    const more = (slow: number) => ({
      sets: [`models.MovingAverageCrossModel_v1.parameters.slow_ma=${slow}`],
    });
    for (const slow of [9, 10]) {
      await backtest(await tinyPlan(`${folder}data`, more(slow)), { threads: 0, resultsRoot });
    }
    const run = await openRun(id, { resultsRoot });
    const [ledger] = await ledgerCounts([run.card], resultsRoot);
    strictEqual(ledger!.trials, 3);
    const drawn = async (forged: LedgerCount) => await check(await pageOf(run, forged));
    deepStrictEqual((await drawn(ledger!)).findings, []);
    const one = { trials: 1, counted: 1, statisticVariance: null };
    match(
      messages(await drawn({ ...ledger!, ...one, related: one })).join("\n"),
      /it counts 1 trials, 1 related; the ledger counts 3 trials, 3 related at entry 6/,
    );
    const before = { ...ledger!, ...one, related: one, entry: { seq: 0, hash: "" } };
    match(
      messages(await drawn(before)).join("\n"),
      /counted at entry 0 of the ledger, before its own at entry 1/,
    );
    const elsewhere = { ...ledger!, entry: { ...ledger!.entry!, hash: "beef" } };
    match(messages(await drawn(elsewhere)).join("\n"), /entry 6 .* is not on this ledger/);
  });
});

/** The page of a run as it would be with such a count. */
async function pageOf(run: OpenRun, ledger?: LedgerCount): Promise<string> {
  const names = TABLE_NAMES.filter((name) => run.card.artefacts[`${name}.parquet`] !== undefined);
  const read = names.map(async (name) => [name, await run.tables[name]()] as const);
  const tables = Object.fromEntries(await Promise.all(read)) as unknown as SheetTables;
  const cardText = await readFile(`${run.folder}/${CARD_FILE}`, "utf8");
  return tearSheet({ ...run, cardText, tables, ledger }, await loadPageClient());
}

/** The page of a run whose certificate on file was changed. */
async function pageWithoutCertificate(resultsRoot: string, id: string): Promise<string> {
  const certificate = `${resultsRoot}/proofs/${id}/certificate.json`;
  await writeFile(certificate, `${await readFile(certificate, "utf8")} `);
  return await pageOf(await openRun(id, { resultsRoot }));
}

Deno.test("SC-008 a page that says that the certificate was damaged is verified, with a note that it shows none", async () => {
  await withPage(async ({ resultsRoot, id, check }) => {
    const page = await pageWithoutCertificate(resultsRoot, id);
    match(page, /Certificate damaged/);
    const { verdict, findings, notes } = await check(page);
    deepStrictEqual([verdict, findings, notes], [
      ...["equal", []],
      [`Causality: not audited; deno task audit ${id}`],
    ]);
    const { verdict: other } = await check(page.replace("Certificate damaged", "No future"));
    deepStrictEqual(other, "different");
  });
});

Deno.test("SC-008 other data, other code and a damaged run folder are told apart", async () => {
  await withPage(async ({ folder, resultsRoot, id, file, check }) => {
    await appendFile(`${resultsRoot}/runs/${id}/trades.log`, "more\n");
    match(messages(await check()).join("\n"), /^trades\.log is not what the card says/);
    await rm(`${folder}data/crypto/BTC_h4.parquet`);
    const gone = await check();
    deepStrictEqual([gone.executed, gone.findings.at(-1)!.kind], [false, "data"]);
    const code = { ...await codeFingerprint(), deno: "0.0.0" };
    const other = await verifyReport(file, { resultsRoot, code, threads: 0 });
    deepStrictEqual([other.verdict, other.executed], ["different", false]);
    ok(other.findings.some(({ kind }) => kind === "runtime"));
  });
});

Deno.test("SC-008 what is no tear sheet is refused in one line", async () => {
  await withPage(async ({ folder, resultsRoot, id }) => {
    const plan = await tinyPlan(`${folder}data`, { sets: ["system.seed=7"] });
    const other = await backtest(plan, { threads: 0, resultsRoot });
    const { file } = await report([id, other.id], { resultsRoot });
    await rejects(verifyReport(file, { resultsRoot }), /found a comparison of 2 runs; verify each/);
    await writeFile(`${folder}x.html`, "<p>hello</p>");
    await rejects(verifyReport(`${folder}x.html`), /x\.html: expected the tear sheet of one run/);
    await rejects(verifyReport(`${folder}none.html`), /Cannot read .*none\.html/);
  });
});
