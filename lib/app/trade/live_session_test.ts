import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { inTestFolder } from "../../core/test_folder.ts";
import { climbLadder, explain, sessionJournal } from "../../engine/parity/mod.ts";
import type { LiveStage } from "./test_live.ts";
import { onLiveStage } from "./test_live.ts";
import { HALF, type LiveSession, openLiveSession, truthOf } from "./test_live_session.ts";

/** A session on files up to a moment, in a market whose whole history was looked up before. */
async function onSession(
  { filesUntil, from, ...kind }: {
    readonly filesUntil: string;
    readonly from: string;
    readonly isTold?: boolean;
    readonly isStored?: boolean;
  },
  work: (live: LiveSession, stage: LiveStage) => Promise<void>,
): Promise<void> {
  await onLiveStage(filesUntil, (whole) =>
    inTestFolder(async (folder) => {
      const truth = await truthOf(whole);
      await onLiveStage(filesUntil, async (stage) => {
        const live = await openLiveSession(stage, { folder, from, truth, ...kind });
        try {
          await work(live, stage);
        } finally {
          await live.close();
        }
      });
    }));
}

const OVER_ALL = { filesUntil: "2020-08-04T21:30:00Z", from: "2020-08-05T20:00:00Z" };
const OVER_SPLIT = { filesUntil: "2020-08-26T21:30:00Z", from: "2020-08-27T20:00:00Z" };

Deno.test("parity of a session with a dividend and a split in it: made again bit by bit, remainder 0", () =>
  onSession(OVER_ALL, async ({ live, account }, stage) => {
    const decisions = await live("2020-09-03T00:00:00Z");
    ok(decisions.length > 160 && decisions.every(({ status }) => status === "made"));
    const journal = sessionJournal(account.eventsSince(0));
    const actions = journal.events.flatMap(({ event }) =>
      event.kind === "corporate_action" ? [event.action] : []
    );
    deepStrictEqual(actions, ["dividend", "split"]);
    const { stored: asItWas } = await stage.open();
    const updated = await truthOf(stage);
    for (const stored of [asItWas, updated, undefined]) {
      const ladder = climbLadder({ journal, stored, models: [HALF], isPaperVenue: true });
      const told = explain(ladder, { journal, codeHash: "code", isPaperVenue: true });
      strictEqual(ladder.remainder, "0");
      const { compared, identical, differing } = told.decisions;
      deepStrictEqual([compared, identical, differing], [decisions.length, decisions.length, []]);
    }
  }));

Deno.test("a session on stored bars goes over a dividend and a split as one on live data does", () =>
  onSession({ ...OVER_ALL, isStored: true }, async ({ live, account }, stage) => {
    const decisions = await live("2020-09-03T00:00:00Z");
    const navs = decisions.map(({ nav }) => nav!);
    const moves = navs.slice(1).map((nav, place) => Math.abs(nav / navs[place]! - 1));
    ok(Math.max(...moves) < 0.03, `NAV moved by ${Math.max(...moves)}`);
    const journal = sessionJournal(account.eventsSince(0));
    const stored = await truthOf(stage);
    const ladder = climbLadder({ journal, stored, models: [HALF], isPaperVenue: true });
    strictEqual(ladder.remainder, "0");
    ok(ladder.closes.every(({ replay }) => replay?.isIdentical));
  }));

Deno.test("NAV goes on over a split: units and prices change together", () =>
  onSession(OVER_SPLIT, async ({ live, account }) => {
    const before = await live("2020-08-31T00:00:00Z");
    const units = Number(account.status().positions.AAPL);
    const after = await live("2020-08-31T20:30:00Z");
    ok(Number(account.status().positions.AAPL) > 3 * units);
    const navs = [...before, ...after].map(({ nav }) => nav!);
    const moves = navs.slice(1).map((nav, place) => Math.abs(nav / navs[place]! - 1));
    ok(Math.max(...moves) < 0.03, `NAV moved by ${Math.max(...moves)}`);
    ok([...before, ...after].every(({ mode }) => mode === "NORMAL"));
  }));

Deno.test("nothing is traded of a symbol whose split is in doubt, and it is free once the bars show it", () =>
  onSession(OVER_SPLIT, async ({ live, account }) => {
    await live("2020-08-31T00:00:00Z");
    await live("2020-08-31T13:00:00Z");
    const [block] = account.status().blocked;
    deepStrictEqual([block!.symbol, block!.kind], ["AAPL", "data"]);
    const fills = account.dump().fills.length;
    await live("2020-08-31T15:00:00Z");
    strictEqual(account.dump().fills.length, fills);
    await live("2020-08-31T16:30:00Z");
    deepStrictEqual(account.status().blocked, []);
    ok(account.dump().fills.length > fills);
  }));

Deno.test("nothing is decided while the account has the units of before a split that the bars show", () =>
  onSession({ ...OVER_SPLIT, isTold: false }, async ({ live }) => {
    await live("2020-08-31T13:00:00Z");
    const decisions = await live("2020-09-01T00:30:00Z");
    ok(decisions.length >= 3 && decisions.every(({ status }) => status === "held"));
    strictEqual(
      decisions[0]!.reason,
      "AAPL was split 4 for 1 on 2020-08-31 and the account has the units of before; " +
        "--accept-drift when the broker has booked it",
    );
  }));

Deno.test("a close without a bar is missed, and what went wrong with its data is told", () =>
  onSession(OVER_SPLIT, async ({ live, lines }, { server }) => {
    server.fail({ kind: "status", status: 401, times: Infinity });
    const [decision] = await live("2020-08-27T22:00:00Z");
    strictEqual(decision!.status, "missed");
    ok(lines.some(({ message }) => message.startsWith("AAPL actions: ")));
  }));
