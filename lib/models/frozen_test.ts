import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { frozenCopy, isPlain } from "./frozen.ts";

Deno.test("FR-013 a frozen copy is equal, cannot be changed at any depth, and leaves the original free", () => {
  const original = { period: 2, weights: { BTC: 0.5 }, levels: [1, { high: 2 }], none: null };
  const copy = frozenCopy(original);
  deepStrictEqual(copy, original);
  throws(() => (copy.period = 3), TypeError);
  throws(() => (copy.weights.BTC = 1), TypeError);
  throws(() => copy.levels.push(3), TypeError);
  throws(() => ((copy.levels[1] as { high: number }).high = 3), TypeError);
  original.weights.BTC = 0.25;
  strictEqual(copy.weights.BTC, 0.5);
});

Deno.test("FR-018 a plain object is one written with braces", () => {
  for (const plain of [{}, { a: 1 }, Object.create(null)]) ok(isPlain(plain));
  const others = [null, undefined, 1, "a", [], new Map(), Promise.resolve(), () => {}];
  for (const other of [...others, new (class Own {})(), Object.create({ a: 1 })]) {
    ok(!isPlain(other));
  }
});
