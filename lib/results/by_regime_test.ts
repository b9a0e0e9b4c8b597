import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS, H4_MS } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import type { RegimeRecord, RunRecord } from "../core/run_record.ts";
import { maxDrawdown } from "../stats/drawdown.ts";
import { sharpe } from "../stats/metrics.ts";
import { deriveRun } from "./derive.ts";
import { fullRecord, handMadeRecord, handMadeRegimes, randomRecord } from "./record_fixture.ts";

const near = (found: number, expected: number) =>
  ok(Math.abs(found - expected) <= 1e-12, `found ${found}, expected ${expected}`);

/** Regimes whose equity label follows `codes`, decision by decision; the others never change. */
function following(codes: readonly number[]): RegimeRecord {
  const still = () => new Uint8Array(codes.length);
  return {
    ...handMadeRegimes(),
    codes: { equity: Uint8Array.from(codes), volatility: still(), crypto: still(), macro: still() },
    defaults: { equity: still(), volatility: still(), crypto: still(), macro: still() },
    notes: [],
  };
}

const regimesOf = (record: RunRecord) => deriveRun(record).statistics.regimes!;

Deno.test("FR-063 days of one label are compounded, for the portfolio and for each model", () => {
  // NAV 1000 → 1025 → 1054 → 1051; the second day is BULL, the other two are BEAR.
  const { equity } = regimesOf({ ...handMadeRecord(), regimes: following([2, 0, 2]) });
  const bear = equity.BEAR!;
  deepStrictEqual([bear.days, bear.share_of_days, bear.default_days], [2, 2 / 3, 0]);
  const returns = Float64Array.of(1025 / 1000 - 1, 1051 / 1054 - 1);
  near(bear.portfolio.total_return!, (1 + returns[0]!) * (1 + returns[1]!) - 1);
  near(bear.portfolio.max_drawdown!, 3 / 1054);
  strictEqual(bear.portfolio.sharpe, sharpe(returns, { periodsPerYear: 365 }));
  near(bear.models.A!.total_return!, (1 + 25 / 600) * (1 - 1 / (0.6 * 1054)) - 1);
});

Deno.test("FR-063 figures of fewer than two days are null, and their number is said", () => {
  const { equity } = regimesOf(fullRecord());
  const unknown = {
    total_return: null,
    annual_volatility: null,
    sharpe: null,
    max_drawdown: null,
  };
  deepStrictEqual(equity.BULL, {
    ...{ days: 1, share_of_days: 1 / 3, default_days: 0 },
    portfolio: unknown,
    models: { A: unknown, B: unknown },
  });
  strictEqual(equity.NEUTRAL!.default_days, 1);
  deepStrictEqual(Object.keys(equity), ["BULL", "NEUTRAL", "BEAR"]);
});

Deno.test("FR-063 a day belongs to the label in force at its start, whatever comes later in it", () => {
  const record = randomRecord({ seed: 1, marks: 25, symbols: ["BTC"], budgets: [1] });
  const codes = Array.from({ length: 24 }, (_, index) => index % 6 === 0 ? 0 : 2);
  const { equity } = regimesOf({ ...record, regimes: following(codes) });
  deepStrictEqual([equity.BULL!.days, equity.BEAR!.days], [4, 0]);
});

Deno.test("FR-063 with equities only, days run from session close to session close", () => {
  const start = parseDate("2024-07-01");
  const shape = { seed: 4, marks: 31, symbols: ["SPY"], budgets: [1] };
  const base = randomRecord({ ...shape, assetClass: "equity" });
  const markTimes = base.markTimes.map((_, mark) => start + mark * H4_MS);
  // BULL to the close of 2 July at 20:00, BEAR from then on; 4 July is a holiday.
  const codes = Array.from({ length: 30 }, (_, index) => index < 11 ? 0 : 2);
  const { equity } = regimesOf({ ...base, markTimes, regimes: following(codes) });
  strictEqual(markTimes.at(-1), start + 5 * DAY_MS);
  deepStrictEqual([equity.BULL!.days, equity.BEAR!.days], [2, 2]);
});

Deno.test("FR-063 a run that was told of no regime has no such figures", () => {
  strictEqual(deriveRun(handMadeRecord()).statistics.regimes, undefined);
});

Deno.test("FR-063 the labels of a dimension share all days, and their returns make the whole", () => {
  const codes = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 60, maxLength: 60 });
  fc.assert(
    fc.property(codes, fc.nat(), (drawn, seed) => {
      const record = randomRecord({ seed, marks: 61, symbols: ["BTC"], budgets: [0.6, 0.4] });
      const { equity, macro } = regimesOf({ ...record, regimes: following(drawn) });
      const states = Object.values(equity);
      strictEqual(states.reduce((sum, { days }) => sum + days, 0), 10);
      const whole = macro.EXPANSION!.portfolio; // in force all the time
      const daily = record.nav.filter((_, mark) => mark % 6 === 0);
      near(whole.total_return!, record.nav.at(-1)! / record.nav[0]! - 1);
      near(whole.max_drawdown!, maxDrawdown(daily)!);
      if (states.some(({ days }) => days === 1)) return;
      const joined = states.reduce(
        (product, { portfolio }) => product * (1 + (portfolio.total_return ?? 0)),
        1,
      );
      near(joined - 1, whole.total_return!);
    }),
    { seed: 1, numRuns: 40 },
  );
});
