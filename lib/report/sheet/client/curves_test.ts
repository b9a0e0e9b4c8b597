import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { formatDate, formatTime } from "../../../core/clock.ts";
import { drawdownCurve } from "../../../stats/drawdown.ts";
import {
  annualVolatility,
  conditionalValueAtRisk,
  sharpe,
  simpleReturns,
  sortino,
  valueAtRisk,
} from "../../../stats/metrics.ts";
import { formatNumber, formatPercent } from "../../format.ts";
import { binsOf, drawdownsOf, returnsOf, rollingRisk, tailOf } from "./curves.js";
import { dateText, dayText, minuteText, monthStart } from "./dates.js";
import { numberText, percentText } from "./text.js";
import { countUpTo, nearestPlace, thinnedRows } from "./thin.js";
import { logTicks, timeTicks, valueTicks } from "./ticks.js";
import { openView } from "./view.js";

const near = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));
const navs = fc.array(fc.double({ min: 50, max: 200, noNaN: true }), {
  minLength: 12,
  maxLength: 60,
}).map((values) => Float64Array.from(values));

Deno.test("FR-061 rolling figures, drawdowns and tails are those of the run's own statistics", () => {
  fc.assert(
    fc.property(navs, (nav) => {
      const rolled = rollingRisk(nav, 10, 365);
      const last = simpleReturns(nav).slice(-10);
      const annual = { periodsPerYear: 365 };
      ok(near(rolled.volatility.at(-1)!, annualVolatility(last, annual)!));
      const [ratio, other] = [sharpe(last, annual), sortino(last, annual)];
      if (ratio !== null) ok(near(rolled.sharpe.at(-1)!, ratio));
      if (other !== null) ok(near(rolled.sortino.at(-1)!, other));
      ok(Number.isNaN(rolled.sharpe[9]) && !Number.isNaN(rolled.volatility[10]));
      deepStrictEqual(
        Array.from(drawdownsOf(nav), (value: number) => Math.round(-1e12 * value) + 0),
        Array.from(drawdownCurve(nav), (value) => Math.round(1e12 * value)),
      );
      const returns = returnsOf(nav);
      const { quantile, mean } = tailOf(returns, 0.05);
      ok(near(quantile, valueAtRisk(returns, 0.05)!));
      ok(near(mean, conditionalValueAtRisk(returns, 0.05)!));
      strictEqual(
        binsOf(returns, 7).counts.reduce((a: number, b: number) => a + b, 0),
        returns.length,
      );
    }),
    { seed: 1 },
  );
});

Deno.test("FR-010 dates and numbers read as they do in the rest of the program", () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e11, max: 4e12 }), fc.double(), (time, value) => {
      strictEqual(dateText(time), formatDate(time));
      const minute = Math.floor(time / 60_000) * 60_000;
      if (time >= 0) {
        strictEqual(minuteText(minute), formatTime(minute).slice(0, 16).replace("T", " "));
      }
      strictEqual(numberText(value), formatNumber(value));
      strictEqual(percentText(value, 1), formatPercent(value, 1));
    }),
    { seed: 1 },
  );
  strictEqual(dayText(Date.UTC(2024, 2, 1)), "2024-02-29");
  strictEqual(monthStart(Date.UTC(2024, 11, 31), 1), Date.UTC(2025, 0, 1));
});

Deno.test("FR-059 a long curve is thinned without losing its extremes, ends or gaps", () => {
  const value = fc.oneof({ weight: 20, arbitrary: fc.double({ noNaN: true }) }, {
    weight: 1,
    arbitrary: fc.constant(NaN),
  });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 900 }), (list) => {
      const values = Float64Array.from(list);
      const times = values.map((_, row) => row);
      const stretch = { from: 0, to: values.length - 1, columns: 20 };
      const rows: number[] = thinnedRows(times, values, stretch);
      ok(rows.length <= Math.max(80, 5 * 21), `${rows.length} rows`);
      deepStrictEqual(rows, [...new Set(rows)].sort((a, b) => a - b));
      const known = (some: Float64Array) => some.filter((one) => !Number.isNaN(one));
      const kept = known(Float64Array.from(rows, (row) => values[row]!));
      const all = known(values);
      strictEqual(Math.min(...kept), Math.min(...all));
      strictEqual(Math.max(...kept), Math.max(...all));
      deepStrictEqual([rows[0], rows.at(-1)], [0, values.length - 1]);
    }),
    { seed: 1 },
  );
});

Deno.test("FR-059 axes have round numbers inside the bounds, few enough to be read", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
      (low, span) => {
        const ticks: number[] = valueTicks(low, low + span, 5);
        ok(ticks.length >= 1 && ticks.length <= 7, String(ticks));
        ok(ticks.every((tick) => tick >= low - span * 1e-6 && tick <= low + span * (1 + 1e-6)));
      },
    ),
    { seed: 1 },
  );
  deepStrictEqual(logTicks(90, 2_100, 5), [100, 200, 500, 1_000, 2_000]);
  deepStrictEqual(logTicks(0.5, 30_000, 4), [1, 10, 100, 1_000, 10_000]);
  deepStrictEqual(logTicks(95, 120, 5), valueTicks(95, 120, 5));
  const labels = (from: number, to: number) =>
    timeTicks(from, to, 6).map(({ label }: { label?: string | undefined }) => label);
  deepStrictEqual(labels(Date.UTC(2020, 0, 1), Date.UTC(2025, 0, 1)), [
    ...["2020", "2021", "2022", "2023", "2024", "2025"],
  ]);
  deepStrictEqual(labels(Date.UTC(2022, 1, 3), Date.UTC(2022, 6, 2)), [
    ...["Mar 2022", "Apr", "May", "Jun", "Jul"],
  ]);
  ok(labels(Date.UTC(2022, 1, 3), Date.UTC(2022, 1, 9)).includes("5 Feb"));
});

Deno.test("FR-059 a view zooms around a day, keeps it in sight and never shows less than a few days", () => {
  const clock = Float64Array.from({ length: 101 }, (_, day) => day * 86_400_000);
  const view = openView(clock);
  const told: string[] = [];
  view.onChange((what: string) => told.push(what));
  view.point(50);
  view.zoom(0.5);
  deepStrictEqual([view.from, view.to], [clock[25], clock[75]]);
  view.point(90);
  ok(view.from <= clock[90]! && clock[90]! <= view.to);
  strictEqual(view.to - view.from, clock[50]);
  view.show(clock[10], clock[10]);
  strictEqual(view.to - view.from, clock[5]);
  view.reset();
  ok(view.isWhole());
  deepStrictEqual([...new Set(told)], ["cursor", "stretch"]);
  view.pointAt(clock[30]! + 1);
  strictEqual(view.cursor, 30);
});

Deno.test("FR-059 searching a sorted column finds the last row not above, and the nearest", () => {
  const times = Float64Array.of(1, 2, 2, 5);
  deepStrictEqual([0, 1, 2, 3, 9].map((time) => countUpTo(times, time)), [0, 1, 3, 3, 4]);
  deepStrictEqual([0, 3, 4, 9].map((time) => nearestPlace(times, time)), [0, 2, 3, 3]);
});
