import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { DAY_MS } from "../../core/bars.ts";
import { handMadeRecord, randomRecord } from "../../results/record_fixture.ts";
import { openTable } from "./client/columns.js";
import { type ComparedRun, comparisonSheet } from "./comparison.ts";
import { correlations } from "./correlation.ts";
import { readSheet } from "./read_sheet.ts";
import { sourceOf, STILL_CLIENT } from "./test_source.ts";

function run(id: string, factor = 1, plan: Record<string, unknown> = {}): ComparedRun {
  const { card, tables } = sourceOf(handMadeRecord());
  const { portfolio } = card.statistics;
  const sharpe = portfolio.sharpe! * factor;
  const statistics = { ...card.statistics, portfolio: { ...portfolio, sharpe } };
  return {
    card: { ...card, run_id: id, plan: { ...card.plan as object, ...plan }, statistics },
    times: tables.nav.time,
    nav: tables.nav.nav.map((value, mark) => value * (1 + 0.01 * (factor - 1) * mark)),
  };
}

function dataOf(page: string) {
  return JSON.parse(/id="assay-data">(.*)<\/script>/.exec(page)![1]!);
}

Deno.test("FR-065 runs side by side: figures with the best marked, what the plans do not share, correlation", () => {
  const page = comparisonSheet(
    [run("aa", 1, { seed: 1 }), run("bb", 2, { seed: 2, only: "<i>" })],
    STILL_CLIENT,
  );
  const stars = [...page.matchAll(/<td class="best ranked" data-value="([^"]+)"/g)]
    .map((found) => Number(found[1]));
  ok(stars.includes(run("bb", 2).card.statistics.portfolio.sharpe!));
  match(page, /seed<\/th><td class="text wrap">1<\/td><td class="text wrap">2<\/td>/);
  match(page, /only<\/th><td class="text wrap">–<\/td><td class="text wrap">&lt;i&gt;<\/td>/);
  match(page, /Data: the same\. Code: the same\./);
  deepStrictEqual(readSheet(page), { kind: "comparison", runIds: ["aa", "bb"] });
});

Deno.test("FR-065 runs of different ranges stand on one clock, each from 100 at its own start", () => {
  const late = run("bb");
  const page = comparisonSheet([
    run("aa"),
    { ...late, times: late.times.map((time) => time + 2 * DAY_MS) },
  ], STILL_CLIENT);
  const { runs, table } = dataOf(page);
  const column = openTable(table) as (name: string) => Float64Array;
  deepStrictEqual(runs, ["aa", "bb"]);
  strictEqual(column("time").length, 6);
  deepStrictEqual(column("nav 0"), Float64Array.of(100, 102.5, 105.4, 105.1, NaN, NaN));
  deepStrictEqual(column("nav 1"), Float64Array.of(NaN, NaN, 100, 102.5, 105.4, 105.1));
});

Deno.test("FR-065 correlation is over common days: 1 with itself, -1 with its mirror, none on too few", () => {
  const up = Float64Array.of(100, 110, 99, 108.9, 98.01);
  const down = Float64Array.of(100, 90, 99, 89.1, 98.01);
  const short = Float64Array.of(NaN, NaN, NaN, 100, 101);
  const matrix = correlations([up, down, short]);
  strictEqual(matrix[0]![0], 1);
  ok(Math.abs(matrix[0]![1]! + 1) < 1e-12 && matrix[1]![0] === matrix[0]![1]);
  ok(Number.isNaN(matrix[2]![0]));
});

Deno.test("FR-065 two hundred runs at once: one page below 3 MB, each with its nearest relative", () => {
  const record = randomRecord({ seed: 1, marks: 600, symbols: ["BTC"], budgets: [1] });
  const { card, tables } = sourceOf(record);
  const runs = Array.from({ length: 200 }, (_, place) => ({
    card: { ...card, run_id: place.toString(16).padStart(16, "0") },
    times: tables.nav.time,
    nav: tables.nav.nav.map((value, mark) => value * (1 + 0.001 * (mark * place % 7))),
  }));
  const page = comparisonSheet(runs, STILL_CLIENT);
  ok(page.length < 3e6, `${page.length} bytes`);
  match(page, /Mean with the others/);
  strictEqual(dataOf(page).runs.length, 200);
});
