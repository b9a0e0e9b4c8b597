import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { fullRecord, randomRecord } from "../../../results/record_fixture.ts";
import { pageRun, sourceOf } from "../test_source.ts";
import { lanesOf } from "./lanes.js";
import { fillAt } from "./run_data.js";
import { matches, sorted } from "./trades_table.js";

const run = pageRun(
  sourceOf(randomRecord({ seed: 4, marks: 200, symbols: ["BTC", "ETH"], budgets: [0.6, 0.4] })),
);
type Trade = ReturnType<typeof fillAt>;
const inOrder = (column: number, down: boolean): readonly Trade[] =>
  sorted(trades, { column, down });
const trades: readonly Trade[] = run.orderOfFill.map((_, fill) => fillAt(run, fill));

Deno.test("FR-062 trades are filtered by every word of what their row says", () => {
  const found = trades.filter((trade) => matches(trade, " btc SELL 2020-01-0"));
  ok(found.length > 0 && found.length < trades.length);
  ok(found.every(({ symbol, quantity }) => symbol === "BTC" && quantity < 0));
  strictEqual(trades.filter((trade) => matches(trade, "")).length, trades.length);
  strictEqual(trades.filter((trade) => matches(trade, "doge")).length, 0);
});

Deno.test("FR-062 trades are sorted by any column both ways, equal ones in order of time", () => {
  const money = inOrder(6, true).map(({ notional }) => notional);
  deepStrictEqual(money, money.toSorted((a, b) => b - a));
  const sides = inOrder(3, false);
  const bought = sides.filter(({ quantity }) => quantity > 0).map(({ fill }) => fill);
  deepStrictEqual(bought, bought.toSorted((a, b) => a - b));
  ok(sides[0]!.quantity < 0 && sides.at(-1)!.quantity > 0);
});

Deno.test("FR-063 regimes become stretches without gaps, the last until the end", () => {
  const full = pageRun(sourceOf(fullRecord()));
  const { equity } = lanesOf(full) as Record<string, { from: number; to: number; label: string }[]>;
  deepStrictEqual(equity!.map(({ label }) => label), ["NEUTRAL", "BULL", "BEAR"]);
  equity!.slice(1).forEach(({ from }, place) => strictEqual(from, equity![place]!.to));
  strictEqual(equity!.at(-1)!.to, full.marks("time").at(-1));
  deepStrictEqual(lanesOf(run), {});
});
