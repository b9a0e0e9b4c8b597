/**
 * Empties the global scope of a sandbox worker before any model is loaded: what is not on the list below is gone, every
 * clock and every source of chance among it, and what stays is frozen. Import this first; it acts when it is evaluated.
 */
import { harden, intrinsics, isObject } from "./harden.ts";

// What plain, deterministic computation needs, and nothing that looks outside.
const PURE: readonly string[] = [
  "AggregateError",
  "Array",
  "ArrayBuffer",
  "BigInt",
  "BigInt64Array",
  "BigUint64Array",
  "Boolean",
  "DataView",
  "Error",
  "EvalError",
  "Float16Array",
  "Float32Array",
  "Float64Array",
  "Function",
  "Infinity",
  "Int16Array",
  "Int32Array",
  "Int8Array",
  "Iterator",
  "JSON",
  "Map",
  "Math",
  "NaN",
  "Number",
  "Object",
  "Promise",
  "Proxy",
  "RangeError",
  "ReferenceError",
  "Reflect",
  "RegExp",
  "Set",
  "String",
  "Symbol",
  "SyntaxError",
  "TypeError",
  "URIError",
  "Uint16Array",
  "Uint32Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "WeakMap",
  "WeakSet",
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

/** Names that a sandboxed model does not find, for the tests that ask for each. */
export const REMOVED: string[] = [];

interface WorkerScope {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
}

const scope = globalThis as unknown as WorkerScope;
const send = scope.postMessage.bind(scope);
const listen = scope.addEventListener.bind(scope);
// No model ever sees a real event, so none can make one that looks like this.
const realEvent: unknown = MessageEvent.prototype;
const rejection: unknown = PromiseRejectionEvent.prototype;
const { preventDefault } = Event.prototype;
let serving = false;
let brokenPromise = false;

/** Answers a message from outside; `spoilt` when a promise of an earlier one has failed since, and nobody caught it. */
export type Answer = (
  message: unknown,
  spoilt: boolean,
) => { reply: unknown; transfer: Transferable[] };

/** Answers each message; the only way in or out that is left. Throws TypeError where one serves already. */
export function serve(answer: Answer): void {
  if (serving) throw new TypeError("This sandbox serves already");
  serving = true;
  let busy = false;
  listen("message", (event) => {
    if (busy || Object.getPrototypeOf(event) !== realEvent) return;
    busy = true;
    const { reply, transfer } = answer(event.data, brokenPromise);
    busy = false;
    send(reply, transfer);
  });
  freezeListeners();
}

/** Deno keeps listeners under a symbol of the global object; a model must not swap them. */
function freezeListeners(): void {
  for (const symbol of Object.getOwnPropertySymbols(globalThis)) {
    const held = (globalThis as unknown as Record<symbol, unknown>)[symbol];
    if (held === null || typeof held !== "object" || !("listeners" in held)) continue;
    const { listeners } = held as { listeners: Record<string, readonly object[]> };
    for (const list of Object.values(listeners)) {
      list.forEach(Object.freeze);
      Object.freeze(list);
    }
    Object.freeze(listeners);
    Object.freeze(held);
    Object.defineProperty(globalThis, symbol, { writable: false, configurable: false });
  }
}

/**
 * Removes every global that is not pure, and the functions that tell time, place or luck from those that stay. What the
 * engine and all models share (`Math`, arrays, maps …) can then no longer be changed by any of them.
 */
export function lockDown(): void {
  const pure = new Set(PURE);
  for (let object: object | null = globalThis; object; object = Object.getPrototypeOf(object)) {
    if (object === Object.prototype) break;
    for (const name of Object.getOwnPropertyNames(object)) {
      if (pure.has(name)) continue;
      remove(object, name);
      REMOVED.push(name);
    }
  }
  remove(Math, "random");
  forbidCodeFromText();
  for (const { prototype } of [Number, BigInt, Array, Object, String]) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      if (name.startsWith("toLocale") || name === "localeCompare") remove(prototype, name);
    }
  }
  // RegExp.$1 and its like remember the last text that anybody matched.
  for (const name of Object.getOwnPropertyNames(RegExp)) {
    if (!["length", "name", "prototype"].includes(name)) remove(RegExp, name);
  }
  Error.stackTraceLimit = 0; // a stack tells paths of this machine
  harden(intrinsics());
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    Object.defineProperty(globalThis, name, { writable: false, configurable: false });
  }
  Object.defineProperty(globalThis, "dispatchEvent", { value: Object.freeze(hearRuntime) });
}

/**
 * The one name that the runtime itself looks up to tell of failures, and would hide them behind its own if it found
 * nothing. Of a promise that failed it would print lines of its own; every other failure takes its course.
 */
function hearRuntime(event: unknown): boolean {
  if (!isObject(event) || Object.getPrototypeOf(event) !== rejection) return true;
  brokenPromise = true;
  preventDefault.call(event as Event);
  return false;
}

/** Functions made from text could import modules that no check has seen: none of the four constructors works. */
function forbidCodeFromText(): void {
  const refuse = () => {
    throw new TypeError("Functions from text are not available to models");
  };
  const samples = [function () {}, async function () {}, function* () {}, async function* () {}];
  for (const sample of samples) {
    const prototype = Object.getPrototypeOf(sample) as object;
    Reflect.defineProperty(prototype, "constructor", { value: refuse, writable: false });
  }
  Reflect.defineProperty(globalThis, "Function", { value: refuse, writable: false });
  Reflect.deleteProperty(globalThis, "eval");
}

/** Some names stand in layers, one behind the other: all of them go. */
function remove(object: object, name: string): void {
  while (Object.hasOwn(object, name)) {
    if (Reflect.deleteProperty(object, name)) continue;
    Reflect.defineProperty(object, name, { value: undefined, writable: false });
    return;
  }
}

// Deno binds its own microtask queue the first time it is used, and reads it from the global scope to do so.
(globalThis as unknown as { queueMicrotask(task: () => void): void }).queueMicrotask(() => {});
lockDown();
