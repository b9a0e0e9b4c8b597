import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { emptyLedgers, type Ledgers, settle, settleOne } from "./ledger.ts";

const trade = { index: 3, asset: 0, price: 100, row: 7, time: 42, fill: 0, fee: 0, slippage: 0 };

function near(found: number, expected: number, tolerance = 1e-9) {
  ok(Math.abs(found - expected) <= tolerance, `found ${found}, expected ${expected}`);
}

/** Ledgers of models that hold these units of one asset, without having paid for them. */
function holding(...units: readonly number[]): Ledgers {
  const ledgers = emptyLedgers(units.length, 1);
  ledgers.quantity.values.set(units);
  units.forEach((held, model) => ledgers.entryRow[model] = held === 0 ? -1 : 1);
  return ledgers;
}

function settled(
  units: readonly number[],
  wanted: readonly number[],
  change: number,
  costs: { fee?: number; slippage?: number } = {},
): Ledgers {
  const ledgers = holding(...units);
  settle(ledgers, { ...trade, ...costs, change, wanted: Float64Array.from(wanted) });
  return ledgers;
}

const units = (ledgers: Ledgers) => [...ledgers.quantity.values];

Deno.test("FR-025 models on one side share the account's change by their wishes, costs too", () => {
  const ledgers = settled([0, 0], [30, 10], 40, { fee: 8, slippage: 4 });
  deepStrictEqual(units(ledgers), [30, 10]);
  deepStrictEqual([...ledgers.cash], [-3000 - 9, -1000 - 3]);
  deepStrictEqual(ledgers.bookings.map(({ fee, slippage, crossed }) => [fee, slippage, crossed]), [
    [6, 3, 0],
    [2, 1, 0],
  ]);
});

Deno.test("FR-025 opposite wishes cross at the unslipped price free of cost; the residue pays", () => {
  const ledgers = settled([0, 10], [30, 0], 20, { fee: 8, slippage: 4 });
  deepStrictEqual(units(ledgers), [30, 0]);
  deepStrictEqual([...ledgers.cash], [-3012, 1000]);
  deepStrictEqual(
    ledgers.bookings.map(({ quantity, crossed, fee }) => [quantity, crossed, fee]),
    [[30, 10, 8], [-10, -10, 0]],
  );
});

Deno.test("FR-025 a net sale charges the sellers", () => {
  const ledgers = settled([30, 10, 0], [0, 0, 10], -30, { fee: 4, slippage: 8 });
  deepStrictEqual(units(ledgers), [0, 0, 10]);
  deepStrictEqual([...ledgers.cash], [3000 - 9, 1000 - 3, -1000]);
});

Deno.test("FR-025 models that cancel out trade only with each other", () => {
  const ledgers = settled([10, 0], [0, 10], 0);
  deepStrictEqual(units(ledgers), [0, 10]);
  deepStrictEqual([...ledgers.cash], [1000, -1000]);
  deepStrictEqual(ledgers.bookings.map(({ quantity, crossed }) => quantity === crossed), [
    true,
    true,
  ]);
});

Deno.test("FR-025 when the account trades nothing, the larger side gets what the smaller gives", () => {
  deepStrictEqual(units(settled([10, 0, 0], [0, 30, 10], 0)), [0, 7.5, 2.5]);
  deepStrictEqual(units(settled([30, 10, 0], [0, 0, 10], 0)), [22.5, 7.5, 10]);
});

Deno.test("FR-025 a buy that cash cut short is shared in proportion to wishes", () => {
  deepStrictEqual(units(settled([0, 0], [30, 10], 20)), [15, 5]);
  deepStrictEqual(units(settled([10, 0, 0], [0, 30, 10], 10)), [0, 15, 5]);
});

Deno.test("FR-025 lots that sell more than anyone wished fall on those who stay, exits stay exact", () => {
  // The models want 2.8 together, the account goes to 2: one leaves whole, the others hold 2.
  const ledgers = settled([0.5, 1, 1.5], [0, 1, 1.8], -1);
  strictEqual(ledgers.quantity.values[0], 0);
  near(units(ledgers).reduce((sum, held) => sum + held, 0), 2);
  ok(units(ledgers).every((held) => held >= 0));
});

Deno.test("FR-025 lots against every wish: holders bear a sale that no one asked for", () => {
  // Odd lots: 2.4 held, 2.8 wanted, and the account is cut to 2.
  const ledgers = settled([1.2, 1.2], [1.6, 1.2], -0.4, { fee: 4 });
  near(ledgers.quantity.values[0]!, 0.8);
  near(ledgers.quantity.values[1]!, 1.2);
  near(ledgers.bookings.reduce((sum, { fee }) => sum + fee, 0), 4);
  const shorts = settled([-1.5, -1.5], [-1.4, -1.4], 1);
  deepStrictEqual(units(shorts), [-1, -1]);
});

Deno.test("FR-025 lots are rounded at the cost of those who trade, before those who stand still", () => {
  deepStrictEqual(units(settled([4.5, 5.5], [4.5, 4.75], -1.5)), [4.5, 4]);
  deepStrictEqual(units(settled([4.5, 5.5], [4.5, 0], -6)), [4, 0]);
});

Deno.test("FR-025 a change that no holder can bear is shared alike rather than lost", () => {
  deepStrictEqual(units(settled([0, 0], [0, 0], 3)), [1.5, 1.5]);
});

Deno.test("FR-025 rounding noise is no wish: nothing is booked and nobody's entry moves", () => {
  const ledgers = settled([10, 10], [10 + 2e-15, 10 - 2e-15], 0);
  deepStrictEqual(units(ledgers), [10, 10]);
  strictEqual(ledgers.bookings.length, 0);
  const bought = settled([10, 10], [10 - 2e-15, 15], 5);
  deepStrictEqual(bought.bookings.map(({ model }) => model), [1]);
});

Deno.test("FR-025 selling everything leaves exactly nothing and no entry", () => {
  const ledgers = settled([0.1 + 0.2], [0], -0.3);
  deepStrictEqual(units(ledgers), [0]);
  deepStrictEqual([...ledgers.entryRow], [-1]);
});

Deno.test("FR-013 an entry is the bar of the first fill, kept while held, new after a turn", () => {
  const ledgers = emptyLedgers(1, 1);
  const step = (row: number, change: number, wanted: number) => {
    settle(ledgers, { ...trade, row, change, wanted: Float64Array.of(wanted) });
    return ledgers.entryRow[0];
  };
  deepStrictEqual(
    [step(1, 5, 5), step(2, 5, 10), step(3, -4, 6), step(4, -9, -3), step(5, 3, 0), step(6, 1, 1)],
    [1, 1, 1, 4, -1, 6],
  );
});

Deno.test("FR-025 a model's own leg is its own whole change and cost", () => {
  const ledgers = holding(4, 6);
  settleOne(ledgers, { ...trade, change: -4, fee: 2, slippage: 1 }, 0);
  deepStrictEqual(units(ledgers), [0, 6]);
  deepStrictEqual([...ledgers.cash], [397, 0]);
  deepStrictEqual(ledgers.bookings, [{
    index: 3,
    model: 0,
    asset: 0,
    quantity: -4,
    cash: 397,
    fee: 2,
    slippage: 1,
    fill: 0,
    crossed: -0,
    price: 100,
    time: 42,
  }]);
});

const quantity = fc.integer({ min: -50_000, max: 50_000 }).map((thousandths) => thousandths / 1000);
const models = fc.array(fc.tuple(quantity, quantity), { minLength: 1, maxLength: 6 });

Deno.test("SC-011 whatever the account trades, the ledgers gain and pay exactly that", () => {
  fc.assert(
    fc.property(models, quantity, fc.nat(100), (pairs, change, fee) => {
      const held = pairs.map(([before]) => before);
      const ledgers = settled(held, pairs.map(([, wanted]) => wanted), change, {
        fee,
        slippage: 1,
      });
      const sum = (list: Iterable<number>) => [...list].reduce((total, value) => total + value, 0);
      near(sum(ledgers.quantity.values), sum(held) + change);
      const paid = change === 0 ? 0 : fee + 1;
      near(sum(ledgers.cash), -change * 100 - paid, 1e-7);
      near(sum(ledgers.bookings.map(({ fee }) => fee)), change === 0 ? 0 : fee);
      near(sum(ledgers.bookings.map(({ crossed }) => crossed)), 0);
    }),
    { seed: 1, numRuns: 500 },
  );
});

Deno.test("FR-025 a long-only truncation never turns a ledger short, and exits are exact", () => {
  const long = fc.nat(20_000).map((thousandths) => thousandths / 1000);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(long, fc.oneof(long, fc.constant(0))), { minLength: 1, maxLength: 5 }),
      (pairs) => {
        const held = pairs.map(([before]) => before);
        const wanted = pairs.map(([, after]) => after);
        const sum = (list: readonly number[]) => list.reduce((total, value) => total + value, 0);
        const change = Math.trunc(sum(wanted)) - sum(held);
        const ledgers = settled(held, wanted, change);
        near(sum(units(ledgers)), sum(held) + change);
        units(ledgers).forEach((after, model) => {
          ok(after >= -1e-11, `model ${model} holds ${after}`);
          if (wanted[model] === 0) strictEqual(after, 0, `model ${model} wanted out`);
        });
      },
    ),
    { seed: 1, numRuns: 500 },
  );
});

Deno.test("FR-025 the order of models changes nobody's share", () => {
  fc.assert(
    fc.property(models, quantity, (pairs, change) => {
      const run = (list: readonly (readonly [number, number])[]) =>
        units(settled(list.map(([before]) => before), list.map(([, wanted]) => wanted), change));
      run(pairs.toReversed()).toReversed().forEach((after, model) =>
        near(after, run(pairs)[model]!)
      );
    }),
    { seed: 1, numRuns: 200 },
  );
});

Deno.test("FR-025 a wish of no more than rounding bears nothing of lots that nobody wished for", () => {
  const [seller, bystander] = units(settled([51.8, 197.2], [15.1, 197.2 + 4e-14], -37));
  near(seller!, 14.8);
  near(bystander!, 197.2);
});
