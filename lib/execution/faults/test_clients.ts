import { createHmac } from "node:crypto";
import { parseTime } from "../../core/clock.ts";
import type { FaultBroker } from "./test_fault_broker.ts";

/** A Monday with the New York market open, a second after an H4 close. */
export const OPEN = parseTime("2026-03-02T16:00:01Z");

/**
 * Fetch without kept connections. Deno 2.9.6 sends a POST again, by itself, when a kept connection breaks before the
 * answer, although the server had all of it: that alone makes two orders of one.
 */
export function singleFetch(): { readonly send: typeof fetch } & Disposable {
  const client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  return {
    send: (input, init) => fetch(input, { ...init, client }),
    [Symbol.dispose]: () => client.close(),
  };
}

/** An answer, read. */
export interface Got {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON. */
  // deno-lint-ignore no-explicit-any -- answers are looked at field by field
  readonly json: any;
}

async function read(response: Response): Promise<Got> {
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    json: text === "" ? undefined : JSON.parse(text),
  };
}

/** Bare requests to a broker that speaks Alpaca. */
export function alpacaClient(broker: FaultBroker, send: typeof fetch = fetch) {
  const headers = {
    "apca-api-key-id": broker.keys.id,
    "apca-api-secret-key": broker.keys.secret,
    "content-type": "application/json",
  };
  const ask = async (method: string, path: string, body?: unknown) =>
    await read(
      await send(broker.url + path, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  return {
    get: (path: string) => ask("GET", path),
    post: (path: string, body: unknown) => ask("POST", path, body),
    del: (path: string) => ask("DELETE", path),
  };
}

/** Bare signed requests to a broker that speaks Binance. */
export function binanceClient(broker: FaultBroker, send: typeof fetch = fetch) {
  const signed = async (method: string, path: string, fields: Record<string, string> = {}) => {
    const query = new URLSearchParams({ timestamp: String(broker.clock.now()), ...fields });
    const signature = createHmac("sha256", broker.keys.secret).update(String(query)).digest("hex");
    const text = `${query}&signature=${signature}`;
    const headers = {
      "x-mbx-apikey": broker.keys.id,
      "content-type": "application/x-www-form-urlencoded",
    };
    return await read(
      method === "POST"
        ? await send(broker.url + path, { method, headers, body: text })
        : await send(`${broker.url}${path}?${text}`, { method, headers }),
    );
  };
  return {
    open: async (path: string) => await read(await send(broker.url + path)),
    get: (path: string, fields?: Record<string, string>) => signed("GET", path, fields),
    post: (path: string, fields?: Record<string, string>) => signed("POST", path, fields),
    del: (path: string, fields?: Record<string, string>) => signed("DELETE", path, fields),
  };
}
