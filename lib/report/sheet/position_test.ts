import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { formatTime } from "../../core/clock.ts";
import type { RunRecord } from "../../core/run_record.ts";
import { type Attribution, attributionAt, NothingHeld } from "../../results/mod.ts";
import { fullRecord, randomRecord } from "../../results/record_fixture.ts";
import type { Saw } from "../../results/position.ts";
import { dayOf, nearestHeld } from "./client/day.js";
import { heldAt, newestOrders, wishesAt } from "./client/position.js";
import { fillAt } from "./client/run_data.js";
import { pageRun, sourceOf } from "./test_source.ts";

type Page = ReturnType<typeof opened>;

function opened(record: RunRecord) {
  const source = sourceOf(record);
  return { run: pageRun(source), tables: source.tables, symbols: record.assets };
}

/** What the library says of an asset at a mark; undefined where nothing is held or wanted. */
function told({ tables }: Page, symbol: string, mark: number): Attribution | undefined {
  try {
    return attributionAt(tables, { run: "test", symbol, at: tables.nav.time[mark]! });
  } catch (error) {
    if (error instanceof NothingHeld) return undefined;
    throw error;
  }
}

const orNull = (value: number) => Number.isFinite(value) ? value : null;
const timeOrNull = (value: number) => Number.isFinite(value) ? formatTime(value) : null;

// deno-lint-ignore no-explicit-any
const sawOf = (saw: any): Saw | null =>
  saw === undefined ? null : {
    time: formatTime(saw.time),
    // deno-lint-ignore no-explicit-any
    features: saw.features.map(({ name, definition, value }: any) => ({
      feature: name,
      definition,
      value: orNull(value),
    })),
  };

/** The page's answer in the words of the library. */
function shown({ run }: Page, symbol: string, mark: number) {
  const decision = Math.min(mark, run.marks("time").length - 2);
  const asked = wishesAt(run, symbol, decision);
  const held = heldAt(run, symbol, mark);
  return {
    // deno-lint-ignore no-explicit-any
    models: asked.models.map((part: any) => ({
      model: part.model,
      raw_weight: orNull(part.raw),
      raw_since: timeOrNull(part.rawSince),
      kept: part.kept,
      budget: part.budget,
      budget_since: formatTime(part.budgetSince),
      weight_before_risk: part.before,
      weight_after_risk: part.after,
      since: timeOrNull(part.since),
      stop: orNull(part.stop),
      limit: orNull(part.limit),
      saw: sawOf(part.saw),
      units: held.byModel.get(part.model) ?? 0,
    })),
    before: asked.before,
    after: asked.after,
    // deno-lint-ignore no-explicit-any
    risk: asked.risk.map((step: any) => ({ ...step, since: formatTime(step.since) })),
    units: held.units,
    fills: held.fills.length,
    orders: newestOrders(run, symbol, asked.decidedAt).map((row: number) => ({
      target: run.orders("target")[row],
      quantity: run.orders("quantity")[row],
      status: run.orders<string[]>("status")[row],
    })),
  };
}

function expected(found: Attribution) {
  return {
    models: found.models.map((part) => ({
      model: part.model,
      raw_weight: part.raw_weight,
      raw_since: part.raw_since,
      kept: part.kept,
      budget: part.budget,
      budget_since: part.budget_since,
      weight_before_risk: part.weight_before_risk,
      weight_after_risk: part.weight_after_risk,
      since: part.since,
      stop: part.stop,
      limit: part.limit,
      saw: part.saw,
      units: part.units,
    })),
    before: found.weight_before_risk,
    after: found.weight_after_risk,
    risk: found.risk,
    units: found.units,
    fills: found.fills.reduce((sum, { models }) => sum + Object.keys(models).length, 0),
    orders: found.orders.map(({ target, quantity, status }) => ({ target, quantity, status })),
  };
}

Deno.test("FR-062 why an asset was held on any day: the page answers as the library does", () => {
  const records = [
    fullRecord(),
    randomRecord({ seed: 1, marks: 90, symbols: ["BTC", "ETH"], budgets: [0.5, 0.3, 0.2] }),
    randomRecord({ seed: 2, marks: 90, symbols: ["SPY"], budgets: [1], assetClass: "equity" }),
  ];
  let compared = 0;
  for (const page of records.map(opened)) {
    for (const mark of page.run.days("mark")) {
      for (const { symbol } of page.symbols) {
        const found = told(page, symbol, mark);
        if (!found) continue;
        deepStrictEqual(shown(page, symbol, mark), expected(found), `${symbol} at mark ${mark}`);
        compared++;
      }
    }
  }
  ok(compared > 30, `only ${compared} were compared`);
});

Deno.test("FR-062 behind a wish stand the features that the model saw as it spoke; a run without them opens too", () => {
  const source = sourceOf(fullRecord());
  const seenIn = (tables: typeof source.tables) =>
    wishesAt(pageRun({ ...source, tables }), "BTC", 1).models
      // deno-lint-ignore no-explicit-any
      .map(({ saw }: any) => saw?.features.map(({ name, value }: any) => [name, value]));
  deepStrictEqual(seenIn(source.tables), [
    [["price", 110], ["slowAverage", 99]],
    [["score", 0.1]],
  ]);
  const { features: _, ...older } = source.tables;
  deepStrictEqual(seenIn(older), [undefined, undefined]);
});

Deno.test("FR-062 a day tells its wishes, cuts, orders and what each model contributed", () => {
  const { run } = opened(fullRecord());
  const day = dayOf(run, 2);
  deepStrictEqual([day.label, day.nav, day.change], ["2024-01-02", 1054, 29]);
  // deno-lint-ignore no-explicit-any
  const [decision] = day.decisions as any[];
  strictEqual(decision.time, Date.UTC(2024, 0, 2));
  strictEqual(decision.rows.length, 3);
  strictEqual(run.risk<string[]>("rule")[decision.risk[0]], "per_asset_cap");
  // deno-lint-ignore no-explicit-any
  deepStrictEqual(day.pnl.map(({ gained }: any) => gained), [10, 19]);
  // deno-lint-ignore no-explicit-any
  const [btc] = day.holdings as any[];
  deepStrictEqual([btc.symbol, btc.units, btc.byModel.get("A"), btc.byModel.get("B")], [
    "BTC",
    3,
    1,
    2,
  ]);
  deepStrictEqual(dayOf(run, 3).orders.length, 2);
});

Deno.test("FR-062 a fill leads to its order and the models that it was for", () => {
  const { run } = opened(fullRecord());
  const sale = fillAt(run, 2);
  deepStrictEqual([sale.name, sale.symbol, sale.quantity, sale.held, sale.target], [
    "T000003",
    "BTC",
    -3,
    3,
    0,
  ]);
  deepStrictEqual(sale.parts, [{ model: "A", quantity: -1 }, { model: "B", quantity: -2 }]);
});

Deno.test("FR-062 where nothing is held the page names the nearest days on which something is", () => {
  const { run } = opened(fullRecord());
  // Held from the first mark to the last but one, since it was all sold then.
  deepStrictEqual(nearestHeld(run, "BTC", 3), { before: 2, after: -1 });
  const { before, after } = nearestHeld(run, "nothing", 1);
  deepStrictEqual([before, after], [-1, -1]);
});
