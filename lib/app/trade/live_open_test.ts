import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { parseDate, parseTime } from "../../core/clock.ts";
import { inTestFolder } from "../../core/test_folder.ts";
import { TEST_KEYS } from "../../data/sources/test_server.ts";
import { writeSeries } from "../../data/mod.ts";
import { sessionJournal } from "../../engine/parity/mod.ts";
import { type DecisionSight, sightAfter } from "../../engine/trading/mod.ts";
import { readAccountEvents } from "../../execution/account/mod.ts";
import { openDatabase } from "../../results/mod.ts";
import { bindingOf } from "../lifecycle/binding.ts";
import type { LoadedPlan } from "../load_plan.ts";
import { modelCodeIn } from "../model_fingerprint.ts";
import { PROJECT_ROOT } from "../project.ts";
import { settableClock } from "./clocks.ts";
import { openSession } from "./open_session.ts";
import { noTime } from "./paper.ts";
import { loadPaperPlan } from "./paper_task.ts";
import { onLiveStage } from "./test_live.ts";

const FIRST = parseTime("2020-07-02T16:00:01Z");
const SECOND = parseTime("2020-07-02T20:00:01Z");

/** The record of a model that has gone to paper trading as it is configured. */
async function putOnRecord(results: string, loaded: LoadedPlan): Promise<void> {
  const [model] = loaded.plan.models;
  const { fingerprint } = await modelCodeIn(PROJECT_ROOT, model!.name);
  const details = { binding: bindingOf(loaded.plan, model!.name, fingerprint) };
  const base = { at: "2020-06-30T00:00:00.000Z", model: model!.name, operator: "ann", details };
  await mkdir(results, { recursive: true });
  const database = await openDatabase(`${results}/assay.db`);
  try {
    database.lifecycle(`${results}/events.jsonl`).append([
      ...[["research", "candidate"] as const, ["candidate", "paper"] as const].map((
        [from_stage, to_stage],
      ) => ({ ...base, kind: "promoted", from_stage, to_stage, reason: "a test" } as const)),
      ...[
        {
          ...base,
          kind: "written",
          from_stage: "candidate",
          to_stage: "paper",
          reason: "a test",
        } as const,
      ],
    ]);
  } finally {
    database.close();
  }
}

Deno.test("an open session journals what it asked for, and what the files have gained since it began", () =>
  onLiveStage("2020-07-01T21:30:00Z", ({ server, dataRoot }) =>
    inTestFolder(async (folder) => {
      const publish = async (...values: number[]) => {
        const date = Float64Array.from(values, (_, day) =>
          parseDate("2020-06-29") + day * 86_400_000);
        const close = Float64Array.from(values);
        await writeSeries(dataRoot, "vix", { date, values: { close } }, {
          ...{ source: "made by hand", licence: "none" },
        });
      };
      await publish(31, 30);
      const loaded = await loadPaperPlan([], {
        models: ["EquityTrendModel_v1"],
        sets: [
          `data.root=${dataRoot}`,
          `data.sources.alpaca.base_url=${server.url}`,
          "trading.paper_prices=live",
        ],
      });
      await putOnRecord(`${folder}results`, loaded);
      const clock = settableClock(FIRST);
      server.now = FIRST;
      const keys: Readonly<Record<string, string>> = {
        ALPACA_PAPER_KEY_ID: TEST_KEYS.ALPACA_KEY_ID,
        ALPACA_PAPER_SECRET_KEY: TEST_KEYS.ALPACA_SECRET_KEY,
      };
      const session = await openSession(loaded, {
        ...{
          mode: "paper",
          clock,
          sleep: noTime,
          environment: (name) =>
            keys[name],
        },
        ...{ stateFolder: `${folder}state`, logsFolder: `${folder}logs`, replays: true },
        lifecycle: { resultsRoot: `${folder}results` },
      });
      try {
        await session.recover();
        const first = await session.step(FIRST, { deadlineMs: 0 });
        await publish(31, 30, 28.5);
        clock.set(SECOND);
        server.now = SECOND;
        await session.recover();
        const second = await session.step(SECOND, { deadlineMs: 0 });
        deepStrictEqual([first, second].map(({ decision }) => decision!.status), ["made", "made"]);
      } finally {
        await session.close();
      }
      const { decisions } = sessionJournal(await readAccountEvents(`${folder}state/paper.db`));
      let sight: DecisionSight | undefined;
      const seen = decisions.map(({ sightText }) => {
        sight = sightAfter(sight, sightText);
        const [qqq] = sight.assets;
        return [sight.regimes.vix!.value.length, qqq!.bars.h4!.openTime.at(-1)];
      });
      deepStrictEqual(seen, [
        [2, parseTime("2020-07-02T12:00:00Z")],
        [3, parseTime("2020-07-02T16:00:00Z")],
      ]);
      strictEqual(sight!.feed, "stored + alpaca iex + kraken");
    }), ["QQQ", "SPY"]));
