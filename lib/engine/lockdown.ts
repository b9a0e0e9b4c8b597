/**
 * Empties the global scope of a sandbox worker before any model is loaded: what is not on the list below is gone, every
 * clock and every source of chance among it. Import this first; it acts when it is evaluated.
 */

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

/** Answers each message from outside; the only way in or out that is left. */
export function serve(answer: (message: unknown) => { reply: unknown; transfer: Transferable[] }) {
  let busy = false;
  listen("message", (event) => {
    if (busy || Object.getPrototypeOf(event) !== realEvent) return;
    busy = true;
    seal();
    const { reply, transfer } = answer(event.data);
    busy = false;
    send(reply, transfer);
  });
  freezeListeners();
}

const INTRINSICS: readonly object[] = [
  Object,
  Array,
  ArrayBuffer,
  BigInt,
  Boolean,
  DataView,
  Float64Array,
  Int32Array,
  Uint8Array,
  Iterator,
  Map,
  Number,
  Promise,
  RegExp,
  Set,
  String,
  Symbol,
  WeakMap,
  WeakSet,
  Object.getPrototypeOf(Float64Array) as object,
];

/**
 * Once the runtime has finished starting: nothing can be put back into the empty scope, a stack tells no paths, and what
 * the engine and all models share (`Math`, arrays, maps …) can no longer be changed by any of them.
 */
function seal(): void {
  Object.preventExtensions(globalThis);
  Error.stackTraceLimit = 0;
  for (const object of [Math, JSON, Reflect]) Object.freeze(object);
  for (const intrinsic of INTRINSICS) {
    Object.freeze(intrinsic);
    Object.freeze((intrinsic as { prototype?: object }).prototype ?? intrinsic);
  }
  const iterators = [[].values(), new Map().values(), new Set().values(), ""[Symbol.iterator]()];
  for (const iterator of iterators) Object.freeze(Object.getPrototypeOf(iterator));
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

/** Removes every global that is not pure, and the functions that tell time, place or luck from those that stay. */
export function lockDown(): void {
  const pure = new Set(PURE);
  for (let object: object | null = globalThis; object; object = Object.getPrototypeOf(object)) {
    if (object === Object.prototype) break;
    for (const name of Object.getOwnPropertyNames(object)) {
      if (pure.has(name) || name === "constructor") continue;
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
