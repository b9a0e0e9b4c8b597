import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { Refusal } from "../../core/errors.ts";
import { MODELS } from "../../models/mod.ts";
import { defineModel } from "../../models/model.ts";
import { demote } from "./demote.ts";
import { mend } from "./mend.ts";
import { lifecycleHistory, modelShow } from "./models.ts";
import { readRecorded, settingOf } from "./state.ts";
import { CROSS, inLifecycle, paperRecords } from "./test_lifecycle.ts";

async function refused(work: Promise<unknown>, message: RegExp): Promise<void> {
  await rejects(work, (error) => {
    ok(error instanceof Refusal, String(error));
    match(error.message, message);
    ok(!error.message.includes("\n"), error.message);
    return true;
  });
}

Deno.test("FR-019 a model walks from research to live, one step at a time, file and record together", () =>
  inLifecycle(async (place) => {
    const { id } = await place.run();
    const toCandidate = await place.promote({ run: id.slice(0, 8) });
    deepStrictEqual([toCandidate.outcome, toCandidate.from, toCandidate.to], [
      "promoted",
      "research",
      "candidate",
    ]);
    strictEqual(toCandidate.evidence.run_id, id);
    match(await place.text(), /lifecycle_stage: candidate {3}# so far/);
    match(await place.text(), /^# A comment that stays\./);
    place.at("2025-01-02T00:00:00Z");
    strictEqual((await place.promote({ to: "paper" })).outcome, "promoted");
    place.at("2025-03-01T08:00:00Z");
    const paper = paperRecords();
    const first = await place.promote({ paper });
    deepStrictEqual([first.outcome, first.approved_by, first.needed, first.expires_at], [
      "approved",
      ["ada"],
      2,
      "2025-03-02T08:00:00.000Z",
    ]);
    match(await place.text(), /lifecycle_stage: paper /);
    place.at("2025-03-02T07:59:00Z");
    const second = await place.promote({ paper, operator: "ben" });
    deepStrictEqual([second.outcome, second.approved_by], ["promoted", ["ada", "ben"]]);
    match(await place.text(), /lifecycle_stage: live /);
    // Both looked at the same record: paper trading since the promotion, up to the first approval.
    deepStrictEqual(paper.asked, [
      ...[{
        account: "paper",
        budget: 0.5,
        since: "2025-01-02T00:00:00.000Z",
        until: "2025-03-01T08:00:00.000Z",
      }],
      ...[{
        account: "paper",
        budget: 0.5,
        since: "2025-01-02T00:00:00.000Z",
        until: "2025-03-01T08:00:00.000Z",
      }],
    ]);
    await refused(place.promote(), /it is at live, the last stage/);
    const { stages } = await lifecycleHistory({ ...place.setting, at: "2025-02-01" });
    deepStrictEqual(stages, { [CROSS]: "paper" });
    const { faults, events } = await lifecycleHistory(place.setting);
    deepStrictEqual([faults, events.length], [[], 10]);
  }));

Deno.test("FR-019 what may not be promoted is refused in one line that says what would do, and nothing is changed", () =>
  inLifecycle(async (place) => {
    const { id } = await place.run();
    const before = await place.text();
    await refused(
      place.promote(),
      /found no evidence, expected --run RUN, a finished run of it alone/,
    );
    await refused(place.promote({ run: "ffff" }), /No run "ffff"/);
    await refused(
      place.promote({ run: id, model: `${CROSS}@2.0.0` }),
      /has no version 2\.0\.0, expected 1\.0\.0/,
    );
    await refused(place.promote({ run: id, model: "MovingAverageCros" }), /is no configured model/);
    await refused(
      place.promote({ run: id, to: "paper" }),
      /at research, expected the next stage first: deno task models promote .* --to candidate --run RUN/,
    );
    await refused(
      place.promote({ run: id, to: "live" }),
      /at research, expected the next stage first/,
    );
    await refused(place.promote({ run: id, to: "research" }), /it is there already/);
    await refused(
      place.promote({ run: id, operator: " " }),
      /--operator: found " ", expected who you are/,
    );
    await refused(place.promote({ run: id, operator: "assay" }), /--operator/);
    await refused(place.promote({ run: id, reason: " " }), /--reason: found nothing/);
    await refused(place.promote({ run: id, reason: "a\nb" }), /--reason/);
    strictEqual(await place.text(), before);
    deepStrictEqual((await readRecorded(settingOf(place.setting))).events, []);
    await place.promote({ run: id });
    await refused(place.promote({ to: "candidate" }), /it is there already/);
    await refused(place.promote({ run: id }), /--run: found .* paper rests on the run that made/);
    await refused(place.promote({ to: "research" }), /deno task models demote .* takes it back/);
  }));

Deno.test("FR-019 a run of other settings, of several models or of unsealed code is no evidence", () =>
  inLifecycle(async (place) => {
    const sets = (set: string) => ({ sets: [`models.${CROSS}.${set}`] });
    const cases: readonly (readonly [string, RegExp])[] = [
      ["parameters.fast_ma=4", /parameters: found fast_ma 4, expected fast_ma 3/],
      ["budget_fraction=0.4", /budget: found 40 % of NAV, expected at least 50 % of NAV/],
      ["missing=skip", /missing values: found skip, expected ffill/],
    ];
    for (const [set, message] of cases) {
      const { id } = await place.run(sets(set));
      await refused(place.promote({ run: id }), message);
    }
    const optimistic = await place.run({ sets: ["execution.fill=same_close"] });
    await refused(
      place.promote({ run: optimistic.id }),
      /look-ahead audit: found optimistic, expected passed/,
    );
    const cross = MODELS.find(({ name }) => name === CROSS)!;
    const own = defineModel({
      ...cross,
      name: "OwnModel_v1",
      missing: "ffill",
      schedule: () => undefined!,
    });
    const unsealed = await place.run({
      define: [own],
      models: ["OwnModel_v1"],
      ...{
        sets: [
          "models.OwnModel_v1={ budget_fraction: 0.5, universe: [BTC], parameters: { fast_ma: 3, slow_ma: 8 } }",
        ],
      },
    });
    strictEqual(unsealed.card.sealed, false);
    await refused(
      place.promote({ run: unsealed.id }),
      /code that a fingerprint covers: found unsealed, expected sealed/,
    );
  }));

Deno.test("FR-019 evidence that is damaged or not audited is refused, and so is one that was taken away later", () =>
  inLifecycle(async (place) => {
    const { id } = await place.run();
    const certificate = `${place.setting.resultsRoot}/proofs/${id}/certificate.json`;
    const text = await Deno.readTextFile(certificate);
    await writeFile(certificate, text.replace('"passed"', '"passed "'));
    await refused(place.promote({ run: id }), /look-ahead audit: found a damaged certificate/);
    await rm(certificate);
    await refused(place.promote({ run: id }), /look-ahead audit: found none, expected passed/);
    await writeFile(certificate, text);
    await place.promote({ run: id });
    await rm(`${place.setting.resultsRoot}/runs/${id}/nav.parquet`);
    await refused(place.promote(), /evidence on record: found gone or damaged, expected run/);
  }));

Deno.test("FR-019 thresholds are those of the configuration, and the first that fails is named with the number of others", () =>
  inLifecycle(async (place) => {
    const { id } = await place.run();
    await place.edit("min_sharpe: -99", "min_sharpe: 99");
    await refused(place.promote({ run: id }), /Sharpe: found [-\d.]+, expected at least 99 \(/);
    await place.edit("min_years: 0", "min_years: 2");
    await refused(
      place.promote({ run: id }),
      /Sharpe: found .*, and 1 more \(deno task models show/,
    );
    const { next } = await modelShow(CROSS, { ...place.setting });
    deepStrictEqual(
      next!.checks.filter(({ passed }) => !passed).map(({ name }) => name),
      ["Sharpe", "years", "approvals"],
    );
    strictEqual(next!.run_id, id);
  }));

/** At paper since 2025-01-02, the clock at 2025-03-01T00:00. */
async function atPaper(place: Parameters<Parameters<typeof inLifecycle>[0]>[0]): Promise<void> {
  const { id } = await place.run();
  await place.promote({ run: id });
  place.at("2025-01-02T00:00:00Z");
  await place.promote();
  place.at("2025-03-01T00:00:00Z");
}

Deno.test("FR-019 live takes two different people, whatever the case of their names", () =>
  inLifecycle(async (place) => {
    await atPaper(place);
    const paper = paperRecords();
    await place.promote({ paper });
    await refused(
      place.promote({ paper }),
      /ada approved it already at 2025-03-01T00:00:00\.000Z, expected 2 different people/,
    );
    await refused(place.promote({ paper, operator: "ADA" }), /expected 2 different people/);
    match(await place.text(), /lifecycle_stage: paper /);
  }));

Deno.test("FR-019 an approval expires, and the late one is the first of a new round", () =>
  inLifecycle(async (place) => {
    await atPaper(place);
    const paper = paperRecords();
    await place.promote({ paper });
    place.at("2025-03-02T00:00:01Z");
    await refused(
      place.promote({ paper, operator: "ben" }),
      /the approval of ada at 2025-03-01T00:00:00\.000Z expired after 24 h; yours is on record as the first of 2/,
    );
    match(await place.text(), /lifecycle_stage: paper /);
    strictEqual((await place.promote({ paper })).outcome, "promoted");
  }));

Deno.test("FR-019 an approval of other code, settings or paper trading counts for nothing", () =>
  inLifecycle(async (place) => {
    await atPaper(place);
    await place.promote({ paper: paperRecords({ hash: "one" }) });
    const other = await place.promote({ paper: paperRecords({ hash: "two" }), operator: "ben" });
    deepStrictEqual([other.outcome, other.approved_by], ["approved", ["ben"]]);
    // Less budget is allowed, but it is not what ada and ben approved.
    await place.edit("budget_fraction: 0.5", "budget_fraction: 0.4");
    const third = await place.promote({ paper: paperRecords({ hash: "one" }), operator: "cat" });
    deepStrictEqual(third.approved_by, ["cat"]);
  }));

Deno.test("FR-019 paper trading that is too short, too poor or absent does not lead to live, nor do absent limits", () =>
  inLifecycle(async (place) => {
    await atPaper(place);
    await refused(place.promote(), /record of paper trading: found none/);
    const cases = [
      [{ days: 29 }, /days of paper trading: found 29, expected at least 30 \(/],
      [{ trades: 9 }, /trades in paper: found 9, expected at least 10/],
      [{ sharpe: 0.79 }, /Sharpe in paper: found 0\.79, expected at least 0\.8/],
      [{ sharpe: null }, /Sharpe in paper: found undefined/],
      [{ max_drawdown: 0.3001 }, /max drawdown in paper: found 30\.01 %, expected at most 30 %/],
    ] as const;
    for (const [changes, message] of cases) {
      await refused(place.promote({ paper: paperRecords(changes) }), message);
    }
    await place.edit("max_notional: 1000", "max_notional: null");
    await refused(
      place.promote({ paper: paperRecords() }),
      /lifecycle\.live\.max_notional: found null, expected configured/,
    );
    await place.edit("account: money, ", "");
    await refused(
      place.promote({ paper: paperRecords() }),
      /lifecycle\.live\.account: found null.*and 1 more/,
    );
  }));

Deno.test("FR-019 candidate to paper asks for an account and its money", () =>
  inLifecycle(async (place) => {
    const { id } = await place.run();
    await place.promote({ run: id });
    await place.edit("  live:", "  paper: { account: null, budget_of_live_nav: 0 }\n  live:");
    await refused(
      place.promote(),
      /lifecycle\.paper\.account: found null, expected configured, and 1 more/,
    );
  }));

Deno.test("FR-019 only listed operators approve, where a list is kept", () =>
  inLifecycle(async (place) => {
    const { id } = await place.run();
    await place.edit("  live:", "  approvals: { operators: [Ben, cat] }\n  live:");
    await refused(
      place.promote({ run: id }),
      /found "ada", expected one of lifecycle\.approvals\.operators: Ben, cat/,
    );
    const { approved_by } = await place.promote({ run: id, operator: "ben" });
    deepStrictEqual(approved_by, ["Ben"]);
  }));

Deno.test("FR-019 a step that two people take at the same time is taken once", () =>
  inLifecycle(async (place) => {
    const { id } = await place.run();
    const both = await Promise.allSettled([
      place.promote({ run: id }),
      place.promote({ run: id, operator: "ben" }),
    ]);
    const failed = both.filter(({ status }) => status === "rejected");
    ok(failed.length <= 1);
    const { events, faults } = await lifecycleHistory(place.setting);
    deepStrictEqual(events.filter(({ kind }) => kind === "promoted").length, 1);
    deepStrictEqual(faults, []);
  }));

Deno.test("FR-019 what a crash left between record and file is told, refused and completed", () =>
  inLifecycle(async (place) => {
    const { id } = await place.run();
    const before = await place.text();
    await place.promote({ run: id });
    await writeFile(place.file, before);
    const shown = await modelShow(CROSS, place.setting);
    deepStrictEqual([shown.stage, shown.configured, shown.consistent], [
      "candidate",
      "research",
      false,
    ]);
    match(shown.inconsistencies[0]!, /the configuration says research, the record says candidate/);
    strictEqual(shown.mend, `deno task models show ${CROSS} --config ${place.file} --mend`);
    await refused(place.promote(), /mend it with deno task models show/);
    const mended = await mend(CROSS, place.setting);
    match(mended[0]!, /said research of MovingAverageCrossModel_v1, it says candidate now/);
    deepStrictEqual(await mend(CROSS, place.setting), []);
    strictEqual((await modelShow(CROSS, place.setting)).consistent, true);
  }));

Deno.test("FR-022 a demotion is possible from any stage, without evidence, and undoes what was promoted", () =>
  inLifecycle(async (place) => {
    await atPaper(place);
    const request = { ...place.setting, model: CROSS, operator: "ben", reason: "too much of it" };
    await refused(
      demote({ ...request, to: "live" }),
      /it is at paper, expected a stage before that/,
    );
    const one = await demote({ ...request, to: "candidate" });
    deepStrictEqual([one.from, one.to], ["paper", "candidate"]);
    await rm(`${place.setting.resultsRoot}/runs`, { recursive: true });
    await writeFile(
      place.file,
      (await place.text()).replace("lifecycle_stage: candidate", "lifecycle_stage: live"),
    );
    const two = await demote(request);
    deepStrictEqual([two.from, two.to], ["candidate", "research"]);
    match(await place.text(), /lifecycle_stage: research /);
    await refused(demote(request), /it is at research$/);
    const { events } = await lifecycleHistory({ ...place.setting, model: CROSS });
    const { at, operator, reason, kind } = events.at(-2)!;
    deepStrictEqual([at, operator, reason, kind], [
      "2025-03-01T00:00:00.000Z",
      "ben",
      "too much of it",
      "demoted",
    ]);
    strictEqual((await modelShow(CROSS, place.setting)).evidence, null);
  }));
