import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { inputChanges, nextSet } from "./inputs.ts";
import { columnOf } from "./model_fixtures.ts";

/** The assets that moved, decision by decision. */
function moves({ assets, start }: ReturnType<typeof inputChanges>): number[][] {
  return Array.from(start.subarray(1), (end, t) => Array.from(assets.subarray(start[t], end)));
}

Deno.test("FR-002 an asset moved when a feature did, or when it became usable or ceased to be", () => {
  const changes = inputChanges(
    [[columnOf(1, 1, 2, 2, 2)], [columnOf(5, 5, 5, 5, 5)], [columnOf(5, 5, 5, 5, 5)]],
    [Uint8Array.of(1, 1, 1, 1, 1), Uint8Array.of(0, 1, 1, 1, 0), Uint8Array.of(1, 1, 1, 1, 1)],
    5,
  );
  deepStrictEqual(moves(changes), [[0, 1, 2], [1], [0], [], [1]]);
});

Deno.test("FR-002 any of several features counts; NaN stays NaN, and 0 is not −0", () => {
  const features = [columnOf(1, 1, 1, 1, 1, 1), columnOf(NaN, NaN, 0, 0, -0, NaN)];
  const changes = inputChanges([features], [new Uint8Array(6).fill(1)], 6);
  deepStrictEqual(moves(changes), [[0], [], [0], [], [0], [0]]);
});

Deno.test("FR-037 nextSet() finds a flag where it starts or behind, else the end", () => {
  const flags = Uint8Array.of(1, 0, 1, 0);
  deepStrictEqual([0, 1, 2, 3, 4, 9].map((from) => nextSet(flags, from)), [0, 2, 2, 4, 4, 4]);
  strictEqual(nextSet(new Uint8Array(0), 0), 0);
});

Deno.test("FR-002 no decision, no change", () => {
  deepStrictEqual(moves(inputChanges([[columnOf()]], [new Uint8Array(0)], 0)), []);
});

Deno.test("FR-002 property: where an asset did not move, all it shows is as it was", () => {
  const value = fc.constantFrom(0, -0, 1, NaN);
  const asset = fc.record({
    features: fc.array(fc.array(value, { minLength: 12, maxLength: 12 }), {
      minLength: 1,
      maxLength: 3,
    }),
    usable: fc.array(fc.constantFrom(0, 1), { minLength: 12, maxLength: 12 }),
  });
  fc.assert(
    fc.property(fc.array(asset, { minLength: 1, maxLength: 3 }), (assets) => {
      const found = moves(inputChanges(
        assets.map(({ features }) => features.map((values) => columnOf(...values))),
        assets.map(({ usable }) => Uint8Array.from(usable)),
        12,
      ));
      const shown = (t: number) =>
        assets.map(({ features, usable }) => [usable[t], ...features.map((values) => values[t])]);
      for (let t = 0; t < 12; t++) {
        const expected = assets.keys().filter((place) =>
          t === 0 || shown(t)[place]!.some((value, i) => !Object.is(value, shown(t - 1)[place]![i]))
        );
        deepStrictEqual(found[t], [...expected]);
      }
    }),
    { seed: 1 },
  );
});
