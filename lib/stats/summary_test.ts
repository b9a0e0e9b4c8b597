import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS, H4_MS } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import { dailyMarks } from "./monthly.ts";
import { type Account, summarize } from "./summary.ts";

const start = parseDate("2024-01-01");

function account(nav: readonly number[], rest: Partial<Account> = {}, stepMs = DAY_MS): Account {
  const times = Float64Array.from(nav, (_, i) => start + i * stepMs);
  const marks = dailyMarks(times, Float64Array.from(nav));
  return {
    times,
    nav: Float64Array.from(nav),
    dailyTimes: marks.times,
    dailyNav: marks.nav,
    grossExposure: new Float64Array(nav.length),
    fills: [],
    fees: 0,
    slippage: 0,
    periodsPerYear: 365,
    ...rest,
  };
}

Deno.test("FR-061 a summary tells period, return, drawdown, trading and costs", () => {
  const found = summarize(account([100, 110, 99, 121], {
    grossExposure: Float64Array.of(0, 0.5, 1, 0.5),
    fills: [
      { time: start, symbol: "BTC", quantity: 1, price: 50, fee: 1 },
      { time: start + 2 * DAY_MS, symbol: "BTC", quantity: -1, price: 60, fee: 1 },
      { time: start + 2 * DAY_MS, symbol: "BTC", quantity: 1, price: 60, fee: 0 },
      { time: start + 3 * DAY_MS, symbol: "BTC", quantity: -1, price: 57, fee: 0 },
    ],
    fees: 2,
    slippage: 0.5,
  }));
  strictEqual(found.start, start);
  strictEqual(found.end, start + 3 * DAY_MS);
  strictEqual(found.days, 3);
  strictEqual(found.total_return, 121 / 100 - 1);
  strictEqual(found.max_drawdown, 1 - 99 / 110);
  strictEqual(found.max_drawdown_start, start + DAY_MS);
  strictEqual(found.max_drawdown_end, start + 3 * DAY_MS);
  strictEqual(found.max_drawdown_days, 2);
  strictEqual(found.exposure_time, 0.75);
  strictEqual(found.mean_gross_exposure, 0.5);
  strictEqual(found.max_gross_exposure, 1);
  strictEqual(found.fills, 4);
  strictEqual(found.round_trips, 2);
  strictEqual(found.win_rate, 0.5);
  strictEqual(found.profit_factor, 8 / 3);
  strictEqual(found.average_win, 8 / 50);
  strictEqual(found.worst_trade, -3 / 60);
  strictEqual(found.average_holding_days, 1.5);
  strictEqual(found.turnover, (50 + 60 + 60 + 57) / 2 / 107.5 / (3 / 365.25));
  strictEqual(found.best_day, 121 / 99 - 1);
  strictEqual(found.worst_day, 99 / 110 - 1);
  strictEqual(found.best_month, 121 / 100 - 1);
  strictEqual(found.positive_months, 1);
  strictEqual(found.fees, 2);
  strictEqual(found.slippage, 0.5);
  const score = 0.4 * found.sharpe! + 0.3 * found.cagr! + 0.2 * 0.5 - 0.1 * found.max_drawdown;
  strictEqual(found.bps, score);
  strictEqual(found.bps_band, "outstanding");
});

Deno.test("FR-061 Sharpe is taken from daily marks, the drawdown from every mark", () => {
  const found = summarize(
    account([100, 50, 100, 100, 100, 100, 101, 101, 101, 101, 101, 101, 103], {}, H4_MS),
  );
  strictEqual(found.max_drawdown, 0.5);
  strictEqual(found.worst_day, 101 / 100 - 1);
});

Deno.test("FR-061 a NAV that never moves has no ratios, and no drawdown", () => {
  const found = summarize(account([100, 100, 100]));
  strictEqual(found.total_return, 0);
  strictEqual(found.cagr, 0);
  strictEqual(found.annual_volatility, 0);
  strictEqual(found.max_drawdown, 0);
  strictEqual(found.max_drawdown_days, 0);
  strictEqual(found.turnover, 0);
  for (
    const key of ["sharpe", "sortino", "calmar", "skew", "win_rate", "bps", "bps_band"] as const
  ) {
    strictEqual(found[key], null, key);
  }
});

Deno.test("FR-061 one mark has a NAV and little else, none has nothing", () => {
  const one = summarize(account([100]));
  strictEqual(one.initial_nav, 100);
  strictEqual(one.days, 0);
  strictEqual(one.cagr, null);
  strictEqual(one.var_95, null);
  strictEqual(one.best_month, null);
  const none = summarize(account([]));
  strictEqual(none.start, null);
  strictEqual(none.max_drawdown, null);
  strictEqual(none.exposure_time, null);
});

Deno.test("FR-061 a lost account is told as such", () => {
  const found = summarize(account([100, 40, 0, 0]));
  strictEqual(found.total_return, -1);
  strictEqual(found.cagr, -1);
  strictEqual(found.max_drawdown, 1);
  strictEqual(found.max_drawdown_end, null);
  strictEqual(found.sharpe, null);
});

Deno.test("FR-061 columns of different length are refused", () => {
  throws(() => summarize(account([1, 2], { nav: Float64Array.of(1) })), RangeError);
});

const wildNumber = fc.oneof(
  fc.constantFrom(0, -0, 100, 1e-320, 1e308, -1e308, NaN, Infinity),
  fc.double(),
  fc.double({ min: 90, max: 110, noNaN: true }),
);
const wildFill = fc.record({
  time: fc.integer({ min: 0, max: 1e12 }),
  symbol: fc.constantFrom("SPY", "BTC"),
  quantity: wildNumber.filter(Number.isFinite),
  price: wildNumber.filter((price) => Number.isFinite(price) && price > 0),
  fee: wildNumber.filter(Number.isFinite),
});

Deno.test("FR-061 whatever happened, a figure is a finite number or null and survives JSON", () => {
  const keys = Object.keys(summarize(account([])));
  fc.assert(
    fc.property(
      fc.array(wildNumber, { maxLength: 40 }),
      fc.array(wildFill, { maxLength: 12 }),
      wildNumber,
      fc.constantFrom(H4_MS, DAY_MS, 0, 1),
      (nav, fills, money, stepMs) => {
        const grossExposure = Float64Array.from(nav, (value) => Math.abs(value) / 100);
        const rest = { fills, fees: money, slippage: money, grossExposure };
        const found = summarize(account(nav, rest, stepMs));
        deepStrictEqual(Object.keys(found), keys);
        for (const [key, value] of Object.entries(found)) {
          const defined = typeof value === "string" || Number.isFinite(value);
          ok(value === null || defined, `${key} is ${value}`);
        }
        const copy = JSON.parse(JSON.stringify(found));
        deepStrictEqual(JSON.stringify(copy), JSON.stringify(found));
        strictEqual(JSON.stringify(summarize(account(nav, rest, stepMs))), JSON.stringify(found));
      },
    ),
    { seed: 1, numRuns: 500 },
  );
});
