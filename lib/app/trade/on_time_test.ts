import { ok, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parseTime, systemClock } from "../../core/clock.ts";
import type { JournalEntry } from "../../core/ports.ts";
import { inTestFolder } from "../../core/test_folder.ts";
import { loadPlan } from "../load_plan.ts";
import { clockFrom } from "./clocks.ts";
import { openSession } from "./open_session.ts";
import { runScheduler } from "./scheduler.ts";

const CONFIG = fileURLToPath(new URL("../../../configs/paper.yaml", import.meta.url));
/** A close at which New York trades, and coins as always. */
const CLOSE = parseTime("2024-11-06T16:00:00Z");

Deno.test("SC-007 orders leave less than five seconds after the close", () =>
  inTestFolder(async (folder) => {
    const loaded = await loadPlan([CONFIG]);
    const clock = clockFrom(CLOSE - 1_000, systemClock);
    const lines: JournalEntry[] = [];
    const stop = new AbortController();
    const session = await openSession(loaded, {
      ...{ mode: "paper", clock, stored: true, environment: () => undefined },
      ...{ stateFolder: `${folder}state`, logsFolder: `${folder}logs` },
      journal: { write: (line) => lines.push(line) },
    });
    await session.recover();
    const { decisions } = await runScheduler({
      ...{ session, clock, stateFolder: `${folder}state`, journal: session.journal },
      ...{ beat: () => Promise.resolve(), signal: stop.signal },
      onStep: () => stop.abort(),
    });
    strictEqual(decisions, 1);
    const sent = lines.filter(({ message }) => message === "order SUBMITTING");
    ok(sent.length > 0, lines.map(({ message }) => message).join(", "));
    const lateMs = sent[0]!.timestamp - CLOSE;
    ok(lateMs >= 1_000 && lateMs < 5_000, `${lateMs} ms after the close`);
  }));
