import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS, H4_MS, type Millis } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import type { RunRecord } from "../core/run_record.ts";
import { weekday } from "../core/weekdays.ts";
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
import { emptyMemory, isDue, keep, release, stopOut } from "./memory.ts";

const coin = tradable("AAA");
const other = tradable("BBB");
const start = parseDate("2024-03-01");

const fills = ({ outcomes }: RunRecord) =>
  outcomes.filter((outcome) => outcome.status === "filled");

const closing = (closes: readonly number[], asset = coin) =>
  dataOf(closingAt(asset, "h4", start - H4_MS, closes));

Deno.test("FR-016 a schedule of 7 days is due on Mondays at 00:00 UTC and at no other time", () => {
  const monday = parseDate("2024-03-04");
  strictEqual(weekday(monday), 1);
  for (let time = monday - 3 * DAY_MS; time < monday + 20 * DAY_MS; time += H4_MS) {
    strictEqual(isDue(7, time), (time - monday) % (7 * DAY_MS) === 0, String(time));
  }
  ok(isDue(7, parseDate("1970-01-05")));
});

Deno.test("FR-016 a schedule counts whole days from the first Monday of 1970", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 0, max: 25_000 }),
      (days, day) => {
        const time = parseDate("1970-01-05") + day * DAY_MS;
        strictEqual(isDue(days, time), day % days === 0);
        ok(!isDue(days, time + H4_MS));
      },
    ),
    { seed: 1 },
  );
});

Deno.test("FR-013 keep() turns a wish into units once, release() and stopOut() forget them", () => {
  const memory = emptyMemory(2, 2, 1000);
  memory.live[3] = 1;
  memory.raw.values[3] = 0.5;
  const place = { model: 1, asset: 1 };
  keep(memory, place, { nav: 200, close: 10 });
  keep(memory, place, { nav: 1, close: 1 });
  deepStrictEqual([...memory.kept.values], [0, 0, 0, 10]);
  deepStrictEqual([...memory.keptCount], [0, 1]);
  stopOut(memory, 1, 1);
  deepStrictEqual([...memory.kept.values], [0, 0, 0, 0]);
  deepStrictEqual([...memory.reread], [0, 1]);
  release(memory, 1, 1);
  deepStrictEqual([...memory.keptCount], [0, 0]);
});

Deno.test("FR-016 a model that is not due keeps its quantity while its price and the NAV move", () => {
  const closes = [100, 100, 200, 50, 400, 100, 100, 100];
  const scheduled = constantly("Scheduled_v1", { AAA: 0.5 }, { days: 1 });
  const plan = planWith([coin], [seat(scheduled)], { end: start + DAY_MS });
  const run = execute({ plan, data: [closing(closes)] }, [scheduled]);
  deepStrictEqual(fills(run).map(({ index, quantity }) => [index, quantity]), [[0, 5]]);
  deepStrictEqual([...run.nav], [1000, 1000, 1500, 750, 2500, 1000, 1000]);
});

Deno.test("FR-011 the same model without a schedule goes back to its weight at every decision", () => {
  const always = constantly("Always_v1", { AAA: 0.5 });
  const plan = planWith([coin], [seat(always)], { end: start + DAY_MS });
  const run = execute({ plan, data: [closing([100, 100, 200, 200, 200, 200, 200])] }, [always]);
  // 5 units at 200 in 1500: half is 3.75.
  deepStrictEqual(fills(run).map(({ index, quantity }) => [index, quantity]), [[0, 5], [2, -1.25]]);
});

Deno.test("FR-016 a kept wish is the quantity wanted, filled or not", () => {
  // Scheduled on Friday; the equity opens at 14:30 only, by then at another price.
  const share = tradable("SHR", "equity");
  const bars = handBars(share, "h4", start - DAY_MS, [
    { open: 10, close: 10 },
    { open: 10, close: 10 },
    { open: 10, close: 10 },
    { open: 40, close: 40 },
    { open: 40, close: 40 },
  ]);
  const scheduled = constantly("Scheduled_v1", { SHR: 0.2 }, { days: 1 });
  const plan = planWith([share], [seat(scheduled)], { end: start + DAY_MS });
  const [first, ...more] = fills(execute({ plan, data: [dataOf(bars)] }, [scheduled]));
  strictEqual(first!.quantity, 20);
  strictEqual(first!.price, 40);
  deepStrictEqual(more, []);
});

Deno.test("FR-027 risk is applied afresh to a kept quantity that drifted over its cap", () => {
  const scheduled = constantly("Scheduled_v1", { AAA: 0.5 }, { days: 1 });
  const plan = planWith([coin], [seat(scheduled)], {
    end: start + DAY_MS,
    rebalanceThreshold: 0.9,
    risk: { ...NO_LIMITS, perAssetCap: 0.5 },
  });
  const run = execute({ plan, data: [closing([100, 100, 300, 100, 100, 100, 100])] }, [scheduled]);
  // The first purchase is below the threshold of 0.9, so it never happens.
  deepStrictEqual(fills(run), []);
  const eager = { ...plan, rebalanceThreshold: 0.4 };
  const [, cut, ...rest] = fills(
    execute({ plan: eager, data: [closing([100, 100, 300, 100, 100, 100, 100])] }, [scheduled]),
  );
  // 5 units at 300 are 0.75 of 2000: down to 0.5, which are 1000 ÷ 300 units.
  strictEqual(cut!.index, 2);
  ok(Math.abs(cut!.target - 1000 / 300) < 1e-12);
  // Back at 100 the model still wants its five units, yet the way there is below the threshold.
  deepStrictEqual(rest, []);
});

Deno.test("FR-023 budgets scale weights, and a model sees its own weight as a share of its budget", () => {
  const seen: [Millis, number, number, number][] = [];
  const half = modelOf("Half_v1", ["AAA"], ({ assets, budget, time }) => {
    seen.push([time, assets[0]!.weight, budget.fraction, budget.money]);
    return { AAA: 0.5 };
  });
  const plan = planWith([coin], [seat(half, { budgetFraction: 0.4 })], {
    end: start + DAY_MS / 2,
    rebalanceThreshold: 0.15,
  });
  const run = execute({ plan, data: [closing([100, 100, 200, 200, 200])] }, [half]);
  deepStrictEqual(fills(run).map(({ quantity }) => quantity), [2]);
  deepStrictEqual(seen, [
    [start, 0, 0.4, 400],
    [start + H4_MS, 0.5, 0.4, 400],
    [start + 2 * H4_MS, 400 / (0.4 * 1200), 0.4, 480],
  ]);
});

Deno.test("FR-013 barsHeld counts closed own bars since entry, the filling bar included", () => {
  const seen: number[] = [];
  const inAndOut = modelOf("InAndOut_v1", ["AAA"], ({ assets, time }) => {
    seen.push(assets[0]!.barsHeld);
    const step = (time - start) / H4_MS;
    return { AAA: step === 4 ? 0 : 0.5 };
  });
  const plan = planWith([coin], [seat(inAndOut)], { end: start + DAY_MS + 2 * H4_MS });
  execute({ plan, data: [closing(new Array(20).fill(100))] }, [inAndOut]);
  deepStrictEqual(seen, [0, 1, 2, 3, 4, 0, 1, 2]);
});

Deno.test("FR-013 barsHeld of an equity does not grow while New York is closed", () => {
  const share = tradable("SHR", "equity");
  const seen: number[] = [];
  const holder = modelOf("Holder_v1", ["SHR"], ({ assets }) => {
    seen.push(assets[0]!.barsHeld);
    return { SHR: 0.5 };
  });
  const data = [dataOf(closingAt(share, "h4", start - DAY_MS, new Array(9).fill(10)))];
  const plan = planWith([share], [seat(holder)], { end: start + 2 * DAY_MS });
  execute({ plan, data }, [holder]);
  // Friday's bars are known at 16:00, 20:00 and 21:00.
  deepStrictEqual(seen, [0, 0, 0, 0, 1, 2, 3, 3, 3, 3, 3, 3]);
});

const stopAt = (stop: number, days?: number) =>
  modelOf(
    "Stopped_v1",
    ["AAA"],
    () => ({ AAA: { weight: 1, stop } }),
    days === undefined ? {} : { days },
  );

const dip = [
  { open: 100, close: 100 },
  { open: 100, close: 100 },
  { open: 100, close: 100, low: 80, high: 100 },
  ...Array.from({ length: 12 }, () => ({ open: 100, close: 100 })),
];

Deno.test("FR-039 a stop sets the kept target of a scheduled model to 0 until it is due again", () => {
  const model = stopAt(90, 1);
  const plan = planWith([coin], [seat(model)], { end: start + 2 * DAY_MS });
  const data = [dataOf(handBars(coin, "h4", start - H4_MS, dip))];
  const done = fills(execute({ plan, data }, [model]));
  deepStrictEqual(done.map(({ index, kind, price, quantity }) => [index, kind, price, quantity]), [
    [0, "market", 100, 10],
    [1, "stop", 90, -10],
    [6, "market", 100, 9],
  ]);
});

Deno.test("FR-039 a model that is due at every decision re-enters after a stop by its own word", () => {
  const model = stopAt(90);
  const plan = planWith([coin], [seat(model)], { end: start + DAY_MS });
  const data = [dataOf(handBars(coin, "h4", start - H4_MS, dip))];
  const done = fills(execute({ plan, data }, [model]));
  deepStrictEqual(done.map(({ index, kind, quantity }) => [index, kind, quantity]), [
    [0, "market", 10],
    [1, "stop", -10],
    [2, "market", 9],
  ]);
});

Deno.test("FR-039 a stop below a gap fills at the open, and covers its own model's quantity only", () => {
  const model = stopAt(90, 7);
  const holder = constantly("Holder_v1", { AAA: 1 }, { days: 1 });
  const plan = planWith([coin], [
    seat(holder, { budgetFraction: 0.5 }),
    seat(model, { budgetFraction: 0.5 }),
  ], { start: parseDate("2024-03-04"), end: parseDate("2024-03-05") });
  const gap = [
    { open: 100, close: 100 },
    { open: 100, close: 100 },
    { open: 60, close: 70 },
    { open: 70, close: 70 },
    { open: 70, close: 70 },
  ];
  const data = [dataOf(handBars(coin, "h4", plan.start - H4_MS, gap))];
  const done = fills(execute({ plan, data }, [holder, model]));
  deepStrictEqual(done.map(({ kind, model, price, quantity }) => [kind, model, price, quantity]), [
    ["market", -1, 100, 10],
    ["stop", 1, 60, -5],
  ]);
});

Deno.test("FR-018 an asset that the model saw and omitted means 0", () => {
  const rotating = modelOf("Rotating_v1", ["AAA", "BBB"], ({ time }) => {
    const first = (time - start) / H4_MS < 2;
    return first ? { AAA: 1 } : { BBB: 1 };
  });
  const data = [coin, other].map((asset) => closing(new Array(12).fill(100), asset));
  const plan = planWith([coin, other], [seat(rotating)], { end: start + DAY_MS });
  const run = execute({ plan, data }, [rotating]);
  deepStrictEqual(fills(run).map(({ index, asset, quantity }) => [index, asset, quantity]), [
    [0, 0, 10],
    [2, 0, -10],
    [2, 1, 10],
  ]);
});
