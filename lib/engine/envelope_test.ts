import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { H4_MS } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import { envelope, fillsOf, handMade } from "./envelope_fixtures.ts";
import { dataOf, handBars, modelOf, NO_LIMITS, planWith, seat, tradable } from "./fixtures.ts";

const near = (found: number | undefined, expected: number) =>
  ok(Math.abs(found! - expected) < 1e-9, `found ${found}, expected ${expected}`);

/** Bought with half of 1000 in the first bar, sold in the third. */
const bars = [
  [100, 130, 80, 110],
  [120, 125, 115, 120],
  [130, 140, 126, 132],
  [135, 138, 132, 135],
] as const;
const half = { AAA: 0.5 };

/** Decision, units, price before slippage of each fill. */
const seen = (record: Parameters<typeof fillsOf>[0]) =>
  fillsOf(record).map(({ index, quantity, referencePrice }) => [index, quantity, referencePrice]);

Deno.test("FR-039 the envelope of a run: each member fills at its own price and moment", () => {
  const { run, member, members } = handMade(bars, [half, half]);
  deepStrictEqual(members.map(({ name }) => name), [
    "next_open",
    "next_close",
    "next_worst",
    "bar_later",
    "double_costs",
  ]);
  deepStrictEqual([...run.nav.slice(0, 5)], [1000, 1050, 1100, 1150, 1150]);
  deepStrictEqual(member("next_open").nav, run.nav);
  deepStrictEqual(seen(member("next_close")), [[0, 5, 110], [2, -5, 132]]);
  deepStrictEqual([...member("next_close").nav.slice(0, 5)], [1000, 1000, 1050, 1110, 1110]);
  deepStrictEqual(seen(member("next_worst")), [[0, 5, 130], [2, -5, 126]]);
  deepStrictEqual([...member("next_worst").nav.slice(0, 5)], [1000, 900, 950, 980, 980]);
  deepStrictEqual(seen(member("bar_later")), [[1, 5, 120], [3, -5, 135]]);
  deepStrictEqual([...member("bar_later").nav.slice(0, 5)], [1000, 1000, 1000, 1060, 1075]);
  deepStrictEqual(member("double_costs").nav, run.nav);
});

Deno.test("FR-039 the envelope keeps what belongs to all fills and drops what belongs to the run's", () => {
  const { run, member } = handMade(bars, [half, half]);
  const { wishes, adjustments, bookings, closes, markTimes } = member("next_close");
  deepStrictEqual([wishes, adjustments, bookings], [[], [], []]);
  strictEqual(closes, run.closes);
  strictEqual(markTimes, run.markTimes);
  const [bought] = fillsOf(member("next_close"));
  strictEqual(bought!.executedAt, run.markTimes[1]);
  strictEqual(fillsOf(member("bar_later"))[0]!.time, run.markTimes[1]);
});

Deno.test("FR-039 a member trades the same share of its own NAV", () => {
  // Half of 1150 at the close of 132 for the run; NAV of the others at that decision is 1110, 980 and 1060.
  const { run, member } = handMade([...bars, [140, 141, 139, 140], [140, 141, 139, 140]], [
    half,
    half,
    {},
    half,
    half,
    half,
  ]);
  const again = fillsOf(run)[2]!;
  near(again.quantity, 575 / 132);
  near(fillsOf(member("next_close"))[2]!.quantity, 575 / 132 * 1110 / 1150);
  near(fillsOf(member("next_worst"))[2]!.quantity, 575 / 132 * 980 / 1150);
  near(fillsOf(member("bar_later"))[2]!.quantity, 575 / 132 * 1060 / 1150);
  const { target, sizingNav } = fillsOf(member("next_close"))[2]!;
  near(target, 555 / 132);
  near(sizingNav, 1110);
});

Deno.test("FR-040 double costs are twice the fee and twice the slippage", () => {
  const { member } = handMade(bars, [half, half], { asset: { feeBps: 100, slippageBps: 100 } });
  const [buy, sell] = fillsOf(member("double_costs"));
  near(buy!.price, 102);
  near(buy!.fee, 5 * 102 * 0.02);
  near(buy!.slippage, 10);
  near(sell!.price, 130 * 0.98);
  near(member("double_costs").nav[4], 1000 - 510 * 1.02 + 5 * 130 * 0.98 * 0.98);
  near(fillsOf(member("next_worst"))[0]!.price, 130 * 1.01);
});

Deno.test("FR-040 double costs never turn a sale into nothing", () => {
  const { member } = handMade(bars, [half, half], {
    asset: { slippageBps: 6000 },
    plan: { allowBorrowing: true },
  });
  ok(fillsOf(member("double_costs")).every(({ price }) => price > 0));
});

Deno.test("FR-039 without borrowing a dearer purchase is cut to the cash there is", () => {
  const { member } = handMade(bars, [{ AAA: 1 }, { AAA: 1 }]);
  near(fillsOf(member("next_worst"))[0]!.quantity, 1000 / 130);
  strictEqual(member("next_worst").cash[1], 0);
  near(member("next_worst").nav[3], 1000 / 130 * 126);
  const lent = handMade(bars, [{ AAA: 1 }, { AAA: 1 }], { plan: { allowBorrowing: true } });
  near(fillsOf(lent.member("next_worst"))[0]!.quantity, 10);
  near(lent.member("next_worst").cash[1], -300);
});

Deno.test("FR-039 what cash left of the run's order is left of every member's", () => {
  // 10 units are wanted at 100, 1000 buy 8 at the open of 125; at the close they are 8 at 100.
  const { run, member } = handMade([[125, 125, 100, 100], [100, 100, 100, 100]], [{ AAA: 1 }]);
  near(fillsOf(run)[0]!.quantity, 8);
  near(fillsOf(member("next_close"))[0]!.quantity, 8);
  near(member("next_close").cash[1], 200);
});

Deno.test("FR-039 a smaller member has the same part of its smaller order filled", () => {
  // The run makes 50 and wants 10.5 units at 100, of which 1050 buy 8.4 at the open of 125.
  const { run, member } = handMade(
    [[100, 110, 100, 110], [110, 110, 100, 100], [125, 125, 100, 100]],
    [half, {}, { AAA: 1 }, { AAA: 1 }],
  );
  near(fillsOf(run)[2]!.quantity, 8.4);
  // At the closes it loses 50: 950 want 9.5.
  near(fillsOf(member("next_close"))[2]!.quantity, 7.6);
});

Deno.test("FR-039 purchases of one moment are cut together", () => {
  const start = parseDate("2024-03-01");
  const coins = [tradable("AAA"), tradable("BBB")];
  const data = coins.map((coin, place) =>
    dataOf(handBars(coin, "h4", start - H4_MS, [
      { open: 100, close: 100 },
      { open: 100, close: 100, high: place === 0 ? 130 : 120 },
    ]))
  );
  const model = modelOf("Both_v1", ["AAA", "BBB"], () => ({ AAA: 0.5, BBB: 0.5 }));
  const plan = planWith(coins, [seat(model)], { rebalanceThreshold: 0.4 });
  const [aaa, bbb] = fillsOf(envelope(plan, data, [model]).member("next_worst"));
  // 5 at 130 and 5 at 120 are 1250: four fifths of both are bought.
  near(aaa!.quantity, 4);
  near(bbb!.quantity, 4);
});

Deno.test("FR-012 one bar later means the asset's own bar, and all are played in order of time", () => {
  const start = parseDate("2024-03-04"); // a Monday in winter: shares trade from 14:30 to 21:00
  const assets = [tradable("AAA"), tradable("BBB"), tradable("SHR", "equity")];
  const flat = new Array(30).fill({ open: 100, close: 100 });
  const data = assets.map((asset) => dataOf(handBars(asset, "h4", start - 12 * H4_MS, flat)));
  const since = { SHR: 5, AAA: 6, BBB: 8 };
  const model = modelOf("Late_v1", ["AAA", "BBB", "SHR"], ({ time }) =>
    Object.fromEntries(
      Object.entries(since).filter(([, step]) => time >= start + step * H4_MS)
        .map(([symbol]) => [symbol, 0.3]),
    ));
  const plan = planWith(assets, [seat(model)], {
    start,
    rebalanceThreshold: 0.2,
    end: start + 12 * H4_MS,
  });
  const { run, member } = envelope(plan, data, [model]);
  const moments = (record: typeof run) =>
    fillsOf(record).map(({ asset, index, executedAt }) => [asset, index, executedAt - start]);
  deepStrictEqual(moments(run), [[2, 5, 5 * H4_MS], [0, 6, 6 * H4_MS], [1, 8, 8 * H4_MS]]);
  // The share waits from its last bar on Monday for the first on Tuesday, which begins with the session.
  const session = 14.5 / 4 * H4_MS + 6 * H4_MS;
  deepStrictEqual(moments(member("bar_later")), [
    [0, 7, 7 * H4_MS],
    [1, 9, 9 * H4_MS],
    [2, 9, session],
  ]);
});

Deno.test("FR-039 an order without a later bar before the end lapses", () => {
  const late = [{}, {}, {}, {}, {}, half];
  const flat = [100, 101, 99, 100] as const;
  const { run, member } = handMade([flat, flat, flat, flat, flat, flat, flat], late);
  strictEqual(fillsOf(run).length, 1);
  strictEqual(fillsOf(member("next_close")).length, 1);
  deepStrictEqual(member("bar_later").outcomes, []);
  deepStrictEqual([...member("bar_later").nav], new Array(7).fill(1000));
});

Deno.test("FR-039 a stop is never filled better than it was, and one bar later at the next open", () => {
  const stopped = { AAA: { weight: 0.5, stop: 90 } };
  const bar = (close: number) =>
    handMade([[100, 101, 95, 100], [100, 102, 85, close], [97, 98, 96, 97]], [stopped, stopped]);
  const above = bar(95);
  deepStrictEqual(seen(above.run), [[0, 5, 100], [1, -5, 90]]);
  deepStrictEqual(seen(above.member("next_worst")), [[0, 5, 101], [1, -5, 85]]);
  deepStrictEqual(seen(above.member("next_close")), [[0, 5, 100], [1, -5, 90]]);
  deepStrictEqual(seen(above.member("bar_later")), [[1, 5, 100], [2, -5, 97]]);
  deepStrictEqual(seen(bar(87).member("next_close")), [[0, 5, 100], [1, -5, 87]]);
});

Deno.test("FR-039 a limit keeps its price, and fills one bar later only if that bar trades through it", () => {
  const limited = { AAA: { weight: 0.5, limit: 95 } };
  const next = (open: number, low: number) =>
    handMade([[100, 101, 90, 100], [open, 101, low, 100]], [limited, limited], {
      asset: { slippageBps: 100, feeBps: 100 },
    });
  const { run, member } = next(100, 96);
  deepStrictEqual(seen(run), [[0, 5, 95]]);
  deepStrictEqual(seen(member("next_close")), [[0, 5, 95]]);
  deepStrictEqual(seen(member("next_worst")), [[0, 5, 95]]);
  deepStrictEqual(seen(member("bar_later")), []);
  const [dear] = fillsOf(member("double_costs"));
  deepStrictEqual([dear!.price, dear!.slippage], [95, 0]);
  near(dear!.fee, 5 * 95 * 0.02);
  deepStrictEqual(seen(next(100, 94).member("bar_later")), [[1, 5, 95]]);
  deepStrictEqual(seen(next(93, 92).member("bar_later")), [[1, 5, 93]]);
});

Deno.test("FR-039 a limit that would sell buys nothing for a member whose own purchase lapsed", () => {
  const { run, member } = handMade(
    [[100, 101, 90, 100], [100, 110, 96, 100], [100, 110, 96, 100]],
    [{ AAA: { weight: 0.5, limit: 95 } }, { AAA: { weight: 0.3, limit: 105 } }],
  );
  deepStrictEqual(fillsOf(run).slice(0, 2).map(({ kind }) => kind), ["limit", "limit"]);
  deepStrictEqual(seen(member("bar_later")), []);
});

Deno.test("FR-039 an exit at limit or stop: high before low takes the limit, low before high the stop", () => {
  const exit = (weight: number) =>
    handMade([[100, 101, 99, 100], [100, 110, 90, 100]], [
      half,
      { AAA: { weight, limit: 105, stop: 95 } },
    ], { asset: { feeBps: 100, slippageBps: 100 } });
  const whole = exit(0);
  deepStrictEqual(whole.members.map(({ name }) => name).slice(5), ["high_first", "low_first"]);
  deepStrictEqual(seen(whole.run), [[0, 5, 100], [1, -5, 95]]);
  deepStrictEqual(whole.member("low_first").nav, whole.run.nav);
  const [, limit] = fillsOf(whole.member("high_first"));
  deepStrictEqual(seen(whole.member("high_first")), [[0, 5, 100], [1, -5, 105]]);
  deepStrictEqual([limit!.kind, limit!.price, limit!.pessimistic], ["limit", 105, false]);
  near(limit!.fee, 5 * 105 * 0.01);
});

Deno.test("FR-039 the stop takes what the limit before it would have left", () => {
  const { run, member } = handMade([[100, 101, 99, 100], [100, 110, 90, 100]], [
    half,
    { AAA: { weight: 0.2, limit: 105, stop: 95 } },
  ]);
  deepStrictEqual(seen(run), [[0, 5, 100], [1, -5, 95]]);
  deepStrictEqual(seen(member("high_first")), [[0, 5, 100], [1, -3, 105], [1, -2, 95]]);
  near(member("high_first").nav[2], 1000 + 3 * 5 - 2 * 5);
});

Deno.test("FR-039 a short exit takes its limit when the low comes first", () => {
  const { run, member } = handMade([[100, 101, 99, 100], [100, 110, 90, 100]], [
    { AAA: -0.5 },
    { AAA: { weight: 0, limit: 95, stop: 105 } },
  ], { plan: { risk: { ...NO_LIMITS, allowShort: true } } });
  deepStrictEqual(seen(run), [[0, -5, 100], [1, 5, 105]]);
  deepStrictEqual(seen(member("low_first")), [[0, -5, 100], [1, 5, 95]]);
  deepStrictEqual(member("high_first").nav, run.nav);
});

Deno.test("FR-039 an entry that is stopped out has one order of events only", () => {
  const { run, members } = handMade([[100, 105, 85, 100]], [
    { AAA: { weight: 0.5, limit: 95, stop: 90 } },
  ]);
  deepStrictEqual(fillsOf(run).map(({ pessimistic }) => pessimistic), [false, true]);
  strictEqual(members.length, 5);
});

Deno.test("FR-039 same_close: the next open joins, and all others are of the bar after the decision", () => {
  const { run, member, members } = handMade([...bars, [136, 137, 133, 136]], [{}, half, half], {
    plan: { fill: "same_close" },
  });
  deepStrictEqual(members.map(({ name }) => name), [
    "same_close",
    "next_open",
    "next_close",
    "next_worst",
    "bar_later",
    "double_costs",
  ]);
  const units = 500 / 110;
  const filled = (name: Parameters<typeof member>[0]) =>
    fillsOf(member(name)).map(({ index, referencePrice }) => [index, referencePrice]);
  near(fillsOf(run)[0]!.quantity, units);
  deepStrictEqual(member("same_close").nav, run.nav);
  deepStrictEqual(filled("same_close"), [[1, 110], [3, 132]]);
  deepStrictEqual(filled("next_open"), [[1, 120], [3, 135]]);
  deepStrictEqual(filled("next_close"), [[1, 120], [3, 135]]);
  deepStrictEqual(filled("next_worst"), [[1, 125], [3, 132]]);
  deepStrictEqual(filled("bar_later"), [[2, 130], [4, 136]]);
});

Deno.test("FR-039 a member with nothing left stays at 0 and trades no more", () => {
  const short = { AAA: -1 };
  const { member } = handMade(
    [[100, 100, 40, 100], [100, 160, 100, 145], [145, 145, 100, 100], [100, 100, 100, 100]],
    [short, short, {}, {}],
    { plan: { risk: { ...NO_LIMITS, allowShort: true }, rebalanceThreshold: 0.9 } },
  );
  // Ten sold at 40 instead of 100: 400 of NAV at 100, and none at 145.
  deepStrictEqual([...member("next_worst").nav], [1000, 400, 0, 0, 0, 0, 0]);
  deepStrictEqual([...member("next_worst").cash].slice(2), [0, 0, 0, 0, 0]);
  strictEqual(fillsOf(member("next_worst")).length, 1);
});

Deno.test("FR-039 interest is paid on a member's own cash", () => {
  const { run, member } = handMade(bars, [half, half], { plan: { cashRate: 0.05 } });
  const growth = 1 + 0.05 / 365.25 / 6;
  ok(run.cash[6]! > 1150);
  for (const [mark, nav] of run.nav.entries()) near(member("next_open").nav[mark], nav);
  near(member("next_close").cash[1], 450 * growth);
});
