// A sandbox that answers questions about what its code can see; the lockdown acts first, as in worker.ts.
import { REMOVED, serve } from "./lockdown.ts";
import "./shared.ts";

interface AnyFunction {
  (...args: unknown[]): unknown;
  readonly constructor: (text: string) => () => unknown;
}

const made = (sample: unknown, text: string) => (sample as AnyFunction).constructor(text)();
const thrower = (text: string) => made(() => {}, text);

interface ListenerState {
  readonly listeners: Record<string, readonly { callback(event: unknown): void }[]>;
}

const isState = (held: unknown): held is ListenerState =>
  typeof held === "object" && held !== null && "listeners" in held;

/** Where the runtime keeps the listeners of the global scope, which no name leads to. */
const listenerStates = () =>
  Object.getOwnPropertySymbols(globalThis)
    .map((symbol): unknown => Reflect.get(globalThis, symbol))
    .filter(isState);

let forged = false;

/** What a model may try, by name; a string is not code here, since code from text is forbidden. */
const TRIES: Readonly<Record<string, () => unknown>> = {
  removed: () => REMOVED.join(),
  left: () => REMOVED.filter((name) => Reflect.has(globalThis, name)).join(),
  names: () => Object.getOwnPropertyNames(globalThis).sort().join(),
  functionFromName: () => Reflect.get(globalThis, "Function")("return this")(),
  functionFromArrow: () => thrower("return this"),
  functionFromAsync: () => made(async () => {}, "return this"),
  functionFromGenerator: () => made(function* () {}, "return this"),
  functionFromAsyncGenerator: () => made(async function* () {}, "return this"),
  functionFromClass: () => made(class {}, "return this"),
  functionFromMethod: () => made(Reflect.get(Math, "max"), "return this"),
  functionFromParent: () => {
    // Every function maker inherits from the first of them.
    const maker = Object.getPrototypeOf(async () => {}).constructor as object;
    return (Object.getPrototypeOf(maker) as AnyFunction).constructor("return this")();
  },
  evalByName: () => Reflect.get(globalThis, "eval")("1"),
  listenersSwapped: () => listenerStates().some((state) => Reflect.set(state, "listeners", {})),
  listenersReplaced: () =>
    listenerStates().some(({ listeners }) => Reflect.set(listeners, "message", [])),
  listenersAdded: () =>
    listenerStates().some(({ listeners }) => Reflect.set(listeners.message!, 1, () => {})),
  listenerStateReplaced: () =>
    Object.getOwnPropertySymbols(globalThis)
      .filter((symbol) => isState(Reflect.get(globalThis, symbol)))
      .some((symbol) => Reflect.set(globalThis, symbol, { listeners: {} })),
  forgedMessage: () => {
    for (const { listeners } of listenerStates()) {
      for (const { callback } of listeners.message!) callback({ data: "forged" });
    }
    return forged;
  },
  dice: () => Math.random(),
  numberText: () => (1234.5).toLocaleString(),
  bigintText: () => 10n.toLocaleString(),
  arrayText: () => [1234.5].toLocaleString(),
  columnText: () => Float64Array.of(1234.5).toLocaleString(),
  compareText: () => "a".localeCompare("b"),
  lowerText: () => "I".toLocaleLowerCase("tr"),
  sorts: () => [3, 1, 2].sort().join(),
  json: () => JSON.stringify({ a: [1, null] }),
  maths: () => Math.max(1, 2) + Math.sqrt(4) + Math.fround(0.5),
  maps: () => new Map([[1, [...new Set([2, 2])].length]]).get(1),
  columns: () => Float64Array.of(1.5, 2).reduce((sum, value) => sum + value),
  texts: () => "x".padStart(3, "-") + parseFloat("1.25") + String(BigInt(2) ** 70n),
};

serve((message) => {
  const asked = message as string;
  if (asked === "forged") forged = true;
  const act = TRIES[asked] ?? (() => typeof Reflect.get(globalThis, asked));
  let reply: string;
  try {
    reply = String(act());
  } catch (error) {
    reply = `threw ${String(error)}`;
  }
  return { reply, transfer: [] };
});
