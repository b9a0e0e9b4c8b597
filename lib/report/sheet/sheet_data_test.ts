import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { parseDate } from "../../core/clock.ts";
import { fullRecord, randomRecord } from "../../results/record_fixture.ts";
import { sheetData } from "./sheet_data.ts";
import { pageRun, sourceOf } from "./test_source.ts";

const record = randomRecord({
  ...{ seed: 3, marks: 400, symbols: ["BTC", "ETH", "SOL"], budgets: [0.6, 0.4] },
});
const source = sourceOf(record);
const run = pageRun(source);
const full = sourceOf(fullRecord());
const fullRun = pageRun(full);

Deno.test("FR-059 every mark of NAV and every wish with what was seen, cut, order and booking is in the page, bit for bit", () => {
  for (
    const { tables, run: there } of [{ tables: source.tables, run }, {
      tables: full.tables,
      run: fullRun,
    }]
  ) {
    deepStrictEqual(there.marks("nav"), tables.nav.nav);
    deepStrictEqual(there.marks("time"), tables.nav.time);
    deepStrictEqual(there.marks<string[]>("mode"), tables.nav.mode);
    const whole = [["wishes", "attribution"], ["features", "features"], ["risk", "risk"]] as const;
    for (const [name, table] of whole) {
      for (const [column, values] of Object.entries(tables[table]!)) {
        deepStrictEqual(
          Array.from<unknown>(there[name](column)),
          Array.from<unknown>(values),
          `${name}.${column}`,
        );
      }
    }
    for (const table of ["orders", "bookings"] as const) {
      const { trade_id, ...columns } = tables[table];
      for (const [column, values] of Object.entries(columns)) {
        deepStrictEqual(
          Array.from<unknown>(there[table](column)),
          Array.from<unknown>(values),
          `${table}.${column}`,
        );
      }
      deepStrictEqual(
        Array.from(there[table]("fill"), (fill) => fill + 1),
        trade_id.map((id) => Number(id.slice(1))),
      );
    }
  }
});

Deno.test("FR-063 regimes with their inputs and flags are in the page", () => {
  for (const [column, values] of Object.entries(full.tables.regimes!)) {
    const there = fullRun.regimes(column);
    deepStrictEqual(
      Array.from<unknown>(there),
      Array.from(
        values as ArrayLike<unknown>,
        (value) => typeof value === "boolean" ? +value : value,
      ),
    );
  }
});

Deno.test("FR-059 a day ends at 00:00 UTC: its NAV, cash, P&L of models and benchmarks are the tables' values", () => {
  const times = run.days("time");
  strictEqual(times[1], parseDate("2020-01-02"));
  const { nav, models } = source.tables;
  for (let day = 0; day < times.length; day++) {
    const mark = nav.time.indexOf(times[day]!);
    strictEqual(run.days("mark")[day], mark);
    strictEqual(run.dayNav[day], nav.nav[mark]);
    strictEqual(run.days("cash")[day], nav.cash[mark]);
    for (const place of [0, 1]) {
      strictEqual(run.days(`pnl ${place}`)[day], models.pnl[mark * 2 + place]);
      strictEqual(run.days(`nav ${place}`)[day], models.nav[mark * 2 + place]);
      strictEqual(run.marks(`budget ${place}`)[mark], models.budget[mark * 2 + place]);
    }
  }
  deepStrictEqual(fullRun.days("benchmark 1"), full.tables.benchmarks!.nav.slice(4));
});

Deno.test("FR-062 what is held as a day ends is what the weights say, and weight = units × price ÷ NAV", () => {
  const { weights } = source.tables;
  const { holdings } = run;
  let seen = 0;
  for (const [row, day] of holdings("day").entries()) {
    const at = run.days("time")[day];
    const place = Array.from(weights.time.keys()).find((place) =>
      weights.time[place] === at && weights.symbol[place] === holdings<string[]>("symbol")[row]
    )!;
    strictEqual(holdings("quantity")[row], weights.quantity[place]);
    strictEqual(holdings("target_weight")[row], weights.target_weight[place]);
    const units = holdings("quantity")[row];
    const weight = units === 0 ? 0 : units! * holdings("price")[row]! / run.dayNav[day]!;
    strictEqual(weight, weights.weight[place]);
    seen++;
  }
  ok(seen > 100, `only ${seen} rows`);
});

Deno.test("FR-060 equal runs give equal data, whatever the order of their keys", () => {
  const { card, tables } = source;
  const turned = Object.fromEntries(Object.entries(tables).reverse()) as unknown as typeof tables;
  strictEqual(sheetData(card, turned), sheetData(structuredClone(card), tables));
});
