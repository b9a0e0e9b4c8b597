import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { parseTime } from "../../core/clock.ts";
import { H4_MS } from "../../core/bars.ts";
import { inTestFolder } from "../../core/test_folder.ts";
import { openPaperLedger } from "../../execution/venues/paper_ledger.ts";
import { type SettableClock, settableClock } from "./clocks.ts";
import { type OpenedSession, openSession } from "./open_session.ts";
import { noTime } from "./paper.ts";
import { loadPaperPlan } from "./paper_task.ts";

const FRIDAY_NOON = parseTime("2024-11-01T12:00:00Z");
const FRIDAY_AT_FOUR = parseTime("2024-11-01T16:00:00Z");
const EQUITIES = { models: ["EquityTrendModel_v1"] };

interface Stage {
  readonly folder: string;
  readonly session: OpenedSession;
  readonly clock: SettableClock;
}

/** A session on bundled data that was recovered at `time`. */
async function open(
  folder: string,
  time: number,
  options: { readonly sets?: readonly string[]; readonly models?: readonly string[] } = EQUITIES,
): Promise<Stage> {
  const clock = settableClock(time);
  const session = await openSession(await loadPaperPlan([], options), {
    ...{ mode: "paper", clock, sleep: noTime, environment: () => undefined, replays: true },
    ...{ stateFolder: `${folder}state`, logsFolder: `${folder}logs` },
  });
  await session.recover();
  return { folder, session, clock };
}

async function withSession(
  time: number,
  work: (stage: Stage) => Promise<void>,
  options: { readonly sets?: readonly string[]; readonly models?: readonly string[] } = EQUITIES,
): Promise<void> {
  await inTestFolder(async (folder) => {
    const stage = await open(folder, time, options);
    try {
      await work(stage);
    } finally {
      await stage.session.close();
    }
  });
}

Deno.test("a decision for a closed market waits, and is carried out one minute after the open", () =>
  withSession(FRIDAY_NOON, async ({ session, clock }) => {
    const { execution } = await session.step(FRIDAY_NOON);
    strictEqual(execution.status, "waiting");
    const due = session.nextDue(FRIDAY_NOON);
    deepStrictEqual(due, { at: parseTime("2024-11-01T13:31:00Z"), what: "resume" });
    clock.set(due.at);
    strictEqual((await session.resume(due.at)).execution.status, "done");
    deepStrictEqual(session.nextDue(due.at), { at: FRIDAY_AT_FOUR, what: "decision" });
  }));

Deno.test("a close is decided once, also by a session that comes after", () =>
  inTestFolder(async (folder) => {
    const first = await open(folder, FRIDAY_AT_FOUR);
    const { decision } = await first.session.step(FRIDAY_AT_FOUR);
    strictEqual(decision!.status, "made");
    const before = first.session.status();
    await first.session.close();
    const second = await open(folder, FRIDAY_AT_FOUR + 60_000);
    const again = await second.session.step(FRIDAY_AT_FOUR + 60_000);
    strictEqual(again.decision!.status, "made_already");
    deepStrictEqual(second.session.status().positions, before.positions);
    await second.session.close();
  }));

Deno.test("a close that is more than fifteen minutes back is written down as missed, once", () =>
  withSession(FRIDAY_AT_FOUR + 20 * 60_000, async ({ session, folder }) => {
    const { decision } = await session.step(FRIDAY_AT_FOUR);
    deepStrictEqual([decision!.status, decision!.reason], ["missed", "it came 20 minutes late"]);
    strictEqual((await session.step(FRIDAY_AT_FOUR)).decision!.reason, "it was missed before");
    const errors = await readFile(`${folder}logs/paper/errors.log`, "utf8");
    strictEqual(errors.trim().split("\n").filter((line) => line.includes('"missed"')).length, 1);
    strictEqual((await session.step(FRIDAY_AT_FOUR - H4_MS)).decision!.status, "missed");
  }));

Deno.test("FR-005 a close of which no bar is there is missed", () =>
  withSession(parseTime("2025-01-07T16:00:00Z"), async ({ session, clock }) => {
    const { decision } = await session.step(clock.now());
    strictEqual(decision!.status, "missed");
    ok(decision!.reason.startsWith("no bar of 2025-01-07T16:00:00Z is there"), decision!.reason);
  }));

Deno.test("FR-031 a halt sells all and stays until an operator ends it, with the peak at NAV", () =>
  withSession(FRIDAY_AT_FOUR, async ({ session, clock }) => {
    await rejects(session.resumeHalt({ operator: "ann", reason: "too early" }), /expected HALT/);
    let due = { at: FRIDAY_AT_FOUR, what: "decision" as "decision" | "resume" };
    const until = parseTime("2024-11-06T00:00:00Z");
    for (; due.at < until; due = session.nextDue(due.at)) {
      clock.set(due.at);
      if (due.what === "decision") await session.step(due.at);
      else await session.resume(due.at);
    }
    strictEqual(session.status().riskMode, "HALT");
    deepStrictEqual(session.status().positions, {});
    await session.resumeHalt({ operator: "ann", reason: "it was a test" });
    const { riskMode, peakNav, nav } = session.status();
    deepStrictEqual([riskMode, peakNav], ["NORMAL", Number(nav)]);
    clock.set(parseTime("2024-11-06T16:00:00Z"));
    const { decision } = await session.step(clock.now());
    strictEqual(decision!.mode, "NORMAL");
    ok(Object.keys(session.status().positions).length > 0);
  }, {
    ...EQUITIES,
    sets: [
      "risk.drawdown_trigger=0.0005",
      "risk.drawdown_recover=0.0001",
      "risk.drawdown_halt=0.001",
    ],
  }));

Deno.test("a deposit blocks the account until it is accepted, and shifts the peak", () =>
  withSession(FRIDAY_AT_FOUR, async ({ session, clock, folder }) => {
    await session.step(FRIDAY_AT_FOUR);
    const before = session.status();
    const books = await openPaperLedger(`${folder}state/paper.paper.db`, {
      ...{ cash: "0", now: clock.now() },
    });
    books.setCash(String(Number(books.cash()) + 5_000));
    books.close();
    clock.set(FRIDAY_AT_FOUR + H4_MS);
    await session.recover();
    const held = await session.step(clock.now());
    deepStrictEqual([held.decision!.status, held.execution.status], ["held", "idle"]);
    const [difference] = await session.acceptDrift({ operator: "ann", reason: "a deposit" });
    strictEqual(difference!.symbol, "*");
    const { peakNav } = session.status();
    ok(Math.abs(peakNav! - before.peakNav! - 5_000) < 1e-6, String(peakNav));
    strictEqual((await session.step(clock.now())).decision!.status, "made");
  }));

Deno.test("what a model held that no longer trades is sold at the next decision", () =>
  inTestFolder(async (folder) => {
    const first = await open(folder, FRIDAY_AT_FOUR, { models: ["EquityTrendModel_v1"] });
    await first.session.step(FRIDAY_AT_FOUR);
    deepStrictEqual(Object.keys(first.session.status().positions), ["QQQ", "SPY"]);
    await first.session.close();
    const second = await open(folder, parseTime("2024-11-04T16:00:00Z"), {
      models: ["CryptoMomentumModel_v1"],
    });
    await second.session.step(parseTime("2024-11-04T16:00:00Z"));
    deepStrictEqual(second.session.status().positions, {});
    await second.session.close();
  }));
