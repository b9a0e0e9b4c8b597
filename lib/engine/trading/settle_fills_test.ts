import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { bookAction, bookTransfer } from "./account_events.ts";
import { crossLeftAlone, settleFills } from "./settle_fills.ts";
import { alignUnwanted } from "./account_events.ts";
import { parseState, stateText, type TradingState } from "./trading_state.ts";

/** Two models on one asset at a price of 10 and a NAV of 1000: shares as given, units as held. */
function stateOf(shares: readonly number[], held: readonly number[], unwanted = 0): TradingState {
  const none = () => Float64Array.of(NaN, NaN);
  return {
    models: ["A@1", "B@1"],
    assets: ["SPY"],
    ledgers: {
      quantity: Float64Array.from(held),
      cash: new Float64Array(2),
      entryTime: Float64Array.from(held, (units) => units === 0 ? NaN : 5),
    },
    unwanted: Float64Array.of(unwanted),
    memory: {
      ...{ live: new Uint8Array(2), raw: new Float64Array(2), kept: new Float64Array(2) },
      ...{ stops: none(), limits: none(), reread: new Uint8Array(2) },
      ...{ dueTime: none(), dueNav: none(), dueCloses: none() },
      risk: { mode: "NORMAL", peakNav: 1_000, haltedAt: NaN },
    },
    newest: {
      ...{ time: 0, nav: 1_000, cash: 1_000, shares: Float64Array.from(shares) },
      ...{ prices: Float64Array.of(10), settled: new Uint8Array(1) },
    },
  };
}

function fillOf(units: number, price = 10, fee = 0) {
  return { asset: 0, units, price, fee, slippage: 0, time: 7 };
}

Deno.test("FR-025 a purchase is shared by what each model wants, its fee in proportion", () => {
  const { state, bookings } = settleFills(stateOf([0.3, 0.1], [0, 0]), [fillOf(40, 10, 4)]);
  deepStrictEqual([...state.ledgers.quantity], [30, 10]);
  deepStrictEqual([...state.ledgers.cash], [-303, -101]);
  deepStrictEqual([...state.ledgers.entryTime], [7, 7]);
  deepStrictEqual([...state.newest.settled], [1]);
  strictEqual(bookings.length, 2);
});

Deno.test("FR-025 two fills of one order share like one", () => {
  const { state } = settleFills(stateOf([0.3, 0.1], [0, 0]), [fillOf(20), fillOf(20)]);
  deepStrictEqual([...state.ledgers.quantity], [30, 10]);
});

Deno.test("FR-025 what nobody wants is sold first by nobody: models keep theirs", () => {
  const { state } = settleFills(stateOf([0.3, 0], [30, 0], 15), [fillOf(-15)]);
  deepStrictEqual([...state.ledgers.quantity], [30, 0]);
  deepStrictEqual([...state.unwanted], [0]);
});

Deno.test("models trade with each other what the account leaves alone, once", () => {
  const before = stateOf([0.1, 0.2], [30, 0]);
  const { state } = crossLeftAlone(before, [{ asset: 0, price: 11, time: 7 }]);
  deepStrictEqual([...state.ledgers.quantity], [10, 20]);
  deepStrictEqual([...state.ledgers.cash], [220, -220]);
  const settled = { ...before, newest: { ...before.newest, settled: Uint8Array.of(1) } };
  strictEqual(crossLeftAlone(settled, [{ asset: 0, price: 11, time: 7 }]).state, settled);
});

Deno.test("dividends go to who holds the units, splits multiply them", () => {
  const paid = bookAction(stateOf([0, 0], [30, 10]), { symbol: "SPY", cash: 8, units: 0 });
  deepStrictEqual([...paid.ledgers.cash], [6, 2]);
  const split = bookAction(stateOf([0, 0], [30, 10]), { symbol: "SPY", cash: 0, units: 40 });
  deepStrictEqual([...split.ledgers.quantity], [60, 20]);
  deepStrictEqual([...split.newest.prices], [5]);
});

Deno.test("deposits and withdrawals shift the peak", () => {
  const more = bookTransfer(stateOf([0, 0], [0, 0]), { units: Float64Array.of(0), worth: 500 });
  strictEqual(more.memory.risk.peakNav, 1_500);
});

Deno.test("a state survives its text, NaN and all", () => {
  const state = stateOf([0.3, 0.1 + 0.2], [1 / 3, 0], 0.1);
  deepStrictEqual(parseState(stateText(state)), state);
});

Deno.test("whatever fills come, models and what nobody wants are the account", () => {
  const units = fc.double({ min: -50, max: 50, noNaN: true });
  const share = fc.double({ min: 0, max: 0.5, noNaN: true });
  fc.assert(
    fc.property(fc.array(units, { maxLength: 5 }), share, share, (moves, a, b) => {
      const before = stateOf([a, b], [20, 10], 5);
      const { state } = settleFills(before, moves.map((move) => fillOf(move)));
      const held = moves.reduce((sum, move) => sum + move, 35);
      const sum = state.ledgers.quantity[0]! + state.ledgers.quantity[1]! + state.unwanted[0]!;
      ok(Math.abs(sum - held) < 1e-9 * 300, `${sum} of ${held}`);
      const aligned = alignUnwanted(state, Float64Array.of(held));
      ok(Math.abs(aligned.unwanted[0]! - state.unwanted[0]!) < 1e-6);
    }),
    { seed: 9, numRuns: 200 },
  );
});
