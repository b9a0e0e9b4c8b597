import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { parseTime } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import { firstAnswer } from "./asking.ts";
import { type Line, openLine } from "./line.ts";
import { throughLibrary } from "./through_library.ts";

type Seen = { readonly method: string; readonly path: string; readonly body: string };

/** A line to a server that answers as `reply` says; time stands still but for what is waited. */
async function withLine(
  reply: (seen: Seen) => Response | Promise<Response>,
  proof: (line: Line, seen: readonly Seen[], time: { now: number }) => Promise<void>,
): Promise<void> {
  const seen: Seen[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname, search } = new URL(request.url);
      const one = { method: request.method, path: pathname + search, body: await request.text() };
      seen.push(one);
      return await reply(one);
    },
  );
  const time = { now: parseTime("2026-03-02T16:00:00Z") };
  const line = openLine({
    venue: "alpaca",
    baseUrl: `http://127.0.0.1:${server.addr.port}`,
    timeoutMs: 1_000,
    clock: { now: () => time.now, elapsed: () => time.now },
    wait: (ms) => {
      time.now += ms;
      return Promise.resolve();
    },
  });
  try {
    await proof(line, seen, time);
  } finally {
    await server.shutdown();
  }
}

Deno.test("FR-041 a request goes to the host that was checked, whatever host the library names", async () => {
  await withLine(() => new Response("{}"), async (line, seen) => {
    const returned = await line.send("https://api.example.org/v2/orders?a=1", {
      method: "POST",
      body: "text",
    });
    deepStrictEqual(returned, { kind: "answer", status: 200, text: "{}" });
    deepStrictEqual(seen, [{ method: "POST", path: "/v2/orders?a=1", body: "text" }]);
  });
});

Deno.test("FR-041 a redirect is an answer and followed by nobody", async () => {
  const away = () => new Response(null, { status: 307, headers: { location: "/elsewhere" } });
  await withLine(away, async (line, seen) => {
    const returned = await line.send("https://x/v2/orders", { method: "POST", body: "{}" });
    ok(returned.kind === "answer" && returned.status === 307);
    strictEqual(seen.length, 1);
  });
});

Deno.test("FR-041 an answer of more than 16 MiB is lost", async () => {
  const huge = () => new Response(" ".repeat(17 * 2 ** 20));
  await withLine(huge, async (line) => {
    const returned = await line.send("https://x/v2/orders", {});
    ok(returned.kind === "lost" && /more than 16777216 bytes/.test(returned.found));
  });
});

Deno.test("FR-041 who is asked to wait sends nothing until then", async () => {
  let asks = 0;
  const limited = () =>
    ++asks > 1 ? new Response("{}") : new Response("{}", {
      status: 418,
      headers: { "retry-after": "12", date: "Mon, 02 Mar 2026 16:00:00 GMT" },
    });
  await withLine(limited, async (line, seen, time) => {
    await line.send("https://x/a", {});
    const unsent = await line.send("https://x/b", { method: "POST" });
    ok(unsent.kind === "unsent" && /12 s/.test(unsent.found), JSON.stringify(unsent));
    const start = time.now;
    await line.ready();
    strictEqual(time.now - start, 12_000);
    strictEqual((await line.send("https://x/c", {})).kind, "answer");
    deepStrictEqual(seen.map(({ path }) => path), ["/a", "/c"]);
  });
});

Deno.test("SC-007 a library that asks twice in one call is cut off after the first request", async () => {
  await withLine(() => new Response("busy", { status: 503 }), async (line, seen) => {
    const returned = await throughLibrary(line, async (fetchAs) => {
      for (let tries = 0; tries < 3; tries++) {
        const response = await fetchAs("https://x/order", { method: "POST" });
        if (response.ok) return;
      }
    });
    deepStrictEqual(returned, { kind: "answer", status: 503, text: "busy" });
    strictEqual(seen.length, 1);
  });
});

Deno.test("SC-007 what a library makes of an answer does not count, and what it does not send was not sent", async () => {
  await withLine(() => new Response("{}"), async (line, seen) => {
    const fails = await throughLibrary(line, async (fetchAs) => {
      await fetchAs("https://x/order", { method: "POST" });
      throw new Error("cannot parse");
    });
    deepStrictEqual(fails, { kind: "answer", status: 200, text: "{}" });
    const silent = await throughLibrary(line, () => Promise.reject(new Error("bad symbol")));
    strictEqual(silent.kind, "unsent");
    const stopped = await throughLibrary(
      line,
      (fetchAs) => fetchAs("https://x/order"),
      () => "the kill switch is on",
    );
    deepStrictEqual(stopped, { kind: "unsent", found: "the kill switch is on" });
    strictEqual(seen.length, 1);
  });
});

Deno.test("FR-041 of several ways to read something the first that is answered counts, and else the first refusal", async () => {
  const refusing = (message: string) => () => Promise.reject(new Refusal(message));
  strictEqual(await firstAnswer(refusing("a"), refusing("b"), () => Promise.resolve(3)), 3);
  strictEqual(await firstAnswer(() => Promise.resolve(1), refusing("b")), 1);
  await rejects(firstAnswer(refusing("a"), refusing("b")), /^Refusal: a$/);
  await rejects(firstAnswer(() => Promise.reject(new TypeError("bug"))), TypeError);
});
