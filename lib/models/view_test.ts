import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import type { AssetView, Context } from "./model.ts";
import { columnOf, FIRST_DECISION, FLAT, REGIME } from "./model_fixtures.ts";
import { assetViews, contextAt, type Cursor, type FeatureColumn, RESERVED_NAMES } from "./view.ts";

type View = AssetView<"price" | "calm">;

const HECTIC = { ...REGIME, volatility: "HIGH" } as const;

/** Two assets with the features `price` and `calm` at decision 1 of 3. */
function scene(columns: readonly (readonly FeatureColumn[])[] = [
  [columnOf(10, 11, 12), columnOf(1, 2, 3)],
  [columnOf(20, 21, 22), columnOf(4, 5, 6)],
]) {
  const cursor: Cursor = { index: 1, state: FLAT, touched: false, regimeRead: false };
  const views = assetViews(["BTC", "ETH"], ["price", "calm"], columns, cursor);
  const context = contextAt(cursor, {
    times: Float64Array.from(columns[0]![0]!.joined, (_, t) => FIRST_DECISION + t),
    parameters: { period: 2, weights: { BTC: 0.5 }, levels: [1] },
    universe: ["BTC", "ETH"],
    regimeAt: (index) => index === 1 ? REGIME : HECTIC,
    seen: () => views,
  });
  return { cursor, context, view: views[0] as unknown as View };
}

Deno.test("FR-013 a view tells features, holdings and time of the decision being taken", () => {
  const { cursor, context, view } = scene();
  cursor.state = {
    weight: (asset) => 0.25 + asset,
    barsHeld: (asset) => 7 + asset,
    budget: () => ({ fraction: 0.5, money: 500 }),
  };
  deepStrictEqual([view.symbol, view.price, view.calm, view.weight, view.barsHeld], [
    "BTC",
    11,
    2,
    0.25,
    7,
  ]);
  deepStrictEqual([context.time, context.budget.money], [FIRST_DECISION + 1, 500]);
  cursor.index = 2;
  deepStrictEqual([view.price, view.calm, context.time], [12, 3, FIRST_DECISION + 2]);
});

Deno.test("FR-013 what always moves is noticed when it is read, features are not", () => {
  const touches = (
    read: (scene: { context: Context<unknown, string>; view: AssetView<"price"> }) => void,
  ) => {
    const { cursor, context, view } = scene();
    read({ context, view });
    return cursor.touched;
  };
  deepStrictEqual(
    [
      touches(({ view }) => view.price),
      touches(({ view }) => view.symbol),
      touches(({ context }) => [context.parameters, context.universe, context.assets]),
      touches(({ view }) => view.weight),
      touches(({ view }) => view.barsHeld),
      touches(({ view }) => view.history("price", 1)),
      touches(({ context }) => context.time),
      touches(({ context }) => context.budget),
      touches(({ context }) => ({ ...context })),
    ],
    [false, false, false, true, true, true, true, true, true],
  );
});

Deno.test("FR-037 a context tells the regime of its decision, and that it was asked for it", () => {
  const { cursor, context, view } = scene();
  deepStrictEqual([view.price, cursor.regimeRead], [11, false]);
  deepStrictEqual(context.regime, REGIME);
  deepStrictEqual([cursor.regimeRead, cursor.touched], [true, false]);
  cursor.index = 2;
  deepStrictEqual(context.regime, HECTIC);
});

Deno.test("FR-013 history() ends with the bar seen now and is NaN before the first", () => {
  // Two decisions per bar, none before the first bar, and the last bar too old to be seen.
  const own = Float64Array.of(1, 2, 3);
  const rows = Int32Array.of(-1, 0, 0, 1, 1, -1);
  const joined = Float64Array.from(rows, (row) => own[row] ?? NaN);
  const { cursor, view } = scene([[{ own, rows, joined }], [{ own, rows, joined }]]);
  const seen = (index: number, n: number) => {
    cursor.index = index;
    return Array.from(view.history("price", n));
  };
  deepStrictEqual(seen(4, 1), [2]);
  deepStrictEqual(seen(4, 2), [1, 2]);
  deepStrictEqual(seen(4, 4), [NaN, NaN, 1, 2]);
  deepStrictEqual(seen(2, 2), [NaN, 1]);
  deepStrictEqual(seen(0, 2), [NaN, NaN]);
  deepStrictEqual(seen(5, 2), [NaN, NaN]);
});

Deno.test("FR-013 history() wants a declared feature and a positive whole number", () => {
  const { view } = scene();
  throws(() => view.history("prise" as "price", 1), {
    name: "RangeError",
    message: '"prise" is not a declared feature; declared: price, calm',
  });
  for (const n of [0, -1, 1.5, NaN, Infinity, "1" as unknown as number]) {
    throws(() => view.history("price", n), RangeError);
  }
});

Deno.test("FR-013 history() is a copy: its buffer holds n values, and writing to it changes nothing", () => {
  const { view } = scene();
  const history = view.history("price", 2);
  strictEqual(history.buffer.byteLength, 2 * 8);
  history.fill(99);
  deepStrictEqual([view.price, ...view.history("price", 2)], [11, 10, 11]);
});

Deno.test("FR-013 nothing in a context can be assigned, added, deleted, redefined or given another prototype", () => {
  const { context, view } = scene();
  const { parameters, universe, assets, budget, regime } = context as Context<
    { weights: object; levels: object },
    string
  >;
  const objects: Record<string, object> = {
    context,
    view,
    prototype: Object.getPrototypeOf(view),
    assets,
    universe,
    budget,
    regime,
    parameters,
    weights: parameters.weights,
    levels: parameters.levels,
  };
  for (const [name, object] of Object.entries(objects)) {
    for (const key of [...Reflect.ownKeys(object), "price", "weight", "new"]) {
      strictEqual(Reflect.set(object, key, 1), false, `${name}.${String(key)} was assigned`);
      const defined = Reflect.defineProperty(object, key, { get: () => 1 });
      strictEqual(defined, false, `${name}.${String(key)} was redefined`);
      if (!Object.hasOwn(object, key)) continue;
      strictEqual(Reflect.deleteProperty(object, key), false, `${name}.${String(key)} was deleted`);
    }
    strictEqual(Reflect.setPrototypeOf(object, {}), false, `${name} has another prototype`);
  }
  throws(() => Object.assign(view, { price: 1 }), TypeError);
  deepStrictEqual([view.price, view.weight], [11, 0]);
});

Deno.test("FR-013 a view's getters serve views only, and its class is out of reach", () => {
  const { view } = scene();
  const read = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(view), "price")!.get!;
  strictEqual(read.call(view), 11);
  for (const other of [{}, Object.create(view), new Proxy(view, {}), undefined]) {
    throws(() => read.call(other), TypeError);
  }
  strictEqual(view.constructor, Object);
});

Deno.test("FR-013 views with the same feature names see their own columns, those with others their own names", () => {
  const one = scene();
  const other = scene([[columnOf(50, 51, 52), columnOf(7, 8, 9)]]);
  other.cursor.index = 2;
  deepStrictEqual([one.view.price, one.view.calm], [11, 2]);
  deepStrictEqual([other.view.price, other.view.calm], [52, 9]);
  strictEqual(Object.getPrototypeOf(one.view), Object.getPrototypeOf(other.view));
  deepStrictEqual([...other.view.history("price", 2)], [51, 52]);
  const { cursor } = scene();
  const namesOf = (...names: string[]) => {
    const columns = names.map((_, i) => columnOf(i, 10 * i + 1));
    const [view] = assetViews(["BTC"], names, [columns], cursor);
    return Object.keys(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(view)))
      .filter((name) => names.includes(name)).map((name) => [name, view![name]]);
  };
  deepStrictEqual(namesOf("a,b"), [["a,b", 1]]);
  deepStrictEqual(namesOf("a", "b"), [["a", 1], ["b", 11]]);
  deepStrictEqual(namesOf("b", "a"), [["b", 1], ["a", 11]]);
});

Deno.test("FR-013 spreading a view copies the symbol only, as its documentation says", () => {
  const { view } = scene();
  deepStrictEqual({ ...view }, { symbol: "BTC" });
  deepStrictEqual(JSON.stringify(view), '{"symbol":"BTC"}');
});

/** Everything that can be reached from a value by reading, walking up prototypes and calling getters. */
function reachable(from: unknown): Set<unknown> {
  const builtIn = new Set<unknown>([Object.prototype, Array.prototype, Function.prototype]);
  const found = new Set<unknown>();
  const visit = (value: unknown, self: unknown) => {
    const isObject = typeof value === "object" && value !== null || typeof value === "function";
    if (!isObject || found.has(value) || builtIn.has(value)) return;
    found.add(value);
    for (const { value: held, get } of Object.values(Object.getOwnPropertyDescriptors(value))) {
      visit(held, held);
      visit(get, get);
      try {
        const got = get?.call(self);
        visit(got, got);
      } catch {
        // A getter of views, asked on something else.
      }
    }
    visit(Object.getPrototypeOf(value), self);
  };
  visit(from, from);
  return found;
}

Deno.test("FR-013 no path from a context leads to a column or its memory", () => {
  const { context, view } = scene();
  const found = reachable(context);
  ok(found.has(view) && found.has(context.parameters) && found.has(view.history));
  for (const value of found) {
    ok(!ArrayBuffer.isView(value) && !(value instanceof ArrayBuffer), String(value));
  }
});

Deno.test("FR-013 replacing methods of typed arrays catches no column either", () => {
  const prototype = Object.getPrototypeOf(Float64Array.prototype);
  const names = Reflect.ownKeys(prototype).filter((name) =>
    name !== "constructor" &&
    typeof Object.getOwnPropertyDescriptor(prototype, name)!.value === "function"
  );
  ok(names.includes("subarray") && names.includes("set"));
  const { view } = scene();
  const caught: unknown[] = [];
  const originals = Object.getOwnPropertyDescriptors(prototype);
  let history: Float64Array;
  try {
    for (const name of names) {
      Object.defineProperty(prototype, name, {
        configurable: true,
        value(this: unknown, ...rest: unknown[]) {
          caught.push(this, ...rest);
          return this;
        },
      });
    }
    history = view.history("price", 2);
  } finally {
    Object.defineProperties(prototype, originals);
  }
  deepStrictEqual(caught, []);
  deepStrictEqual(history, Float64Array.of(10, 11));
});

Deno.test("FR-003 property: what a context tells does not depend on anything that comes later", () => {
  const value = fc.oneof(fc.double(), fc.constant(NaN));
  const values = fc.array(value, { minLength: 8, maxLength: 8 });
  const told = (columns: readonly FeatureColumn[][], index: number) => {
    const { cursor, context } = scene(columns);
    cursor.index = index;
    return context.assets.map((asset) => [
      context.time,
      asset["price"],
      asset["calm"],
      asset.history("price", 10),
      asset.history("calm", 3),
    ]);
  };
  const column = fc.tuple(values, values);
  fc.assert(
    fc.property(fc.tuple(column, column, column, column), fc.nat(7), (columns, index) => {
      const known = columns.map(([past]) => columnOf(...past));
      const other = columns.map(([past, future]) =>
        columnOf(...past.slice(0, index + 1), ...future.slice(index + 1))
      );
      const pair = (all: FeatureColumn[]) => [[all[0]!, all[1]!], [all[2]!, all[3]!]];
      deepStrictEqual(told(pair(other), index), told(pair(known), index));
    }),
    { seed: 1 },
  );
});

Deno.test("FR-013 the names a view has of its own are reserved", () => {
  const { view } = scene();
  const own = [...Object.keys(view), ...Object.getOwnPropertyNames(Object.getPrototypeOf(view))]
    .filter((name) => name !== "price" && name !== "calm");
  deepStrictEqual(own.filter((name) => !RESERVED_NAMES.includes(name)), []);
});
