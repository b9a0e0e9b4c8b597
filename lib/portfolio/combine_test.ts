import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { combine, type Matrix, matrix, shareReduction } from "./combine.ts";

function matrixOf(rows: readonly (readonly number[])[]): Matrix {
  return { models: rows.length, assets: rows[0]!.length, values: Float64Array.from(rows.flat()) };
}

function netOf(contributions: Matrix): Float64Array {
  const net = new Float64Array(contributions.assets);
  combine(contributions, net);
  return net;
}

function shared(contributions: Matrix, after: readonly number[]): number[] {
  const shares = matrix(contributions.models, contributions.assets, NaN);
  shareReduction(contributions, netOf(contributions), Float64Array.from(after), shares);
  return [...shares.values];
}

Deno.test("FR-024 contributions add up per asset, longs against shorts", () => {
  deepStrictEqual([...netOf(matrixOf([[0.5, -0.25], [0.25, 0.125]]))], [0.75, -0.125]);
});

Deno.test("SC-003 budgets 60/25/15 all-in on one asset give 100 % of NAV before risk", () => {
  deepStrictEqual([...netOf(matrixOf([[0.6], [0.25], [0.15]]))], [1]);
});

Deno.test("FR-025 a reduction is shared in proportion to contributions", () => {
  deepStrictEqual(shared(matrixOf([[0.75], [0.25]]), [0.5]), [0.375, 0.125]);
});

Deno.test("FR-025 only contributions on the side of the net are reduced", () => {
  deepStrictEqual(shared(matrixOf([[0.75], [-0.25]]), [0.25]), [0.5, -0.25]);
  deepStrictEqual(shared(matrixOf([[-0.75], [0.25]]), [-0.125]), [-0.375, 0.25]);
});

Deno.test("FR-025 a net brought to zero leaves one-sided contributors with exactly nothing", () => {
  deepStrictEqual(shared(matrixOf([[0.1, 0.2], [0.7, -0]]), [0, 0.2]).map(Math.abs), [
    0,
    0.2,
    0,
    0,
  ]);
  deepStrictEqual(shared(matrixOf([[0.3], [-0.3]]), [0]), [0.3, -0.3]);
});

const weight = fc.double({ min: -1, max: 1, noNaN: true });
const portfolio = fc.integer({ min: 1, max: 4 }).chain((assets) =>
  fc.array(fc.array(weight, { minLength: assets, maxLength: assets }), {
    minLength: 1,
    maxLength: 5,
  })
).map(matrixOf);

Deno.test("SC-011 what is left of the contributions adds up to what risk has left", () => {
  fc.assert(
    fc.property(portfolio, fc.double({ min: 0, max: 1, noNaN: true }), (contributions, kept) => {
      const before = netOf(contributions);
      const after = before.map((net) => net * kept);
      const shares = matrix(contributions.models, contributions.assets);
      shareReduction(contributions, before, after, shares);
      netOf(shares).forEach((net, asset) => ok(Math.abs(net - after[asset]!) <= 1e-12));
      shares.values.forEach((share, at) => {
        const contribution = contributions.values[at]!;
        ok(Math.abs(share) <= Math.abs(contribution) && share * contribution >= 0);
      });
    }),
    { seed: 1, numRuns: 300 },
  );
});

Deno.test("FR-024 the order of models does not matter, and a model that wants nothing is not there", () => {
  fc.assert(
    fc.property(portfolio, (contributions) => {
      const { models, assets, values } = contributions;
      const rows = Array.from({ length: models }, (_, model) => [
        ...values.subarray(model * assets, (model + 1) * assets),
      ]);
      const net = netOf(contributions);
      netOf(matrixOf(rows.toReversed())).forEach((other, asset) =>
        ok(Math.abs(other - net[asset]!) <= 1e-14)
      );
      const withIdle = [...rows, Array.from({ length: assets }, () => 0)];
      deepStrictEqual(netOf(matrixOf(withIdle)), net);
    }),
    { seed: 1, numRuns: 200 },
  );
});

Deno.test("FR-025 a matrix begins with one value throughout", () => {
  strictEqual(matrix(2, 2, 1.5).values.join(), "1.5,1.5,1.5,1.5");
});
