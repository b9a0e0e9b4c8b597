import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { type Fill, profitFactor, roundTrips, winRate } from "./round_trips.ts";

const fill = (time: number, quantity: number, price: number, fee = 0, symbol = "SPY"): Fill => ({
  time,
  symbol,
  quantity,
  price,
  fee,
});

Deno.test("FR-059 the oldest lot is closed first, one round trip for each piece, fees shared by quantity", () => {
  const trips = roundTrips([fill(1, 10, 100, 10), fill(2, 10, 110, 20), fill(3, -15, 120, 30)]);
  deepStrictEqual(trips, [
    {
      symbol: "SPY",
      side: "long",
      openTime: 1,
      closeTime: 3,
      quantity: 10,
      pnl: 200 - 10 - 20,
      pnlFraction: 0.17,
    },
    {
      symbol: "SPY",
      side: "long",
      openTime: 2,
      closeTime: 3,
      quantity: 5,
      pnl: 50 - 10 - 10,
      pnlFraction: 30 / 550,
    },
  ]);
});

Deno.test("FR-059 a short earns when the price falls, and a fill through zero opens the other side", () => {
  const trips = roundTrips([fill(1, -4, 50, 4), fill(2, 6, 40, 6), fill(3, -2, 45)]);
  deepStrictEqual(trips.map(({ side, quantity, pnl }) => ({ side, quantity, pnl })), [
    { side: "short", quantity: 4, pnl: 40 - 4 - 4 },
    { side: "long", quantity: 2, pnl: 10 - 2 },
  ]);
});

Deno.test("FR-059 symbols do not close each other, and open lots are no round trips", () => {
  deepStrictEqual(roundTrips([fill(1, 1, 10, 0, "BTC"), fill(2, -1, 12, 0, "ETH")]), []);
});

Deno.test("FR-059 what rounding leaves of a lot is not a position", () => {
  const trips = roundTrips([
    fill(1, 0.1, 10),
    fill(2, 0.2, 10),
    fill(3, -(0.1 + 0.2), 11),
    fill(4, 0.3, 10),
    fill(5, -0.1, 11),
    fill(6, -0.2, 11),
    fill(7, 1, 10),
    fill(8, -1, 11),
  ]);
  deepStrictEqual(trips.map(({ openTime, closeTime }) => [openTime, closeTime]), [
    [1, 3],
    [2, 3],
    [4, 5],
    [4, 6],
    [7, 8],
  ]);
});

Deno.test("FR-059 win rate counts round trips after costs, breaking even is no win", () => {
  const trips = roundTrips([
    fill(1, 1, 10),
    fill(2, -1, 13),
    fill(3, 1, 10, 1),
    fill(4, -1, 11),
    fill(5, 1, 10),
    fill(6, -1, 8),
    fill(7, 1, 10),
    fill(8, -1, 11),
  ]);
  strictEqual(winRate(trips), 0.5);
  strictEqual(profitFactor(trips), 2);
  strictEqual(winRate([]), null);
  strictEqual(profitFactor([]), null);
  strictEqual(profitFactor(trips.slice(0, 1)), null);
});

Deno.test("FR-059 a fill that is not made of numbers is refused", () => {
  for (
    const broken of [fill(1, NaN, 10), fill(1, 1, 0), fill(1, 1, Infinity), fill(1, 1, 1, NaN)]
  ) {
    throws(() => roundTrips([broken]), RangeError);
  }
});

Deno.test("FR-059 once all is flat, round trips add up to the money that came back", () => {
  const step = fc.record({
    symbol: fc.constantFrom("SPY", "BTC"),
    quantity: fc.integer({ min: -20, max: 20 }),
    price: fc.integer({ min: 1, max: 100 }),
    fee: fc.integer({ min: 0, max: 5 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const fills: Fill[] = steps.filter(({ quantity }) => quantity !== 0)
        .map((values, time) => ({ ...values, time }));
      for (const symbol of ["SPY", "BTC"]) {
        const held = fills.reduce((sum, f) => f.symbol === symbol ? sum + f.quantity : sum, 0);
        if (held !== 0) fills.push({ symbol, quantity: -held, price: 7, fee: 1, time: 99 });
      }
      const trips = roundTrips(fills);
      const cash = fills.reduce((sum, f) => sum - f.quantity * f.price - f.fee, 0);
      const earned = trips.reduce((sum, trip) => sum + trip.pnl, 0);
      strictEqual(Math.abs(earned - cash) < 1e-8, true);
      const traded = fills.reduce((sum, f) => sum + Math.abs(f.quantity), 0);
      strictEqual(trips.reduce((sum, trip) => sum + 2 * trip.quantity, 0), traded);
      strictEqual(trips.every((trip) => trip.openTime <= trip.closeTime), true);
    }),
    { seed: 1 },
  );
});
