import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { cp, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { inTestFolder } from "../../core/test_folder.ts";
import { charts } from "../../report/charts/mod.ts";
import { checkChart } from "../../report/charts/test_check.ts";
import { parityPage } from "../../report/parity_page.ts";
import { loadPaperPlan, replayRange } from "../trade/paper_task.ts";
import { replayPaper } from "../trade/replay.ts";
import { parity } from "./parity.ts";
import { isExplained, writeParityReport } from "./parity_report.ts";

const DAYS = replayRange("2024-11-01", "2024-11-30");

Deno.test("thirty days on stored bars: every decision is made again bit by bit, every cent explained", () =>
  inTestFolder(async (folder) => {
    const stateFolder = `${folder}state`;
    const loaded = await loadPaperPlan([]);
    const replay = await replayPaper(loaded, DAYS, { stateFolder, logsFolder: `${folder}logs` });
    const report = await parity("paper-replay", { stateFolder });
    const { decisions, rungs, remainder, closing } = report;
    deepStrictEqual(
      [decisions.compared, decisions.identical, decisions.missed, decisions.first],
      [180, 180, 0, undefined],
    );
    strictEqual(remainder, "0");
    ok(isExplained(report));
    strictEqual(Number(closing.nav), replay.finalNav);
    deepStrictEqual(
      rungs.filter(({ amount }) => amount !== "0").map(({ id }) => id),
      ["units"],
    );
    addsUpAsItStands(parityPage(report));
    const { review } = report;
    strictEqual(review.shortfall.length, replay.fills.length);
    for (const { advice, reasons } of review.stages) {
      strictEqual(advice, "keep");
      strictEqual(reasons[0], "a rehearsal: nothing here counts as evidence");
    }
    ok(review.band!.low.at(-1)! < review.band!.middle.at(-1)!);
    checkChart("parity", await charts.parity(report), "paper-replay");
    checkChart("expectation", await charts.expectation(report), "paper-replay");
    const written = await writeParityReport(report, { out: `${folder}session.html` });
    match(
      await Deno.readTextFile(written.file),
      /^<!doctype html>[^]*Closing NAV[^]*default-src|default-src[^]*Closing NAV/,
    );

    const strict = `${folder}strict.yaml`;
    await writeFile(strict, "lifecycle: { live: { min_days: 99 } }\n");
    const two = replayRange("2024-11-04", "2024-11-05");
    const again = await parity("paper-replay", { stateFolder, ...two, files: [strict] });
    for (const { reasons } of again.review.stages) {
      strictEqual(reasons[1], "days of paper trading: found 2, expected at least 99");
    }

    await damaged(`${stateFolder}/replay/paper-replay.db`, `${stateFolder}/broken.db`);
    await rejects(
      parity("broken", { stateFolder }),
      /^Refusal: Cannot compare broken: its journal is damaged at row 40 of order_event: its content is not what was hashed$/,
    );
    await rejects(
      parity("nobody", { stateFolder }),
      /^Refusal: Cannot compare nobody: found no state of it in .*, expected one of broken, paper-replay$/,
    );
    await rejects(parity("../x", { stateFolder }), /expected the name of an account/);
    await rejects(
      parity("paper-replay", { stateFolder, from: DAYS.until }),
      /^Refusal: Cannot compare: found no decision in the range, expected one or more$/,
    );
  }));

/** The amounts of the statement, to the cent and in that order, lead from one NAV to the other. */
function addsUpAsItStands(page: string): void {
  const lines = page.split("\n").map((line) => / {2,}(-?[\d,]+\.\d\d)(?: |$)/.exec(line)?.[1])
    .filter((text) => text !== undefined).slice(0, 23)
    .map((text) => Math.round(Number(text.replaceAll(",", "")) * 100));
  strictEqual(lines.length, 23);
  strictEqual(lines.slice(0, -1).reduce((sum, cents) => sum + cents, 0), lines.at(-1));
}

async function damaged(from: string, to: string): Promise<void> {
  await cp(from, to);
  const database = new DatabaseSync(to);
  database.exec("UPDATE order_event SET payload = replace(payload, '1', '2') WHERE seq = 40");
  database.close();
}

Deno.test("a difference without a named cause, or a cent without a name, is no explanation", () => {
  const decisions = { compared: 1, identical: 0, missed: 0, first: undefined };
  const one = { time: 0, text: "NAV" };
  const report = (cause: string | undefined, remainder = "0") =>
    ({ decisions: { ...decisions, differing: [{ ...one, cause }] }, remainder }) as never;
  deepStrictEqual(
    [
      isExplained(report("code version changed")),
      isExplained(report(undefined)),
      isExplained(report("code", "0.01")),
    ],
    [true, false, false],
  );
});
