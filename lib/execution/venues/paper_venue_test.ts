import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { H4_MS, type Millis } from "../../core/bars.ts";
import { fixedClock, parseTime } from "../../core/clock.ts";
import { inTestFolder } from "../../core/test_folder.ts";
import { simulatedBroker } from "../simulated_broker.ts";
import { fillsOf, targetsAt, type TestAsset, testMarket } from "../test_market.ts";
import { openPaperVenue, paperRules, type PaperSettings, type PaperVenue } from "./paper_venue.ts";
import { replayQuotes } from "./replay_quotes.ts";
import { venueContract } from "./venue_contract.ts";

const COSTS = { feeBps: 10, slippageBps: 5 };
const LOTS = { minOrderSize: 0.01, quantityPrecision: 2, pricePrecision: 2 };

/** A paper venue for one asset of a market, with an account in a folder. */
function openIn(
  folder: string,
  { symbol, market, now }: {
    readonly symbol: string;
    readonly market: ReturnType<typeof testMarket>;
    readonly now: () => Millis;
  },
  settings: Partial<PaperSettings>,
): Promise<PaperVenue> {
  return openPaperVenue({
    name: "paper",
    file: `${folder}account.paper.db`,
    accountNumber: "paper-1",
    initialCash: "1000",
    assets: [{ symbol, assetClass: "crypto", ...COSTS }],
    quotes: replayQuotes(market.assets),
    rules: () => paperRules(LOTS),
    clock: { now, elapsed: () => 0 },
    ...settings,
  });
}

/** A paper venue on hand-made bars, first decision at time 0, whose clock can be put anywhere. */
async function withVenue(
  bars: TestAsset["bars"],
  proof: (
    venue: PaperVenue,
    at: (time: Millis) => void,
    again: () => Promise<PaperVenue>,
  ) => Promise<void>,
  settings: Partial<PaperSettings> = {},
): Promise<void> {
  const market = testMarket([{ bars, ...COSTS, symbol: "AAA" }]);
  let now = 0;
  await inTestFolder(async (folder) => {
    const open = () => openIn(folder, { symbol: "AAA", market, now: () => now }, settings);
    const venue = await open();
    try {
      await proof(venue, (time) => now = time, open);
    } finally {
      venue.close();
    }
  });
}

venueContract("paper", async (guard) => {
  const market = testMarket([{ bars: [100, 100, 100], symbol: "BTC" }]);
  let now = 1_000;
  let end = () => {};
  // A folder that is lent until the stage is closed.
  const venue = await new Promise<PaperVenue>((resolve, reject) => {
    inTestFolder(async (folder) => {
      const place = { symbol: "BTC", market, now: () => now };
      resolve(await openIn(folder, place, { initialCash: "100000", guard }));
      await new Promise<void>((done) => end = done);
    }).catch(reject);
  });
  return {
    venue,
    symbol: "BTC",
    start: now,
    secrets: [],
    pass: (ms) => now += ms,
    close() {
      venue.close();
      end();
    },
  };
});

const buy = (id: string, quantity: string, limitPrice?: string) => ({
  clientOrderId: id,
  symbol: "AAA",
  side: "buy" as const,
  quantity,
  ...(limitPrice === undefined ? {} : { limitPrice }),
});
const sell = (id: string, quantity: string) => ({ ...buy(id, quantity), side: "sell" as const });

Deno.test("FR-042 the built-in venue fills at the prices and costs of the backtest on the same bars", async () => {
  const asset: TestAsset = {
    bars: [10, [11.1, 12, 9, 10.3], [9.7, 10, 9, 9.9], [10.9, 11, 10, 10.4]],
    ...COSTS,
    symbol: "AAA",
  };
  const market = testMarket([asset]);
  const broker = simulatedBroker(market, 1_000);
  await withVenue(asset.bars, async (venue, at) => {
    for (const [t, weight] of [0.5, 0.2, 0].entries()) {
      const fills = fillsOf(
        broker.submitTargetWeights(targetsAt(broker, market, t, { weights: [weight] })),
      );
      strictEqual(fills.length, 1);
      const [simulated] = fills;
      at(t * H4_MS);
      const units = Math.abs(simulated!.quantity).toFixed(12);
      const order = t === 0 ? buy(`q${t}`, units) : sell(`q${t}`, units);
      const answer = await venue.submit(order);
      ok(
        answer.kind === "acknowledged" && answer.order.status === "filled",
        JSON.stringify(answer),
      );
      const [fill] = await venue.fillsSince(["AAA"], t * H4_MS);
      near(Number(fill!.price), simulated!.price);
      near(Number(fill!.fee), simulated!.fee);
      strictEqual(fill!.time, simulated!.executedAt);
    }
    const { cash } = await venue.account();
    ok(Math.abs(Number(cash) - broker.account.cash) < 1e-6, cash);
  }, { rules: () => ({ ...paperRules(LOTS), minQuantity: "0", quantityStep: "0" }) });
});

Deno.test("FR-042 prices of the built-in venue are closes that were known by then", async () => {
  await withVenue([10, [11, 12, 9, 10.5], 9], async (venue, at) => {
    deepStrictEqual(await venue.prices(["AAA"]), { AAA: "10" });
    at(H4_MS - 1);
    deepStrictEqual(await venue.prices(["AAA"]), { AAA: "10" });
    at(H4_MS);
    deepStrictEqual(await venue.prices(["AAA"]), { AAA: "10.5" });
    await rejects(venue.prices(["BBB"]), /Cannot price BBB at paper: found no price/);
  });
});

Deno.test("FR-043 an order for a market that is closed waits for it, and a cancelled one never fills", async () => {
  await withVenue([10, undefined, [20, 21, 19, 20]], async (venue, at) => {
    for (const id of ["stays", "goes"]) {
      const answer = await venue.submit(buy(id, "10"));
      ok(answer.kind === "acknowledged" && answer.order.status === "working");
    }
    at(1);
    deepStrictEqual((await venue.openOrders()).map((order) => order.clientOrderId), [
      "stays",
      "goes",
    ]);
    strictEqual(await venue.cancel((await venue.openOrders())[1]!), true);
    at(H4_MS);
    deepStrictEqual(await venue.openOrders(), []);
    const fills = await venue.fillsSince(["AAA"], 0);
    deepStrictEqual(fills.map(({ price, time }) => [price, time]), [["20.01", H4_MS]]);
    const gone = await venue.find("goes", "AAA");
    ok(gone.kind === "found" && gone.order.status === "canceled" && gone.order.filled === "0");
  });
});

Deno.test("FR-041 a limit fills at the limit when its bar is over and went through it, or at a better open", async () => {
  await withVenue([10, [11, 12, 9, 10], [8, 9, 7, 8]], async (venue, at) => {
    await venue.submit(buy("inside", "1", "9.5"));
    await venue.submit(buy("open", "1", "8.5"));
    at(H4_MS - 1);
    strictEqual((await venue.openOrders()).length, 2);
    at(H4_MS);
    const fills = await venue.fillsSince(["AAA"], 0);
    deepStrictEqual(fills.map(({ clientOrderId, price, time }) => [clientOrderId, price, time]), [
      ["inside", "9.5", H4_MS],
      ["open", "8", H4_MS],
    ]);
  });
});

Deno.test("FR-043 the built-in venue refuses what a real one would refuse, for certain", async () => {
  await withVenue([10, 10], async (venue) => {
    const code = async (order: Parameters<typeof venue.submit>[0]) => {
      const answer = await venue.submit(order);
      return answer.kind === "refused" ? answer.code : answer.kind;
    };
    strictEqual(await code(buy("a", "0.001")), "precision");
    strictEqual(await code(buy("b", "0")), "precision");
    strictEqual(await code(buy("c", "1", "9.999")), "precision");
    strictEqual(await code(buy("d", "101")), "insufficient_cash");
    strictEqual(await code(sell("e", "0.01")), "insufficient_quantity");
    strictEqual(await code({ ...buy("f", "1"), symbol: "BBB" }), "no_price");
    deepStrictEqual((await venue.ordersSince("AAA", 0)).length, 0);
  });
});

Deno.test("SC-007 an id that was used is the order that it was, also in another process", async () => {
  await withVenue([10, 10, 10], async (venue, _at, again) => {
    await venue.submit(buy("once", "1"));
    const other = await again();
    try {
      const answer = await other.submit(buy("once", "1"));
      ok(answer.kind === "acknowledged");
      strictEqual((await venue.fillsSince(["AAA"], 0)).length, 1);
      deepStrictEqual((await other.account()).positions, { AAA: "1" });
    } finally {
      other.close();
    }
  });
});

Deno.test("FR-054 the guard's word directly before an order keeps it from being booked", async () => {
  await withVenue([10, 10], async (venue) => {
    const answer = await venue.submit(buy("a", "1"));
    deepStrictEqual(answer, {
      kind: "refused",
      code: "not_sent",
      message: "the kill switch is on",
    });
    deepStrictEqual(await venue.find("a", "AAA"), { kind: "missing" });
  }, { guard: () => "the kill switch is on" });
});

Deno.test("FR-043 the built-in venue's clock tells of New York's session where it trades equities", async () => {
  const clockAt = async (text: string) => {
    let found;
    await withVenue([10, 10], async (venue) => {
      found = await venue.clock();
    }, {
      clock: fixedClock(parseTime(text)),
      assets: [{ symbol: "AAA", assetClass: "equity", ...COSTS }],
    });
    return found;
  };
  const friday = {
    nextOpen: parseTime("2024-07-01T13:30:00Z"),
    nextClose: parseTime("2024-06-28T20:00:00Z"),
  };
  for (const text of ["2024-06-28T13:30:00Z", "2024-06-28T19:59:59Z"]) {
    deepStrictEqual(await clockAt(text), { time: parseTime(text), isOpen: true, ...friday });
  }
  deepStrictEqual(await clockAt("2024-06-28T20:00:00Z"), {
    time: parseTime("2024-06-28T20:00:00Z"),
    isOpen: false,
    nextOpen: parseTime("2024-07-01T13:30:00Z"),
    nextClose: parseTime("2024-07-01T20:00:00Z"),
  });
});

Deno.test("FR-043 coins trade at night where equities do not, and the clock says so of each", async () => {
  await withVenue([10, 10], async (venue) => {
    const open = async (symbol?: string) => (await venue.clock(symbol)).isOpen;
    deepStrictEqual([await open("AAA"), await open("SPY"), await open()], [true, false, false]);
    strictEqual((await venue.clock("AAA")).nextClose, null);
  }, {
    clock: fixedClock(parseTime("2024-06-28T20:00:00Z")),
    assets: [
      { symbol: "AAA", assetClass: "crypto", ...COSTS },
      { symbol: "SPY", assetClass: "equity", ...COSTS },
    ],
  });
});

Deno.test("FR-043 a purchase that the next open has made too dear is rejected with nothing moved", async () => {
  await withVenue([10, undefined, 30], async (venue, at) => {
    await venue.submit(buy("a", "50"));
    at(H4_MS);
    const found = await venue.find("a", "AAA");
    ok(found.kind === "found" && found.order.status === "rejected" && found.order.filled === "0");
    deepStrictEqual(await venue.account(), {
      accountNumber: "paper-1",
      cash: "1000",
      positions: {},
    });
  });
});

function near(found: number, expected: number): void {
  ok(
    Math.abs(found - expected) <= 1e-9 * Math.abs(expected),
    `found ${found}, expected ${expected}`,
  );
}
