import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { parseDate } from "../core/clock.ts";
import { showTable } from "./show_table.ts";

const ROWS = [
  { model: "A", weight: 0.4, nav: 1234.5, days: 3, held: true, since: new Date("2024-05-06") },
  { model: "<b>", weight: null, nav: 12, days: 40, held: false, since: undefined },
];

Deno.test("FR-065 a table shows numbers to the right, with units, and a dash for nothing", () => {
  const units = { weight: "percent", nav: "money", days: "days" };
  strictEqual(
    `${showTable(ROWS, { units, caption: "Two models" })}`,
    [
      "Two models",
      "model  weight       nav  days (days)  held  since",
      "------------------------------------------------------",
      "A      40.00%  1,234.50            3  yes   2024-05-06",
      "<b>         –     12.00           40  no    –",
    ].join("\n"),
  );
});

Deno.test("FR-065 numbers without a unit show what they need: whole ones no decimals, small ones four digits", () => {
  const column = (values: readonly number[], digits?: number) =>
    `${showTable({ x: values }, digits === undefined ? {} : { digits: { x: digits } })}`
      .split("\n").slice(2);
  deepStrictEqual(column([1, 20, 3000]), ["    1", "   20", "3,000"]);
  deepStrictEqual(column([0.00123, 0.5, 0.001]), ["0.001230", "0.500000", "0.001000"]);
  deepStrictEqual(column([1234.5678, 2345.1, NaN]), ["1,234.57", "2,345.10", "       –"]);
  deepStrictEqual(column([1.5, 2], 1), ["1.5", "2.0"]);
});

Deno.test("FR-065 rows, columns and a table of Arquero's kind show the same", () => {
  const columns = { a: [1, 2], b: ["x", "y"] };
  const table = {
    columnNames: () => ["a", "b"],
    array: (name: string) => columns[name as "a"],
  };
  const rows = [{ a: 1, b: "x" }, { a: 2, b: "y" }];
  deepStrictEqual([`${showTable(rows)}`, `${showTable(table)}`], [
    `${showTable(columns)}`,
    `${showTable(columns)}`,
  ]);
  strictEqual(`${showTable([])}`, "nothing");
});

Deno.test("FR-065 moments show as their unit says", () => {
  const at = [parseDate("2024-05-06") + 72e6];
  match(`${showTable({ at }, { units: { at: "minute" } })}`, /\n2024-05-06 20:00$/);
  match(`${showTable({ at }, { units: { at: "date" } })}`, /\n2024-05-06$/);
});

Deno.test("FR-065 at most 100 rows are shown, or as many as asked, and the others counted", () => {
  const n = Array.from({ length: 1100 }, (_, row) => row);
  const { html } = showTable({ n });
  strictEqual(html.match(/<tr>/g)!.length, 101);
  ok(html.includes("… 1,000 more"));
  match(`${showTable({ n }, { limit: 2 })}`, /\n1\n… 1,098 more$/);
});

Deno.test("FR-065 in a notebook a table is HTML that carries no markup of its data, no script and no colours", () => {
  const shown = showTable(ROWS, { caption: "<script>alert(1)</script>", units: { nav: "<i>" } });
  const display = (shown as never)[Symbol.for("Jupyter.display")] as () => Record<string, string>;
  deepStrictEqual(display(), { "text/html": shown.html, "text/plain": `${shown}` });
  ok(!/<script|<b>|<i>/.test(shown.html));
  ok(shown.html.includes("&lt;b&gt;") && shown.html.includes("tabular-nums"));
  ok(!/#[0-9a-f]{3}|color:/.test(shown.html));
  match(shown.html, /text-align:right">40</);
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const html = showTable([{ [text]: text }], { caption: text }).html;
      const tags = new Set(html.match(/<\/?[^\s>]*/g));
      ok([...tags].every((tag) => /^<\/?(div|table|thead|tbody|tr|th|td)$/.test(tag)), html);
    }),
    { seed: 1 },
  );
});
