import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { parseTime } from "../../core/clock.ts";
import { inTestFolder } from "../../core/test_folder.ts";
import { openVenue, type OpenVenueOptions } from "./open_venue.ts";
import { venueContract } from "./venue_contract.ts";

const START = parseTime("2026-03-02T16:00:01Z");
const DEEP = { asks: [["100", "5000", 1], ["101", "5000", 1]], bids: [["100", "5000", 1]] };

/** Kraken's public side: one pair, the book that is given. */
function serve(book: unknown, error: readonly string[] = []) {
  const asked: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname, searchParams } = new URL(request.url);
    asked.push(`${pathname}?${searchParams}`);
    const result = pathname === "/0/public/Depth" ? book : {
      ...{ ordermin: "0.0001", costmin: "0.5", tick_size: "0.1", lot_decimals: 8 },
      status: "online",
    };
    const known = searchParams.get("pair") === "XBTUSD";
    return Response.json(
      known && error.length === 0
        ? { error: [], result: { XXBTZUSD: result } }
        : { error: known ? error : ["EQuery:Unknown asset pair"] },
    );
  });
  return { url: `http://127.0.0.1:${server.addr.port}`, asked, close: () => server.shutdown() };
}

type Kraken = ReturnType<typeof serve>;

function optionsOn(kraken: Kraken, file: string, now: () => number): OpenVenueOptions {
  return {
    venue: "kraken",
    mode: "paper",
    brokers: {
      alpaca: { trading_url: null, data_url: null, timeout_ms: 1_000 },
      binance: { base_url: null, timeout_ms: 1_000 },
      kraken: { base_url: kraken.url, timeout_ms: 1_000 },
    },
    stamps: "system",
    feed: "iex",
    assets: [{
      ...{ symbol: "BTC", assetClass: "crypto", venue: "kraken", feeBps: 40, slippageBps: 5 },
      ...{ minOrderSize: 0.0001, quantityPrecision: 8, pricePrecision: 1 },
    }],
    environment: () => undefined,
    clock: { now, elapsed: now },
    wait: () => Promise.resolve(),
    paper: { account: "test", file, initialCash: 100_000 },
  };
}

venueContract("kraken", async (guard) => {
  const kraken = serve(DEEP);
  await Deno.mkdir("results/.test", { recursive: true });
  const folder = await Deno.makeTempDir({ dir: "results/.test" });
  let now = START;
  const options = optionsOn(kraken, `${folder}/test.paper.db`, () => now);
  const venue = await openVenue({ ...options, guard });
  return {
    venue,
    symbol: "BTC",
    start: START,
    secrets: [],
    pass: (ms) => now += ms,
    async close() {
      venue.close();
      await kraken.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
});

async function withKraken(
  kraken: Kraken,
  proof: (venue: Awaited<ReturnType<typeof openVenue>>) => Promise<void>,
): Promise<void> {
  await inTestFolder(async (folder) => {
    const venue = await openVenue(optionsOn(kraken, `${folder}test.paper.db`, () => START));
    try {
      await proof(venue);
    } finally {
      venue.close();
      await kraken.close();
    }
  });
}

const order = (quantity: string, limitPrice?: string) => ({
  ...{ clientOrderId: "q1-a", symbol: "BTC", side: "buy" as const, quantity },
  ...(limitPrice === undefined ? {} : { limitPrice }),
});

Deno.test("FR-042 an order at Kraken takes what its book offers, level by level, and no more", async () => {
  const thin = { asks: [["100", "1", 1], ["110.5", "2", 1]], bids: [["99", "1", 1]] };
  await withKraken(serve(thin), async (venue) => {
    const answer = await venue.submit(order("4"));
    ok(answer.kind === "acknowledged");
    deepStrictEqual([answer.order.status, answer.order.filled], ["expired", "3"]);
    const fills = await venue.fillsSince(["BTC"], START);
    deepStrictEqual(fills.map(({ price, quantity, fee }) => [price, quantity, fee]), [
      ["100", "1", "0.4"],
      ["110.5", "2", "0.884"],
    ]);
    strictEqual((await venue.account()).cash, "99677.716");
  });
});

Deno.test("FR-042 a limit at Kraken takes only levels within it, its rest goes on waiting", async () => {
  const thin = { asks: [["100", "1", 1], ["110", "2", 1]], bids: [["99", "1", 1]] };
  await withKraken(serve(thin), async (venue) => {
    const answer = await venue.submit(order("4", "105"));
    ok(answer.kind === "acknowledged");
    deepStrictEqual([answer.order.status, answer.order.filled], ["working", "1"]);
  });
});

Deno.test("FR-042 Kraken's errors with status 200 are refusals of reads, and no order is booked without a price", async () => {
  await withKraken(serve(DEEP, ["EService:Unavailable"]), async (venue) => {
    await rejects(
      venue.prices(["BTC"]),
      /Cannot read the order book of BTC at kraken: found "EService:Unavailable"/,
    );
    const answer = await venue.submit(order("1"));
    ok(answer.kind === "refused" && answer.code === "no_price", JSON.stringify(answer));
    deepStrictEqual(await venue.find("q1-a", "BTC"), { kind: "missing" });
  });
});

Deno.test("SC-009 an order at Kraken is cancelled though its book cannot be read", async () => {
  const away: string[] = [];
  await withKraken(serve(DEEP, away), async (venue) => {
    strictEqual((await venue.submit(order("1", "90"))).kind, "acknowledged");
    away.push("EGeneral:Internal error");
    const [working] = await venue.openOrders();
    strictEqual(await venue.cancel(working!), true);
    deepStrictEqual(await venue.openOrders(), []);
  });
});

Deno.test("FR-042 real money, equities and hosts of strangers are refused at Kraken", async () => {
  const kraken = serve(DEEP);
  const options = optionsOn(kraken, "results/never.db", () => START);
  await rejects(
    openVenue({ ...options, mode: "live" }),
    /Cannot trade live at kraken: found simulated/,
  );
  const equity = { ...options.assets[0]!, symbol: "SPY", assetClass: "equity" as const };
  await rejects(openVenue({ ...options, assets: [equity] }), /Cannot trade SPY at kraken/);
  const brokers = {
    ...options.brokers,
    kraken: { base_url: "https://example.org", timeout_ms: 1_000 },
  };
  await rejects(openVenue({ ...options, brokers }), /Cannot use the base URL of prices of kraken/);
  await kraken.close();
});
