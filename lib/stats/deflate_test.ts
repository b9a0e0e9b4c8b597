import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { deflateRecord, trialSpread } from "./deflate.ts";
import { deflatedSharpe } from "./overfitting.ts";

Deno.test("FR-049 the spread of trials is the sample variance of their t-statistics, whatever has none", () => {
  deepStrictEqual(trialSpread([1, NaN, 3, 5, Infinity]), { counted: 3, statisticVariance: 4 });
  deepStrictEqual(trialSpread([2]), { counted: 1, statisticVariance: null });
  deepStrictEqual(trialSpread([]), { counted: 0, statisticVariance: null });
});

Deno.test("FR-049 a record is deflated by trials as long as itself: V is the spread divided by its days", () => {
  const record = { sharpe: 0.1, skew: -0.5, kurtosis: 5, periods: 500 };
  const found = deflateRecord(record, { trials: 40, statisticVariance: 1.5 });
  strictEqual(found.trialSharpeVariance, 1.5 / 500);
  strictEqual(
    found.deflatedSharpe,
    deflatedSharpe({ ...record, trials: 40, trialSharpeVariance: 1.5 / 500 }),
  );
  // Trials without an edge have t-statistics of variance 1 on any range: luck is less on a longer one.
  const longer = deflateRecord({ ...record, periods: 2_000 }, { trials: 40, statisticVariance: 1 });
  const shorter = deflateRecord({ ...record, periods: 500 }, { trials: 40, statisticVariance: 1 });
  ok(Math.abs(shorter.expectedBestSharpe! / longer.expectedBestSharpe! - 2) < 1e-12);
});

Deno.test("FR-049 without a spread or without days there is no number", () => {
  const record = { sharpe: 0.1, skew: 0, kurtosis: 3, periods: 500 };
  strictEqual(deflateRecord(record, { trials: 2, statisticVariance: null }).deflatedSharpe, null);
  const none = deflateRecord({ ...record, periods: 0 }, { trials: 2, statisticVariance: 1 });
  deepStrictEqual([none.trialSharpeVariance, none.minTrackRecordDays], [null, null]);
});
