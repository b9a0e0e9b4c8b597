import { ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import {
  deflatedSharpe,
  expectedBestSharpe,
  minTrackRecordLength,
  probabilisticSharpe,
} from "./overfitting.ts";

const normal = { skew: 0, kurtosis: 3 };

function rounded(value: number | null, digits: number): string | undefined {
  return value?.toFixed(digits);
}

// Bailey and López de Prado (2012), "The Sharpe Ratio Efficient Frontier": two years of monthly returns, Sharpe 0.458.
Deno.test("FR-049 probabilisticSharpe() gives the hedge fund example of its authors", () => {
  const record = { sharpe: 0.458, benchmark: 0, periods: 24 };
  strictEqual(rounded(probabilisticSharpe({ ...record, ...normal }), 3), "0.982");
  const skewed = probabilisticSharpe({ ...record, skew: -2.448, kurtosis: 10.164 });
  strictEqual(rounded(skewed, 3), "0.913");
});

// The same paper: years until a yearly Sharpe of 2 is known to exceed 1 at 95 %, by frequency of the returns.
Deno.test("FR-049 minTrackRecordLength() gives the years that its authors tabled", () => {
  const years = (perYear: number) => {
    const sharpe = 2 / Math.sqrt(perYear);
    const length = minTrackRecordLength({
      ...normal,
      sharpe,
      benchmark: sharpe / 2,
      confidence: 0.95,
    });
    return rounded(length! / perYear, 2);
  };
  strictEqual(years(250), "2.73");
  strictEqual(years(52), "2.83");
  strictEqual(years(12), "3.24");
});

// Bailey and López de Prado (2014), "The Deflated Sharpe Ratio": five years of 250 days, yearly Sharpe 2.5.
Deno.test("FR-049 deflatedSharpe() gives the worked example of its authors", () => {
  const record = {
    sharpe: 2.5 / Math.sqrt(250),
    periods: 1250,
    skew: -3,
    kurtosis: 10,
    trialSharpeVariance: 0.5 / 250,
  };
  strictEqual(rounded(expectedBestSharpe(100, 0.5 / 250), 4), "0.1132");
  strictEqual(rounded(deflatedSharpe({ ...record, trials: 100 }), 4), "0.9004");
  strictEqual(rounded(deflatedSharpe({ ...record, trials: 46 }), 4), "0.9505");
  strictEqual(rounded(deflatedSharpe({ ...record, ...normal, trials: 88 }), 4), "0.9505");
});

Deno.test("FR-049 deflatedSharpe() deflates nothing for one trial or for trials all alike", () => {
  const record = { ...normal, sharpe: 0.1, periods: 250 };
  const plain = probabilisticSharpe({ ...record, benchmark: 0 });
  strictEqual(deflatedSharpe({ ...record, trials: 1, trialSharpeVariance: null }), plain);
  strictEqual(deflatedSharpe({ ...record, trials: 9, trialSharpeVariance: 0 }), plain);
});

Deno.test("FR-049 overfitting figures are null where they are undefined", () => {
  const record = { ...normal, sharpe: 0.1, benchmark: 0, periods: 250 };
  strictEqual(probabilisticSharpe({ ...record, periods: 1 }), null);
  strictEqual(probabilisticSharpe({ ...record, sharpe: null }), null);
  strictEqual(probabilisticSharpe({ ...record, skew: null }), null);
  // A Sharpe ratio of 1 with skewness 3 and kurtosis 3: 1 − 3 + 0.5 is below zero.
  strictEqual(probabilisticSharpe({ ...record, sharpe: 1, skew: 3 }), null);
  strictEqual(deflatedSharpe({ ...record, trials: 5, trialSharpeVariance: null }), null);
  strictEqual(minTrackRecordLength({ ...record, benchmark: 0.1, confidence: 0.95 }), null);
  strictEqual(minTrackRecordLength({ ...record, kurtosis: null, confidence: 0.95 }), null);
});

Deno.test("FR-049 overfitting figures refuse arguments that mean nothing", () => {
  throws(() => expectedBestSharpe(0, 1), /whole number from 1, found 0/);
  throws(() => expectedBestSharpe(5, -1), /must not be negative, found -1/);
  const record = { ...normal, sharpe: 0.1, benchmark: 0 };
  throws(() => minTrackRecordLength({ ...record, confidence: 1 }), /between 0 and 1, found 1/);
});

Deno.test("FR-049 probabilisticSharpe() reaches the confidence at the minimum track record length", () => {
  const sharpes = fc.double({ min: 0.01, max: 0.5, noNaN: true });
  const confidences = fc.double({ min: 0.51, max: 0.99, noNaN: true });
  fc.assert(
    fc.property(sharpes, confidences, (sharpe, confidence) => {
      const record = { sharpe, benchmark: 0, skew: -0.5, kurtosis: 5 };
      const periods = minTrackRecordLength({ ...record, confidence })!;
      // Fewer than two periods have no estimate at all.
      if (periods < 2) return;
      ok(Math.abs(probabilisticSharpe({ ...record, periods })! - confidence) < 1e-9);
    }),
    { seed: 1 },
  );
});
