import type { Millis } from "../../core/bars.ts";
import { parseTime, systemClock } from "../../core/clock.ts";
import type { JournalEntry } from "../../core/ports.ts";
import { modelOf, planWith, seat } from "../../engine/fixtures.ts";
import type { Sandbox } from "../../engine/sandbox.ts";
import { decideOnce } from "../../engine/trading/mod.ts";
import { type Account, openAccount } from "../../execution/account/mod.ts";
import { openPaperVenue, paperRules } from "../../execution/venues/paper_venue.ts";
import { replayQuotes } from "../../execution/venues/replay_quotes.ts";
import type { Model } from "../../models/model.ts";
import type { LoadedPlan } from "../load_plan.ts";
import { settableClock } from "./clocks.ts";
import { sightJournal } from "./journal_sight.ts";
import { type MarketFeed, type StoredFeed, storedFeed } from "./market_feed.ts";
import { sessionOf } from "./run_session.ts";
import type { DecisionReport, TradingSession } from "./session.ts";
import type { LiveStage } from "./test_live.ts";

/** Half of the account or a little less, as the digits of the adjusted price have it. */
export const HALF: Model = modelOf(
  "HalfModel_v1",
  ["AAPL"],
  ({ assets }) =>
    Object.fromEntries(assets.map(({ symbol, price }) => [symbol, 0.4 + price * 7 % 1 / 10])),
);

/** A session on live data at the built-in venue, which fills on the bars that will have been. */
export interface LiveSession {
  readonly session: TradingSession;
  readonly account: Account;
  readonly feed: MarketFeed;
  readonly loaded: LoadedPlan;
  readonly lines: readonly JournalEntry[];
  /** Visits every close and open until a time; returns the decisions. */
  live(until: string): Promise<readonly DecisionReport[]>;
  close(): Promise<void>;
}

/** Opens a session from `from` on; `truth` is the market as it will have been. */
export async function openLiveSession(
  { server, open, loaded: base }: LiveStage,
  { folder, from, truth, isTold = true, isStored = false }: {
    readonly folder: string;
    readonly from: string;
    readonly truth: StoredFeed;
    /** False where the venue does not tell of dividends and splits, as a broker may not. */
    readonly isTold?: boolean;
    /** True where the session runs on what will have been, as a replay does. */
    readonly isStored?: boolean;
  },
): Promise<LiveSession> {
  const start = parseTime(from);
  const loaded = loadedOf(base, start);
  const clock = settableClock(start);
  server.now = start;
  const feed = isStored ? truth : (await open()).feed;
  const [asset] = loaded.plan.assets;
  const venue = await openPaperVenue({
    ...{
      name: "paper",
      file: `${folder}books.db`,
      accountNumber: "paper-1",
      initialCash: "100000",
    },
    ...{ assets: loaded.plan.assets, clock, rules: () => paperRules(asset!) },
    ...{ actions: isTold ? feed.actions : [], quotes: replayQuotes(truth.replayed, truth.actions) },
  });
  const lines: JournalEntry[] = [];
  const journal = { write: (line: JournalEntry) => void lines.push(line) };
  const account = await openAccount({
    ...{ folder: `${folder}state`, account: "live", venue, symbols: ["AAPL"], clock, journal },
    ...{ sleep: () => Promise.resolve(), buyCostBps: 16 },
  });
  const traded = { loaded, configured: loaded, leftOut: [], asWritten: [], configHash: "config" };
  const session = sessionOf({
    ...{ mode: "paper", traded, lifecycle: undefined, marks: [], stateFolder: `${folder}state` },
    ...{ feed, sandbox: inProcess(loaded), account, journal, clock, codeHash: "code" },
    ...{ sights: sightJournal(account), slippageBps: () => asset!.slippageBps },
  });
  await session.recover();
  let due: Millis = start;
  return {
    ...{ session, account, feed, loaded, lines },
    async live(until) {
      const decisions: DecisionReport[] = [];
      for (; due < parseTime(until); due = session.nextDue(due).at) {
        clock.set(due);
        server.now = due + 1_000;
        if (due % 3_600_000 !== 0) await session.resume(due);
        else {
          const { decision } = await session.step(due, { deadlineMs: 0 });
          if (decision) decisions.push(decision);
        }
      }
      return decisions;
    },
    async close() {
      await account.close();
      venue.close();
    },
  };
}

/** The market of a stage as its files have it at the end of November. */
export async function truthOf({ server, update, loaded }: LiveStage): Promise<StoredFeed> {
  server.now = parseTime("2020-11-20T21:30:00Z");
  await update();
  return await storedFeed(loadedOf(loaded, server.now), { sandbox: undefined, clock: systemClock });
}

function loadedOf(base: LoadedPlan, start: Millis): LoadedPlan {
  const lots = { minOrderSize: 0.001, quantityPrecision: 3, feeBps: 1, slippageBps: 2 };
  const assets = base.plan.assets.map((asset) => ({ ...asset, ...lots }));
  const plan = planWith(assets, [seat(HALF)], { start, initialNav: 100_000 });
  return { ...base, plan, models: [HALF] };
}

function inProcess({ models }: LoadedPlan): Sandbox {
  const refuse = () => Promise.reject(new TypeError("A session only decides"));
  return {
    decide: (request, occasion) => Promise.resolve(decideOnce(request, occasion, models)),
    ...{ run: refuse, runForProof: refuse, timeframes: refuse, close: () => {} },
  };
}
