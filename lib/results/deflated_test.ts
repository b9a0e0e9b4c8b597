import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { deflate, deflatedOf } from "./deflated.ts";
import { deriveRun } from "./derive.ts";
import { cardParts, FIXTURE_ID, handMadeRecord } from "./record_fixture.ts";
import { runCard } from "./run_card.ts";
import type { LedgerCount, TrialCount } from "./trial_rows.ts";

const record = handMadeRecord();
const card = runCard({
  ...{ id: FIXTURE_ID, record, derived: deriveRun(record), artefacts: {} },
  parts: cardParts({ plan: { timeframe: "daily" } }),
});

function countOf(
  own: TrialCount,
  related: TrialCount = own,
): LedgerCount {
  return { ...own, related, entry: { seq: 1, hash: "h" } };
}

// Bailey and López de Prado (2014), "The Deflated Sharpe Ratio": five years of 250 days, yearly Sharpe 2.5.
Deno.test("FR-049 a result is deflated by the trials on record, as in the worked example of its authors", () => {
  const result = { sharpe: 2.5 / Math.sqrt(250), days: 1250, skew: -3, kurtosis: 10 };
  const count = countOf({ trials: 100, counted: 90, statisticVariance: 1250 * 0.5 / 250 });
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
  // The variance of trials as long as the run is what the ledger's is divided by its days to.
  const withDays = (days: number) =>
    deflate({ ...result, days }, {
      ...{ ...key, periodsPerYear: 250 },
      count: countOf({ ...count, statisticVariance: days * 0.5 / 250 }),
    })!;
  const [longer, shorter] = [0, -1].map((more) => withDays(found.min_track_record_days! + more));
  deepStrictEqual([longer!.deflated_sharpe! >= 0.95, shorter!.deflated_sharpe! >= 0.95], [
    ...[true, false],
  ]);
});

Deno.test("FR-049 a run is deflated under its own models and assets; the only trial has nothing to deflate", () => {
  const found = deflatedOf(card, countOf({ trials: 1, counted: 1, statisticVariance: null }))!;
  deepStrictEqual([found.family, found.data_set, found.days], ["A+B", "BTC,ETH daily", 3]);
  strictEqual(found.deflated_sharpe, found.probabilistic_sharpe);
  strictEqual(found.expected_best_sharpe, 0);
});

Deno.test("FR-049 without a trial on record there is nothing to say; without a variance there is no number", () => {
  strictEqual(deflatedOf(card, undefined), undefined);
  strictEqual(
    deflatedOf(card, countOf({ trials: 0, counted: 0, statisticVariance: null })),
    undefined,
  );
  const found = deflatedOf(card, countOf({ trials: 5, counted: 1, statisticVariance: null }))!;
  deepStrictEqual([found.deflated_sharpe, found.expected_best_sharpe], [null, null]);
  deepStrictEqual([found.min_track_record_days, found.detectable_sharpe], [null, null]);
});

Deno.test("FR-049 trials on other data and in other timeframes count, and the wider spread is what luck has", () => {
  const result = { sharpe: 0.1, days: 400, skew: 0, kurtosis: 3 };
  const facts = { family: "A", dataSet: "SPY daily", periodsPerYear: 252 };
  const own = { trials: 2, counted: 2, statisticVariance: 0.01 };
  const related = { trials: 500, counted: 490, statisticVariance: 1.2 };
  const judged = deflate(result, { ...facts, count: countOf(own, related) })!;
  deepStrictEqual(
    [judged.trials, judged.family_trials, judged.trial_sharpe_variance],
    [500, 2, 1.2 / 400],
  );
  const alone = deflate(result, { ...facts, count: countOf(own) })!;
  strictEqual(judged.deflated_sharpe! < alone.deflated_sharpe!, true);
  // Many trials of another kind that hardly differ do not hide how far its own lie apart.
  const alike = { ...related, statisticVariance: 0.0001 };
  const kept = deflate(result, {
    ...facts,
    count: countOf({ ...own, statisticVariance: 1 }, alike),
  })!;
  strictEqual(kept.trial_sharpe_variance, 1 / 400);
});
