import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { inspect } from "node:util";
import { H4_MS } from "../../core/bars.ts";
import { fixedClock } from "../../core/clock.ts";
import { inTestFolder } from "../../core/test_folder.ts";
import { testMarket } from "../test_market.ts";
import { onBrokerClock } from "./broker_clock.ts";
import { openVenue, type OpenVenueOptions } from "./open_venue.ts";

const market = testMarket([
  { bars: [100, 101, 102], symbol: "BTC" },
  { bars: [50, 51, 52], symbol: "SPY", lateMs: 1 },
]);
const COSTS = { feeBps: 10, slippageBps: 0 };
const ENVIRONMENT: Readonly<Record<string, string>> = {
  ALPACA_PAPER_KEY_ID: "PKTESTTESTTEST",
  ALPACA_PAPER_SECRET_KEY: "very-secret-of-alpaca",
  BINANCE_DEMO_KEY_ID: "demo-key",
  BINANCE_DEMO_SECRET_KEY: "very-secret-of-binance",
};

const OPTIONS: OpenVenueOptions = {
  venue: "paper",
  mode: "paper",
  brokers: {
    alpaca: { trading_url: null, data_url: null, timeout_ms: 100 },
    binance: { base_url: null, timeout_ms: 100 },
    kraken: { base_url: null, timeout_ms: 100 },
  },
  stamps: "system",
  feed: "iex",
  assets: market.assets.map(({ asset }) => ({ ...asset, ...COSTS, quantityPrecision: 3 })),
  environment: (name) => ENVIRONMENT[name],
  clock: fixedClock(H4_MS),
  paper: { account: "test", file: "results/never.db", initialCash: 1_000, stored: market.assets },
};
const [BTC, SPY] = OPTIONS.assets as [OpenVenueOptions["assets"][0], OpenVenueOptions["assets"][0]];

Deno.test("FR-042 the built-in venue opens without keys and trades every class on stored bars", async () => {
  await inTestFolder(async (folder) => {
    const asked: string[] = [];
    const venue = await openVenue({
      ...OPTIONS,
      environment: (name) => {
        asked.push(name);
        return undefined;
      },
      paper: { ...OPTIONS.paper, file: `${folder}a.paper.db` },
      clock: fixedClock(H4_MS + 1),
    });
    try {
      deepStrictEqual(await venue.prices(["BTC", "SPY"]), { BTC: "101", SPY: "51" });
      for (const symbol of ["BTC", "SPY"]) {
        const request = { clientOrderId: symbol, symbol, side: "buy", quantity: "1.5" } as const;
        strictEqual((await venue.submit(request)).kind, "acknowledged");
      }
      const { cash, positions, accountNumber } = await venue.account();
      deepStrictEqual([positions, accountNumber], [{ BTC: "1.5", SPY: "1.5" }, "paper-test"]);
      strictEqual(cash, "768.769"); // 1000 − 1.5 × (102 + 52) × 1.001
      deepStrictEqual(asked, []);
    } finally {
      venue.close();
    }
  });
});

Deno.test("FR-041 venues refuse assets of another class before anything is asked or loaded", async () => {
  const refused = (other: Partial<OpenVenueOptions>, reason: RegExp) =>
    rejects(openVenue({ ...OPTIONS, ...other }), reason);
  await refused(
    { venue: "alpaca", assets: [BTC] },
    /Cannot trade BTC at alpaca: found an asset of class crypto, expected equity/,
  );
  await refused(
    { venue: "binance", assets: [SPY] },
    /Cannot trade SPY at binance: found an asset of class equity/,
  );
  await refused({ mode: "live" }, /Cannot trade live at paper: found simulated fills/);
});

Deno.test("FR-041 keys are asked for before trading begins, and looking into a venue shows none", async () => {
  const alpaca = { ...OPTIONS, venue: "alpaca" as const, assets: [SPY] };
  await rejects(
    openVenue({ ...alpaca, environment: () => undefined }),
    /Cannot read ALPACA_PAPER_KEY_ID/,
  );
  await rejects(
    openVenue({ ...alpaca, mode: "live" }),
    /Cannot read ALPACA_LIVE_KEY_ID: found nothing/,
  );
  const venues = [
    await openVenue(alpaca),
    await openVenue({ ...OPTIONS, venue: "binance", assets: [BTC] }),
  ];
  for (const venue of venues) {
    const shown = inspect(venue, { depth: 12, showHidden: true }) + Deno.inspect(venue);
    ok(!/very-secret|PKTEST|demo-key/.test(shown));
  }
});

Deno.test("FR-041 paper trading never asks a live host, nor live trading one of paper", async () => {
  const { brokers } = OPTIONS;
  const live = {
    ALPACA_LIVE_KEY_ID: "AKTEST",
    ALPACA_LIVE_SECRET_KEY: "very-secret",
    BINANCE_LIVE_KEY_ID: "live-key",
    BINANCE_LIVE_SECRET_KEY: "very-secret",
  };
  const environment = (name: string) => ({ ...ENVIRONMENT, ...live })[name];
  for (
    const [venue, mode, host] of [
      ["alpaca", "paper", "https://api.alpaca.markets"],
      ["alpaca", "live", "https://paper-api.alpaca.markets"],
      ["binance", "paper", "https://api.binance.com"],
      ["binance", "live", "https://demo-api.binance.com"],
    ] as const
  ) {
    const configured = {
      ...brokers,
      alpaca: { ...brokers.alpaca, trading_url: host },
      binance: { ...brokers.binance, base_url: host },
    };
    const assets = venue === "alpaca" ? [SPY] : [BTC];
    await rejects(
      openVenue({ ...OPTIONS, venue, mode, assets, environment, brokers: configured }),
      new RegExp(`Cannot use the base URL of ${mode} trading at ${venue}: found "${host}"`),
    );
  }
});

Deno.test("FR-041 on the broker's clock it is as late as the broker last said, and time goes on", async () => {
  let [elapsed, told] = [0, 5_000_000];
  const clock = { now: () => NaN, elapsed: () => elapsed };
  const plain = await inFolder();
  const { venue, clock: brokers } = await onBrokerClock({
    ...plain,
    clock: () => Promise.resolve({ time: told, isOpen: true, nextOpen: null, nextClose: null }),
  }, clock);
  strictEqual(brokers.now(), 5_000_000);
  elapsed = 250;
  strictEqual(brokers.now(), 5_000_250);
  told = 6_000_000;
  strictEqual((await venue.clock()).time, 6_000_000);
  strictEqual(brokers.now(), 6_000_000);
  plain.close();
});

function inFolder() {
  return openVenue({ ...OPTIONS, paper: { ...OPTIONS.paper, file: ":memory:" } });
}
