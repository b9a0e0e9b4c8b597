// What a model tries in order to change the engine or another model, to see the future, and to answer with a trick.
import { Refusal } from "../core/errors.ts";
import { type Bars, H4_MS } from "../core/bars.ts";
import { type Feature, sma, trading } from "../features/mod.ts";
import {
  answering,
  type Escape,
  escapee,
  fruitless,
  innocent,
  neighbour,
  type Seen,
  throwing,
} from "./test_escape_models.ts";

const isFrozen = /failed: Cannot (assign|add|define|delete|redefine|set)|failed: .*not extensible/;

/** An assignment to what all code shares, which has to throw. */
const assigns = (name: string, target: object, key: PropertyKey, value: unknown = () => 0) =>
  throwing(name, () => Object.assign(target, { [key]: value }), isFrozen);

/** The same without a word of failure: it has to say no. */
const sets = (name: string, target: object, key: PropertyKey) =>
  fruitless(name, () => Reflect.set(target, key, () => 0) || Reflect.deleteProperty(target, key));

const iterator = Object.getPrototypeOf([][Symbol.iterator]()) as object;
const typedArray = Object.getPrototypeOf(Float64Array) as { prototype: object };

/** Attempts to change what engine and models have in common. */
const POLLUTION: readonly Escape[] = [
  assigns("PollutesObject_v1", Object.prototype, "weight", 1),
  assigns("PollutesWeight_v1", Object.prototype, "AAA", 1),
  assigns("PollutesArray_v1", Array.prototype, "map"),
  assigns("PollutesIteration_v1", Array.prototype, Symbol.iterator),
  assigns("PollutesIterator_v1", iterator, "next"),
  assigns("PollutesColumns_v1", Float64Array.prototype, "fill"),
  assigns("PollutesAllColumns_v1", typedArray.prototype, "slice"),
  assigns("PollutesMap_v1", Map.prototype, "get"),
  assigns("PollutesWeakMap_v1", WeakMap.prototype, "get"),
  assigns("PollutesSet_v1", Set.prototype, "has"),
  assigns("PollutesPromise_v1", Promise.prototype, "then"),
  assigns("PollutesFunction_v1", Object.getPrototypeOf(() => {}), "call"),
  assigns("PollutesText_v1", String.prototype, "startsWith"),
  assigns("PollutesNumber_v1", Number, "isInteger"),
  assigns("PollutesPattern_v1", RegExp.prototype, "exec"),
  assigns("PollutesError_v1", Error.prototype, "message", "forged"),
  assigns("PatchesMaths_v1", Math, "max"),
  assigns("PatchesJson_v1", JSON, "stringify"),
  assigns("PatchesReflect_v1", Reflect, "ownKeys"),
  assigns("PatchesKeys_v1", Object, "keys"),
  assigns("PatchesFreeze_v1", Object, "freeze"),
  assigns("PatchesStack_v1", Error, "prepareStackTrace"),
  assigns("PatchesRefusal_v1", Refusal.prototype, "message", "forged"),
  assigns("PatchesBuilders_v1", trading, "close"),
  sets("SetsMaths_v1", Math, "abs"),
  sets("SetsIteration_v1", Array.prototype, Symbol.iterator),
  sets("SetsSpecies_v1", typedArray, Symbol.species),
  fruitless("ReplacesColumns_v1", () => Reflect.set(globalThis, "Float64Array", Array)),
  fruitless("ReplacesMap_v1", () => Reflect.set(globalThis, "Map", class {})),
  fruitless("DefinesGlobal_v1", () => Reflect.set(globalThis, "shared", 1)),
  fruitless(
    "ChangesAncestry_v1",
    () => Reflect.setPrototypeOf(Array.prototype, null) || Reflect.setPrototypeOf(globalThis, {}),
  ),
  throwing(
    "RenamesKernel_v1",
    () => Object.defineProperty(sma, "name", { value: "ema" }),
    isFrozen,
  ),
  throwing("ForgesNeighbour_v1", () => {
    const [rule] = Object.getOwnPropertySymbols(neighbour.decide);
    Object.defineProperty(neighbour.decide, rule!, { value: () => 0 });
  }, isFrozen),
  throwing("RenamesNeighbour_v1", () => Object.assign(neighbour, { decide: () => ({}) }), isFrozen),
  fruitless("RemembersMatches_v1", () => {
    "neighbour".match(/(our)/);
    return Reflect.get(RegExp, "$1") !== undefined || Reflect.get(RegExp, "input") !== undefined;
  }),
  fruitless("ReadsStack_v1", () => (new Error("where").stack ?? "").includes("/")),
  fruitless("CapturesStack_v1", () => {
    const holder: { stack?: string } = {};
    Error.captureStackTrace(holder);
    return (holder.stack ?? "").includes("/");
  }),
];

let kept: Bars | undefined;

/** A feature that gives the closes, and keeps all bars for later. */
const keeping: Feature = {
  name: "close()",
  timeframe: "trading",
  warmUp: 1,
  compute(bars) {
    kept = bars;
    return bars.close;
  },
};

/** A model that decides from tomorrow's close, once a feature has kept it. */
function clairvoyant(name: string, price: () => Feature): Escape {
  const model = escapee(name, {
    features: () => ({ price: price() }),
    decide: (context) =>
      kept ? { AAA: kept.close[kept.close.length - 1]! > 0 ? 1 : 0 } : innocent(context),
  });
  return { model, expect: "blocked", says: /could not declare its features: "price" is none of/ };
}

/** Says yes first and shows its face later. */
function twoFaced(): Feature {
  let reads = 0;
  return new Proxy(trading.close(), {
    get: (close, key) => reads++ < 2 ? Reflect.get(close, key) : Reflect.get(keeping, key),
  });
}

const contexts: Seen[] = [];
const prices = new Map<string, number>();

/** Attempts to see more than the decision's own moment. */
const FUTURE: readonly Escape[] = [
  clairvoyant("KeepsBars_v1", () => keeping),
  clairvoyant("KeepsBarsBelow_v1", () => trading.sma(2, keeping)),
  clairvoyant("KeepsBarsBeside_v1", () => trading.above(trading.close(), keeping)),
  clairvoyant("ShowsTwoFaces_v1", twoFaced),
  fruitless(
    "LooksBehindHistory_v1",
    ({ assets }) => assets.some((asset) => asset.history("price", 2).buffer.byteLength > 16),
  ),
  fruitless("WritesToHistory_v1", ({ assets }) => {
    for (const asset of assets) asset.history("price", 5).fill(1e9);
    return assets.some((asset) => asset.history("price", 5).includes(1e9));
  }),
  throwing("AsksBackwards_v1", ({ assets }) => assets[0]!.history("price", -5), /positive whole n/),
  fruitless("GrowsHistory_v1", ({ assets }) => {
    class Spy extends Float64Array {
      static get [Symbol.species]() {
        return Array as unknown as Float64ArrayConstructor;
      }
    }
    return assets.some((asset) => Spy.from(asset.history("price", 1)).length > 1);
  }),
  throwing("BorrowsGetter_v1", ({ assets }) => {
    const view = Object.getPrototypeOf(assets[0]) as object;
    return Object.getOwnPropertyDescriptor(view, "price")!.get!.call({ symbol: "AAA" });
  }, /private/),
  throwing("MakesViews_v1", ({ assets }) => {
    const make = Reflect.get(assets[0]!, "constructor") as new (asset: number) => unknown;
    // Of plain objects only: the views' own maker is out of reach.
    if (make === Object as unknown) throw new TypeError("only the maker of plain objects");
    return new make(7);
  }, /failed: /),
  fruitless("ReadsFields_v1", ({ assets }) => Reflect.ownKeys(assets[0]!).length > 2),
  fruitless("KeepsContexts_v1", (context) => {
    contexts.push(context);
    return contexts.some(({ time }) => time > context.time);
  }),
  fruitless("RemembersRuns_v1", ({ assets, time }) => {
    for (const { symbol, price } of assets) prices.set(`${symbol} ${time}`, price);
    return assets.some(({ symbol }) => prices.has(`${symbol} ${time + H4_MS}`));
  }),
  throwing("ChangesPrice_v1", ({ assets }) => Object.assign(assets[0]!, { price: 1 }), /failed: /),
  throwing("ChangesAssets_v1", ({ assets }) => (assets as unknown[]).pop(), isFrozen),
  throwing("SortsUniverse_v1", ({ universe }) => (universe as string[]).reverse(), isFrozen),
  throwing("ChangesTime_v1", (context) => Object.assign(context, { time: 0 }), /failed: /),
  throwing(
    "ChangesParameters_v1",
    ({ parameters }) => Object.assign(parameters, { a: 1 }),
    isFrozen,
  ),
  throwing("ChangesBudget_v1", ({ budget }) => Object.assign(budget, { money: 1e9 }), isFrozen),
];

/** Says another weight each time it is read. */
function fickle(context: Seen): object {
  return Object.defineProperties(
    {},
    Object.fromEntries(
      Object.entries(innocent(context)).map(([symbol, weight]) => {
        let reads = 0;
        return [symbol, { enumerable: true, get: () => reads++ === 0 ? weight : 1000 }];
      }),
    ),
  );
}

/** Throws what cannot even be told. */
const unspeakable = () =>
  new Proxy(new Error("?"), {
    get() {
      throw new Error("no word of it");
    },
    getPrototypeOf() {
      throw new Error("no kind either");
    },
  });

const thrown = (error: unknown) => () => {
  throw error;
};

/** Attempts to answer with something else than weights, or to lie about who failed. */
const ANSWERS: readonly Escape[] = [
  answering("AnswersFickly_v1", fickle, "harmless"),
  answering("AnswersByProxy_v1", (context) => new Proxy({ ...innocent(context) }, {}), "harmless"),
  answering(
    "AnswersNoHeir_v1",
    (context) => Object.assign(Object.create(null), innocent(context)),
    "harmless",
  ),
  answering("AnswersTooMuch_v1", () => ({ AAA: 0.9, BBB: 0.9 }), "blocked", /sum to 1\.8/),
  answering("AnswersLate_v1", async () => await ({}), "blocked", /returned a promise/),
  answering("AnswersThenable_v1", () => ({ then: () => ({}) }), "blocked", /named "then"/),
  answering("AnswersByValue_v1", () => ({ AAA: { valueOf: () => 1 } }), "blocked", /returned/),
  answering("AnswersBoxed_v1", () => ({ AAA: Object(0.5) }), "blocked", /returned/),
  answering("AnswersText_v1", () => ({ AAA: "0.5" }), "blocked", /returned "0\.5"/),
  answering("AnswersBig_v1", () => ({ AAA: 1n }), "blocked", /returned/),
  answering("AnswersSymbol_v1", () => ({ AAA: Symbol("1") }), "blocked", /returned/),
  answering("AnswersMap_v1", () => new Map([["AAA", 1]]), "blocked", /not plain/),
  answering(
    "AnswersHeir_v1",
    () => ({ ["__proto__"]: { AAA: 1 } }),
    "blocked",
    /named "__proto__"/,
  ),
  answering("AnswersForOthers_v1", () => ({ CCC: 1 }), "blocked", /named "CCC"/),
  answering(
    "AnswersByTrap_v1",
    () => new Proxy({}, { ownKeys: thrown(new Error("trap")) }),
    "blocked",
    /failed: trap/,
  ),
  throwing(
    "BlamesNeighbour_v1",
    thrown(new Refusal("Neighbour_v1 failed: me not")),
    /failed: Neighbour/,
  ),
  throwing("ThrowsLines_v1", thrown(new Error("one\nerror: two")), /failed: one$/),
  throwing(
    "ThrowsCodes_v1",
    thrown(new Error("\u001b[2Jone\u001b]0;two\u0007")),
    /failed: \[?[^\p{Cc}]*$/u,
  ),
  throwing("ThrowsBook_v1", thrown(new Error("long".repeat(1e6))), /^.{1,1100}$/),
  throwing("ThrowsUnspeakable_v1", thrown(unspeakable()), /failed: /),
  throwing("ThrowsNothing_v1", thrown(undefined), /failed: undefined/),
  throwing("Recurses_v1", function recurse(context): unknown {
    return [recurse(context)];
  }, /failed: Maximum call stack/),
  {
    model: escapee("BlamesWhileDeclaring_v1", {
      decide: innocent,
      features: thrown(new Refusal("Neighbour_v1 failed: me not")),
    }),
    expect: "blocked",
    says: /could not declare its features: Neighbour/,
  },
  {
    model: escapee("BlamesWhilePlanning_v1", {
      decide: innocent,
      schedule: thrown(new Refusal("Neighbour_v1 failed: me not")),
    }),
    expect: "blocked",
    says: /: Neighbour/,
  },
  {
    model: escapee("ThrowsWhilePlanning_v1", { decide: innocent, schedule: thrown(unspeakable()) }),
    expect: "blocked",
  },
];

/** Attempts to reach other models, the engine and the future. */
export const INSIDE: readonly Escape[] = [...POLLUTION, ...FUTURE, ...ANSWERS];
