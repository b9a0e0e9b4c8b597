import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { CorporateAction, Series } from "../../core/bars.ts";
import { parseDate } from "../../core/clock.ts";
import { handBars, tradable } from "../fixtures.ts";
import { dataViews, type MarketData, withSeen } from "./data_views.ts";

const SPY = tradable("SPY", "equity");
const NOW = parseDate("2024-03-07");
const SPLIT: CorporateAction = {
  ...{ symbol: "SPY", exDate: parseDate("2024-03-06"), kind: "split", value: 2 },
};

function vix(values: readonly number[]): Series {
  const date = Float64Array.from(values, (_, day) => parseDate("2024-03-01") + day * 86_400_000);
  return { name: "vix.close", date, availableAt: date, value: Float64Array.from(values) };
}

/** SPY and its regime with or without the split, and a series or none. */
function market(
  { splits = [SPLIT], series }: {
    readonly splits?: readonly CorporateAction[];
    readonly series?: Series;
  } = {},
): MarketData {
  const rows = [10, 11, 12].map((close) => ({ open: close, close }));
  const daily = handBars(SPY, "daily", parseDate("2024-03-01"), rows);
  return {
    assets: [{ symbol: "SPY", bars: { daily }, actions: splits, splitsApplied: false }],
    regimes: {
      equity: { bars: daily, splits, splitsApplied: false },
      ...(series ? { vix: series } : {}),
    },
  };
}

Deno.test("a split that a decision had not seen is late for the prices and for the regimes", () => {
  const views = dataViews(market())(NOW, market({ splits: [] }));
  deepStrictEqual([views.revised, new Set(views.late.map(({ table }) => table))], [
    [],
    new Set(["SPY action"]),
  ]);
  const { assets, regimes } = views.seen;
  deepStrictEqual([assets[0]!.actions, regimes.equity!.splits], [[], []]);
  deepStrictEqual(views.stored.regimes.equity!.splits, [SPLIT]);
});

Deno.test("a series that was not there when a decision was made is late as a whole", () => {
  const views = dataViews(market({ series: vix([15, 16]) }))(NOW, market());
  deepStrictEqual(views.late.map(({ table, text }) => `${table} ${text}`), [
    "vix had not arrived at all",
  ]);
  strictEqual(views.seen.regimes.vix, undefined);
});

Deno.test("a series that is stored no more was seen all the same", () => {
  const seen = market({ series: vix([15, 16]) });
  const views = dataViews(market())(NOW, seen);
  deepStrictEqual(views.revised.map(({ table }) => table), ["vix"]);
  strictEqual(views.seen, seen);
});

Deno.test("what only the session has of actions joins what is stored, for prices and regimes", () => {
  const { assets, regimes } = withSeen(market({ splits: [] }), market());
  deepStrictEqual([assets[0]!.actions, regimes.equity!.splits], [[SPLIT], [SPLIT]]);
});

Deno.test("where nothing differs, what was seen is what is stored", () => {
  const stored = market({ series: vix([15, 16]) });
  const views = dataViews(stored)(NOW, market({ series: vix([15, 16]) }));
  deepStrictEqual([views.late, views.revised], [[], []]);
  strictEqual(views.seen, views.stored);
});
