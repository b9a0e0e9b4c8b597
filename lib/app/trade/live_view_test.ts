import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { type Bars, type CorporateAction, sliceBars } from "../../core/bars.ts";
import { parseDate } from "../../core/clock.ts";
import { doubtOf } from "../../data/upkeep.ts";
import { handBars, tradable } from "../../engine/fixtures.ts";
import { liveView } from "./live_view.ts";
import type { MarketContent } from "./market_feed.ts";

const SPY = tradable("SPY", "equity");
const FIRST_DAY = parseDate("2024-03-04");
const EX_DATE = parseDate("2024-03-06");
const NOW = parseDate("2024-03-08");
const SPLIT: CorporateAction = { symbol: "SPY", exDate: EX_DATE, kind: "split", value: 2 };

function daysOf(closes: readonly number[]): Bars {
  return handBars(SPY, "daily", FIRST_DAY, closes.map((close) => ({ open: close, close })));
}

/** Regimes that are told from SPY, which nobody trades. */
function untraded(bars: Bars, splits: readonly CorporateAction[] = []): MarketContent {
  return { assets: [], regimes: { equity: { bars, splits, splitsApplied: false } } };
}

function viewOf(known: MarketContent, actions: readonly CorporateAction[]) {
  const opening = untraded(sliceBars(daysOf([100, 101, 51]), 0, 2));
  const { regimes: { equity }, doubtful, troubles } = liveView(known, NOW, {
    ...{ opening, doubtOf, actionsOf: () => actions },
  });
  return { closes: [...equity!.bars.close], splits: equity!.splits, doubtful, troubles };
}

Deno.test("regimes see a split of what nobody trades once the bars show it", () => {
  deepStrictEqual(viewOf(untraded(daysOf([100, 101, 51])), [SPLIT]), {
    ...{ closes: [100, 101, 51], splits: [SPLIT], doubtful: [], troubles: [] },
  });
});

Deno.test("regimes are told from the prices of before where a split is in doubt", () => {
  const alone = viewOf(untraded(daysOf([100, 101, 51])), []);
  deepStrictEqual([alone.closes, alone.splits, alone.doubtful], [[100, 101], [], []]);
  deepStrictEqual(alone.troubles, [
    "SPY: on 2024-03-06 the price moved by 0.5050, like a split of 2 that nobody tells of; no regime is told from it",
  ]);
  const unseen = viewOf(untraded(daysOf([100, 101, 102])), [SPLIT]);
  deepStrictEqual([unseen.closes, unseen.splits], [[100, 101], []]);
});

Deno.test("where the asset is traded, its verdict is the regimes' too, and it is told once", () => {
  const daily = daysOf([100, 101, 51]);
  const asset = { symbol: "SPY", bars: { daily }, actions: [], splitsApplied: false };
  const opening = { assets: [{ ...asset, bars: { daily: sliceBars(daily, 0, 2) } }], regimes: {} };
  const known = { ...untraded(daily), assets: [asset] };
  const view = liveView(known, NOW, { opening, doubtOf, actionsOf: () => [] });
  deepStrictEqual([...view.regimes.equity!.bars.close], [100, 101]);
  strictEqual(view.troubles.length, 1);
  deepStrictEqual(view.doubtful.map(({ symbol }) => symbol), ["SPY"]);
});

Deno.test("an H4 bar that shows a split shows it to the regimes, whose day is not over yet", () => {
  const daily = daysOf([100, 101]);
  const prices = [100, 100, 100, 100, 100, 101, 51].map((close) => ({ open: close, close }));
  const h4 = handBars(SPY, "h4", FIRST_DAY, prices);
  const asset = { symbol: "SPY", bars: { h4, daily }, actions: [], splitsApplied: false };
  const opening = { assets: [{ ...asset, bars: { h4: sliceBars(h4, 0, 6), daily } }], regimes: {} };
  const view = liveView({ ...untraded(daily), assets: [asset] }, NOW, {
    ...{ opening, doubtOf, actionsOf: () => [SPLIT] },
  });
  deepStrictEqual([view.troubles, view.regimes.equity!.splits], [[], [SPLIT]]);
});

Deno.test("prices on file that carry splits already take no further one: the symbol waits", () => {
  const daily = daysOf([100, 101, 51]);
  const asset = { symbol: "SPY", bars: { daily }, actions: [SPLIT], splitsApplied: true };
  const opening = { assets: [{ ...asset, bars: { daily: sliceBars(daily, 0, 2) } }], regimes: {} };
  const view = liveView({ assets: [asset], regimes: {} }, NOW, {
    ...{ opening, doubtOf, actionsOf: () => [SPLIT] },
  });
  deepStrictEqual([...view.assets[0]!.bars.daily!.close], [100, 101]);
  deepStrictEqual(view.doubtful.length, 1);
});
