import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { z } from "zod";
import { type Bars, DAY_MS, H4_MS, type Millis } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import { daily, h4, trading } from "../features/mod.ts";
import { defineModel, type MissingPolicy, type Model } from "../models/model.ts";
import { execute } from "./execute.ts";
import {
  closingAt,
  constantly,
  dataOf,
  modelOf,
  planWith,
  randomAsset,
  seat,
  tradable,
} from "./fixtures.ts";

const coin = tradable("AAA");
const late = tradable("LATE");
const start = parseDate("2024-03-01");

/** The same bars without those that open at these places after the start. */
function without(bars: Bars, places: readonly number[]): Bars {
  const gone = new Set(places.map((place) => start + place * H4_MS));
  const keep = (column: Float64Array) => column.filter((_, row) => !gone.has(bars.openTime[row]!));
  return {
    symbol: bars.symbol,
    timeframe: bars.timeframe,
    openTime: keep(bars.openTime),
    availableAt: keep(bars.availableAt),
    open: keep(bars.open),
    high: keep(bars.high),
    low: keep(bars.low),
    close: keep(bars.close),
    volume: keep(bars.volume),
  };
}

/** A model that wants everything and writes down at which decisions it saw the asset. */
function watcher(seen: Millis[]): Model {
  return modelOf("Watcher_v1", ["AAA"], ({ assets, time }) => {
    if (assets.length > 0) seen.push((time - start) / H4_MS);
    return Object.fromEntries(assets.map(({ symbol }) => [symbol, 0.5]));
  });
}

function watch(missing: MissingPolicy, gone: readonly number[], maxGapBars = 2) {
  const seen: number[] = [];
  const model = watcher(seen);
  const bars = without(
    closingAt(coin, "h4", start - H4_MS, Array.from({ length: 30 }, (_, i) => 100 + i)),
    gone,
  );
  const plan = planWith([coin], [seat(model, { missing })], {
    end: start + 2 * DAY_MS,
    maxGapBars,
  });
  const run = execute({ plan, data: [dataOf(bars)] }, [model]);
  return { seen, run };
}

const all = Array.from({ length: 12 }, (_, i) => i);

Deno.test("FR-005 ffill carries a value over a gap up to max_gap_bars and notes it", () => {
  const { seen, run } = watch("ffill", [3, 4]);
  deepStrictEqual(seen, all);
  deepStrictEqual(run.gaps, [{
    model: "Watcher_v1",
    symbol: "AAA",
    timeframe: "h4",
    policy: "ffill",
    from: start + 4 * H4_MS,
    to: start + 6 * H4_MS,
    missing: 2,
  }]);
});

Deno.test("FR-005 a gap longer than max_gap_bars leaves the asset unseen until its next bar", () => {
  const { seen, run } = watch("ffill", [3, 4, 5, 6]);
  // Bars 3 to 6 would be known at 4 to 7; two of them are bridged.
  deepStrictEqual(seen, [0, 1, 2, 3, 4, 5, 8, 9, 10, 11]);
  strictEqual(run.gaps[0]!.missing, 4);
});

Deno.test("FR-005 skip sees an asset only at decisions where its newest bar is there", () => {
  const { seen, run } = watch("skip", [3, 4]);
  deepStrictEqual(seen, [0, 1, 2, 3, 6, 7, 8, 9, 10, 11]);
  deepStrictEqual(run.gaps.map(({ policy, missing }) => [policy, missing]), [["skip", 2]]);
});

Deno.test("FR-005 fail refuses a run with a gap and names model, asset, bars and time", () => {
  throws(() => watch("fail", [3, 4]), {
    name: "Refusal",
    message:
      "Watcher_v1 refuses missing data: AAA h4 lacks 2 bars before 2024-03-02T00:00:00Z (missing: fail)",
  });
  deepStrictEqual(watch("fail", []).seen, all);
});

Deno.test("FR-005 an asset that is not seen keeps its last target quantity", () => {
  const { run } = watch("skip", [3, 4, 5]);
  const fills = run.outcomes.filter((outcome) => outcome.status === "filled");
  // Unseen at 4 to 6. The order of decision 3 met no bar; it still stands, unit for unit, when one opens.
  const waited = fills.find(({ index }) => index >= 3)!;
  strictEqual(waited.index, 6);
  const wanted = 0.5 * run.nav[3]! / run.closes[0]![3]!;
  ok(Math.abs(waited.target / wanted - 1) < 1e-12);
  const [kept] = run.wishes.filter(({ index }) => index === 4);
  ok(Number.isNaN(kept!.raw), "a quantity stands for the weight");
});

Deno.test("FR-005 an unseen asset is neither sold nor bought when the gap ends the data", () => {
  const { run } = watch("ffill", [5, 6, 7, 8, 9, 10, 11]);
  const fills = run.outcomes.filter(({ status }) => status === "filled");
  ok(fills.every(({ index }) => index < 5));
  strictEqual(run.nav.at(-1), run.nav[5]);
});

Deno.test("FR-005 closed hours of New York are no gap", () => {
  const share = tradable("SHR", "equity");
  const seen: number[] = [];
  const model = modelOf("Watcher_v1", ["SHR"], ({ assets }) => {
    seen.push(assets.length);
    return {};
  });
  const bars = closingAt(share, "h4", start, new Array(30).fill(10));
  const plan = planWith([share], [seat(model, { missing: "fail" })], {
    start: start + DAY_MS,
    end: start + 8 * DAY_MS,
  });
  const run = execute({ plan, data: [dataOf(bars)] }, [model]);
  deepStrictEqual(run.gaps, []);
  ok(seen.every((count) => count === 1));
});

Deno.test("FR-005 a late joiner is traded from its first warm decision and the others do not wait", () => {
  const both = defineModel({
    name: "Both_v1",
    version: "1.0.0",
    universe: ["AAA", "LATE"],
    parameters: z.strictObject({}),
    features: () => ({ mean: trading.sma(3) }),
    decide: ({ assets }) => Object.fromEntries(assets.map(({ symbol }) => [symbol, 0.5])),
  });
  const data = [
    dataOf(closingAt(coin, "h4", start - 4 * H4_MS, new Array(40).fill(100))),
    dataOf(closingAt(late, "h4", start + 2 * H4_MS, new Array(40).fill(100))),
  ];
  const plan = planWith([coin, late], [seat(both)], { end: start + 2 * DAY_MS });
  const run = execute({ plan, data }, [both]);
  const fills = run.outcomes.filter((outcome) => outcome.status === "filled");
  // Its third bar opens at place 4 and is known at decision 5.
  deepStrictEqual(fills.map(({ index, asset, quantity }) => [index, asset, quantity]), [
    [0, 0, 5],
    [5, 1, 5],
  ]);
  deepStrictEqual(
    run.coverage.map(({ symbol, joins, barsAtJoin }) => [symbol, joins, barsAtJoin]),
    [
      ["AAA", start, 4],
      ["LATE", start + 5 * H4_MS, 3],
    ],
  );
});

Deno.test("FR-004 daily features warm up on bars from before the start", () => {
  const data = randomAsset(coin, { from: start - 5 * DAY_MS, to: start + 4 * DAY_MS, seed: 1 });
  const model = defineModel({
    name: "Daily_v1",
    version: "1.0.0",
    universe: ["AAA"],
    parameters: z.strictObject({}),
    features: () => ({ mean: daily.sma(6), price: h4.close() }),
    decide: ({ assets }) => Object.fromEntries(assets.map(({ symbol }) => [symbol, 1])),
  });
  const plan = planWith([coin], [seat(model)]);
  const run = execute({ plan, data: [data] }, [model]);
  // Five days are known at the start, the sixth a day later.
  strictEqual(run.coverage[0]!.joins, start + DAY_MS);
});

Deno.test("FR-005 a plan in which nothing is ever warm is refused with the data there are", () => {
  const model = defineModel({
    name: "Slow_v1",
    version: "1.0.0",
    universe: ["AAA"],
    parameters: z.strictObject({}),
    features: () => ({ mean: trading.sma(500) }),
    decide: () => ({}),
  });
  const bars = closingAt(coin, "h4", start, new Array(30).fill(100));
  const plan = planWith([coin], [seat(model)], { end: start + DAY_MS });
  throws(() => execute({ plan, data: [dataOf(bars)] }, [model]), {
    name: "Refusal",
    message: "No asset is warm at any decision from 2024-03-01 to 2024-03-01: " +
      "AAA has 6 bars from 2024-03-01 to 2024-03-01",
  });
});

Deno.test("FR-013 a feature may not take a name that every asset has", () => {
  const model = defineModel({
    name: "Greedy_v1",
    version: "1.0.0",
    universe: ["AAA"],
    parameters: z.strictObject({}),
    features: () => ({ weight: trading.close() }),
    decide: () => ({}),
  });
  const data = [dataOf(closingAt(coin, "h4", start, [1, 2]))];
  throws(
    () => execute({ plan: planWith([coin], [seat(model)]), data }, [model]),
    { name: "Refusal", message: /Greedy_v1 declares a feature "weight"/ },
  );
});

Deno.test("FR-013 a schedule of no days and a model that was not given are refused", () => {
  const data = [dataOf(closingAt(coin, "h4", start, [1, 2]))];
  const never = constantly("Never_v1", { AAA: 1 }, { days: 0 });
  throws(
    () => execute({ plan: planWith([coin], [seat(never)]), data }, [never]),
    { name: "Refusal", message: /Never_v1 has a schedule of 0 days/ },
  );
  throws(
    () => execute({ plan: planWith([coin], [seat(never)]), data }, []),
    { name: "RangeError", message: /Never_v1 is planned and was not given/ },
  );
});

Deno.test("FR-018 a model that throws is refused in one line with its name and the decision", () => {
  const broken = modelOf("Broken_v1", ["AAA"], ({ time }) => {
    if (time >= start + 3 * H4_MS) throw new Error("no idea\nreally");
    return {};
  });
  const data = [dataOf(closingAt(coin, "h4", start - H4_MS, new Array(20).fill(1)))];
  throws(() => execute({ plan: planWith([coin], [seat(broken)]), data }, [broken]), {
    name: "Refusal",
    message: "Broken_v1 at 2024-03-01T12:00:00Z failed: no idea",
  });
});
