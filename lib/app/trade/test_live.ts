import type { Millis } from "../../core/bars.ts";
import { formatTime, parseTime, systemClock } from "../../core/clock.ts";
import { inTestFolder } from "../../core/test_folder.ts";
import { startTestServer, TEST_KEYS, type TestServer } from "../../data/sources/test_server.ts";
import { openSource, updateActions, updateBars } from "../../data/upkeep.ts";
import type { LoadedPlan } from "../load_plan.ts";
import { liveFeed } from "./live_feed.ts";
import { type KnownData, type MarketFeed, type StoredFeed, storedFeed } from "./market_feed.ts";
import { loadPaperPlan } from "./paper_task.ts";
import { storedFiles } from "./stored_files.ts";

const KEYS: Readonly<Record<string, string>> = {
  ALPACA_PAPER_KEY_ID: TEST_KEYS.ALPACA_KEY_ID,
  ALPACA_PAPER_SECRET_KEY: TEST_KEYS.ALPACA_SECRET_KEY,
};

/** Equities of the test market: raw bars and actions on file up to a day, and a server that goes on. */
export interface LiveStage {
  readonly server: TestServer;
  readonly loaded: LoadedPlan;
  readonly dataRoot: string;
  /** A feed that begins with what is on file now. */
  open(): Promise<{ readonly feed: MarketFeed; readonly stored: StoredFeed }>;
  /** What a feed knows a second after a close. */
  at(feed: MarketFeed, close: string): Promise<KnownData>;
  /** What `deno task data update` would do now. */
  update(): Promise<void>;
}

/** A stage whose files end at a moment; of AAPL, unless it is told of others. */
export async function onLiveStage(
  filesUntil: string,
  work: (stage: LiveStage) => Promise<void>,
  symbols: readonly string[] = ["AAPL"],
): Promise<void> {
  await inTestFolder(async (dataRoot) => {
    const until = parseTime("2020-12-01T00:00:00Z");
    await using server = startTestServer({
      ...{ now: parseTime(filesUntil), since: "2020-06-01", until },
    });
    const loaded = await planOf(server.url, dataRoot, symbols);
    const stage: LiveStage = {
      ...{ server, loaded, dataRoot },
      open: () => openOn(stage),
      async at(feed, close) {
        server.now = Math.max(server.now, parseTime(close) + 1_000);
        return await feed.at(parseTime(close), { deadlineMs: 0 });
      },
      update: () => updateOn(stage),
    };
    await stage.update();
    await work(stage);
  });
}

async function planOf(
  url: string,
  dataRoot: string,
  symbols: readonly string[],
): Promise<LoadedPlan> {
  const loaded = await loadPaperPlan([], {
    models: ["EquityTrendModel_v1"],
    sets: [`data.sources.alpaca.base_url=${url}`, "trading.paper_prices=live"],
  });
  const assets = symbols.map((symbol) => ({ ...loaded.plan.assets[0]!, symbol }));
  return { ...loaded, dataRoot, plan: { ...loaded.plan, assets } };
}

async function openOn({ server, loaded }: LiveStage) {
  const stored = await storedFeed(loaded, { sandbox: undefined, clock: systemClock });
  const feed = await liveFeed(loaded, {
    ...{ mode: "paper", stored, clock: { now: () => server.now, elapsed: () => server.now } },
    files: storedFiles(loaded, { sandbox: undefined, clock: systemClock }),
    environment: (name) => KEYS[name],
    sleep: () => Promise.resolve(),
  });
  return { feed, stored };
}

async function updateOn({ server, loaded, dataRoot }: LiveStage): Promise<void> {
  const source = openSource("alpaca", server.options());
  const { clock } = server.options();
  const from = parseTime("2020-06-01T00:00:00Z");
  for (const asset of loaded.plan.assets) {
    await updateActions(dataRoot, asset, source, { from, to: server.now, clock, splits: "raw" });
    for (const timeframe of ["h4", "daily"] as const) {
      await updateBars(dataRoot, asset, timeframe, source, { from, clock });
    }
  }
}

/** A time as people write it, to the minute. */
export function minuteOf(time: Millis | undefined): string {
  return time === undefined ? "none" : formatTime(time).slice(0, 16).replace("T", " ");
}
