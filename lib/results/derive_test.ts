import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS, H4_MS } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import { sharpe, simpleReturns } from "../stats/metrics.ts";
import { deriveRun } from "./derive.ts";
import { handMadeRecord, randomRecord } from "./record_fixture.ts";

const near = (found: number, expected: number) =>
  ok(Math.abs(found - expected) <= 1e-12, `found ${found}, expected ${expected}`);

Deno.test("FR-061 each model earns what its own ledger earns, a booking counting from the next mark", () => {
  const { models, residualPnl } = deriveRun(handMadeRecord());
  deepStrictEqual(models.map(({ name }) => name), ["A", "B"]);
  deepStrictEqual(models[0]!.pnl, Float64Array.of(0, 25, 35, 34));
  deepStrictEqual(models[1]!.pnl, Float64Array.of(0, 0, 19, 7));
  deepStrictEqual(residualPnl, Float64Array.of(0, 0, 0, 10));
});

Deno.test("FR-061 a model's return is its P&L over its budget of the NAV before, and its NAV compounds it", () => {
  const { models } = deriveRun(handMadeRecord());
  const [a, b] = [models[0]!, models[1]!];
  deepStrictEqual(a.returns.slice(0, 2), Float64Array.of(0, 25 / 600));
  near(a.returns[2]!, 10 / 615);
  near(b.returns[2]!, 19 / 410);
  near(b.returns[3]!, -12 / (0.4 * 1054));
  near(a.nav[1]!, 625);
  near(b.nav[3]!, 400 * (1 + 19 / 410) * (1 - 12 / (0.4 * 1054)));
  near(a.grossExposure[1]!, 330 / 615);
  near(b.grossExposure[2]!, 290 / (0.4 * 1054));
});

Deno.test("FR-059 the account's exposure and drawdown stand at every mark", () => {
  const { portfolio } = deriveRun(handMadeRecord());
  deepStrictEqual(portfolio.grossExposure.slice(0, 2), Float64Array.of(0, 330 / 1025));
  near(portfolio.grossExposure[2]!, 410 / 1054);
  near(portfolio.netExposure[3]!, 40 / 1051);
  near(portfolio.drawdown[3]!, 3 / 1054);
  strictEqual(portfolio.drawdown[2], 0);
});

Deno.test("FR-062 a mark shows what was held and the newest target, that of its own decision included", () => {
  const { holdings } = deriveRun(handMadeRecord());
  const rows = Array.from(holdings.marks, (mark, row) => [
    mark,
    holdings.assets[row],
    holdings.quantity[row],
    holdings.targetWeight[row],
  ]);
  deepStrictEqual(rows, [
    [0, 0, 0, 0.3],
    [1, 0, 3, 0.1 + 0.2],
    [1, 1, 0, 0.05],
    [2, 0, 3, 0],
    [2, 1, 1, 0.04],
    [3, 1, 1, 0.04],
  ]);
  near(holdings.weight[1]!, 330 / 1025);
  strictEqual(holdings.price[2], 50);
});

Deno.test("FR-058 assets and interest make up the change of NAV", () => {
  const { assets } = deriveRun(handMadeRecord()).statistics;
  deepStrictEqual(assets, {
    BTC: { pnl: 52, fees: 5, slippage: 3, fills: 2 },
    ETH: { pnl: -11, fees: 1, slippage: 0, fills: 1 },
  });
});

Deno.test("FR-061 a model's costs are its share, and its round trips bear slippage too", () => {
  const { models, portfolio } = deriveRun(handMadeRecord()).statistics;
  strictEqual(models.A!.fees, 3);
  strictEqual(models.A!.slippage, 3);
  strictEqual(models.B!.fees, 3);
  strictEqual(portfolio.fees, 6);
  strictEqual(portfolio.slippage, 3);
  strictEqual(portfolio.round_trips, 1);
  // A bought 3 at 100 (costs 5), gave 2 at 110 and sold 1 at 120 (costs 1): gains of 20 − 10/3 and of 20 − 5/3 − 1.
  strictEqual(models.A!.round_trips, 2);
  near(models.A!.best_trade!, (20 - 5 / 3 - 1) / 100);
  near(models.A!.worst_trade!, (20 - 10 / 3) / 200);
  // 300 + 220 + 120 of notional against 60 % of the mean NAV, in three days.
  near(models.A!.turnover! / (640 / 2 / (0.6 * 4130 / 4) / (3 / 365.25)), 1);
});

Deno.test("FR-061 a model without a budget has no NAV, and figures that need one are null", () => {
  const record = handMadeRecord();
  const models = [record.models[0]!, { ...record.models[1]!, budgetFraction: 0 }];
  const budgets = [record.budgets[0]!, new Float64Array(4)];
  const { models: curves, statistics } = deriveRun({ ...record, models, budgets });
  deepStrictEqual(curves[1]!.nav, new Float64Array(4));
  deepStrictEqual(curves[1]!.pnl, Float64Array.of(0, 0, 19, 7));
  strictEqual(statistics.models.B!.sharpe, null);
  strictEqual(statistics.models.B!.turnover, null);
});

const shapes = fc.record({
  seed: fc.nat(),
  marks: fc.integer({ min: 2, max: 40 }),
  symbols: fc.constantFrom(["BTC"], ["BTC", "ETH", "SOL"]),
  budgets: fc.constantFrom([1], [0.6, 0.4], [0.5, 0.3, 0.1]),
  activity: fc.constantFrom(0.1, 0.9),
});

Deno.test("FR-025 models' P&L and interest sum to the change of NAV at every mark, whatever crossed", () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const record = randomRecord(shape);
      const { models, residualPnl, portfolio, statistics } = deriveRun(record);
      for (const [mark, nav] of record.nav.entries()) {
        const earned = models.reduce((sum, { pnl }) => sum + pnl[mark]!, residualPnl[mark]!);
        ok(Math.abs(earned - (nav - record.nav[0]!)) <= 1e-9 * nav);
        const held = portfolio.netExposure[mark]! * nav + record.cash[mark]!;
        ok(Math.abs(held - nav) <= 1e-9 * nav);
      }
      const interest = residualPnl.at(-1)!;
      const assets = Object.values(statistics.assets).reduce((sum, { pnl }) => sum + pnl, interest);
      ok(Math.abs(assets - (record.nav.at(-1)! - record.nav[0]!)) <= 1e-9 * record.nav[0]!);
    }),
    { seed: 1, numRuns: 60 },
  );
});

Deno.test("FR-061 with any crypto, returns are daily at 00:00 UTC, 365 to a year", () => {
  const record = randomRecord({ seed: 3, marks: 61, symbols: ["BTC"], budgets: [1] });
  const { statistics } = deriveRun(record);
  const midnights = record.nav.filter((_, mark) => mark % 6 === 0);
  strictEqual(statistics.periods_per_year, 365);
  strictEqual(
    statistics.portfolio.sharpe,
    sharpe(simpleReturns(midnights), { periodsPerYear: 365 }),
  );
});

Deno.test("FR-061 with equities only, returns run from session close to session close, 252 to a year", () => {
  // 2024-07-01 to -07-05: closes at 20:00 UTC but on the 3rd (17:00, so the mark of 20:00); the 4th is a holiday.
  const start = parseDate("2024-07-01");
  const base = randomRecord({
    seed: 4,
    marks: 31,
    symbols: ["SPY"],
    budgets: [1],
    assetClass: "equity",
  });
  const markTimes = base.markTimes.map((_, mark) => start + mark * H4_MS);
  const { statistics } = deriveRun({ ...base, markTimes });
  const closes = [0, 5, 11, 17, 29].map((mark) => base.nav[mark]!); // the first mark, then four sessions
  strictEqual(markTimes.at(-1), start + 5 * DAY_MS);
  strictEqual(statistics.periods_per_year, 252);
  strictEqual(
    statistics.portfolio.sharpe,
    sharpe(simpleReturns(Float64Array.from(closes)), { periodsPerYear: 252 }),
  );
});
