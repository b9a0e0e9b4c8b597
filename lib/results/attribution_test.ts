import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS, H4_MS } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import { attributionAt } from "./attribution.ts";
import { handMadeRecord, randomRecord, tablesOf } from "./record_fixture.ts";

const start = parseDate("2024-01-01");
const record = handMadeRecord();
const tables = tablesOf(record);
const askFor = (symbol: string, at: number) => attributionAt(tables, { run: "r", symbol, at });

Deno.test("FR-062 the way of a position: wishes, budgets, the cut of risk, target, order, fill, what each holds", () => {
  const found = askFor("BTC", start + DAY_MS);
  deepStrictEqual(
    [found.decision_time, found.mode, found.nav, found.price],
    ["2024-01-02T00:00:00Z", "NORMAL", 1025, 110],
  );
  deepStrictEqual(
    found.models.map((part) => [
      part.model,
      part.raw_weight,
      part.budget,
      part.weight_before_risk,
      part.weight_after_risk,
      part.units,
      part.value,
      part.share,
    ]),
    [["A", 0.2, 0.6, 0.12, 0.1, 3, 330, 1], ["B", 0.5, 0.4, 0.2, 0.2, 0, 0, 0]],
  );
  deepStrictEqual(found.risk, [
    { rule: "per_asset_cap", before: 0.32, after: 0.3, since: "2024-01-02T00:00:00Z" },
  ]);
  strictEqual(found.target, 0.1 + 0.2);
  strictEqual(found.orders[0]!.trade_id, "T000001");
  deepStrictEqual(
    found.fills.map(({ trade_id, quantity, price, models }) => [
      trade_id,
      quantity,
      price,
      models,
    ]),
    [["T000001", 3, 101, { A: 3 }]],
  );
  deepStrictEqual([found.units, found.value, found.weight], [3, 330, 330 / 1025]);
  ok(found.sums.every(({ agrees }) => agrees));
});

Deno.test("FR-062 each part says since when it stands, and a cross shows whose units went where", () => {
  const found = askFor("BTC", start + DAY_MS + H4_MS);
  const [a, b] = found.models;
  deepStrictEqual(
    [a!.budget_since, a!.raw_since, a!.since, b!.since],
    ["2024-01-01T00:00:00Z", ...Array(3).fill("2024-01-02T00:00:00Z")],
  );
  // The cross of the second decision happened after its mark, within the day.
  deepStrictEqual([a!.units, b!.units, b!.share], [1, 2, 2 / 3]);
  deepStrictEqual(found.fills.at(-1), {
    ...{ trade_id: "", executed_at: "2024-01-02T00:00:00Z", quantity: 0, price: 110, fee: 0 },
    ...{ decision_time: "2024-01-02T00:00:00Z", models: { A: -2, B: 2 } },
  });
});

Deno.test("FR-062 an exit that has not happened yet shows a target of 0 beside what is held", () => {
  const found = askFor("BTC", start + 2 * DAY_MS);
  deepStrictEqual([found.target, found.units, found.mode], [0, 3, "REDUCED"]);
  deepStrictEqual(found.risk, []);
  deepStrictEqual(found.models.map(({ units }) => units), [1, 2]);
  strictEqual(found.orders[0]!.trade_id, "T000003");
});

Deno.test("FR-062 hints and prices of a wish stand with it; a kept quantity names the weight it meant", () => {
  const wishes = record.wishes.map((wish, row) =>
    row === 0 ? { ...wish, stop: 90, confidence: 0.7, urgency: "high" as const } : wish
  );
  const kept = { ...record.wishes[0]!, index: 1, raw: NaN, wanted: 0.32, share: 0.3 };
  const told = tablesOf({ ...record, wishes: [wishes[0]!, kept], bookings: [], outcomes: [] });
  const partAt = (at: number) => attributionAt(told, { run: "r", symbol: "BTC", at }).models[0]!;
  const said = partAt(start);
  deepStrictEqual(
    [said.stop, said.limit, said.confidence, said.urgency, said.horizon_hours, said.kept],
    [90, null, 0.7, "high", null, false],
  );
  const later = partAt(start + DAY_MS);
  deepStrictEqual(
    [later.kept, later.raw_weight, later.raw_since, later.since, later.confidence],
    [true, 0.5, "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z", null],
  );
});

Deno.test("FR-062 with each model's part stand the features behind its newest words", () => {
  const seen = (at: number) => askFor("BTC", at).models.map(({ saw }) => saw);
  const price = { feature: "price", definition: "daily.close()" };
  const average = { feature: "slowAverage", definition: "daily.sma(200)" };
  const score = { feature: "score", definition: "daily.momentum(60)" };
  const first = {
    time: "2024-01-01T00:00:00Z",
    features: [{ ...price, value: 100 }, { ...average, value: 98.5 }],
  };
  // B speaks at the second decision for the first time.
  deepStrictEqual(seen(start + DAY_MS - 1), [first, null]);
  deepStrictEqual(seen(start + DAY_MS), [
    {
      time: "2024-01-02T00:00:00Z",
      features: [{ ...price, value: 110 }, { ...average, value: 99 }],
    },
    { time: "2024-01-02T00:00:00Z", features: [{ ...score, value: 0.1 }] },
  ]);
  // At the third decision it says nothing new of ETH.
  const [, later] = askFor("ETH", start + 2 * DAY_MS).models;
  deepStrictEqual(later!.saw, {
    time: "2024-01-02T00:00:00Z",
    features: [{ ...score, value: 0.0425 }],
  });
});

Deno.test("FR-062 a missing feature value is null, and a run that tells of none has none", () => {
  const { features, ...rest } = tables;
  const blind = { ...tables, features: { ...features, value: features.value.map(() => NaN) } };
  const ask = (told: typeof rest) => {
    return attributionAt(told, { run: "r", symbol: "BTC", at: start }).models[0]!.saw;
  };
  deepStrictEqual(ask(blind)!.features.map(({ value }) => value), [null, null]);
  strictEqual(ask(rest), null);
});

Deno.test("FR-062 a time outside the run and one without a position are refused in one line", () => {
  throws(() => askFor("BTC", start - 1), {
    name: "Refusal",
    message: "2023-12-31T23:59:59.999Z is outside run r, " +
      "expected a time from 2024-01-01T00:00:00Z to 2024-01-04T00:00:00Z",
  });
  throws(() => askFor("BTC", start + 3 * DAY_MS + 1), { name: "Refusal" });
  throws(() => askFor("BTC", start + 3 * DAY_MS), {
    name: "Refusal",
    message: "Nothing of BTC is held or wanted at 2024-01-04T00:00:00Z in run r: " +
      "last at 2024-01-03T00:00:00Z",
  });
  throws(() => askFor("ETH", start), { message: /: next at 2024-01-02T00:00:00Z$/ });
  throws(() => askFor("SOL", start), { message: /: it never is$/ });
});

Deno.test("SC-011 at any moment the models' parts sum to the position within 1e-6", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 0, max: 29 * H4_MS }), (seed, since) => {
      const random = randomRecord({
        ...{ seed, marks: 30, symbols: ["BTC"], budgets: [0.5, 0.3, 0.2], activity: 0.4 },
      });
      const drawn = tablesOf(random);
      const at = random.markTimes[0]! + since;
      if (!drawn.weights.time.includes(random.markTimes[Math.floor(since / H4_MS)]!)) return;
      const found = attributionAt(drawn, { run: "r", symbol: "BTC", at });
      ok(found.sums.every(({ agrees }) => agrees), JSON.stringify(found.sums));
      const worth = found.models.reduce((sum, { value }) => sum + value, 0);
      ok(Math.abs(worth - found.value) <= 1e-6 * found.nav);
    }),
    { seed: 1, numRuns: 100 },
  );
});

Deno.test("FR-062 at a mark the units are those of the weights table, whatever its own decision does then", () => {
  const random = randomRecord({
    ...{ seed: 3, marks: 60, symbols: ["BTC"], budgets: [0.5, 0.5], activity: 0.5 },
  });
  const drawn = tablesOf(random);
  for (const [row, at] of drawn.weights.time.entries()) {
    const { units, weight } = attributionAt(drawn, { run: "r", symbol: "BTC", at });
    ok(Math.abs(units - drawn.weights.quantity[row]!) <= 1e-9);
    ok(Math.abs(weight - drawn.weights.weight[row]!) <= 1e-9);
  }
  ok(drawn.weights.time.length > 30);
});

Deno.test("SC-011 parts that do not sum to the position are told, not smoothed over", () => {
  const bookings = record.bookings.map((booking, row) =>
    row === 0 ? { ...booking, quantity: 2.5 } : booking
  );
  const broken = tablesOf({ ...record, bookings });
  const { sums } = attributionAt(broken, { run: "r", symbol: "BTC", at: start + DAY_MS });
  deepStrictEqual(sums.filter(({ agrees }) => !agrees), [
    { what: "units of models and account", parts: 2.5, whole: 3, agrees: false },
  ]);
});
