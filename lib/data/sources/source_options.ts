import type { Clock } from "../../core/clock.ts";
import type { BarRequest } from "../../core/ports.ts";
import { checkedBaseUrl } from "./base_url.ts";
import { type Ask, httpCaller, type HttpSettings } from "./http.ts";
import type { Sleep } from "./rate_limit.ts";
import type { SourceName } from "./source.ts";
import type { SymbolOverrides } from "./symbols.ts";

/** Keys by the name of the environment variable that holds each. */
export type Keys = Readonly<Record<string, string | undefined>>;

/** How a source is opened. Everything has a default but the keys and the time. */
export interface SourceOptions {
  readonly keys: Keys;
  readonly clock: Clock;
  /** A known host of the source, or loopback. */
  readonly baseUrl?: string | undefined;
  /** How waiting is done; tests pass one that takes no time. */
  readonly sleep?: Sleep | undefined;
  readonly symbols?: SymbolOverrides | undefined;
  /** Alpaca's feed of this moment, for trading: what has just traded is asked for, which iex shows to everybody. */
  readonly live?: "iex" | "sip" | undefined;
  /** For one try at an answer, 30 s by default. */
  readonly timeoutMs?: number | undefined;
  /** Tries at one answer, 5 by default. */
  readonly tries?: number | undefined;
  /** Most bytes of one answer, 64 MiB by default. */
  readonly maxBytes?: number | undefined;
}

/** The caller of a source at the place that the options name. */
export function callerOf(
  source: SourceName,
  options: SourceOptions,
  own: Pick<HttpSettings, "baseUrl" | "limit" | "keyNames" | "explain">,
): Ask {
  const baseUrl = checkedBaseUrl(source, options.baseUrl ?? own.baseUrl);
  const { clock, sleep, timeoutMs, tries, maxBytes, keys } = options;
  const secrets = (own.keyNames ?? []).flatMap((name) => keys[name] || []);
  return httpCaller({ ...own, source, baseUrl, secrets, clock, sleep, timeoutMs, tries, maxBytes });
}

/** A span of time that ends after it begins. Throws RangeError for another. */
export function requireSpan({ from, to }: Pick<BarRequest, "from" | "to">): void {
  if (from < to && Number.isFinite(from) && Number.isFinite(to)) return;
  throw new RangeError(`Cannot ask for what opens from ${from} to ${to}: the end must be later`);
}
