import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import type { Mode } from "../../execution/venues/mod.ts";
import { trading } from "../../features/mod.ts";
import { defineModel } from "../../models/model.ts";
import { loadPlan } from "../load_plan.ts";
import { modelCode } from "../model_fingerprint.ts";
import { demote } from "./demote.ts";
import { mend } from "./mend.ts";
import { runnable } from "./stage_gate.ts";
import type { LifecycleOptions } from "./state.ts";
import { CROSS, inLifecycle, paperRecords, type TestLifecycle } from "./test_lifecycle.ts";

/** Why a mode refuses the model; undefined where it runs it. */
async function refusal(
  { file, setting }: TestLifecycle,
  mode: Mode,
  options: LifecycleOptions = {},
): Promise<string | undefined> {
  const loaded = await loadPlan(file);
  const { running, refused } = await runnable(loaded, { ...setting, ...options, mode });
  strictEqual(running.length + refused.length, 1);
  return refused[0]?.reason;
}

Deno.test("FR-020 FR-021 paper runs candidate and paper models, live runs live models, and nothing else", () =>
  inLifecycle(async (place) => {
    const runs = async () => [await refusal(place, "paper"), await refusal(place, "live")];
    const [paper, live] = await runs();
    match(
      paper!,
      /is at research, paper trading runs candidate and paper models; deno task models promote .* --to candidate --run RUN/,
    );
    match(live!, /is at research, live trading runs live models; first deno task models promote/);
    const { id } = await place.run();
    await place.promote({ run: id });
    const atCandidate = await runs();
    strictEqual(atCandidate[0], undefined);
    match(atCandidate[1]!, /is at candidate/);
    await place.promote();
    strictEqual((await runs())[0], undefined);
    await place.promote({ paper: paperRecords() });
    await place.promote({ paper: paperRecords(), operator: "ben" });
    const atLive = await runs();
    match(
      atLive[0]!,
      /is at live, paper trading runs candidate and paper models; a live model runs in live/,
    );
    strictEqual(atLive[1], undefined);
  }));

/** A place whose model is a candidate. */
function inCandidate(work: (place: TestLifecycle) => Promise<void>): Promise<void> {
  return inLifecycle(async (place) => {
    const { id } = await place.run();
    await place.promote({ run: id });
    strictEqual(await refusal(place, "paper"), undefined);
    await work(place);
  });
}

Deno.test("FR-020 another code since the promotion is refused, naming both fingerprints and the command", () =>
  inCandidate(async (place) => {
    const code = await modelCode(CROSS);
    const codeOf = () => Promise.resolve({ ...code, fingerprint: "0".repeat(64) });
    const reason = await refusal(place, "paper", { codeOf });
    ok(
      reason!.includes(`code ${code.fingerprint.slice(0, 12)} was promoted, found 000000000000`),
      reason,
    );
    match(
      reason!,
      /put back what was promoted, or deno task models demote MovingAverageCrossModel_v1/,
    );
  }));

Deno.test("FR-020 one parameter, another universe, timeframe, policy or a larger budget is refused until it is put back", () =>
  inCandidate(async (place) => {
    const changes: readonly (readonly [string, string, RegExp])[] = [
      ["fast_ma: 3", "fast_ma: 4", /parameters [0-9a-f]{12} was promoted, found [0-9a-f]{12}/],
      ["[BTC]", "[BTC, ETH]", /universe BTC was promoted, found BTC, ETH/],
      ["system: {", "system: { timeframe: daily,", /timeframe h4 was promoted, found daily/],
      [
        "    universe",
        "    missing: skip\n    universe",
        /missing values ffill was promoted, found skip/,
      ],
      [
        "fraction: 0.5",
        "fraction: 0.51",
        /budget at most 50 % of NAV was promoted, found 51 % of NAV/,
      ],
      [
        "regime_budgets: {}",
        `regime_budgets: { equity_bull: { ${CROSS}: 0.6 } }`,
        /budget at most 50 % of NAV was promoted, found 60 % of NAV/,
      ],
    ];
    for (const [from, to, message] of changes) {
      await place.edit(from, to);
      match(await refusal(place, "paper") ?? "", message);
      await place.edit(to, from);
      strictEqual(await refusal(place, "paper"), undefined);
    }
    await place.edit("fraction: 0.5", "fraction: 0.4");
    strictEqual(await refusal(place, "paper"), undefined);
  }));

Deno.test("FR-019 a stage edited by hand in the file is refused with the command that mends it", () =>
  inCandidate(async (place) => {
    for (const stage of ["live", "paper", "research"]) {
      await place.edit("stage: candidate", `stage: ${stage}`);
      for (const mode of ["paper", "live"] as const) {
        const reason = await refusal(place, mode);
        match(
          reason!,
          new RegExp(
            `the configuration says ${stage}, the record says candidate: one of them was edited by hand`,
          ),
        );
        ok(
          reason!.endsWith(
            `mend it with deno task models show ${CROSS} --config ${place.file} --mend`,
          ),
        );
      }
      await mend(CROSS, place.setting);
      strictEqual(await refusal(place, "paper"), undefined);
    }
  }));

Deno.test("FR-019 a stage edited by hand in the database is refused with the command that mends it", () =>
  inCandidate(async (place) => {
    const edits = [
      "UPDATE model_stages SET stage = 'live'",
      "UPDATE lifecycle SET to_stage = 'live' WHERE kind = 'promoted'",
      "DELETE FROM lifecycle WHERE kind = 'written'",
      "DELETE FROM lifecycle; DELETE FROM model_stages",
    ];
    for (const edit of edits) {
      const raw = new DatabaseSync(`${place.setting.resultsRoot}/assay.db`);
      raw.exec(edit);
      raw.close();
      for (const mode of ["paper", "live"] as const) {
        match(await refusal(place, mode) ?? "", /mend it with deno task models show/, edit);
      }
      await mend(CROSS, place.setting);
      strictEqual(await refusal(place, "paper"), undefined, edit);
    }
  }));

Deno.test("FR-019 a stage edited by hand in both file and database is refused all the same", () =>
  inCandidate(async (place) => {
    const raw = new DatabaseSync(`${place.setting.resultsRoot}/assay.db`);
    raw.exec("UPDATE model_stages SET stage = 'live'; UPDATE lifecycle SET to_stage = 'live'");
    raw.close();
    await place.edit("stage: candidate", "stage: live");
    match(await refusal(place, "live") ?? "", /lifecycle event 1 was changed/);
    await mend(CROSS, place.setting);
    match(await place.text(), /lifecycle_stage: candidate/);
    strictEqual(await refusal(place, "paper"), undefined);
  }));

Deno.test("FR-022 a log that was cleared away keeps nobody from trading, one that says something else does", () =>
  inCandidate(async (place) => {
    const log = `${place.setting.logsRoot}/model_lifecycle_events.jsonl`;
    const text = await Deno.readTextFile(log);
    await Deno.remove(log);
    strictEqual(await refusal(place, "paper"), undefined);
    await Deno.writeTextFile(log, text.replace("it is time", "it is late"));
    match(
      await refusal(place, "paper") ?? "",
      /events\.jsonl: line 1 is not event 1 as it is on record/,
    );
    await mend(CROSS, place.setting);
    strictEqual(await Deno.readTextFile(log), text);
  }));

Deno.test("FR-019 stages outlive the results: they are brought back from the log", () =>
  inCandidate(async (place) => {
    await Deno.remove(place.setting.resultsRoot, { recursive: true });
    match(await refusal(place, "paper") ?? "", /line 1 is an event that is not on record; mend it/);
    await mend(CROSS, place.setting);
    strictEqual(await refusal(place, "paper"), undefined);
  }));

Deno.test("FR-021 a model that was demoted stays out until it is promoted anew", () =>
  inCandidate(async (place) => {
    await demote({ ...place.setting, model: CROSS, operator: "ada", reason: "enough" });
    match(await refusal(place, "paper") ?? "", /is at research/);
    const { id } = await place.run();
    await place.promote({ run: id });
    strictEqual(await refusal(place, "paper"), undefined);
  }));

Deno.test("FR-020 a model from outside the library never trades", () =>
  inLifecycle(async ({ file, setting }) => {
    const name = "OwnModel_v1";
    const own = defineModel({
      name,
      version: "1.0.0",
      universe: ["BTC"],
      parameters: z.strictObject({}),
      features: () => ({ price: trading.close() }),
      decide: () => ({}),
    });
    const loaded = await loadPlan(file, { define: [own], models: [name] });
    const { running, refused } = await runnable(loaded, { ...setting, mode: "paper" });
    deepStrictEqual([running, refused.map(({ reason }) => reason)], [
      [],
      ["OwnModel_v1 is unsealed: no fingerprint covers its code"],
    ]);
  }));
