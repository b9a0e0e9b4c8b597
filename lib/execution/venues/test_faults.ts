import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { inspect } from "node:util";
import { sessionsBetween } from "../../core/calendar.ts";
import { parseTime } from "../../core/clock.ts";
import { Secret } from "../../core/secret.ts";
import type { SubmitAnswer, Venue } from "../../core/trading.ts";
import type { BrokerFault, FaultBroker } from "../faults/test_fault_broker.ts";
import type { AlpacaVenue } from "./alpaca.ts";
import { alpacaOn, binanceOn, brokerOf, START } from "./test_venues.ts";

const OPEN = { alpaca: alpacaOn, binance: binanceOn } as const;
const SYMBOL = { alpaca: "SPY", binance: "BTC" } as const;

type Kind = keyof typeof OPEN;

/** A venue on a broker where things go wrong. */
async function withFaults(
  kind: Kind,
  faults: readonly BrokerFault[],
  proof: (venue: Venue, broker: FaultBroker) => Promise<void>,
  timeoutMs = 5_000,
): Promise<void> {
  await using broker = brokerOf(kind, { faults });
  await proof(OPEN[kind](broker, { timeoutMs }), broker);
}

function buy(venue: Venue, id = "q1-a", quantity = "2"): Promise<SubmitAnswer> {
  const symbol = SYMBOL[venue.name as Kind];
  return venue.submit({ clientOrderId: id, symbol, side: "buy", quantity });
}

function shows({ keys }: FaultBroker, value: unknown): boolean {
  const text = inspect(value, { depth: 12, showHidden: true }) + String(value);
  return text.includes(keys.id) || text.includes(keys.secret) || text.includes("signature");
}

for (const kind of ["alpaca", "binance"] as const) {
  for (
    const fault of [
      { kind: "lost", phase: "after" },
      { kind: "status", phase: "after", status: 500 },
      { kind: "status", phase: "after", status: 502 },
      { kind: "status", phase: "after", status: 503 },
      { kind: "status", phase: "after", status: 504 },
      { kind: "html", phase: "after" },
      { kind: "cut" },
      { kind: "short" },
    ] as const
  ) {
    const name = "status" in fault ? `status ${fault.status}` : fault.kind;
    Deno.test(`SC-007 after "${name}" an accepted order is unknown, sent once, and found (${kind})`, async () => {
      await withFaults(kind, [{ on: "submit", at: 0, ...fault }], async (venue, broker) => {
        await venue.clock(); // a connection that stays open, and that a second try might come over
        const answer = await buy(venue);
        strictEqual(answer.kind, "unknown", JSON.stringify(answer));
        ok(!shows(broker, answer));
        strictEqual(broker.log.filter((entry) => entry.kind === "submit").length, 1);
        const found = await venue.find("q1-a", SYMBOL[kind]);
        strictEqual(found.kind, "found", JSON.stringify(found));
        deepStrictEqual({ ...broker.truth().acceptedByClientId }, { "q1-a": 1 });
      });
    });
  }

  Deno.test(`SC-007 an answer that takes more than the 100 ms it has is unknown (${kind})`, async () => {
    const slow = { on: "submit", at: 0, kind: "slow", phase: "after", ms: 3_000 } as const;
    await withFaults(kind, [slow], async (venue, broker) => {
      const answer = await buy(venue);
      ok(answer.kind === "unknown" && /100 ms/.test(answer.message), JSON.stringify(answer));
      deepStrictEqual({ ...broker.truth().acceptedByClientId }, { "q1-a": 1 });
    }, 100);
  });

  Deno.test(`SC-007 a broker that is not there makes an order unknown and a read a refusal (${kind})`, async () => {
    const broker = brokerOf(kind);
    await broker.close();
    const venue = OPEN[kind](broker, kind === "binance" ? { stamps: "system" } as never : {});
    const answer = await buy(venue);
    strictEqual(answer.kind, "unknown", JSON.stringify(answer));
    const refusal = await venue.account().catch((error) => error);
    match(
      String(refusal),
      /^Refusal: Cannot read the account at \w+: found connection refused \(4 tries\), expected an answer$/,
    );
    ok(!shows(broker, refusal));
    const found = await venue.find("q1-a", SYMBOL[kind]);
    strictEqual(found.kind, "unknown");
  });

  Deno.test(`FR-041 reads are asked again when they break, and refused in one line after four tries (${kind})`, async () => {
    for (const fault of [{ kind: "cut" }, { kind: "html", phase: "before" }] as const) {
      await withFaults(kind, [{ on: "account", at: 0, times: 3, ...fault }], async (venue) => {
        strictEqual(Number((await venue.account()).cash), 100_000);
      });
      await withFaults(
        kind,
        [{ on: "account", at: 0, times: 4, ...fault }],
        async (venue, broker) => {
          const refusal = await venue.account().catch((error) => error);
          match(
            String(refusal),
            /^Refusal: Cannot read the account at \w+: found [^\n]* \(4 tries\)/,
          );
          ok(!shows(broker, refusal));
        },
      );
    }
  });

  Deno.test(`FR-041 a venue that wants to be left alone is left alone for as long (${kind})`, async () => {
    const limited = { on: "account", at: 0, kind: "rate_limited", retryAfterS: 7 } as const;
    await withFaults(kind, [limited], async (venue, broker) => {
      strictEqual(Number((await venue.account()).cash), 100_000);
      const [first, second] = broker.log.filter((entry) => entry.kind === "account");
      ok(second!.time - first!.time >= 7_000, `asked again after ${second!.time - first!.time} ms`);
      deepStrictEqual([first!.status, second!.status], [429, 200]);
    });
  });

  Deno.test(`FR-041 told to wait for minutes, reads are refused and no order leaves (${kind})`, async () => {
    const limited = { on: "account", at: 0, kind: "rate_limited", retryAfterS: 600 } as const;
    await withFaults(kind, [limited], async (venue, broker) => {
      await rejects(venue.account(), /wish to be left alone for 600 s/);
      const answer = await buy(venue);
      ok(answer.kind === "refused" && answer.code === "not_sent", JSON.stringify(answer));
      strictEqual(broker.log.filter((entry) => entry.kind === "submit").length, 0);
    });
  });

  Deno.test(`FR-041 an order refused as one too many was not accepted (${kind})`, async () => {
    const limited = { on: "submit", at: 0, kind: "rate_limited", retryAfterS: 2 } as const;
    await withFaults(kind, [limited], async (venue, broker) => {
      const answer = await buy(venue);
      strictEqual(answer.kind, "refused", JSON.stringify(answer));
      deepStrictEqual({ ...broker.truth().acceptedByClientId }, {});
    });
  });

  Deno.test(`FR-041 wrong keys are refused for certain and repeated by nobody (${kind})`, async () => {
    await using broker = brokerOf(kind);
    const keys = { id: new Secret("wrong-key-id-000"), secret: new Secret("wrong-secret-000") };
    const venue = OPEN[kind](broker, { keys });
    const answer = await buy(venue);
    strictEqual(answer.kind, "refused", JSON.stringify(answer));
    const refusal = await venue.account().catch((error) => error);
    match(String(refusal), /^Refusal: Cannot read the account at \w+: found status 40[01]/);
    const shown = inspect([answer, refusal, venue], { depth: 12, showHidden: true });
    ok(!/wrong-(key|secret)/.test(shown));
  });

  Deno.test(`FR-044 rows that come twice and turned about are one each, in order (${kind})`, async () => {
    const faults: BrokerFault[] = [
      ...(["fills", "orders"] as const).flatMap((on) => [
        { on, at: 0, times: 9, kind: "duplicated", row: 0 } as const,
        { on, at: 0, times: 9, kind: "shuffled" } as const,
      ]),
    ];
    await withFaults(kind, faults, async (venue, broker) => {
      const symbol = SYMBOL[kind];
      for (const id of ["q1-a", "q1-b", "q1-c"]) {
        await buy(venue, id);
        await broker.sleep(1_000);
      }
      const fills = await venue.fillsSince([symbol], START);
      deepStrictEqual(fills.map(({ clientOrderId }) => clientOrderId), ["q1-a", "q1-b", "q1-c"]);
      deepStrictEqual(
        fills.map(({ tradeId }) => tradeId),
        broker.truth().fills.map(({ tradeId }) => tradeId),
      );
      const ids = (await venue.ordersSince(symbol, START)).map((order) => order.clientOrderId);
      deepStrictEqual(ids.toSorted(), ["q1-a", "q1-b", "q1-c"]);
    });
  });

  Deno.test(`SC-009 an order that fills while it is cancelled is finished all the same (${kind})`, async () => {
    const faults: BrokerFault[] = [
      { on: "order", at: 0, kind: "delayed", ms: 60_000 },
      { on: "cancel", at: 0, kind: "filled_first" },
    ];
    await withFaults(kind, faults, async (venue) => {
      await buy(venue);
      const [order] = await venue.openOrders();
      strictEqual(await venue.cancel(order!), true);
      const found = await venue.find("q1-a", SYMBOL[kind]);
      ok(found.kind === "found" && found.order.status === "filled");
    });
  });
}

Deno.test("SC-007 a used id at Alpaca is the order that it was, also when the first answer was lost", async () => {
  const lost = { on: "submit", at: 0, kind: "lost", phase: "after" } as const;
  await withFaults("alpaca", [lost], async (venue, broker) => {
    strictEqual((await buy(venue)).kind, "unknown");
    const again = await buy(venue);
    ok(again.kind === "acknowledged" && again.order.clientOrderId === "q1-a");
    deepStrictEqual({ ...broker.truth().acceptedByClientId }, { "q1-a": 1 });
  });
});

Deno.test("SC-007 a used id at Alpaca whose order cannot be seen is unknown, not refused", async () => {
  const faults: BrokerFault[] = [{
    on: "lookup",
    at: 0,
    kind: "missing",
    row: 0,
    youngerMs: 60_000,
  }];
  await withFaults("alpaca", faults, async (venue) => {
    await buy(venue);
    strictEqual((await buy(venue)).kind, "unknown");
  });
});

Deno.test("SC-007 an open order's id at Binance is that order", async () => {
  await withFaults("binance", [], async (venue, broker) => {
    const request = {
      ...{ clientOrderId: "q1-low", symbol: "BTC", side: "buy" as const },
      ...{ quantity: "2", limitPrice: "90" },
    };
    await venue.submit(request);
    strictEqual((await venue.submit(request)).kind, "acknowledged");
    deepStrictEqual({ ...broker.truth().acceptedByClientId }, { "q1-low": 1 });
  });
});

Deno.test("FR-042 every refusal of Binance's filters is one for certain", async () => {
  await withFaults("binance", [], async (venue, broker) => {
    for (const quantity of ["0.000001", "0.01"]) {
      const answer = await buy(venue, "q1-a", quantity);
      ok(answer.kind === "refused" && /^-1(013|111)$/.test(answer.code), JSON.stringify(answer));
    }
    deepStrictEqual({ ...broker.truth().acceptedByClientId }, {});
  });
});

Deno.test("SC-007 a request that Binance gets too late is refused, so nothing can come of it later", async () => {
  await using broker = brokerOf("binance");
  const slowClock = { now: () => broker.clock.now() - 6_000, elapsed: broker.clock.elapsed };
  const venue = binanceOn(broker, { stamps: "system", clock: slowClock });
  const answer = await buy(venue);
  ok(answer.kind === "refused" && answer.code === "-1021", JSON.stringify(answer));
});

Deno.test("FR-042 fills of many days at Binance are read a day at a time, none left out", async () => {
  await withFaults("binance", [], async (venue, broker) => {
    for (const id of ["q1-a", "q1-b", "q1-c"]) {
      await buy(venue, id);
      broker.advance(30 * 3_600_000);
    }
    const ids = (await venue.fillsSince(["BTC"], START)).map((fill) => fill.clientOrderId);
    deepStrictEqual(ids, ["q1-a", "q1-b", "q1-c"]);
    strictEqual((await venue.ordersSince("BTC", START)).length, 3);
  });
});

Deno.test("FR-042 after months fills at Binance are read from the newest page, not day by day", async () => {
  await withFaults("binance", [], async (venue, broker) => {
    await buy(venue, "q1-a");
    await broker.sleep(100 * 86_400_000);
    await buy(venue, "q1-b");
    const reads = () => broker.log.filter((entry) => entry.kind === "fills").length;
    const ids = (await venue.fillsSince(["BTC"], START)).map((fill) => fill.clientOrderId);
    deepStrictEqual([ids, reads()], [["q1-a", "q1-b"], 1]);
    const later = await venue.fillsSince(["BTC"], START + 86_400_000);
    deepStrictEqual(later.map((fill) => fill.clientOrderId), ["q1-b"]);
  });
});

Deno.test("FR-042 where Binance's clock stands while ours runs, what it turns away is asked again by its time", async () => {
  await withFaults("binance", [], async (_, broker) => {
    let ours = START;
    const venue = binanceOn(broker, { clock: { now: () => ours, elapsed: () => ours } });
    await buy(venue, "q1-a");
    const low = { clientOrderId: "q1-low", symbol: "BTC", side: "buy", quantity: "1" } as const;
    await venue.submit({ ...low, limitPrice: "90" });
    const asks = [
      () => venue.account(),
      () => venue.find("q1-a", "BTC"),
      async () => deepStrictEqual(await venue.cancel((await venue.openOrders())[0]!), true),
    ];
    for (const [done, ask] of asks.entries()) {
      ours += 10_000;
      await ask();
      strictEqual(broker.log.filter(({ status }) => status === 400).length, done + 1);
    }
  });
});

/** A broker that does not serve what a path matches. */
function without(broker: FaultBroker, pattern: RegExp, status = 404): typeof fetch {
  return (input, init) =>
    pattern.test(decodeURIComponent(String(input)))
      ? Promise.resolve(new Response("{}", { status }))
      : broker.fetch(input, init);
}

Deno.test("FR-041 prices are had from a broker that tells one symbol at a time", async () => {
  for (
    const [kind, pattern] of [["alpaca", /stocks\/(?:trades|bars)/], [
      "binance",
      /symbols=/,
    ]] as const
  ) {
    await using broker = brokerOf(kind);
    const venue = OPEN[kind](broker, { fetch: without(broker, pattern) });
    strictEqual(Number((await venue.prices([SYMBOL[kind]]))[SYMBOL[kind]]), 100);
  }
});

Deno.test("FR-012 a broker without a calendar tells of no sessions, one that fails is refused", async () => {
  await using broker = brokerOf("alpaca");
  const served = (status: number) =>
    alpacaOn(broker, { fetch: without(broker, /calendar/, status) }).sessions(START, START + 1e9);
  strictEqual(await served(404), undefined);
  await rejects(served(403), /^Refusal: Cannot read the calendar at alpaca: found status 403/);
});

Deno.test("FR-043 Alpaca's sessions are those of our calendar, half days too", async () => {
  await withFaults("alpaca", [], async (venue) => {
    const [from, to] = [parseTime("2026-11-20T00:00:00Z"), parseTime("2026-12-05T00:00:00Z")];
    const sessions = await (venue as AlpacaVenue).sessions(from, to);
    deepStrictEqual(
      sessions,
      sessionsBetween(from, to).map(({ date, open, close }) => ({ date, open, close })),
    );
    ok(sessions!.length > 5);
  });
});
