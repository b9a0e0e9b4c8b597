import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { systemClock } from "../../core/clock.ts";
import { parseTime } from "../../core/clock.ts";
import { startTestServer, TEST_KEYS } from "../../data/sources/test_server.ts";
import { liveFeed } from "./live_feed.ts";
import { storedFeed } from "./market_feed.ts";
import { loadPaperPlan } from "./paper_task.ts";
import { tradedPlan } from "./traded_plan.ts";

const CLOSE = parseTime("2025-01-07T16:00:00Z");
const KEYS: Readonly<Record<string, string>> = {
  ALPACA_PAPER_KEY_ID: TEST_KEYS.ALPACA_KEY_ID,
  ALPACA_PAPER_SECRET_KEY: TEST_KEYS.ALPACA_SECRET_KEY,
};

async function openOn(url: string, now: () => number) {
  const loaded = await loadPaperPlan([], {
    models: ["EquityTrendModel_v1"],
    sets: [
      `data.sources.alpaca.base_url=${url}`,
      "trading.paper_prices=live",
    ],
  });
  const { loaded: traded } = tradedPlan(loaded, "paper");
  const clock = { now, elapsed: now };
  const onFile = await storedFeed(traded, { sandbox: undefined, clock: systemClock });
  // Without coins: the library that asks for them is on another lock file than tests run with.
  const { crypto: _, ...regimes } = onFile.regimes;
  const stored = { ...onFile, regimes };
  const environment = (name: string) => KEYS[name];
  const sleep = () => Promise.resolve();
  return {
    stored,
    feed: await liveFeed(traded, { mode: "paper", clock, stored, environment, sleep }),
  };
}

Deno.test("new bars come from the source and join what is on file, which stays as it is", async () => {
  await using server = startTestServer({ now: CLOSE + 1_000 });
  const { feed, stored } = await openOn(server.url, () => server.now);
  const known = await feed.at(CLOSE, { deadlineMs: 0 });
  deepStrictEqual([known.arrived, known.late], [["QQQ", "SPY"], []]);
  strictEqual(feed.name, "stored + alpaca iex + kraken");
  const [, spy] = known.assets;
  const { openTime, availableAt, close } = spy!.bars.h4!;
  const before = stored.assets[1]!.bars.h4!;
  deepStrictEqual(close.slice(0, before.close.length), Float64Array.from(before.close));
  strictEqual(openTime.at(-1), parseTime("2025-01-07T12:00:00Z"));
  ok(availableAt.every((time) => time <= CLOSE));
});

Deno.test("FR-005 bars that cannot be asked for are late, and the reason is told", async () => {
  await using server = startTestServer({ now: CLOSE + 1_000 });
  server.fail({ kind: "status", status: 401, times: Infinity });
  const { feed } = await openOn(server.url, () => server.now);
  const { arrived, late, troubles } = await feed.at(CLOSE, { deadlineMs: 0 });
  deepStrictEqual([arrived, late], [[], ["QQQ", "SPY"]]);
  ok(troubles!.some((line) => line.startsWith("SPY h4: ")), troubles!.join("; "));
});
