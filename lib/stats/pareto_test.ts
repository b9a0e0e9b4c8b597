import { deepStrictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { paretoFront } from "./pareto.ts";

function front(rows: readonly (readonly number[])[], more: readonly boolean[]): number[] {
  return [...paretoFront(rows.map((row) => Float64Array.from(row)), more)];
}

Deno.test("FR-049 paretoFront() keeps the trials that nothing dominates", () => {
  // Return, the more the better, and drawdown, the less the better.
  const rows = [[0.1, 0.2], [0.3, 0.3], [0.2, 0.3], [0.1, 0.3], [0.05, 0.1]];
  deepStrictEqual(front(rows, [true, false]), [1, 1, 0, 0, 1]);
  deepStrictEqual(front(rows, [false, true]), [0, 0, 0, 1, 1]);
});

Deno.test("FR-049 paretoFront() keeps all of several equal trials, and none with an undefined figure", () => {
  deepStrictEqual(front([[1, 1], [1, 1], [0, 1]], [true, true]), [1, 1, 0]);
  deepStrictEqual(front([[NaN, 9], [1, 1], [1, NaN]], [true, true]), [0, 1, 0]);
  deepStrictEqual(front([[Infinity, 1], [Infinity, 2], [-Infinity, 3]], [true, true]), [0, 1, 1]);
  // 0 and −0 are equal.
  deepStrictEqual(front([[0, 1], [-0, 1]], [true, true]), [1, 1]);
  deepStrictEqual(front([], [true]), []);
});

Deno.test("FR-049 paretoFront() refuses rows of another length", () => {
  throws(() => front([[1, 2], [1]], [true, true]), /row 1 has 1 values, expected 2/);
});

Deno.test("FR-049 paretoFront() agrees with every trial held against every other", () => {
  const value = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constant(NaN));
  const shapes = fc.integer({ min: 1, max: 3 }).chain((size) =>
    fc.record({
      rows: fc.array(fc.array(value, { minLength: size, maxLength: size }), { maxLength: 30 }),
      more: fc.array(fc.boolean(), { minLength: size, maxLength: size }),
    })
  );
  fc.assert(
    fc.property(shapes, ({ rows, more }) => {
      const asGood = (a: number, b: number, i: number) => more[i] ? a >= b : a <= b;
      const expected = rows.map((row) =>
        row.some(Number.isNaN) ||
          rows.some((other) =>
            other.every((figure, i) => asGood(figure, row[i]!, i)) &&
            other.some((figure, i) => figure !== row[i])
          )
          ? 0
          : 1
      );
      deepStrictEqual(front(rows, more), expected);
    }),
    { seed: 1 },
  );
});
