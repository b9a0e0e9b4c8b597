import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { DAY_MS, H4_MS } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import { type Attribution, attributionAt } from "../results/mod.ts";
import { handMadeRecord, tablesOf } from "../results/record_fixture.ts";
import { attributionPage } from "./attribution_page.ts";

const tables = tablesOf(handMadeRecord());

function found(changes: Partial<Attribution> = {}, sinceStart = DAY_MS + H4_MS): Attribution {
  const at = parseDate("2024-01-01") + sinceStart;
  return { ...attributionAt(tables, { run: "0123", symbol: "BTC", at }), ...changes };
}

const PAGE = `
BTC in run 0123 at 2024-01-02 04:00 UTC
Decision of 2024-01-02 00:00, mode NORMAL; NAV 1,025.00 and price 110.00 of 2024-01-02 00:00

Wishes and targets, as shares of NAV
                       Raw                            Before   After
Model               weight  Asked             Budget    risk    risk  Since
--------------------------------------------------------------------------------------
A                   20.00%  2024-01-02 00:00  60.00%  12.00%  10.00%  2024-01-02 00:00
B                   50.00%  2024-01-02 00:00  40.00%  20.00%  20.00%  2024-01-02 00:00
All models, target                                    32.00%  30.00%
A: budget since 2024-01-01 00:00
  decided 2024-01-02 00:00 on
    price        110  daily.close()
    slowAverage   99  daily.sma(200)
B: budget since 2024-01-01 00:00
  decided 2024-01-02 00:00 on
    score  0.1  daily.momentum(60)

Risk
Rule           Before   After             Since
-----------------------------------------------
per_asset_cap  32.00%  30.00%  2024-01-02 00:00

Newest orders
Decided           Kind    Held  Target  Quantity  Outcome  Trade    Bar opened
------------------------------------------------------------------------------------
2024-01-01 00:00  market     0       3         3  filled   T000001  2024-01-01 00:00

Fills of this position
Trade    Executed          Units   Price   Fee  Units by model
--------------------------------------------------------------
T000001  2024-01-01 00:00      3  101.00  2.00  A 3
cross    2024-01-02 00:00      0  110.00  0.00  A -2, B 2

Held
         Units   Value  Share of NAV  Share of position
-------------------------------------------------------
A            1  110.00        10.73%             33.33%
B            2  220.00        21.46%             66.67%
Account      3  330.00        32.20%            100.00%

Every sum agrees within 1e-6`.slice(1);

Deno.test("FR-062 the page of a position reads from wish to holding", () => {
  strictEqual(attributionPage("0123", found()), PAGE);
});

Deno.test("FR-062 what else a model said stands under its budget", () => {
  const [first] = found().models;
  const said = {
    ...first!,
    ...{ kept: true, stop: 90, confidence: 0.7, urgency: "high", horizon_hours: 24 },
  };
  const page = attributionPage("0123", found({ models: [said] }));
  const line = "A: budget since 2024-01-01 00:00; keeps the quantity it asked for; " +
    "stop 90; confidence 0.7; urgency high; horizon 24 h";
  ok(page.split("\n").includes(line), page);
});

Deno.test("FR-062 features of any size are shown with five digits; one that is missing is a dash", () => {
  const [first] = found().models;
  const values = [63_250.126, 418.2149, 45.12349, -0.04231449, 0.0000001234567, 0, null];
  const features = values.map((value, place) => ({
    feature: `f${place}`,
    definition: `h4.sma(${place + 2})`,
    value,
  }));
  const saw = { time: "2024-01-02T00:00:00Z", features };
  const page = attributionPage("0123", found({ models: [{ ...first!, saw }] }));
  const shown = page.split("\n").filter((line) => /^ {4}f\d/.test(line));
  deepStrictEqual(shown.map((line) => line.trim().split(/ +/)[1]), [
    ...["63,250.13", "418.21", "45.123", "-0.042314", "1.2346e-7", "0", "–"],
  ]);
  const unknown = attributionPage("0123", found({ models: [{ ...first!, saw: null }] }));
  ok(!unknown.includes("decided"));
});

Deno.test("FR-062 a position without cuts, orders or fills says so, and a model without a word is left out", () => {
  const page = attributionPage("0123", found({ orders: [], fills: [], risk: [] }, 0));
  deepStrictEqual(
    [/No rule took anything/, /None by then/, /Nothing is held/, /^B: /m].map((text) =>
      text.test(page)
    ),
    [true, true, true, false],
  );
});

Deno.test("FR-062 only the newest of many fills are listed, the others counted", () => {
  const [fill] = found().fills;
  const page = attributionPage("0123", found({ fills: Array(15).fill(fill) }));
  strictEqual(page.match(/^T000001 /gm)!.length, 12);
  ok(page.includes("\nand 3 before them\n"));
});

Deno.test("SC-011 a sum that does not agree is said instead", () => {
  const sums = [{ what: "units of models and account", parts: 2.5, whole: 3, agrees: false }];
  const page = attributionPage("0123", found({ sums }));
  ok(page.endsWith("\n\nDIFFERENT units of models and account: 2.5 and 3"));
});
