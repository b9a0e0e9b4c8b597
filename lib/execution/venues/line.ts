import type { Clock } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import { parseHttpDate, retryAfterMs } from "../../core/http_time.ts";
import { textWithin } from "../../core/response_text.ts";

/** Waits that many milliseconds. */
export type Wait = (ms: number) => Promise<void>;

/** How one host of a venue is reached. */
export interface LineSettings {
  readonly venue: string;
  /** Checked before, without a slash at its end. */
  readonly baseUrl: string;
  /** For one request, the body of its answer included. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly wait?: Wait | undefined;
  /** A server without a network, for tests that take no time. */
  readonly fetch?: typeof fetch | undefined;
}

/** A request as a client library hands it to its `fetch`; whatever else it says is not heeded. */
export interface Outgoing {
  readonly method?: string | undefined;
  readonly headers?: HeadersInit | undefined;
  readonly body?: string | undefined;
}

/** What came back of one request: a whole answer, or none that can be told. */
export type Returned =
  | { readonly kind: "answer"; readonly status: number; readonly text: string }
  | { readonly kind: "lost"; readonly found: string }
  /** Nothing has left this machine. */
  | { readonly kind: "unsent"; readonly found: string };

/** One host of a venue: one request at a time out of each call, never sent again by itself. */
export interface Line {
  /** Sends the request to the base URL, whatever host `url` names. Never throws. */
  send(url: string, outgoing: Outgoing): Promise<Returned>;
  /** Waits until the venue may be asked again; a Refusal when that is longer than a caller should wait. */
  ready(): Promise<void>;
  readonly wait: Wait;
}

const MAX_BYTES = 16 * 2 ** 20;
/** Told to wait longer than this, reads give up. */
const LONGEST_WAIT_MS = 30_000;
/** What to wait when a venue says "too many" and not for how long. */
const USUAL_WAIT_MS = 1_000;

/** Opens the line to a host; nothing is sent before `send`. */
export function openLine(settings: LineSettings): Line {
  const { venue, baseUrl, clock, wait = realWait } = settings;
  let notBefore = -Infinity;
  return {
    wait,
    async send(url, outgoing) {
      const left = notBefore - clock.elapsed();
      if (left > 0) {
        return { kind: "unsent", found: `the venue's wish to be left alone for ${seconds(left)}` };
      }
      const { returned, heed } = await sendOnce(settings, `${baseUrl}${pathOf(url)}`, outgoing);
      if (heed !== undefined) notBefore = clock.elapsed() + heed;
      return returned;
    },
    async ready() {
      const left = notBefore - clock.elapsed();
      if (left <= 0) return;
      if (left > LONGEST_WAIT_MS) {
        throw new Refusal(
          `Cannot ask ${venue}: found its wish to be left alone for ${seconds(left)}, ` +
            "expected to be let in: run again later",
        );
      }
      await wait(left);
      notBefore = -Infinity; // waited for, even where the clock stands still
    },
  };
}

function realWait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1_000)} s`;
}

/** The library may think of another host: keys go to the one that was checked. */
function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

async function sendOnce(
  { timeoutMs, clock, fetch: fetchAs }: LineSettings,
  url: string,
  { method = "GET", headers = {}, body }: Outgoing,
): Promise<{ returned: Returned; heed?: number }> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  const client = method === "GET" || fetchAs ? undefined : freshConnection();
  try {
    const response = await (fetchAs ?? fetch)(url, {
      ...(client === undefined ? {} : { client }),
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      redirect: "manual", // followed, keys would go to whom we do not know
      signal: timeout.signal,
    });
    const { status } = response;
    const heed = heedMs(response, clock);
    const text = await textWithin(response, MAX_BYTES);
    const returned: Returned = text === undefined
      ? { kind: "lost", found: `an answer of more than ${MAX_BYTES} bytes` }
      : { kind: "answer", status, text };
    return heed === undefined ? { returned } : { returned, heed };
  } catch (error) {
    const found = timeout.signal.aborted
      ? `no whole answer within ${timeoutMs} ms`
      : connectionTrouble(error);
    return { returned: { kind: "lost", found } };
  } finally {
    clearTimeout(timer);
    client?.close();
  }
}

/**
 * A connection that nobody has used. On a reused one that closes without an answer the runtime's `fetch` sends the request
 * again by itself, a POST too (measured, Deno 2.9.6): the second order of a broker that had accepted the first.
 */
function freshConnection(): Deno.HttpClient {
  return Deno.createHttpClient({ poolMaxIdlePerHost: 0, http2: false });
}

/** How long the venue asks to be left alone; undefined when it does not. 418 is Binance's answer to those who go on. */
function heedMs({ status, headers }: Response, clock: Clock): number | undefined {
  const now = parseHttpDate(headers.get("date")) ?? clock.now();
  const asked = retryAfterMs(headers, now);
  if (asked !== undefined && status >= 400) return asked;
  return status === 429 || status === 418 ? USUAL_WAIT_MS : undefined;
}

/** What a failed fetch says holds the URL and with it a signature, so only its kind is passed on. */
function connectionTrouble(error: unknown): string {
  if (!(error instanceof Error)) return "no answer";
  const { name, message, cause } = error;
  if (name === "NotCapable") return "no permission to reach that host";
  const words = `${message} ${cause instanceof Error ? cause.message : ""}`;
  if (/dns|lookup/i.test(words)) return "no such host, or no network";
  if (/refused/i.test(words)) return "connection refused";
  if (/certificate|tls/i.test(words)) return "no connection that can be trusted";
  if (/\(Connect\)|unreachable/i.test(words)) return "no connection";
  return "an answer that broke off";
}
