import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { handMadeRecord, randomRecord } from "../../results/record_fixture.ts";
import { profitLayers } from "./attribution.ts";
import { charts } from "./mod.ts";
import { sharpeInterval } from "./regimes.ts";
import { checkChart, xmlFault } from "./test_check.ts";
import { everyChart, richRecord, sourceOf } from "./test_source.ts";

/** Points of the longest path. */
function longestPath(svg: string): number {
  const paths = [...svg.matchAll(/ d="([^"]*)"/g)].map((found) => found[1]!);
  return Math.max(0, ...paths.map((path) => path.split(/[MLHV]/).length - 1));
}

Deno.test("FR-059 every chart of a rich run stands alone, names its run and stays small", async () => {
  const run = sourceOf(richRecord());
  const drawn = await everyChart(run);
  strictEqual(drawn.length, 16);
  for (const [name, chart] of drawn) {
    checkChart(name, chart, run.card.run_id);
    ok(longestPath(chart.svg) <= 4 * 880, `${name}: ${longestPath(chart.svg)} points`);
    ok(chart.svg.length < 250_000, `${name}: ${chart.svg.length} bytes`);
  }
});

Deno.test("FR-059 the same run gives the same bytes, whatever was drawn before", async () => {
  const first = await everyChart(sourceOf(richRecord()));
  const second = (await everyChart(sourceOf(richRecord()))).toReversed();
  for (const [name, chart] of second) {
    strictEqual(chart.svg, first.find(([other]) => other === name)![1].svg, name);
  }
});

Deno.test("FR-059 charts of three bars, of one model and of a run without trades say what there is", async () => {
  const shape = { seed: 3, symbols: ["BTC"], budgets: [1] };
  const runs = {
    "three bars": sourceOf(handMadeRecord()),
    "no trades": sourceOf(randomRecord({ ...shape, marks: 300, activity: 0 })),
    "one bar": sourceOf(randomRecord({ ...shape, marks: 2, activity: 1 })),
  };
  for (const [what, run] of Object.entries(runs)) {
    for (const [name, chart] of await everyChart(run)) {
      checkChart(`${what}: ${name}`, chart, run.card.run_id);
    }
  }
  const still = runs["no trades"];
  strictEqual((await charts.turnover(still)).title, "Nothing was traded");
  strictEqual((await charts.price(still, "BTC")).title, "BTC was not traded");
  strictEqual((await charts.drawdown(still)).title.slice(0, 4), "The ");
  match((await charts.rolling(runs["three bars"])).title, /^Fewer than 126 daily returns/);
});

Deno.test("FR-059 stretches of NaN are gaps, in lines as in stacks", async () => {
  const spoilt = (column: Float64Array) =>
    column.map((value, row) => row > column.length / 3 && row < column.length / 2 ? NaN : value);
  const run = sourceOf(richRecord(), {
    change: (tables) => ({
      ...tables,
      nav: {
        ...tables.nav,
        nav: spoilt(tables.nav.nav),
        drawdown: spoilt(tables.nav.drawdown),
        gross_exposure: spoilt(tables.nav.gross_exposure),
      },
      models: { ...tables.models, nav: spoilt(tables.models.nav), pnl: spoilt(tables.models.pnl) },
      weights: { ...tables.weights, weight: spoilt(tables.weights.weight) },
    }),
  });
  for (const [name, chart] of await everyChart(run)) checkChart(name, chart, run.card.run_id);
  const { svg } = await charts.drawdown(run);
  match(svg, / d="M[^M"]+M[^M"]+" .*stroke="#c8500a"|stroke="#c8500a".* d="M[^M"]+M/);
});

Deno.test("FR-059 a model's name is text, whatever it holds", async () => {
  const name = `<script>alert("&")</script>'\u0000`;
  const record = richRecord();
  const run = sourceOf({
    ...record,
    models: record.models.map((model, place) => place === 0 ? { ...model, name } : model),
  });
  const drawn = [
    ...await everyChart(run),
    ["regimes", await charts.regimes(run, { account: name })] as const,
  ];
  for (const [what, chart] of drawn) {
    strictEqual(xmlFault(chart.svg), undefined, what);
    ok(!chart.svg.includes("<script"), what);
  }
  const { svg } = await charts.models(run);
  ok(svg.includes("&lt;script&gt;alert(&quot;&amp;&quot;)"), svg.slice(0, 600));
});

Deno.test("FR-062 the layers of the attribution sum to the change of NAV at every mark", async () => {
  for (const record of [handMadeRecord(), richRecord()]) {
    const { layers, total } = await profitLayers(sourceOf(record));
    strictEqual(layers.length, record.models.length + 1);
    for (const [mark, nav] of record.nav.entries()) {
      const sum = layers.reduce((money, { values }) => money + values[mark]!, 0);
      ok(Math.abs(sum - total[mark]!) <= 1e-6 * record.nav[0]!, `mark ${mark}`);
      strictEqual(total[mark], nav - record.nav[0]!);
    }
  }
  // 10 of interest came in, which no model made.
  const { layers } = await profitLayers(sourceOf(handMadeRecord()));
  strictEqual(Math.round(layers.at(-1)!.values.at(-1)!), 10);
});

Deno.test("FR-065 200 runs are compared in one small picture, the first few by name", async () => {
  const runs = Array.from({ length: 200 }, (_, place) =>
    sourceOf(
      randomRecord({ seed: place + 1, marks: 400, symbols: ["BTC"], budgets: [1] }),
      { id: String(place).padStart(16, "0") },
    ));
  const names = { "0000000000000002": "the third" };
  const chart = await charts.comparison(runs, { names, highlight: 3 });
  checkChart("comparison", chart, "0000000000000000");
  strictEqual(chart.svg.match(/ stroke="#c5cad3"/g)?.length, 197);
  match(chart.svg, /\d the third</);
  match(chart.caption, /and 196 more .* 197 in grey$/);
  ok(chart.svg.length < 600_000, `${chart.svg.length} bytes`);
  await rejects(charts.comparison([]), {
    name: "Refusal",
    message: "chart: found no run to compare, expected one or more",
  });
});

Deno.test("FR-059 a model has one colour in every chart of its run", async () => {
  const run = sourceOf(richRecord());
  const second = "#d55e00";
  for (const draw of [charts.models, charts.attribution, charts.luck]) {
    ok((await draw(run)).svg.includes(second));
  }
});

Deno.test("FR-059 price shows fills and hints inside its range and refuses what the run does not have", async () => {
  const record = handMadeRecord();
  const [wish] = record.wishes;
  const run = sourceOf({
    ...record,
    wishes: [{ ...wish!, stop: 90, limit: 130 }, ...record.wishes.slice(1)],
  });
  const chart = await charts.price(run, "BTC");
  strictEqual(chart.title, "BTC: 1 buy and 1 sell");
  match(chart.svg, /<title>2024-01-01 00:00 market buy 3\.0000 at 101\.00, A<\/title>/);
  match(chart.svg, />stop</);
  match(chart.svg, />limit</);
  const later = await charts.price(run, "BTC", { start: "2024-01-02", end: "2024-01-03" });
  strictEqual(later.title, "BTC: 0 buys and 1 sell");
  const bars = { availableAt: record.markTimes, close: record.closes[1]! };
  match((await charts.price(run, "ETH", { bars })).caption, /adjusted prices$/);
  const refusals = [
    [
      () => charts.price(run, "BTCC"),
      /found asset "BTCC" \(did you mean "BTC"\?\), expected one of run/,
    ],
    [() => charts.price(run, "BTC", { start: "soon" }), /found start "soon", expected a date/],
    [
      () => charts.price(run, "BTC", { start: "2024-01-03", end: "2024-01-01" }),
      /start .* after end/,
    ],
    [() => charts.nav(run, { regime: "equity" }), /was not told of any regime/],
    [() => charts.regimes(run), /was not told of any regime/],
    [() => charts.regimes(run, { account: "portfolo" }), /\(did you mean "portfolio"\?\)/],
    [() => charts.envelope({ card: run.card, tables: run.tables }), /has no fill envelope/],
    [() => charts.luck({ card: run.card, tables: run.tables }), /has no figures of chance/],
  ] as const;
  for (const [draw, message] of refusals) await rejects(draw, { name: "Refusal", message });
});

Deno.test("FR-059 a Sortino ratio without bounds does not flatten the Sharpe ratios", async () => {
  // A day has six bars; day 150 loses next to nothing, all others gain or stand still.
  const rise = (row: number) => {
    const day = Math.floor((row - 1) / 6);
    return day === 150 ? -1e-6 : 0.002 * (day % 5);
  };
  const run = sourceOf(richRecord(), {
    change: (tables) => {
      let money = 1_000;
      return {
        ...tables,
        nav: { ...tables.nav, nav: tables.nav.nav.map((_, row) => money *= 1 + rise(row)) },
      };
    },
  });
  match((await charts.rolling(run)).caption, /\d+ Sortino ratios far above the others left out$/);
});

Deno.test("FR-063 regimes show the interval of Lo (2002) around the Sharpe ratio", () => {
  const { low, high } = sharpeInterval(2, { days: 367, periods: 365 });
  ok(Math.abs(low! - (2 - 1.959964)) < 1e-12 && Math.abs(high! - (2 + 1.959964)) < 1e-12);
  deepStrictEqual(sharpeInterval(null, { days: 9, periods: 365 }), { low: null, high: null });
});

Deno.test("a chart too small to read and a window of no days are broken promises", async () => {
  const run = sourceOf(handMadeRecord());
  await rejects(charts.nav(run, { width: 100 }), RangeError);
  await rejects(charts.nav(run, { height: NaN }), RangeError);
  await rejects(charts.rolling(run, { windowDays: 1 }), RangeError);
  for (const [name, chart] of await everyChart(sourceOf(richRecord()))) {
    checkChart(name, chart, run.card.run_id);
  }
  checkChart("narrow", await charts.luck(run, { width: 480 }), run.card.run_id);
});
