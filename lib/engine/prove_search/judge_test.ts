import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { TRIAL_FIGURES, type TrialFigure } from "../../core/trial_figures.ts";
import { seededRandom } from "../../core/random.ts";
import { normalCdf, normalQuantile } from "../../stats/normal.ts";
import { SPA_RESAMPLES, sweepStatistics } from "../sweep/sweep_statistics.ts";
import type { TrialRow } from "../sweep/trial_row.ts";
import { gatesPassed, judgeSweep } from "./judge.ts";

const OPTIONS = { trials: 3, periodsPerYear: 365, seed: 1, resamples: 200 };

/** A trial with these figures; all others are undefined. */
function trial(
  figures: Readonly<Partial<Record<TrialFigure, number>>>,
  returns: ArrayLike<number> = [],
): TrialRow {
  return {
    figures: Float64Array.from(TRIAL_FIGURES, (figure) => figures[figure] ?? NaN),
    returns: Float64Array.from(returns),
  };
}

const annual = (perDay: number) => perDay * Math.sqrt(365);
const NORMAL = { skew: 0, kurtosis: 3, days: 401 };
const noise = (seed: number, mean: number) => {
  const random = seededRandom(seed);
  return Array.from({ length: 401 }, () => mean + (random.next() - 0.5) / 50);
};

Deno.test("FR-049 a hand-made sweep has the deflated Sharpe ratio that its definition gives", () => {
  const rows = [
    trial({ sharpe: annual(0.02), bps: 5, ...NORMAL }, noise(1, 0)),
    trial({ sharpe: annual(0.14), bps: 1, ...NORMAL }, noise(2, 0)),
    trial({ sharpe: annual(0.08), bps: 2, ...NORMAL }, noise(3, 0)),
  ];
  const verdict = judgeSweep(rows, OPTIONS);
  // Per day 0.02, 0.08 and 0.14: a sample deviation of 0.06.
  const gamma = 0.5772156649015329;
  const luck = 0.06 *
    ((1 - gamma) * normalQuantile(2 / 3) + gamma * normalQuantile(1 - 1 / (3 * Math.E)));
  const against = (sharpe: number, benchmark: number) =>
    normalCdf((sharpe - benchmark) * Math.sqrt(400) / Math.sqrt(1 + sharpe * sharpe / 2));
  const isNear = (found: number | null, expected: number) =>
    ok(Math.abs(found! - expected) < 1e-12, `${found}, expected ${expected}`);
  isNear(verdict.sharpe, annual(0.14));
  isNear(verdict.deflatedSharpe, against(0.14, luck));
  isNear(verdict.probabilisticSharpe, against(0.14, 0));
  isNear(verdict.deflatedByBps, against(0.02, luck));
});

Deno.test("FR-049 the proof tests a sweep as a search does: the same p-value by the same draws", () => {
  const rows = [1, 2, 3].map((seed) => trial({ sharpe: seed, ...NORMAL }, noise(seed, 0.0004)));
  const { spa } = sweepStatistics({
    ...{ places: [0, 1, 2], days: 401 },
    read: (place) => rows[place]!.returns,
  }, { seed: 1 });
  strictEqual(
    judgeSweep(rows, { ...OPTIONS, resamples: SPA_RESAMPLES }).spa,
    spa!.consistent,
  );
});

Deno.test("FR-049 the number of trials that were tried counts, not that of trials with a Sharpe ratio", () => {
  const rows = [
    trial({ sharpe: annual(0.1), ...NORMAL }, noise(1, 0)),
    trial({ sharpe: annual(0.05), ...NORMAL }, noise(2, 0)),
    trial({ days: 401 }, noise(3, 0)),
  ];
  const few = judgeSweep(rows, OPTIONS).deflatedSharpe!;
  const many = judgeSweep(rows, { ...OPTIONS, trials: 100 }).deflatedSharpe!;
  ok(many < few, `${many} of 100 trials, ${few} of 3`);
});

Deno.test("FR-049 an edge that every trial has passes the gate, and noise does not", () => {
  const rows = (mean: number, sharpe: number) =>
    [1, 2, 3].map((seed) =>
      trial({ sharpe: annual(sharpe + seed / 1_000), bps: 1, ...NORMAL }, noise(seed, mean))
    );
  const edge = judgeSweep(rows(0.002, 0.3), OPTIONS);
  strictEqual(edge.spa, 0);
  deepStrictEqual(gatesPassed(edge), {
    ...{ passed: true, passed_by_bps: true, passed_deflated: true, passed_spa: true },
    ...{ undeflated: true, above_one: true },
  });
  const luck = judgeSweep(rows(-0.0005, 0.02), OPTIONS);
  ok(luck.spa! > 0.05, `p ${luck.spa}`);
  strictEqual(gatesPassed(luck).passed, false);
});

Deno.test("FR-049 a sweep that never trades has no winner, and nothing passes", () => {
  const verdict = judgeSweep([trial({ days: 5 }, [0, 0, 0, 0, 0])], { ...OPTIONS, trials: 1 });
  deepStrictEqual(verdict, {
    ...{ sharpe: null, deflatedSharpe: null, probabilisticSharpe: null },
    ...{ deflatedByBps: null, spa: null },
  });
  // order: all must hold
  ok(Object.values(gatesPassed(verdict)).every((passed) => !passed));
});
