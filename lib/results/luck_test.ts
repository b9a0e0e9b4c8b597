import { deepStrictEqual, notDeepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { LuckFigures } from "../core/proofs.ts";
import type { RunRecord } from "../core/run_record.ts";
import { kurtosis, sharpe, simpleReturns, skewness } from "../stats/metrics.ts";
import { minTrackRecordLength } from "../stats/overfitting.ts";
import type { Statistics } from "../stats/summary.ts";
import { deriveRun } from "./derive.ts";
import { luckOf } from "./luck.ts";
import { runSteps } from "./luck_steps.ts";
import { handMadeRecord, randomRecord } from "./record_fixture.ts";

const few = { seed: 1, resamples: 100, permutations: 50 };

function near(found: number | null | undefined, expected: number | null, tolerance = 1e-9) {
  if (expected === null) return strictEqual(found, null);
  ok(
    typeof found === "number" &&
      Math.abs(found - expected) <= tolerance * Math.max(1, Math.abs(expected)),
    `found ${found}, expected ${expected}`,
  );
}

function luckAndStatistics(record: RunRecord, options = few) {
  const derived = deriveRun(record);
  return { luck: luckOf(record, derived, options), statistics: derived.statistics };
}

Deno.test("AI-9 weights follow from fills and bookings: shares of NAV, and of what a model was lent", () => {
  const record = handMadeRecord();
  const { accounts, market } = runSteps(record, deriveRun(record), record.markTimes);
  const weights = accounts.map((account) => account.weights.map((column) => Array.from(column)));
  deepStrictEqual(weights, [
    [[300 / 1000, 330 / 1025, 0], [0, 50 / 1025, 50 / 1054]],
    [[300 / 600, 110 / (1025 * 0.6), 0], [0, 0, 0]],
    [[0, 220 / (1025 * 0.4), 0], [0, 50 / (1025 * 0.4), 50 / (1054 * 0.4)]],
  ]);
  deepStrictEqual(market.dayStarts, Int32Array.of(0, 1, 2, 3));
  deepStrictEqual(market.assetReturns[0], Float64Array.of(110 / 100 - 1, 120 / 110 - 1, 0));
  near(accounts[0]!.returns[1], 1054 / 1025 - 1);
  near(accounts[1]!.returns[0], 25 / 600);
});

Deno.test("AI-9 three days are enough for some bounds, not for a ratio's nor for shuffling", () => {
  const { luck, statistics } = luckAndStatistics(handMadeRecord());
  deepStrictEqual(Object.keys(luck.models), ["A", "B"]);
  strictEqual(luck.portfolio.days, 3);
  strictEqual(luck.portfolio.permutation, null);
  strictEqual(luck.portfolio.sharpe.estimate, statistics.portfolio.sharpe);
  strictEqual(luck.portfolio.sharpe.low, null); // one resample in nine is a single day three times
  ok(luck.portfolio.cagr.low! < luck.portfolio.cagr.high!);
  strictEqual(luck.confidence, 0.95);
});

const shapes = fc.record({
  seed: fc.nat(),
  marks: fc.integer({ min: 2, max: 200 }),
  symbols: fc.constantFrom(["BTC"], ["BTC", "ETH", "SOL"]),
  budgets: fc.constantFrom([1], [0.6, 0.4], [0.5, 0.3, 0.1]),
  activity: fc.constantFrom(0.05, 0.9),
  assetClass: fc.constantFrom("crypto" as const, "equity" as const),
});

Deno.test("FR-061 luck speaks of the figures in the statistics, for the portfolio and every model", () => {
  const same = (figures: LuckFigures, statistics: Statistics) => {
    strictEqual(figures.sharpe.estimate, statistics.sharpe);
    if (figures.permutation) near(figures.permutation.observed, statistics.sharpe);
    ok((figures.max_drawdown.estimate ?? 0) <= (statistics.max_drawdown ?? 0) + 1e-12);
  };
  fc.assert(
    fc.property(shapes, (shape) => {
      const record = randomRecord(shape);
      const { luck, statistics } = luckAndStatistics(record, { ...few, permutations: 3 });
      if (luck.portfolio.days < 2) return;
      same(luck.portfolio, statistics.portfolio);
      // Here even equities move after the last session, which daily returns do not see.
      if (shape.assetClass === "crypto") {
        near(luck.portfolio.cagr.estimate, statistics.portfolio.cagr);
      }
      for (const { name } of record.models) same(luck.models[name]!, statistics.models[name]!);
    }),
    { seed: 1, numRuns: 40 },
  );
});

Deno.test("FR-061 days are sessions when only equities trade", () => {
  const shape = { seed: 6, marks: 6 * 40 + 1, symbols: ["SPY"], budgets: [1] };
  const crypto = luckAndStatistics(randomRecord(shape)).luck.portfolio;
  const equity =
    luckAndStatistics(randomRecord({ ...shape, assetClass: "equity" as const })).luck.portfolio;
  strictEqual(crypto.days, 40);
  ok(equity.days > 24 && equity.days < 31, `${equity.days} sessions`);
});

Deno.test("AI-9 the days needed to trust a Sharpe ratio are whole, and none would do for a loser", () => {
  const record = handMadeRecord();
  const returns = simpleReturns(record.nav);
  const needed = minTrackRecordLength({
    sharpe: sharpe(returns, { periodsPerYear: 1 }),
    ...{ skew: skewness(returns), kurtosis: kurtosis(returns), benchmark: 0, confidence: 0.95 },
  })!;
  const { luck } = luckAndStatistics(record);
  strictEqual(luck.portfolio.min_track_record_days, Math.ceil(needed));
  ok(needed > 1 && !Number.isInteger(needed));
  const falling = { ...record, nav: record.nav.toReversed() };
  strictEqual(luckAndStatistics(falling).luck.portfolio.min_track_record_days, null);
});

Deno.test("AI-9 a run without trades has nothing to be lucky with", () => {
  const record = { ...handMadeRecord(), outcomes: [], bookings: [] };
  const flat = { ...record, nav: record.nav.map(() => 1000), cash: record.cash.map(() => 1000) };
  const { luck } = luckAndStatistics(flat);
  for (const figures of [luck.portfolio, luck.models.A!, luck.models.B!]) {
    deepStrictEqual(figures.sharpe, { estimate: null, low: null, high: null });
    deepStrictEqual(figures.max_drawdown, { estimate: 0, low: 0, high: 0 });
    deepStrictEqual(figures.cagr, { estimate: 0, low: 0, high: 0 });
    strictEqual(figures.permutation, null);
    strictEqual(figures.min_track_record_days, null);
  }
});

Deno.test("AI-9 a model without a budget has no figures, the others keep theirs", () => {
  const record = handMadeRecord();
  const budgets = [record.budgets[0]!, new Float64Array(4)];
  const { luck } = luckAndStatistics({ ...record, budgets });
  const { luck: whole } = luckAndStatistics(record);
  deepStrictEqual(luck.models.A, whole.models.A);
  strictEqual(luck.models.B!.block_days, null);
  strictEqual(luck.models.B!.sharpe.estimate, null);
});

Deno.test("AI-9 a model that began without money has no NAV, so its decisions are not shuffled", () => {
  const record = randomRecord({ seed: 2, marks: 241, symbols: ["BTC"], budgets: [0.6, 0.4] });
  const late = record.budgets[1]!.slice();
  late[0] = 0;
  const { luck } = luckAndStatistics({ ...record, budgets: [record.budgets[0]!, late] });
  ok(luck.models.Model1!.permutation !== null);
  strictEqual(luck.models.Model2!.permutation, null);
  strictEqual(luck.models.Model2!.cagr.estimate, null);
});

Deno.test("AI-9 nothing is held after the last sale, whatever rounding leaves", () => {
  const record = handMadeRecord();
  const quantities = [0.1, 0.2, -0.3];
  const outcomes = record.outcomes.flatMap((outcome, i) =>
    outcome.status === "filled" ? [{ ...outcome, asset: 0, quantity: quantities[i]! }] : []
  );
  const sold = { ...record, outcomes, bookings: [] };
  const { accounts } = runSteps(sold, deriveRun(sold), record.markTimes);
  ok(accounts[0]!.weights[0]![1]! > 0);
  strictEqual(accounts[0]!.weights[0]![2], 0);
});

Deno.test("FR-060 one seed gives the same bits, and all of it survives JSON", () => {
  const record = randomRecord({
    seed: 2,
    marks: 241,
    symbols: ["BTC", "ETH"],
    budgets: [0.6, 0.4],
  });
  const { luck } = luckAndStatistics(record);
  deepStrictEqual(luckAndStatistics(record).luck, luck);
  deepStrictEqual(JSON.parse(JSON.stringify(luck)), luck);
  notDeepStrictEqual(luckAndStatistics(record, { ...few, seed: 2 }).luck.portfolio, luck.portfolio);
  ok(luck.portfolio.permutation !== null && luck.models.Model1!.permutation !== null);
});
