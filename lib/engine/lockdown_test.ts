import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";

/** Clocks, chance, ways out, and ways to watch other threads: none may be left in a sandbox. */
const FORBIDDEN = [
  "Date",
  "Temporal",
  "performance",
  "Performance",
  "Intl",
  "crypto",
  "Crypto",
  "process",
  "Buffer",
  "global",
  "Deno",
  "fetch",
  "Request",
  "Response",
  "XMLHttpRequest",
  "WebSocket",
  "WebSocketStream",
  "WebTransport",
  "EventSource",
  "BroadcastChannel",
  "MessageChannel",
  "MessagePort",
  "MessageEvent",
  "Worker",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "clearTimeout",
  "clearInterval",
  "queueMicrotask",
  "structuredClone",
  "Atomics",
  "SharedArrayBuffer",
  "WebAssembly",
  "WeakRef",
  "FinalizationRegistry",
  "Event",
  "EventTarget",
  "AbortSignal",
  "AbortController",
  "File",
  "Blob",
  "URL",
  "navigator",
  "location",
  "console",
  "postMessage",
  "close",
  "onmessage",
  "addEventListener",
  "removeEventListener",
  "reportError",
  "importScripts",
  "self",
  "caches",
  "localStorage",
  "indexedDB",
  "GPU",
  "ShadowRealm",
  "eval",
  "gc",
];

/** A question to a sandbox: what code there finds, or why it was refused. */
type Ask = (question: string) => Promise<string>;

async function inSandbox(use: (ask: Ask) => Promise<void>): Promise<void> {
  const worker = new Worker(new URL("./test_lockdown_worker.ts", import.meta.url), {
    type: "module",
    deno: { permissions: "none" },
  });
  try {
    await use((question) =>
      new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = (event) => {
          event.preventDefault();
          reject(new Error(event.message));
        };
        worker.postMessage(question);
      })
    );
  } finally {
    worker.terminate();
  }
}

Deno.test("FR-018 a sandboxed model finds no clock, no chance and no way out", async (test) => {
  await inSandbox(async (ask) => {
    strictEqual(await ask("Float64Array"), "function", "what is there is found");
    for (const name of FORBIDDEN) {
      await test.step(`${name} is gone`, async () => strictEqual(await ask(name), "undefined"));
    }
  });
});

Deno.test("FR-018 all that is listed as removed is gone", async () => {
  await inSandbox(async (ask) => {
    const removed = (await ask("removed")).split(",");
    ok(removed.length > 100, `${removed.length} names`);
    ok(removed.includes("Date") && removed.includes("queueMicrotask"));
    // The runtime tells of failures there; a model that calls it gets nothing.
    deepStrictEqual(
      new Set((await ask("left")).split(",")),
      new Set(["constructor", "dispatchEvent"]),
    );
  });
});

Deno.test("FR-018 the names that stay are plain computation", async () => {
  await inSandbox(async (ask) => {
    const names = (await ask("names")).split(",");
    const odd = names.filter((name) => !(/^[A-Z]/.test(name) || LOWER_CASE.includes(name)));
    // The schema library keeps its settings there.
    deepStrictEqual(odd, ["__zod_globalConfig", "__zod_globalRegistry", "dispatchEvent"]);
    ok(names.length < 60, names.join());
  });
});

const LOWER_CASE = [
  "decodeURI",
  "decodeURIComponent",
  "encodeURI",
  "encodeURIComponent",
  "globalThis",
  "isFinite",
  "isNaN",
  "parseFloat",
  "parseInt",
  "undefined",
];

Deno.test("FR-018 no code is made from text, by whatever maker", async () => {
  await inSandbox(async (ask) => {
    for (
      const maker of [
        "functionFromName",
        "functionFromArrow",
        "functionFromAsync",
        "functionFromGenerator",
        "functionFromAsyncGenerator",
        "functionFromClass",
        "functionFromMethod",
        "functionFromParent",
        "evalByName",
      ]
    ) ok((await ask(maker)).startsWith("threw TypeError"), `${maker}: ${await ask(maker)}`);
  });
});

for (
  const attempt of [
    "listenersSwapped",
    "listenersReplaced",
    "listenersAdded",
    "listenerStateReplaced",
    "forgedMessage",
  ]
) {
  Deno.test(`FR-018 a model cannot put itself between the sandbox and its caller: ${attempt}`, async () => {
    await inSandbox(async (ask) => {
      const answer = await ask(attempt);
      ok(answer === "false" || answer.startsWith("threw"), answer);
      strictEqual(await ask("sorts"), "1,2,3", "the sandbox still answers");
    });
  });
}

Deno.test("FR-018 Math has no dice, and no text depends on the machine's language", async () => {
  await inSandbox(async (ask) => {
    for (
      const question of [
        "dice",
        "numberText",
        "bigintText",
        "arrayText",
        "columnText",
        "compareText",
        "lowerText",
      ]
    ) {
      ok(
        (await ask(question)).startsWith("threw TypeError"),
        `${question}: ${await ask(question)}`,
      );
    }
  });
});

Deno.test("FR-018 what plain computation needs is there", async () => {
  await inSandbox(async (ask) => {
    strictEqual(await ask("sorts"), "1,2,3");
    strictEqual(await ask("json"), `{"a":[1,null]}`);
    strictEqual(await ask("maths"), "4.5");
    strictEqual(await ask("maps"), "1");
    strictEqual(await ask("columns"), "3.5");
    strictEqual(await ask("texts"), "--x1.251180591620717411303424");
  });
});
