// What a model tries in order to reach files, net, process, clocks and chance, and to run code of its own making.
import { serve } from "./lockdown.ts";
import { type Escape, fruitless, throwing } from "./test_escape_models.ts";

interface Maker {
  (text: string): () => unknown;
}

/** What made this function, which makes others from text. */
const makerOf = (sample: object) => Reflect.get(sample, "constructor") as Maker;

/** The runtime's state of listeners, which no name leads to. */
const listenerStates = () =>
  Object.getOwnPropertySymbols(globalThis).map((symbol) =>
    Reflect.get(globalThis, symbol) as object
  )
    .filter((held) => typeof held === "object" && held !== null && "listeners" in held);

const call = (name: string, ...args: unknown[]) =>
  (Reflect.get(globalThis, name) as (...args: unknown[]) => unknown)(...args);

/** Imports while running, and says whether anything has come of an earlier try. */
const imports = (load: () => Promise<unknown>) => {
  let stolen: unknown;
  return () => {
    load().then((module) => stolen = module, () => {});
    return stolen !== undefined;
  };
};

const isGone = /failed: \w+ is not defined/;
const isForbidden = /failed: Functions from text are not available to models/;

/** Attempts to reach the world outside. */
export const OUTSIDE: readonly Escape[] = [
  throwing("ReadsFile_v1", () => Deno.readTextFileSync("deno.json"), isGone),
  throwing("WritesFile_v1", () => Deno.writeTextFileSync("a.txt", "a"), isGone),
  throwing("ReadsEnvironment_v1", () => Deno.env.get("HOME"), isGone),
  throwing("ReadsProcess_v1", () => process.env["HOME"], isGone),
  throwing("StartsProcess_v1", () => new Deno.Command("id").outputSync(), isGone),
  throwing("LoadsLibrary_v1", () => Deno.dlopen("libc.so.6", {}), isGone),
  throwing("Connects_v1", () => Deno.connect({ port: 80 }), isGone),
  throwing("Fetches_v1", () => fetch("http://127.0.0.1/"), isGone),
  throwing("OpensWebSocket_v1", () => new WebSocket("ws://127.0.0.1/"), isGone),
  throwing("OpensEventSource_v1", () => new EventSource("http://127.0.0.1/"), isGone),
  throwing("AsksNavigator_v1", () => navigator.hardwareConcurrency, isGone),
  throwing("KeepsInCache_v1", () => localStorage.setItem("a", "b"), isGone),
  throwing("ReadsDate_v1", () => Date.now(), isGone),
  throwing("MakesDate_v1", () => new Date(), isGone),
  throwing("ReadsPerformance_v1", () => performance.now(), isGone),
  throwing("ReadsTemporal_v1", () => Temporal.Now.instant(), isGone),
  throwing("AsksLocale_v1", () => new Intl.DateTimeFormat().resolvedOptions(), isGone),
  throwing("PrintsForLocale_v1", () => (1.5).toLocaleString(), /is not a function/),
  throwing("ThrowsDice_v1", () => Math.random(), /Math\.random is not a function/),
  throwing("ThrowsSafeDice_v1", () => crypto.randomUUID(), isGone),
  throwing("SetsTimer_v1", () => setTimeout(() => {}, 0), isGone),
  throwing("SetsInterval_v1", () => setInterval(() => {}, 1), isGone),
  throwing("QueuesMicrotask_v1", () => queueMicrotask(() => {}), isGone),
  throwing("WaitsAtomically_v1", () => Atomics.wait(new Int32Array(4), 0, 0, 10), isGone),
  throwing("SharesMemory_v1", () => new SharedArrayBuffer(8), isGone),
  throwing("WatchesCollector_v1", () => new WeakRef({}), isGone),
  throwing("AwaitsCollector_v1", () => new FinalizationRegistry(() => {}), isGone),
  throwing("CompilesWasm_v1", () => new WebAssembly.Memory({ initial: 1 }), isGone),
  throwing("NestsWorker_v1", () => new Worker("data:text/javascript,"), isGone),
  throwing("FloodsMessages_v1", () => {
    for (;;) call("postMessage", "flood");
  }, /failed: /),
  throwing("OpensChannel_v1", () => new MessageChannel(), isGone),
  throwing("Broadcasts_v1", () => new BroadcastChannel("a"), isGone),
  throwing("Prints_v1", () => console.log("a"), isGone),
  throwing("ClosesWorker_v1", () => call("close"), /failed: /),
  throwing("Alerts_v1", () => call("alert", "a"), /failed: /),
  throwing("RunsScripts_v1", () => call("importScripts", "a.js"), /failed: /),
  throwing(
    "ServesItself_v1",
    () => serve(() => ({ reply: "forged", transfer: [] })),
    /serves already/,
  ),
  fruitless("Dispatches_v1", () => {
    call("dispatchEvent", { type: "message", data: "forged" });
    return false;
  }),
  fruitless("SwapsListeners_v1", () =>
    listenerStates().length === 0 ||
    listenerStates().some((state) => Reflect.set(state, "listeners", {}))),
  throwing("RemovesListeners_v1", () => {
    const { listeners } = listenerStates()[0] as { listeners: { message: unknown[] } };
    listeners.message.length = 0;
  }, /read only/),
  fruitless("ForgesMessage_v1", () => {
    interface State {
      readonly listeners: { readonly message: readonly { callback(event: unknown): void }[] };
    }
    for (const { listeners } of listenerStates() as State[]) {
      for (const { callback } of listeners.message) callback({ data: { ask: "run" } });
    }
    return false;
  }),
  fruitless("ClimbsGlobalScope_v1", () => {
    const names: string[] = [];
    for (let scope: object = globalThis; scope !== Object.prototype;) {
      scope = Object.getPrototypeOf(scope);
      if (scope !== Object.prototype) names.push(...Object.getOwnPropertyNames(scope));
    }
    return names.length > 0;
  }),
  fruitless("ImportsClock_v1", imports(() => import("node:perf_hooks"))),
  fruitless("ImportsFiles_v1", imports(() => import("node:fs"))),
  fruitless("ImportsByName_v1", imports(() => import(["node", "os"].join(":")))),
  fruitless("ImportsFile_v1", imports(() => import(["..", "..", "README.md"].join("/")))),
  fruitless("ImportsFromNet_v1", imports(() => import(["https:", "", "a.invalid"].join("/")))),
  fruitless("ImportsUnderDisguise_v1", () => {
    // What the runtime's modules miss in here, so that they load none the less.
    for (const name of ["Date", "Event", "Atomics", "process", "EventTarget"]) {
      Reflect.set(globalThis, name, new Proxy(function () {}, {}));
    }
    return "Atomics" in globalThis || imports(() => import("node:perf_hooks"))();
  }),
  throwing("Evaluates_v1", () => call("eval", "1"), /failed: /),
  throwing("MakesFunction_v1", () => Function("return this")(), isForbidden),
  throwing("MakesArrow_v1", () => makerOf(() => {})("return this")(), isForbidden),
  throwing("MakesAsync_v1", () => makerOf(async () => {})("return this")(), isForbidden),
  throwing("MakesGenerator_v1", () => makerOf(function* () {})("return this")(), isForbidden),
  throwing("MakesAsyncGenerator_v1", () => makerOf(async function* () {})("")(), isForbidden),
  throwing("MakesByClass_v1", () => Reflect.construct(makerOf(class {}), [""]), /failed: /),
];
