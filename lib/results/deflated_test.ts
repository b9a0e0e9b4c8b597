import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { deflate, deflatedOf } from "./deflated.ts";
import { deriveRun } from "./derive.ts";
import { cardParts, FIXTURE_ID, handMadeRecord } from "./record_fixture.ts";
import { runCard } from "./run_card.ts";

const record = handMadeRecord();
const card = runCard({
  ...{ id: FIXTURE_ID, record, derived: deriveRun(record), artefacts: {} },
  parts: cardParts({ plan: { timeframe: "daily" } }),
});

// Bailey and López de Prado (2014), "The Deflated Sharpe Ratio": five years of 250 days, yearly Sharpe 2.5.
Deno.test("FR-049 a result is deflated by the trials on record, as in the worked example of its authors", () => {
  const result = { sharpe: 2.5 / Math.sqrt(250), days: 1250, skew: -3, kurtosis: 10 };
  const count = { trials: 100, counted: 90, sharpeVariance: 0.5 / 250 };
  const key = { family: "A", dataSet: "SPY h4" };
  const found = deflate(result, { ...key, count, periodsPerYear: 250 })!;
  strictEqual(found.deflated_sharpe!.toFixed(4), "0.9004");
  strictEqual((found.expected_best_sharpe! / Math.sqrt(250)).toFixed(4), "0.1132");
  deepStrictEqual([found.family, found.data_set, found.trials, found.trials_with_sharpe], [
    ...["A", "SPY h4", 100, 90],
  ]);
  deepStrictEqual([found.sharpe_per_day, found.days], [result.sharpe, 1250]);
  // 0.9004 is not enough, so more days are needed than there are.
  strictEqual(found.min_track_record_days! > 1250, true);
  const longer = deflate({ ...result, days: found.min_track_record_days! }, {
    ...{ ...key, count, periodsPerYear: 250 },
  })!;
  const shorter = deflate({ ...result, days: found.min_track_record_days! - 1 }, {
    ...{ ...key, count, periodsPerYear: 250 },
  })!;
  deepStrictEqual([longer.deflated_sharpe! >= 0.95, shorter.deflated_sharpe! >= 0.95], [
    ...[true, false],
  ]);
});

Deno.test("FR-049 a run is deflated under its own models and assets; the only trial has nothing to deflate", () => {
  const found = deflatedOf(card, { trials: 1, counted: 1, sharpeVariance: null })!;
  deepStrictEqual([found.family, found.data_set, found.days], ["A+B", "BTC,ETH daily", 3]);
  strictEqual(found.deflated_sharpe, found.probabilistic_sharpe);
  strictEqual(found.expected_best_sharpe, 0);
});

Deno.test("FR-049 without a trial on record there is nothing to say; without a variance there is no number", () => {
  strictEqual(deflatedOf(card, undefined), undefined);
  strictEqual(deflatedOf(card, { trials: 0, counted: 0, sharpeVariance: null }), undefined);
  const found = deflatedOf(card, { trials: 5, counted: 1, sharpeVariance: null })!;
  deepStrictEqual([found.deflated_sharpe, found.expected_best_sharpe], [null, null]);
  deepStrictEqual([found.min_track_record_days, found.detectable_sharpe], [null, null]);
});
