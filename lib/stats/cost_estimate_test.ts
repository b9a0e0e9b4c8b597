import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { seededRandom } from "../core/random.ts";
import { type CostEstimate, estimateCosts, type PricedFill, shrunkBps } from "./cost_estimate.ts";

function fill(order: string, changes: Partial<PricedFill> = {}): PricedFill {
  return {
    order,
    assetClass: "equity",
    quantity: 10,
    price: 100,
    reference: 100,
    fee: 0,
    ...changes,
  };
}

const near = (found: number | null, expected: number) =>
  ok(found !== null && Math.abs(found - expected) < 1e-9, `${found}, expected ${expected}`);

Deno.test("FR-040 slippage is what a buy pays more and a sale gets less, in basis points of the reference", () => {
  const [fee, slippage] = estimateCosts([
    fill("buy", { price: 100.02, fee: 0.1 }),
    fill("sale", { quantity: -10, price: 99.96, fee: 0.3 }),
  ], { seed: 1 });
  strictEqual(fee!.kind, "fee");
  near(fee!.meanBps, 2);
  near(slippage!.meanBps, 3);
  near(slippage!.standardErrorBps, 1);
  near(slippage!.weightedBps, 3);
  strictEqual(slippage!.orders, 2);
});

Deno.test("FR-040 the fills of one order are one observation, and large orders weigh in money only", () => {
  const [fee, slippage] = estimateCosts([
    fill("a", { quantity: 1, price: 101, fee: 1 }),
    fill("a", { quantity: 3, price: 100, fee: 0 }),
    fill("b", { quantity: 96, price: 100 }),
  ], { seed: 1 });
  strictEqual(fee!.orders, 2);
  near(fee!.meanBps, 12.5);
  near(slippage!.meanBps, 12.5);
  near(slippage!.weightedBps, 1);
});

Deno.test("FR-040 classes are kept apart, in order, and one order has no error bars", () => {
  const found = estimateCosts([
    fill("a", { assetClass: "equity", fee: 1 }),
    fill("a", { assetClass: "crypto", fee: 2 }),
  ], { seed: 1 });
  deepStrictEqual(found.map(({ assetClass, kind }) => `${assetClass} ${kind}`), [
    "crypto fee",
    "crypto slippage",
    "equity fee",
    "equity slippage",
  ]);
  const { standardErrorBps, lowBps, highBps } = found[0]!;
  deepStrictEqual([standardErrorBps, lowBps, highBps], [null, null, null]);
  deepStrictEqual(estimateCosts([], { seed: 1 }), []);
});

Deno.test("FR-040 a fill without prices or quantity is refused", () => {
  const odd = [{ price: 0 }, { reference: NaN }, { quantity: 0 }, { fee: Infinity }];
  for (const changes of odd) {
    throws(() => estimateCosts([fill("a", changes)], { seed: 1 }), RangeError);
  }
});

Deno.test("FR-040 the interval holds the true cost in about 95 of 100 histories", () => {
  const random = seededRandom(7);
  const histories = 300;
  let held = 0;
  for (let history = 0; history < histories; history++) {
    const fills = Array.from({ length: 60 }, (_, i) =>
      // Uniform from -2 to 8 bps: the truth is 3.
      fill(String(i), { price: 100 * (1 + (10 * random.next() - 2) / 1e4) }));
    const slippage = estimateCosts(fills, { seed: history, resamples: 400 })[1]!;
    if (slippage.lowBps! <= 3 && 3 <= slippage.highBps!) held++;
  }
  ok(held / histories > 0.9 && held / histories < 0.99, `${held} of ${histories}`);
});

Deno.test("FR-040 the same fills and seed give the same estimate; the mean lies in its interval", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          quantity: fc.integer({ min: 1, max: 1_000 }),
          price: fc.double({ min: 90, max: 110, noNaN: true }),
          fee: fc.double({ min: 0, max: 5, noNaN: true }),
        }),
        { minLength: 2, maxLength: 30 },
      ),
      (list) => {
        const fills = list.map((changes, i) => fill(String(i), changes));
        const options = { seed: 3, resamples: 200 };
        const found = estimateCosts(fills, options);
        deepStrictEqual(found, estimateCosts(fills, options));
        for (const { lowBps, highBps } of found) ok(lowBps! <= highBps!);
      },
    ),
    { seed: 5, numRuns: 50 },
  );
});

Deno.test("FR-040 few orders move a setting little, many move it all the way", () => {
  const of = (
    orders: number,
    meanBps: number | null,
  ): Pick<CostEstimate, "orders" | "meanBps"> => ({
    orders,
    meanBps,
  });
  const before = { prior: 2, priorOrders: 30 };
  strictEqual(shrunkBps(of(0, null), before), 2);
  strictEqual(shrunkBps(of(30, 4), before), 3);
  ok(Math.abs(shrunkBps(of(1_000_000, 4), before) - 4) < 1e-3);
});
