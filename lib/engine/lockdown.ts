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

/** Answers each message from outside; the only way in or out that is left. */
export function serve(answer: (message: unknown) => { reply: unknown; transfer: Transferable[] }) {
  listen("message", (event) => {
    const { reply, transfer } = answer(event.data);
    send(reply, transfer);
  });
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
  for (const { prototype } of [Number, BigInt, Array, Object, String]) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      if (name.startsWith("toLocale") || name === "localeCompare") remove(prototype, name);
    }
  }
}

function remove(object: object, name: string): void {
  if (Reflect.deleteProperty(object, name)) return;
  Reflect.defineProperty(object, name, { value: undefined, writable: false });
}

lockDown();
