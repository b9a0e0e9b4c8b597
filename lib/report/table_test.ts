import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { formatTable, wrapName } from "./table.ts";

Deno.test("FR-061 a table sets names left and figures right, under a rule", () => {
  const text = formatTable([["Sharpe", "1.25", "–"], ["Final NAV", "9.00", "12,000.00"]], {
    header: ["", "All", "Trend\nModel"],
  });
  strictEqual(
    text,
    `
                     Trend
            All      Model
--------------------------
Sharpe     1.25          –
Final NAV  9.00  12,000.00`.slice(1),
  );
});

Deno.test("FR-061 columns align as asked, headings widen none, empty rows stay empty", () => {
  const rows = [["A heading over all of it"], ["a", "b"], [], ["cc", "dd"]];
  strictEqual(
    formatTable(rows, { align: ["right", "left"] }),
    "A heading over all of it\n a  b\n\ncc  dd",
  );
  strictEqual(formatTable([]), "");
});

Deno.test("FR-061 colour appears only when asked for", () => {
  const rows = [["Risk"], ["a", "1"]];
  ok(!formatTable(rows, { header: ["x", "y"] }).includes("\x1b"));
  ok(formatTable(rows, { header: ["x", "y"], colour: true }).includes("\x1b[1mRisk\x1b[22m"));
});

Deno.test("FR-061 a long name breaks where its words meet", () => {
  strictEqual(wrapName("IndexMeanReversionModel_v1", 18), "IndexMeanReversion\nModel_v1");
  strictEqual(wrapName("EquityTrendModel_v1@1.0.0", 20), "EquityTrendModel_v1\n@1.0.0");
  strictEqual(wrapName("Hold the largest weights", 12), "Hold the\nlargest\nweights");
  strictEqual(wrapName("Portfolio", 18), "Portfolio");
  strictEqual(wrapName("abcdefgh", 3), "abc\ndef\ngh");
});

Deno.test("FR-061 breaking a name loses nothing but spaces at line ends", () => {
  const names = fc.stringMatching(/^[A-Za-z0-9_@ .]{0,40}$/);
  fc.assert(
    fc.property(names, fc.integer({ min: 1, max: 30 }), (name, width) => {
      const wrapped = wrapName(name, width);
      ok(wrapped.split("\n").every((line) => line.length <= width));
      strictEqual(wrapped.replace(/\s/g, ""), name.replace(/\s/g, ""));
    }),
    { seed: 1 },
  );
});
