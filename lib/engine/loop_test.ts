import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { DAY_MS, H4_MS, HOUR_MS } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import type { RunRecord } from "../core/run_record.ts";
import { execute } from "./execute.ts";
import {
  closingAt,
  constantly,
  dataOf,
  handBars,
  modelOf,
  NO_LIMITS,
  planWith,
  seat,
  tradable,
} from "./fixtures.ts";

const coin = tradable("AAA");
const share = tradable("SHR", "equity");
const start = parseDate("2024-03-01"); // a Friday, New York is five hours behind
const allIn = constantly("AllIn_v1", { AAA: 1 });

const fills = ({ outcomes }: RunRecord) =>
  outcomes.filter((outcome) => outcome.status === "filled");

/** Bars of a coin from one bar before the start: each closes one above the last. */
function rising(count: number, first = 100) {
  return closingAt(coin, "h4", start - H4_MS, Array.from({ length: count }, (_, i) => first + i));
}

Deno.test("FR-011 decisions lie in [start, end + 1 day); the last mark is the end of the last day", () => {
  const plan = planWith([coin], [seat(allIn)], { end: start + DAY_MS });
  const run = execute({ plan, data: [dataOf(rising(40))] }, [allIn]);
  const hours = [0, 4, 8, 12, 16, 20, 24].map((hour) => start + hour * HOUR_MS);
  deepStrictEqual([...run.markTimes], hours);
  strictEqual(run.nav.length, 7);
  deepStrictEqual(fills(run).map(({ time }) => time), [start]);
});

Deno.test("FR-011 the first mark is the initial NAV, the final one the close of the last bar", () => {
  const plan = planWith([coin], [seat(allIn)], { end: start + DAY_MS });
  const run = execute({ plan, data: [dataOf(rising(40))] }, [allIn]);
  // Bought at 100; the bar that opens at 20:00 closes at 106.
  deepStrictEqual([...run.nav], [1000, 1010, 1020, 1030, 1040, 1050, 1060]);
  deepStrictEqual([...run.cash], [1000, 0, 0, 0, 0, 0, 0]);
});

Deno.test("FR-011 a decision fills at the open of the first bar from then on, not at the close before", () => {
  const bars = handBars(coin, "h4", start - H4_MS, [
    { open: 90, close: 100 },
    { open: 125, close: 250 },
    ...Array.from({ length: 23 }, () => ({ open: 250, close: 250 })),
  ]);
  const half = constantly("Half_v1", { AAA: 0.5 }, { days: 1 });
  const plan = planWith([coin], [seat(half)], { end: start + DAY_MS });
  const [first] = fills(execute({ plan, data: [dataOf(bars)] }, [half]));
  deepStrictEqual(
    [first!.quantity, first!.price, first!.sizingPrice, first!.time, first!.executedAt],
    [5, 125, 100, start, start],
  );
});

Deno.test("FR-039 sizing at the fill uses the price of the fill and costs included", () => {
  const bars = handBars(coin, "h4", start - H4_MS, [
    { open: 90, close: 100 },
    { open: 125, close: 125 },
  ]);
  const dear = { ...coin, feeBps: 100, slippageBps: 200 };
  const plan = planWith([dear], [seat(allIn)], { end: start + DAY_MS, sizing: "fill_price" });
  const run = execute({ plan, data: [dataOf(bars)] }, [allIn]);
  const [first] = fills(run);
  strictEqual(first!.quantity, 1000 / (125 * 1.02 * 1.01));
  strictEqual(first!.price, 125 * 1.02);
  ok(Math.abs(run.cash[1]!) < 1e-9);
  ok(Math.abs(first!.fee + first!.slippage - (1000 - first!.quantity * 125)) < 1e-9);
});

Deno.test("FR-012 an equity order waits for the next session and is then the newest decision's", () => {
  // Friday's session, then Monday's: nothing trades between Friday 21:00 and Monday 14:30.
  const bars = handBars(share, "h4", start, [
    { open: 10, close: 10 },
    { open: 10, close: 10 },
    { open: 10, close: 10 },
    { open: 20, close: 20 },
    { open: 20, close: 20 },
    { open: 20, close: 20 },
  ]);
  const monday = parseDate("2024-03-04");
  const clockwork = modelOf("Clockwork_v1", ["SHR"], ({ assets, time }) => {
    const weight = Math.round((time - start) / H4_MS) / 100; // 0.01 more at each decision
    return Object.fromEntries(assets.map(({ symbol }) => [symbol, weight]));
  });
  const plan = planWith([share], [seat(clockwork)], { start: start + DAY_MS });
  const run = execute({ plan, data: [dataOf(bars)] }, [clockwork]);
  const [first] = fills(run);
  const noon = monday + 12 * HOUR_MS;
  strictEqual(first!.time, noon);
  strictEqual(first!.executedAt, monday + 14.5 * HOUR_MS);
  strictEqual(run.markTimes[first!.index], noon, "decided at the newest grid time before the open");
  strictEqual(first!.quantity, 0.21 * 1000 / 10, "Friday's close sizes it");
  strictEqual(first!.price, 20);
});

Deno.test("FR-011 an order that no bar fills before the end lapses and is listed", () => {
  const bars = handBars(share, "h4", start, [{ open: 10, close: 10 }, { open: 10, close: 10 }]);
  const saturday = start + DAY_MS;
  const model = constantly("Weekend_v1", { SHR: 0.5 });
  const plan = planWith([share], [seat(model)], { start: saturday, end: saturday + 2 * DAY_MS });
  const run = execute({ plan, data: [dataOf(bars)] }, [model]);
  deepStrictEqual(run.outcomes, []);
  deepStrictEqual(run.lapsed, [{ asset: 0, weight: 0.5 }]);
  ok(run.nav.every((nav) => nav === 1000));
});

Deno.test("FR-011 bars before the start warm up and never fill; bars after the end do not exist", () => {
  const long = rising(60);
  const plan = planWith([coin], [seat(allIn)], { end: start + DAY_MS });
  const short = rising(7);
  const runs = [long, short].map((bars) => execute({ plan, data: [dataOf(bars)] }, [allIn]));
  deepStrictEqual(runs[0]!.nav, runs[1]!.nav);
  deepStrictEqual(runs[0]!.outcomes, runs[1]!.outcomes);
  for (const { time } of fills(runs[0]!)) ok(time >= plan.start && time < plan.end);
});

Deno.test("FR-039 same_close fills at the close of the bar that ended at the decision", () => {
  const plan = planWith([coin], [seat(allIn)], { end: start + DAY_MS, fill: "same_close" });
  const run = execute({ plan, data: [dataOf(rising(40))] }, [allIn]);
  const [first] = fills(run);
  // The bar that ended at the start opened before it, so the first fill is one bar later, at 101.
  deepStrictEqual([first!.index, first!.price, first!.time, first!.executedAt], [
    1,
    101,
    start,
    start + H4_MS,
  ]);
  strictEqual(run.nav[6], 1000 / 101 * 106);
});

Deno.test("FR-011 daily timeframe decides at 00:00 and fills at that date's open", () => {
  const closes = [100, 110, 120, 130, 140];
  const model = constantly("Daily_v1", { AAA: 1, SHR: 0 });
  const bars = [coin, share].map((asset) => closingAt(asset, "daily", start - DAY_MS, closes));
  const plan = planWith([coin, share], [seat(model)], { timeframe: "daily" });
  const run = execute({ plan, data: bars.map((item) => dataOf(item)) }, [model]);
  deepStrictEqual([...run.markTimes], [0, 1, 2, 3, 4].map((day) => start + day * DAY_MS));
  deepStrictEqual([...run.nav], [1000, 1100, 1200, 1300, 1400]);
  deepStrictEqual(fills(run).map(({ time }) => time), [start]);
});

Deno.test("FR-012 daily bars of equities fill at the session's open, in the order of time", () => {
  const model = constantly("Both_v1", { AAA: 0.5, SHR: 0.5 }, { days: 7 });
  const monday = parseDate("2024-03-04");
  const data = [
    dataOf(closingAt(coin, "daily", monday - 4 * DAY_MS, [10, 10, 10, 10, 10, 10])),
    dataOf(closingAt(share, "daily", monday - 4 * DAY_MS, [10, 10, 10, 10])),
  ];
  const times = { start: monday, end: monday + DAY_MS };
  const plan = planWith([coin, share], [seat(model)], { timeframe: "daily", ...times });
  const run = execute({ plan, data }, [model]);
  deepStrictEqual(fills(run).map(({ asset, executedAt }) => [asset, executedAt]), [
    [0, monday],
    [1, monday + 14.5 * HOUR_MS],
  ]);
});

Deno.test("FR-011 interest on cash comes by time and belongs to no model", () => {
  const half = constantly("Half_v1", { AAA: 0.5 });
  const flat = closingAt(coin, "h4", start - H4_MS, new Array(30).fill(100));
  const plan = planWith([coin], [seat(half)], { cashRate: 0.1, rebalanceThreshold: 0.5 });
  const run = execute({ plan, data: [dataOf(flat)] }, [half]);
  const perBar = 0.1 * H4_MS / (365.25 * DAY_MS);
  ok(Math.abs(run.nav.at(-1)! - (500 + 500 * (1 + perBar) ** 24)) < 1e-9);
  const own = run.bookings.reduce((sum, { cash, quantity }) => sum + cash + quantity * 100, 0);
  strictEqual(own, 0);
});

Deno.test("FR-031 an account that is worth nothing is refused with its moment", () => {
  const short = constantly("Short_v1", { AAA: -1 }, { shorts: true, days: 1 });
  const closes = [100, 100, 150, 210, 210, 210];
  const plan = planWith([coin], [seat(short)], {
    end: start + DAY_MS,
    rebalanceThreshold: 0.5,
    allowBorrowing: true,
    risk: { ...NO_LIMITS, allowShort: true },
  });
  const data = [dataOf(closingAt(coin, "h4", start - H4_MS, closes))];
  throws(
    () => execute({ plan, data }, [short]),
    { name: "Refusal", message: /ruined at 2024-03-01T12:00:00Z: NAV -100, expected above 0/ },
  );
});

Deno.test("FR-025 sized at the fill, models cross what the account leaves alone at the NAV of that moment", () => {
  const bars = handBars(coin, "h4", start - H4_MS, [
    { open: 100, close: 100 },
    { open: 100, close: 100 },
    { open: 110, close: 110 },
    { open: 110, close: 110 },
  ]);
  const wanting = (name: string, first: number, then: number) =>
    modelOf(name, ["AAA"], ({ time }) => ({ AAA: time === start ? first : then }));
  const less = wanting("Less_v1", 0.4, 0.38);
  const more = wanting("More_v1", 0.2, 0.22);
  const plan = planWith(
    [coin],
    [less, more].map((model) => seat(model, { budgetFraction: 0.5 })),
    { end: start + DAY_MS, sizing: "fill_price", rebalanceThreshold: 0.05 },
  );
  const { bookings } = execute({ plan, data: [dataOf(bars)] }, [less, more]);
  // 2 and 1 units at 100; at 110 the NAV is 1030, and 0.11 × 1030 ÷ 110 = 1.03 units are wished for.
  const [, , given, gained] = bookings;
  deepStrictEqual([given!.time, given!.fill, gained!.fill], [start + H4_MS, -1, -1]);
  ok(Math.abs(gained!.quantity - 0.03) < 1e-12, `gained ${gained!.quantity}`);
  strictEqual(given!.quantity, -gained!.quantity);
});
