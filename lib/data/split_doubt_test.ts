import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { type Bars, type CorporateAction, DAY_MS, sliceBars } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import { spy, steadyBars } from "./bar_fixtures.ts";
import { type Believed, doubtOf } from "./split_doubt.ts";

const EX_DATE = parseDate("2024-03-06");
const SPLIT: CorporateAction = { symbol: "SPY", exDate: EX_DATE, kind: "split", value: 2 };
const NOTHING: Believed = { splits: [], until: -Infinity, splitsApplied: false };

/** H4 bars of a week whose prices are multiplied from the ex-date on. */
function barsWith(factor: number): Bars {
  const bars = steadyBars(spy, "h4", "2024-03-04", "2024-03-09");
  const times = (column: Float64Array) =>
    column.map((price, row) => bars.openTime[row]! < EX_DATE ? price : price * factor);
  return { ...bars, open: times(bars.close), close: times(bars.close) };
}

Deno.test("a split that the first price of its day shows is believed", () => {
  strictEqual(doubtOf(barsWith(0.5), [SPLIT], NOTHING), undefined);
  strictEqual(doubtOf(barsWith(0.52), [SPLIT], NOTHING), undefined);
  const reverse = { ...SPLIT, value: 0.1 };
  strictEqual(doubtOf(barsWith(9.8), [reverse], NOTHING), undefined);
});

Deno.test("a split that the bars do not show is doubted from its ex-date on", () => {
  const doubt = doubtOf(barsWith(1), [SPLIT], NOTHING)!;
  strictEqual(doubt.from, EX_DATE);
  strictEqual(
    doubt.reason,
    "the split of 2 of 2024-03-06 is not shown by the bars: the price moved by 1.0000, expected about 0.5000",
  );
  match(
    doubtOf(barsWith(0.25), [SPLIT], NOTHING)!.reason,
    /moved by 0\.2500, expected about 0\.50/,
  );
});

Deno.test("a small split is shown only by a price that is nearer to it than to none", () => {
  const small = { ...SPLIT, value: 1.05 };
  strictEqual(doubtOf(barsWith(0.955), [small], NOTHING), undefined);
  strictEqual(doubtOf(barsWith(1), [small], NOTHING)!.from, EX_DATE);
});

Deno.test("a split is doubted until the first bar of its day has come", () => {
  const all = barsWith(0.5);
  const before = sliceBars(all, 0, all.openTime.findIndex((time) => time >= EX_DATE));
  match(doubtOf(before, [SPLIT], NOTHING)!.reason, /^the split .* is not shown by any bar yet$/);
});

Deno.test("a night that moved like a split is doubted where nobody tells of one", () => {
  const doubt = doubtOf(barsWith(0.5), [], NOTHING)!;
  strictEqual(doubt.from, EX_DATE);
  match(doubt.reason, /^on 2024-03-06 the price moved by 0\.5000, like a split of 2 that nobody/);
  const earlier = { ...SPLIT, exDate: EX_DATE - DAY_MS };
  match(
    doubtOf(barsWith(0.5), [earlier], NOTHING)!.reason,
    /split of 2 of 2024-03-05 is not shown/,
  );
  strictEqual(doubtOf(barsWith(0.7), [], NOTHING), undefined);
});

Deno.test("what was on file is believed, and prices that carry splits take no further one", () => {
  const until = barsWith(1).openTime.at(-1)!;
  deepStrictEqual(
    [
      doubtOf(barsWith(1), [SPLIT], { ...NOTHING, splits: [SPLIT] }),
      doubtOf(barsWith(0.5), [], { ...NOTHING, until }),
    ],
    [undefined, undefined],
  );
  match(
    doubtOf(barsWith(0.5), [SPLIT], { ...NOTHING, splitsApplied: true })!.reason,
    /cannot follow prices on file that carry splits already/,
  );
});
