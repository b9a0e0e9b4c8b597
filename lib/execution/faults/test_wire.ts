import type { BrokerRequest } from "./test_venue.ts";

/** What goes back over the wire. */
export type WireReply =
  /** The connection is closed without a word, after so many real milliseconds. */
  | { readonly kind: "drop"; readonly delayMs?: number }
  | {
    readonly kind: "answer";
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    /** Half of the body is sent, then the connection is closed. */
    readonly cut?: boolean;
    readonly delayMs?: number;
  };

/** Answers one request after the other. */
export type WireHandler = (request: BrokerRequest) => WireReply;

/** An HTTP/1.1 server on loopback. */
export interface Wire {
  readonly url: string;
  close(): Promise<void>;
}

const HEAD_END = "\r\n\r\n";

/** Listens on a free port of 127.0.0.1. By hand, as no server of the runtime closes a connection without an answer. */
export function openWire(handler: WireHandler): Wire {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections = new Set<Deno.Conn>();
  const timers = new Set<() => void>();
  const wait = (ms: number) =>
    new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        timers.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      timers.add(done);
    });

  const serve = async (connection: Deno.Conn) => {
    connections.add(connection);
    try {
      const incoming = requestsOf(connection);
      for await (const request of incoming) {
        const reply = handler(request);
        if (reply.delayMs !== undefined) await wait(reply.delayMs);
        if (reply.kind === "drop") break;
        await send(connection, reply);
        if (reply.cut) break;
      }
    } catch (error) {
      // Clients go away, and so does the whole server.
      if (!isGone(error)) throw error;
    } finally {
      connections.delete(connection);
      closeQuietly(connection);
    }
  };
  const running = (async () => {
    const served: Promise<void>[] = [];
    for await (const connection of listener) served.push(serve(connection));
    await Promise.all(served);
  })();
  return {
    url: `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
    async close() {
      listener.close();
      for (const done of timers) done();
      for (const connection of connections) closeQuietly(connection);
      await running;
    },
  };
}

function isGone(error: unknown): boolean {
  return [
    Deno.errors.BadResource,
    Deno.errors.BrokenPipe,
    Deno.errors.ConnectionReset,
    Deno.errors.Interrupted,
    Deno.errors.ConnectionAborted,
  ].some((kind) => error instanceof kind);
}

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

async function* requestsOf(connection: Deno.Conn): AsyncIterable<BrokerRequest> {
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(16_384);
  let text = "";
  const more = async () => {
    const count = await connection.read(chunk);
    if (count !== null) text += decoder.decode(chunk.subarray(0, count), { stream: true });
    return count !== null;
  };
  for (;;) {
    while (!text.includes(HEAD_END)) if (!await more()) return;
    const headEnd = text.indexOf(HEAD_END);
    const [first = "", ...lines] = text.slice(0, headEnd).split("\r\n");
    text = text.slice(headEnd + HEAD_END.length);
    const headers = new Map(lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }));
    // Bodies of trading requests are ASCII: a character is a byte.
    const take = async (length: number) => {
      while (text.length < length) if (!await more()) return undefined;
      const taken = text.slice(0, length);
      text = text.slice(length);
      return taken;
    };
    const chunked = headers.get("transfer-encoding") === "chunked";
    const body = chunked
      ? await chunksOf(take)
      : await take(Number(headers.get("content-length") ?? 0));
    if (body === undefined) return;
    const [method = "", target = "/"] = first.split(" ");
    yield requestOf(method, target, headers, body);
  }
}

/** Chunks of a body without a length, joined. */
async function chunksOf(
  take: (length: number) => Promise<string | undefined>,
): Promise<string | undefined> {
  for (let body = "";;) {
    let size = "";
    while (!size.endsWith("\r\n")) {
      const letter = await take(1);
      if (letter === undefined) return undefined;
      size += letter;
    }
    const length = parseInt(size, 16);
    const chunk = await take(length + 2);
    if (chunk === undefined) return undefined;
    if (length === 0) return body;
    body += chunk.slice(0, length);
  }
}

function requestOf(
  method: string,
  target: string,
  headers: ReadonlyMap<string, string>,
  body: string,
): BrokerRequest {
  const [path = "/", rawQuery = ""] = target.split("?");
  return { method, path, rawQuery, query: new URLSearchParams(rawQuery), headers, body };
}

async function send(
  connection: Deno.Conn,
  { status, headers, body, cut = false }: WireReply & { readonly kind: "answer" },
): Promise<void> {
  const bytes = new TextEncoder().encode(body);
  const lines = Object.entries({
    ...headers,
    ...(status === 204 ? {} : { "content-length": String(bytes.length) }),
  }).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const head = new TextEncoder().encode(`HTTP/1.1 ${status} x\r\n${lines}\r\n`);
  const sent = cut ? bytes.subarray(0, Math.floor(bytes.length / 2)) : bytes;
  const all = new Uint8Array(head.length + sent.length);
  all.set(head);
  all.set(sent, head.length);
  for (let at = 0; at < all.length;) at += await connection.write(all.subarray(at));
}

/** The same handler without a network, for thousands of sessions: breaks as `fetch` breaks. */
export function wireFetch(handler: WireHandler): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const { pathname, search } = new URL(request.url);
    const headers = new Map(
      [...request.headers].map(([name, value]) => [name.toLowerCase(), value]),
    );
    const body = await request.text();
    request.signal.throwIfAborted();
    const reply = handler(requestOf(request.method, pathname + search, headers, body));
    if (reply.delayMs !== undefined) await delay(reply.delayMs, request.signal);
    if (reply.kind === "drop") {
      throw new TypeError("error sending request: connection closed before message completed");
    }
    const { status, cut = false } = reply;
    const whole = status === 204 ? null : reply.body;
    return new Response(cut ? broken(reply.body) : whole, { status, headers: reply.headers });
  };
}

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}

function broken(body: string): ReadableStream<Uint8Array> {
  const half = new TextEncoder().encode(body.slice(0, Math.floor(body.length / 2)));
  let sent = false;
  return new ReadableStream({
    pull(controller) {
      if (sent) controller.error(new TypeError("error reading a body from connection"));
      else controller.enqueue(half);
      sent = true;
    },
  });
}
