import type { Millis } from "../../core/bars.ts";
import type { Clock } from "../../core/clock.ts";
import { type Random, seededRandom } from "../../core/random.ts";
import { textWithin } from "../../core/response_text.ts";
import { UnusableAnswer } from "./answers.ts";
import { parseHttpDate, retryAfterMs } from "../../core/http_time.ts";
import { type RateLimit, rateLimiter, realSleep, type Sleep } from "./rate_limit.ts";
import type { SourceName } from "./source.ts";
import { refuseDownload } from "./source_refusal.ts";

/** How one source is asked. */
export interface HttpSettings {
  readonly source: SourceName;
  /** Checked before, without a slash at its end. */
  readonly baseUrl: string;
  readonly limit: RateLimit;
  readonly clock: Clock;
  readonly sleep?: Sleep | undefined;
  /** Environment variables that its keys come from. */
  readonly keyNames?: readonly string[];
  /** Keys, which a server may repeat in its answer and we never do. */
  readonly secrets?: readonly string[];
  /** For one try, the body included; 30 s by default. */
  readonly timeoutMs?: number | undefined;
  /** Tries in all; 5 by default. */
  readonly tries?: number | undefined;
  /** Most bytes of one answer; 64 MiB by default. */
  readonly maxBytes?: number | undefined;
  /** What a source says by an answer that is no success; undefined leaves it to its status. */
  readonly explain?: (answer: Answer) => Verdict | undefined;
}

/** What is asked, and how to speak of it. */
export interface Question {
  readonly symbol: string;
  /** From the base URL on, with a slash first. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** What a good answer holds, for refusals. */
  readonly expected: string;
  readonly signal?: AbortSignal | undefined;
}

/** A whole answer of any status. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  /** The earlier of the machine's time and the server's: what lies before it is over by both clocks. */
  readonly time: Millis;
}

/** Why an answer is refused; asked again first when `again`. */
export interface Verdict {
  readonly found: string;
  readonly expected?: string;
  readonly again?: boolean;
}

/** Asks until there is an answer that `read` takes. Throws Refusal when there is none, the signal's reason when aborted. */
export type Ask = <Value>(
  question: Question,
  read: (answer: Answer) => Value,
) => Promise<{ readonly value: Value; readonly time: Millis }>;

/** Host and path of a question, as refusals name it. */
export function askedAt(baseUrl: string, path: string): string {
  return `${baseUrl.replace(/\/+$/, "")}${path}`.replace(/^https?:\/\//, "");
}

/** Trouble with one try: final, or worth another one after a while. */
interface Trouble extends Verdict {
  readonly waitMs?: number | undefined;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** Asked to wait longer than this, a person should decide. */
const LONGEST_RETRY_AFTER_MS = 5 * 60_000;

/** The polite caller of one source: spaced, retried with growing waits, and with every answer checked. */
export function httpCaller(settings: HttpSettings): Ask {
  const { source, baseUrl, clock, limit, tries = 5, secrets = [] } = settings;
  const sleep = settings.sleep ?? realSleep;
  const takeTurn = rateLimiter(limit, { clock, sleep });
  const chance = seededRandom(`${source}/retries`);

  return async (question, read) => {
    const refuse = ({ found: said, expected = question.expected }: Verdict) => {
      const found = secrets.reduce((text, secret) => text.replaceAll(secret, "…"), said);
      const { symbol, path } = question;
      return refuseDownload({ source, symbol, asked: askedAt(baseUrl, path) }, { found, expected });
    };
    for (let attempt = 1;; attempt++) {
      await takeTurn(question.signal);
      const outcome = await tryOnce(settings, question, read);
      if ("value" in outcome) return outcome;
      if (!outcome.again) throw refuse(outcome);
      const waitMs = Math.max(outcome.waitMs ?? 0, backoffMs(attempt, chance));
      if (waitMs > LONGEST_RETRY_AFTER_MS) {
        const found = `${outcome.found}, to be asked again in ${Math.ceil(waitMs / 1_000)} s`;
        throw refuse({ found });
      }
      if (attempt >= tries) {
        throw refuse({ ...outcome, found: `${outcome.found} (${tries} tries)` });
      }
      await sleep(waitMs, question.signal);
    }
  };
}

/** Half a second, doubled each time, of which chance takes up to half so that many callers do not come back as one. */
function backoffMs(attempt: number, chance: Random): number {
  const whole = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
  return whole * (1 - chance.next() / 2);
}

async function tryOnce<Value>(
  settings: HttpSettings,
  question: Question,
  read: (answer: Answer) => Value,
): Promise<{ value: Value; time: Millis } | Trouble> {
  const outcome = await withTimeout(settings, question);
  if ("found" in outcome) return outcome;
  const { answer, headers } = outcome;
  const trouble = judge(settings, answer, headers);
  if (trouble) return trouble;
  try {
    return { value: read(answer), time: answer.time };
  } catch (error) {
    if (!(error instanceof UnusableAnswer)) throw error;
    const { found, expected } = error;
    return { found, again: true, ...(expected === undefined ? {} : { expected }) };
  }
}

async function withTimeout(
  settings: HttpSettings,
  question: Question,
): Promise<{ answer: Answer; headers: Headers } | Trouble> {
  const { timeoutMs = 30_000 } = settings;
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  const { signal } = question;
  try {
    signal?.throwIfAborted();
    const both = signal ? AbortSignal.any([signal, timeout.signal]) : timeout.signal;
    return await fetchWhole(settings, question, both);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (timeout.signal.aborted) {
      return { found: `no whole answer within ${timeoutMs} ms`, again: true };
    }
    return connectionTrouble(error);
  } finally {
    clearTimeout(timer);
  }
}

async function fetchWhole(
  { baseUrl, clock, maxBytes = 64 * 2 ** 20 }: HttpSettings,
  { path, query = {}, headers = {} }: Question,
  signal: AbortSignal,
): Promise<{ answer: Answer; headers: Headers } | Trouble> {
  const url = new URL(`${baseUrl}${path}`);
  // order: as the caller wrote them, which is no one's business but the server's
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const response = await fetch(url, {
    headers: { accept: "application/json, text/csv", ...headers },
    redirect: "manual", // followed, keys would go to whom we do not know
    signal,
  });
  const now = clock.now();
  const time = Math.min(now, parseHttpDate(response.headers.get("date")) ?? now);
  const text = await textWithin(response, maxBytes);
  if (text === undefined) return { found: `more than ${maxBytes} bytes` };
  return { answer: { status: response.status, text, time }, headers: response.headers };
}

/** What is wrong by the status alone, or as the source explains it; undefined for a success. */
function judge(settings: HttpSettings, answer: Answer, headers: Headers): Trouble | undefined {
  const { status } = answer;
  if (status >= 200 && status < 300) return undefined;
  const explained = settings.explain?.(answer);
  if (explained && !explained.again) return explained;
  const waitMs = retryAfterMs(headers, parseHttpDate(headers.get("date")) ?? answer.time);
  if (explained) return { ...explained, waitMs };
  // 418 is Binance's way to say that 429 was not heard.
  const later = [408, 418, 425, 429].includes(status) || status >= 500;
  if (later) return { found: `status ${status}`, again: true, waitMs };
  const { keyNames = [] } = settings;
  if ((status === 401 || status === 403) && keyNames.length > 0) {
    return { found: `a revoked or missing key (status ${status})`, expected: validKeys(keyNames) };
  }
  return { found: `status ${status}` };
}

/** What is expected of the environment. */
export function validKeys(names: readonly string[]): string {
  return `valid ${names.join(" and ")} in the environment or .env`;
}

/** What a failed fetch says holds the URL and with it the query, so only its kind is passed on. */
function connectionTrouble(error: unknown): Trouble {
  if (!(error instanceof Error)) throw error;
  const { name, message, cause } = error;
  if (name === "NotCapable") return { found: "no permission to reach that host" };
  if (!(error instanceof TypeError) && !("code" in error)) throw error;
  const words = `${message} ${cause instanceof Error ? cause.message : ""}`;
  if (/dns|lookup/i.test(words)) return { found: "no such host, or no network", again: true };
  if (/refused/i.test(words)) return { found: "connection refused", again: true };
  if (/certificate|tls/i.test(words)) return { found: "no connection that can be trusted" };
  if (/\(Connect\)|unreachable/i.test(words)) return { found: "no connection", again: true };
  return { found: "an answer that broke off", again: true };
}
