import { deepStrictEqual, match, ok } from "node:assert/strict";
import type { BarRequest } from "../../core/ports.ts";
import { openSource } from "./sources.ts";
import type { SourceOptions } from "./source_options.ts";
import { allRows, refused, testRequest } from "./test_requests.ts";
import { type Fault, startTestServer, TEST_KEYS, type TestServer } from "./test_server.ts";

/** One way to ask each source that is asked by plain HTTP. */
interface Way {
  readonly name: string;
  ask(options: SourceOptions): Promise<unknown>;
}

const bars = (name: "alpaca" | "yahoo", request: BarRequest): Way => ({
  name: `${name} ${request.asset.symbol} ${request.timeframe}`,
  ask: (options) => allRows(openSource(name, options), request),
});
const WAYS: readonly Way[] = [
  bars("alpaca", testRequest("SPY", "h4", ["2023-05-01", "2024-05-01"])),
  bars("alpaca", testRequest("AAPL", "daily", ["2019-05-01", "2024-05-01"])),
  bars("yahoo", testRequest("AAPL", "daily", ["2019-05-01", "2024-05-01"])),
  bars("yahoo", testRequest("SPY", "h4", ["2024-05-06", "2024-06-01"])),
  {
    name: "alpaca actions",
    ask: (options) =>
      openSource("alpaca", options).actions(
        testRequest("AAPL", "daily", ["2019-05-01", "2024-05-01"]),
        {},
      ),
  },
  ...[{}, { FRED_API_KEY: undefined }].map((keys): Way => ({
    name: `fred ${"FRED_API_KEY" in keys ? "without" : "with"} key`,
    ask: (options) => {
      const { from, to } = testRequest("", "daily", ["2023-01-01", "2024-07-01"]);
      const fred = openSource("fred", { ...options, keys: { ...options.keys, ...keys } });
      return fred.series("DGS10", { from, to }, {});
    },
  })),
];

/** What passes, and how a refusal names it when it does not. */
const PASSING: readonly (readonly [Fault, RegExp])[] = [
  [{ kind: "status", status: 500 }, /status 500 \(5 tries\)/],
  [{ kind: "status", status: 503, headers: { "retry-after": "3" } }, /status 503 \(5 tries\)/],
  [{ kind: "status", status: 429, headers: { "retry-after": "2" } }, /status 429 \(5 tries\)/],
  [{ kind: "cut" }, /(JSON cut off or damaged, \d+ bytes|none after|fields in line).* \(5 tries\)/],
  [{ kind: "break" }, /an answer that broke off \(5 tries\)/],
  [{ kind: "html" }, /a page of HTML \(5 tries\)/],
  [{ kind: "body", body: "" }, /(nothing|header "").* \(5 tries\)/],
  [{ kind: "body", body: '{"bars":"none"}' }, /(another shape|header|1 fields).* \(5 tries\)/],
];

let server: TestServer;

Deno.test.beforeAll(() => {
  server = startTestServer();
});
Deno.test.afterAll(async () => await server.close());
Deno.test.beforeEach(() => server.heal());

for (const { name, ask } of WAYS) {
  Deno.test(`FR-006 ${name}: what passes is asked again, and the answer is the same`, async () => {
    const right = await ask(server.options());
    for (const [fault] of PASSING) {
      server.fail({ ...fault, times: 2 });
      deepStrictEqual(await ask(server.options()), right, fault.kind);
      server.heal();
    }
  });

  Deno.test(`FR-006 ${name}: what does not pass is refused in one line`, async () => {
    for (const [fault, message] of PASSING) {
      server.fail({ ...fault, times: Infinity });
      await refused(ask(server.options()), message);
      server.heal();
    }
  });

  Deno.test(`FR-006 ${name}: the right body counts, not its type or the server's clock`, async () => {
    const right = await ask(server.options());
    for (const kind of ["content_type", "skew"] as const) {
      server.fail({ kind, ms: 3_600_000, times: Infinity });
      deepStrictEqual(await ask(server.options()), right, kind);
      server.heal();
    }
  });

  Deno.test(`FR-006 ${name}: an endless answer and a redirect are refused at once`, async () => {
    server.fail({ kind: "huge", bytes: 3_000_000 });
    const before = server.seen.length;
    await refused(ask(server.options({ maxBytes: 2_000_000 })), /more than 2000000 bytes/);
    const headers = { location: "https://example.org/" };
    server.fail({ kind: "status", status: 302, headers });
    await refused(ask(server.options()), /status 302/);
    deepStrictEqual(server.seen.length, before + 2);
  });
}

Deno.test("FR-006 an answer that does not come, or not to its end, is asked for again and then refused", async () => {
  const { ask } = WAYS[3]!;
  const right = await ask(server.options());
  for (const fault of [{ kind: "hang" }, { kind: "slow", delayMs: 2_000 }] as const) {
    server.fail(fault);
    deepStrictEqual(await ask(server.options({ timeoutMs: 400 })), right);
    server.fail({ ...fault, times: 2 });
    const impatient = server.options({ timeoutMs: 50, tries: 2 });
    await refused(ask(impatient), /no whole answer within 50 ms \(2 tries\)/);
  }
});

Deno.test("FR-006 a server that asks for patience gets it, to a limit", async () => {
  const { ask } = WAYS[0]!;
  for (const [text, ms] of [["7", 7_000], ["Fri, 28 Jun 2024 21:31:00 GMT", 60_000]] as const) {
    server.fail({ kind: "status", status: 429, headers: { "retry-after": text } });
    const before = server.waits.length;
    await ask(server.options());
    deepStrictEqual(server.waits.slice(before), [ms]);
  }
  server.fail({ kind: "status", status: 429, headers: { "retry-after": "3600" } });
  await refused(ask(server.options()), /found status 429, to be asked again in 3600 s/);
});

Deno.test("FR-006 a date to come back at counts from the server's clock, whatever ours says", async () => {
  const { ask } = WAYS[0]!;
  const options = server.options();
  const ahead = { ...options, clock: { now: () => server.now + 30_000, elapsed: () => 0 } };
  const headers = { "retry-after": "Fri, 28 Jun 2024 21:30:20 GMT" };
  server.fail({ kind: "status", status: 503, headers });
  const before = server.waits.length;
  await ask(ahead);
  deepStrictEqual(server.waits.slice(before), [20_000]);
});

Deno.test("FR-006 waits between tries double, less a chance of up to half", async () => {
  server.fail({ kind: "status", status: 500, times: 4 });
  const before = server.waits.length;
  await WAYS[0]!.ask(server.options());
  const waits = server.waits.slice(before);
  deepStrictEqual(waits.length, 4);
  waits.forEach((wait, i) => ok(wait > 250 * 2 ** i && wait <= 500 * 2 ** i, String(waits)));
  server.fail({ kind: "status", status: 500, times: 4 });
  await WAYS[0]!.ask(server.options());
  deepStrictEqual(server.waits.slice(before + 4), waits); // the same chance each time
});

Deno.test("FR-006 a revoked key is refused at once by the name of its variable, a missing one unasked", async () => {
  const before = server.seen.length;
  server.fail({ kind: "revoked", times: Infinity });
  const alpaca =
    /a revoked or missing key \(status 403\), expected valid ALPACA_KEY_ID and ALPACA_SECRET_KEY in the environment or \.env$/;
  await refused(WAYS[0]!.ask(server.options()), alpaca);
  await refused(WAYS[4]!.ask(server.options()), alpaca);
  await refused(
    WAYS[5]!.ask(server.options()),
    /a revoked or missing key \(status 400\), expected valid FRED_API_KEY in the environment or \.env$/,
  );
  deepStrictEqual(server.seen.length, before + 3);
  const keys = { ALPACA_KEY_ID: "x" };
  await refused(
    Promise.resolve().then(() => WAYS[0]!.ask(server.options({ keys }))),
    /^Cannot download "SPY" from alpaca \(127.*\): found no ALPACA_SECRET_KEY, expected valid ALPACA_KEY_ID and/,
  );
  deepStrictEqual(server.seen.length, before + 3);
});

Deno.test("FR-006 a key that a server repeats is not passed on", async () => {
  const body = JSON.stringify({ message: `no plan for ${TEST_KEYS.ALPACA_SECRET_KEY}` });
  server.fail({ kind: "status", status: 422, body });
  await refused(WAYS[0]!.ask(server.options()), /found "no plan for …" \(status 422\)/);
});

Deno.test("FR-006 a server that is not there is refused with its name", async () => {
  const away = startTestServer({ since: "2024-01-02" });
  const options = away.options();
  await away.close();
  await refused(
    WAYS[0]!.ask(options),
    /^Cannot download "SPY" from alpaca \(127\.0\.0\.1:\d+\/v2\/stocks\/SPY\/bars\): found connection refused \(5 tries\), expected bars as JSON$/,
  );
});

Deno.test("FR-006 stopped by its caller, a download ends with the caller's reason", async () => {
  const stop = new AbortController();
  server.fail({ kind: "hang", times: Infinity });
  const source = openSource("alpaca", server.options());
  const request = testRequest("SPY", "h4", ["2023-05-01", "2024-05-01"]);
  const work = allRows(source, request, { signal: stop.signal });
  stop.abort(new Error("enough"));
  const error = await work.catch((reason) => reason);
  match(String(error), /^Error: enough$/);
  server.heal();
});
