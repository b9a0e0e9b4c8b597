import { match, ok, strictEqual } from "node:assert/strict";
import { parameters } from "./parameters.ts";

Deno.test("FR-049 parameters() sorts numbers by size, shows the best and leaves the undefined blank", async () => {
  const chart = await parameters([
    { x: 10, y: 2, value: 0.5 },
    { x: 9, y: 2, value: 1.25 },
    { x: 100, y: 2, value: null },
    { x: 9, y: 1, value: NaN },
  ], { x: "fast", y: "slow", value: "Sharpe", caption: "Experiment <e>" });
  strictEqual(chart.title, "Highest Sharpe 1.25 at fast 9, slow 2");
  strictEqual(chart.caption, "Experiment <e> · 4 rows, 3 × 2 cells");
  const columns = [...chart.svg.matchAll(/>(9|10|100)</g)].map((found) => found[1]);
  strictEqual(columns.join(), "9,10,100");
  match(chart.svg, /<title>fast 100, slow 2: Sharpe undefined<\/title>/);
  ok(!chart.svg.includes("NaN"));
});

Deno.test("FR-049 parameters() shows means of cells, words as words, and no numbers where there is no room", async () => {
  const chart = await parameters([
    { x: "a", y: 1, value: 1 },
    { x: "a", y: 1, value: 3 },
  ]);
  match(chart.svg, />2\.00</);
  match(chart.caption, /cells show means$/);
  const fine = Array.from({ length: 50 * 50 }, (_, place) => ({
    x: place % 50,
    y: Math.floor(place / 50),
    value: place,
  }));
  const surface = await parameters(fine);
  ok(!/>1,234\.00</.test(surface.svg.replace(/<title>.*?<\/title>/g, "")));
  ok(surface.svg.length < 400_000, `${surface.svg.length} bytes`);
});

Deno.test("FR-049 parameters() of nothing says so", async () => {
  strictEqual((await parameters([])).title, "No value is defined");
  strictEqual((await parameters([{ x: 1, y: 1, value: null }])).title, "No value is defined");
});
