import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import { deriveRun } from "./derive.ts";
import { handMadeRecord, randomRecord, tablesOf } from "./record_fixture.ts";
import { runTables, tradeId } from "./tables.ts";

const record = handMadeRecord();
const tables = runTables(record, deriveRun(record));

Deno.test("FR-058 a trade tells its raw price, its notional and who caused which share of it", () => {
  const { trades } = tables;
  deepStrictEqual(trades.trade_id, ["T000001", "T000002", "T000003"]);
  deepStrictEqual(trades.side, ["buy", "buy", "sell"]);
  deepStrictEqual(trades.quantity, Float64Array.of(3, 1, 3));
  deepStrictEqual(trades.notional, Float64Array.of(303, 50, 360));
  deepStrictEqual(trades.adjustment, Float64Array.of(1, 1.25, 1));
  deepStrictEqual(trades.raw_price, Float64Array.of(101, 40, 120));
  deepStrictEqual(trades.mode, ["NORMAL", "NORMAL", "REDUCED"]);
  deepStrictEqual(trades.models.map((text) => JSON.parse(text)), [
    { A: 1 },
    { B: 1 },
    { A: 1 / 3, B: 2 / 3 },
  ]);
});

Deno.test("SC-011 the models' shares of a trade sum to 1, units that crossed aside", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const random = randomRecord({
        ...{ seed, marks: 20, symbols: ["BTC", "ETH"], budgets: [0.5, 0.3, 0.2], activity: 0.5 },
      });
      for (const text of runTables(random, deriveRun(random)).trades.models) {
        const shares = Object.values<number>(JSON.parse(text));
        ok(shares.every((share) => share > 0));
        ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) <= 1e-6);
      }
    }),
    { seed: 1, numRuns: 40 },
  );
});

Deno.test("SC-011 model quantities in the bookings sum to the position within 1e-6", () => {
  const random = randomRecord({
    ...{ seed: 5, marks: 60, symbols: ["BTC"], budgets: [0.5, 0.5], activity: 0.5 },
  });
  const { bookings, orders, weights } = runTables(random, deriveRun(random));
  const booked = bookings.quantity.reduce((sum, quantity) => sum + quantity, 0);
  const filled = orders.quantity.reduce((sum, quantity) => sum + quantity, 0);
  ok(Math.abs(booked - filled) <= 1e-6 && bookings.quantity.length > orders.quantity.length);
  ok(Math.abs(booked - weights.quantity.at(-1)!) <= 1e-6);
});

Deno.test("FR-062 the way of a wish from model to target is written with its weights before and after risk", () => {
  const { attribution, risk } = tables;
  deepStrictEqual(attribution.model, ["A", "A", "B", "B", "A", "B", "B"]);
  strictEqual(attribution.weight_before_risk[1], 0.12);
  strictEqual(attribution.weight_after_risk[1], 0.1);
  strictEqual(attribution.time[1], parseDate("2024-01-02"));
  deepStrictEqual([risk.rule, risk.symbol, [...risk.before], [...risk.after]], [
    ["per_asset_cap"],
    ["BTC"],
    [0.32],
    [0.3],
  ]);
});

Deno.test("FR-062 what models saw as they spoke is written in order of time, a row a feature", () => {
  const { features } = tablesOf(record);
  const rows = features.value.keys().map((row) => [
    (features.time[row]! - parseDate("2024-01-01")) / DAY_MS,
    features.model[row],
    features.symbol[row],
    features.feature[row],
    features.definition[row],
    features.value[row],
  ]);
  const price = ["price", "daily.close()"];
  const average = ["slowAverage", "daily.sma(200)"];
  const score = ["score", "daily.momentum(60)"];
  deepStrictEqual([...rows], [
    [0, "A", "BTC", ...price, 100],
    [0, "A", "BTC", ...average, 98.5],
    [1, "A", "BTC", ...price, 110],
    [1, "A", "BTC", ...average, 99],
    [1, "B", "BTC", ...score, 0.1],
    [1, "B", "ETH", ...score, 0.0425],
    [2, "A", "BTC", ...price, 120],
    [2, "A", "BTC", ...average, 130.25],
    [2, "B", "BTC", ...score, -0.005],
  ]);
});

Deno.test("FR-043 an order that was not sent stands beside those that filled, with its reason", () => {
  const { orders } = tables;
  deepStrictEqual(orders.status, ["filled", "filled", "filled", "skipped"]);
  deepStrictEqual(orders.reason, ["", "", "", "below_minimum"]);
  deepStrictEqual(orders.trade_id, ["T000001", "T000002", "T000003", ""]);
  deepStrictEqual([...orders.quantity], [3, 1, -3, 0.0001]);
});

Deno.test("FR-059 the curves stand mark by mark, each model in turn", () => {
  const { nav, models } = tables;
  deepStrictEqual(nav.mode, {
    names: ["NORMAL", "REDUCED", "HALT"],
    codes: Int32Array.of(0, 0, 1, 1),
  });
  deepStrictEqual(models.model, {
    names: ["A", "B"],
    codes: Int32Array.of(0, 1, 0, 1, 0, 1, 0, 1),
  });
  deepStrictEqual(models.pnl, Float64Array.of(0, 0, 25, 0, 35, 19, 34, 7));
});

Deno.test("FR-058 trade ids sort as trades do", () => {
  deepStrictEqual([tradeId(-1), tradeId(0), tradeId(999_999)], ["", "T000001", "T1000000"]);
});
