/**
 * A server on loopback that speaks the protocols of all five sources, for tests without the internet. One base URL
 * serves them all, as their paths differ:
 *
 *     await using server = startTestServer({ now: parseTime("2024-06-28T21:30:00Z") });
 *     const source = openSource("alpaca", server.options());  // base URL, keys, the server's clock, waits that take no time
 *     server.fail({ kind: "status", status: 500, times: 2, on: /corporate/ });   // every kind: test_faults.ts
 *
 * - `market` and `series` are the truth behind the answers, made from a seed (test_market.ts, test_series.ts): the same
 *   options give the same answers. Bars run until `now`; the last one may be cut off by it, as at the real sources.
 * - `now` may be moved on; the `Date` header and what is still running follow it.
 * - `seen` lists what was asked, `waits` how long a client would have slept.
 * - A symbol that the market lacks is unknown to every source. Alpaca and FRED want `TEST_KEYS`.
 *
 * Needs `--allow-net=127.0.0.1`.
 */
import type { Millis } from "../../core/bars.ts";
import { parseTime } from "../../core/clock.ts";
import type { SourceOptions } from "./source_options.ts";
import { alpacaReply } from "./test_alpaca.ts";
import { binanceReply, krakenReply } from "./test_exchanges.ts";
import { type Fault, faultBook, httpDate } from "./test_faults.ts";
import { fredReply } from "./test_fred.ts";
import { type TestMarket, testMarket } from "./test_market.ts";
import type { Asked, Reply } from "./test_replies.ts";
import { testSeries, type TestSeriesTable } from "./test_series.ts";
import { yahooReply } from "./test_yahoo.ts";

export type { Fault } from "./test_faults.ts";

/** Keys that the test server knows. */
export const TEST_KEYS = {
  ALPACA_KEY_ID: "TEST-KEY-ID",
  ALPACA_SECRET_KEY: "test-secret-0123456789",
  FRED_API_KEY: "abcdef0123456789abcdef0123456789",
} as const;

export interface TestServer extends AsyncDisposable {
  /** Base URL of every source. */
  readonly url: string;
  /** The server's clock. */
  now: Millis;
  readonly market: TestMarket;
  readonly series: TestSeriesTable;
  /** Requests so far, without keys. */
  readonly seen: readonly { readonly path: string; readonly query: URLSearchParams }[];
  /** What clients with `options()` waited, in milliseconds; it took no time. */
  readonly waits: readonly number[];
  /** Lets something go wrong with requests to come. */
  fail(fault: Fault): void;
  /** Forgets faults that have not happened yet. */
  heal(): void;
  /** How to open a source on this server: its clock, all keys, no real waiting. */
  options(other?: Partial<SourceOptions>): SourceOptions;
  close(): Promise<void>;
}

const ROUTES = [alpacaReply, yahooReply, binanceReply, krakenReply, fredReply];

/** Starts a server on a free port of 127.0.0.1. */
export function startTestServer(
  { now = parseTime("2024-06-28T21:30:00Z"), until = now, seed, since, equities }: {
    readonly now?: Millis;
    /** Where the made-up history ends; later than `now` when the clock is to be moved on. */
    readonly until?: Millis;
    readonly seed?: string;
    /** Date of the first bars. */
    readonly since?: string;
    /** Further equities of the market. */
    readonly equities?: readonly string[];
  } = {},
): TestServer {
  const faults = faultBook();
  const seen: { path: string; query: URLSearchParams }[] = [];
  const waits: number[] = [];
  const closing = new AbortController();
  const market = testMarket({
    until,
    ...(seed === undefined ? {} : { seed }),
    ...(since === undefined ? {} : { since }),
    ...(equities === undefined ? {} : { equities }),
  });
  const series = testSeries({ until, ...(seed === undefined ? {} : { seed }) });
  const http = Deno.serve(
    { port: 0, hostname: "127.0.0.1", signal: closing.signal, onListen: () => {} },
    async (request) => {
      const { pathname, searchParams } = new URL(request.url);
      const query = new URLSearchParams(searchParams);
      query.delete("api_key");
      seen.push({ path: pathname, query });
      const falling = faults.take(pathname);
      const asked: Asked = {
        path: pathname,
        query: searchParams,
        headers: request.headers,
        now: server.now,
        faults: new Set(falling.map(({ kind }) => kind)),
        market,
        series,
        keys: TEST_KEYS,
      };
      return await respond(asked, falling, closing.signal);
    },
  );
  const server: TestServer = {
    url: `http://127.0.0.1:${http.addr.port}`,
    now,
    market,
    series,
    seen,
    waits,
    fail: faults.add,
    heal: faults.clear,
    options: (other = {}) => ({
      baseUrl: server.url,
      keys: TEST_KEYS,
      clock: { now: () => server.now, elapsed: () => 0 },
      sleep: (ms, signal) => {
        waits.push(ms);
        return signal?.aborted ? Promise.reject(signal.reason) : Promise.resolve();
      },
      ...other,
    }),
    async close() {
      closing.abort();
      await http.finished;
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
  return server;
}

async function respond(
  asked: Asked,
  falling: readonly Fault[],
  closing: AbortSignal,
): Promise<Response> {
  let reply: Reply = { status: 404, body: "Not Found", type: "text/plain" };
  for (const route of ROUTES) reply = route(asked) ?? reply;
  const headers = new Headers({
    "content-type": reply.type ?? "application/json",
    date: httpDate(asked.now),
  });
  let body: BodyInit = reply.body;
  for (const fault of falling) {
    if (fault.kind === "status") {
      const { status, headers: more = {}, body: text = `status ${status}` } = fault;
      reply = { status, body: text };
      body = text;
      // order: no one asks in which order headers come
      for (const [name, value] of Object.entries(more)) headers.set(name, value);
    } else if (fault.kind === "hang") {
      await new Promise((resolve) => closing.addEventListener("abort", resolve, { once: true }));
    } else if (fault.kind === "skew") headers.set("date", httpDate(asked.now + fault.ms));
    else if (fault.kind === "content_type") headers.set("content-type", "text/plain");
    else if (fault.kind === "html") {
      headers.set("content-type", "text/html");
      body = "<!DOCTYPE html>\n<html><body>Down for maintenance</body></html>";
    } else if (fault.kind === "cut") body = reply.body.slice(0, Math.floor(reply.body.length / 2));
    else if (fault.kind === "body") body = fault.body;
    else if (fault.kind === "huge") body = " ".repeat(fault.bytes);
    else if (fault.kind === "slow") body = halves(reply.body, fault.delayMs);
    else if (fault.kind === "break") {
      headers.set("content-length", String(new TextEncoder().encode(reply.body).length + 1));
      body = halves(reply.body, 0);
    }
  }
  return new Response(body, { status: reply.status, headers });
}

/** A body in two halves, with a wait between them. */
function halves(text: string, delayMs: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  const middle = Math.floor(bytes.length / 2);
  let timer: ReturnType<typeof setTimeout> | undefined;
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes.slice(0, middle));
      timer = setTimeout(() => {
        controller.enqueue(bytes.slice(middle));
        controller.close();
      }, delayMs);
    },
    cancel: () => clearTimeout(timer),
  });
}
