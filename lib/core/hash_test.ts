import { notStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson, hashColumns, sha256 } from "./hash.ts";

Deno.test("FR-060 sha256 is SHA-256 in lower-case hex, of text and of bytes alike", () => {
  const known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  strictEqual(sha256("abc"), known);
  strictEqual(sha256(new TextEncoder().encode("abc")), known);
});

Deno.test("FR-060 columns are hashed as little-endian doubles, each after its length", () => {
  const known = "866b1e24d2c42664e5af41afdd3b1f97f75deee3f7da77122da2dbe44fa25d69";
  strictEqual(hashColumns([Float64Array.of(1, 2), Float64Array.of(3)]), known);
  const part = Float64Array.of(0, 1, 2, 9).subarray(1, 3);
  strictEqual(hashColumns([part, Float64Array.of(3)]), known, "a view hashes as what it shows");
});

Deno.test("FR-060 a value moved from one column to the next, or one bit, changes the hash", () => {
  const hash = hashColumns([Float64Array.of(1, 2), Float64Array.of(3)]);
  notStrictEqual(hashColumns([Float64Array.of(1), Float64Array.of(2, 3)]), hash);
  notStrictEqual(hashColumns([Float64Array.of(1, 2), Float64Array.of(3 + 2 ** -51)]), hash);
  notStrictEqual(hashColumns([Float64Array.of(0)]), hashColumns([Float64Array.of(-0)]));
});

Deno.test("FR-060 equal values give equal text, in whatever order their keys were written", () => {
  strictEqual(
    canonicalJson({ b: [1, { d: null, c: "x" }], a: true }),
    '{"a":true,"b":[1,{"c":"x","d":null}]}',
  );
  strictEqual(canonicalJson({ Z: 1, a: 2, é: 3 }), '{"Z":1,"a":2,"é":3}');
  strictEqual(canonicalJson([2, 1]), "[2,1]");
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
      const turned = Object.fromEntries(Object.entries(record).toReversed());
      strictEqual(canonicalJson(turned), canonicalJson(record));
    }),
    { seed: 1, numRuns: 200 },
  );
});

Deno.test("FR-060 canonical text says what the value says", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      strictEqual(canonicalJson(JSON.parse(canonicalJson(value))), canonicalJson(value));
      strictEqual(canonicalJson(value).length, JSON.stringify(value).length);
    }),
    { seed: 1, numRuns: 200 },
  );
});
