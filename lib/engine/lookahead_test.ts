import { deepStrictEqual, notDeepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS, H4_MS, type Millis } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import type { RunRecord } from "../core/run_record.ts";
import { daily } from "../features/mod.ts";
import { defineModel, type Model } from "../models/model.ts";
import { execute } from "./execute.ts";
import type { AssetData, Plan } from "./plan.ts";
import { garbledFrom, planWith, seat } from "./fixtures.ts";
import {
  assets,
  cross,
  end,
  market,
  models,
  parameters,
  planUntil,
  rotation,
  start,
  trend,
} from "./test_rich_market.ts";

/** What a run says about decisions before mark `marks` and the marks up to it. */
function past(run: RunRecord, marks: number) {
  const before = <Item extends { index: number }>(items: readonly Item[]) =>
    items.filter(({ index }) => index < marks);
  return {
    nav: run.nav.slice(0, marks + 1),
    cash: run.cash.slice(0, marks + 1),
    closes: run.closes.map((column) => column.slice(0, marks + 1)),
    outcomes: before(run.outcomes),
    bookings: before(run.bookings),
    wishes: before(run.wishes),
    adjustments: before(run.adjustments),
    modes: before(run.modes),
    factors: run.fillFactors.slice(0, fillsIn(before(run.outcomes))),
  };
}

function fillsIn(outcomes: RunRecord["outcomes"]): number {
  return outcomes.filter(({ status }) => status === "filled").length;
}

Deno.test("FR-003 the market of these tests trades in every way there is", () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 6; seed++) {
    const run = execute({ plan: planUntil(end), data: market(seed) }, models);
    for (const outcome of run.outcomes) {
      seen.add(outcome.status === "filled" ? `${outcome.kind} fill` : `${outcome.reason} skip`);
      if (outcome.status === "filled" && outcome.asset === 2) seen.add("equity fill");
    }
    for (const { mode } of run.modes) seen.add(mode);
    for (const { rule } of run.adjustments) seen.add(rule);
    if (run.fillFactors.some((factor) => factor > 2)) seen.add("split");
    if (run.bookings.some(({ crossed }) => crossed !== 0)) seen.add("cross");
  }
  for (
    const kind of [
      "market fill",
      "limit fill",
      "stop fill",
      "equity fill",
      "REDUCED",
      "HALT",
      "NORMAL",
      "per_trade_risk",
      "class_caps.crypto",
      "drawdown_trigger",
      "drawdown_halt",
      "split",
      "cross",
    ]
  ) ok(seen.has(kind), `${kind} is missing among ${[...seen].join(", ")}`);
});

for (const fill of ["next_open", "same_close"] as const) {
  for (const sizing of ["decision_price", "fill_price"] as const) {
    Deno.test(`FR-003 SC-002 cutting off the future leaves the past as it was (${fill}, ${sizing})`, () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 0, max: 1e6 }),
          fc.integer({ min: 1, max: 17 }),
          (seed, days) => {
            const data = market(seed);
            const changes = { fill, sizing };
            const whole = execute({ plan: planUntil(end, changes), data }, models);
            const cut = start + days * DAY_MS;
            const part = execute({ plan: planUntil(cut, changes), data }, models);
            const marks = days * 6;
            deepStrictEqual(past(part, marks), past(whole, marks));
            strictEqual(part.nav.length, marks + 1);
          },
        ),
        { seed: 1, numRuns: 12 },
      );
    });

    Deno.test(`FR-003 SC-002 a garbled future changes nothing before it (${fill}, ${sizing})`, () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 0, max: 1e6 }),
          fc.integer({ min: 1, max: 107 }),
          (seed, t) => {
            const data = market(seed);
            const time = start + t * H4_MS;
            const noisy = data.map((item) => garbledFrom(item, time, seed));
            const plan = planUntil(end, { fill, sizing });
            const [clean, garbled] = [data, noisy].map((item) => attempt(plan, item, t));
            // Decision t itself is the last that knows nothing of the noise.
            deepStrictEqual(garbled!.wishes, clean!.wishes);
            deepStrictEqual(garbled!.adjustments, clean!.adjustments);
            deepStrictEqual(garbled!.past, clean!.past);
          },
        ),
        { seed: 1, numRuns: 12 },
      );
    });
  }
}

/** A run up to mark `t` and the decision made there; what comes later may well ruin the account. */
function attempt(plan: Plan, data: readonly AssetData[], t: number) {
  const day = Math.ceil((t + 1) / 6);
  const run = execute({ plan: { ...plan, end: start + day * DAY_MS }, data }, models);
  return {
    past: past(run, t),
    wishes: run.wishes.filter(({ index }) => index === t),
    adjustments: run.adjustments.filter(({ index }) => index === t),
  };
}

Deno.test("FR-003 an open fill knows the open of its bar and nothing else of it", () => {
  const marketOnly: readonly Model[] = [cross, rotation, trend];
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 0, max: 17 }), (seed, day) => {
      const seats = marketOnly.map((model) => seat(model, { budgetFraction: 0.3 }));
      const until = start + (day + 1) * DAY_MS;
      const plan = { ...planUntil(until), models: seats };
      const data = market(seed);
      // Everything but the opens of the bars after the last decision.
      const last = until - H4_MS;
      const changed = data.map((item) => {
        const noisy = garbledFrom(item, last, seed);
        const { h4: raw } = item.bars;
        return { ...item, bars: { ...noisy.bars, h4: { ...noisy.bars.h4!, open: raw!.open } } };
      });
      const [a, b] = [data, changed].map((item) => execute({ plan, data: item }, marketOnly));
      deepStrictEqual(a!.outcomes, b!.outcomes);
      deepStrictEqual(a!.bookings, b!.bookings);
      notDeepStrictEqual(a!.closes, b!.closes);
    }),
    { seed: 1, numRuns: 25 },
  );
});

Deno.test("FR-004 a daily value reaches a decision only when its day has closed", () => {
  const seen: [Millis, number][] = [];
  const spy = defineModel({
    name: "Spy_v1",
    version: "1.0.0",
    universe: ["AAA"],
    parameters,
    features: () => ({ day: daily.open() }),
    decide: ({ assets, time }) => {
      seen.push([time, assets[0]!.day]);
      return {};
    },
  });
  const data = market(3)[0]!;
  const plan = planWith([assets[0]!], [seat(spy)], { start, end: start + 2 * DAY_MS });
  execute({ plan, data: [data] }, [spy]);
  strictEqual(seen.length, 12);
  const { openTime, open } = data.bars.daily!;
  for (const [time, value] of seen) {
    const yesterday = Math.floor(time / DAY_MS) * DAY_MS - DAY_MS;
    strictEqual(value, open[openTime.indexOf(yesterday)]);
  }
});

Deno.test("FR-003 an equity's daily bar is known at its session's close", () => {
  const seen = new Map<Millis, number>();
  const spy = defineModel({
    name: "Spy_v1",
    version: "1.0.0",
    universe: ["SHR"],
    parameters,
    features: () => ({ day: daily.open() }),
    decide: ({ assets, time }) => {
      for (const { day } of assets) seen.set(time, day);
      return {};
    },
  });
  const data = { ...market(3)[2]!, actions: [] };
  const plan = planWith([assets[2]!], [seat(spy)], { start, end });
  execute({ plan, data: [data] }, [spy]);
  const { openTime, open } = data.bars.daily!;
  const on = (date: string) => open[openTime.indexOf(parseDate(date))];
  const at = (date: string, hour: number) => seen.get(parseDate(date) + hour * H4_MS / 4);
  // Winter: the close at 21:00 is past the decision at 20:00. Summer: equality counts.
  strictEqual(at("2024-03-06", 20), on("2024-03-05"));
  strictEqual(at("2024-03-07", 0), on("2024-03-06"));
  strictEqual(at("2024-03-12", 16), on("2024-03-11"));
  strictEqual(at("2024-03-12", 20), on("2024-03-12"));
});
