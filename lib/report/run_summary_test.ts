import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { cardParts, FIXTURE_ID, fullRecord, handMadeRecord } from "../results/record_fixture.ts";
import { deriveRun, type RunCard } from "../results/mod.ts";
import { runCard } from "../results/run_card.ts";
import { certificateLine } from "./certificate_page.ts";
import { envelopeTable } from "./envelope_table.ts";
import { regimeTable } from "./regime_table.ts";
import { briefTable, statisticsTable } from "./statistics_table.ts";
import { causalityLine, figuresOf, runSummary } from "./run_summary.ts";
import { ENVELOPE, PASSED, PROOFS } from "./test_proofs.ts";

/** The card of two models over four days, as it comes back from its file. */
function card(changes: Partial<RunCard> = {}, record = handMadeRecord()): RunCard {
  const derived = deriveRun(record);
  const parts = cardParts({ warnings: ["fills are at the close (same_close): optimistic"] });
  const made = runCard({ id: FIXTURE_ID, record, derived, parts, artefacts: {} });
  return { ...JSON.parse(JSON.stringify(made)), ...changes };
}

function page(of: RunCard): string {
  return runSummary({
    title: "Backtest on daily bars, 2024-01-01 to 2024-01-03",
    card: of,
    folder: `results/runs/${FIXTURE_ID}`,
    origin: "computed in 0.21 s",
  });
}

/** The lines between the title and the figures. */
function notices(of: RunCard): string[] {
  const lines = page(of).split("\n").slice(2);
  const end = lines.indexOf("");
  return lines[0]!.includes("Portfolio") ? [] : lines.slice(0, end);
}

const ABOVE = `
Backtest on daily bars, 2024-01-01 to 2024-01-03

Warning: fills are at the close (same_close): optimistic
ETH has bars from 2024-01-01 and joins on 2024-01-02 with its 1st bar
2024-01-03 00:00  targets reduced (drawdown 16.00%)
Missing bars were bridged once: see errors.log
The last order for ETH still waited for its market at the end and lapsed

`.slice(1);

const BELOW = `

Asset     P&L  Fees  Slippage  Fills   Bars from
------------------------------------------------
BTC     52.00  5.00      3.00      2           –
ETH    -11.00  1.00      0.00      1  2024-01-01

Deflated Sharpe: no trial on record
Causality: not audited; deno task audit 0123456789abcdef
Run 0123456789abcdef (computed in 0.21 s)
Artefacts in results/runs/0123456789abcdef`;

Deno.test("FR-061 the page of a run: what to beware of, the figures, the assets, and where it lies", () => {
  const { statistics } = card();
  const text = page(card());
  ok(text.startsWith(ABOVE), text);
  const figures = statisticsTable([
    { title: "Portfolio", statistics: figuresOf(statistics.portfolio) },
    { title: "A", statistics: figuresOf(statistics.models.A!) },
    { title: "B", statistics: figuresOf(statistics.models.B!) },
  ]);
  strictEqual(text.slice(ABOVE.length, ABOVE.length + figures.length), figures);
  strictEqual(text.slice(ABOVE.length + figures.length), BELOW);
});

Deno.test("FR-059 benchmarks stand beside the portfolio, and its performance by regime below them", () => {
  const full = card({}, fullRecord());
  const text = page(full);
  const { statistics } = full;
  const brief = briefTable([
    { title: "Portfolio", statistics: figuresOf(statistics.portfolio) },
    { title: "Hold", statistics: figuresOf(statistics.benchmarks!.hold!) },
    { title: "SPY", statistics: figuresOf(statistics.benchmarks!.spy!) },
  ]);
  const regimes = regimeTable(statistics.regimes!, "portfolio");
  ok(
    text.includes(`\n\nBenchmarks\n\n${brief}\n\nPortfolio by regime\n\n${regimes}\n\nAsset`),
    text,
  );
  ok(
    notices(full).includes(
      "A regime did not come from the newest value of its source 2 times: see errors.log",
    ),
  );
});

Deno.test("FR-061 a run without anything to beware of goes straight to its figures", () => {
  const plain = card({ warnings: [], coverage: [], modes: [], gaps: [], lapsed: [] });
  deepStrictEqual(notices(plain), []);
  ok(page(plain).split("\n")[2]!.includes("Portfolio"));
});

Deno.test("FR-031 every change of mode is said with its moment and drawdown", () => {
  const mode = (name: string, drawdown: number) => ({
    ...{ time: "2024-01-02T04:00:00Z", mode: name, nav: 1, drawdown },
  });
  const modes = [
    mode("REDUCED", 0.1515),
    mode("NORMAL", 0.098),
    mode("HALT", 0.2023),
    mode("NORMAL", 0.2024),
  ];
  const found = notices(card({ warnings: [], coverage: [], gaps: [], lapsed: [], modes }));
  deepStrictEqual(found, [
    "2024-01-02 04:00  targets reduced (drawdown 15.15%)",
    "2024-01-02 04:00  back to full size (drawdown 9.80%)",
    "2024-01-02 04:00  halted, everything sold (drawdown 20.23%)",
    "2024-01-02 04:00  trading again after the halt, peak reset to 1.00",
  ]);
});

Deno.test("FR-005 bars that stopped for longer than is bridged are a warning, not a bridge", () => {
  const gap = {
    ...{ model: "A", symbol: "SPY", timeframe: "h4", policy: "ffill" },
    ...{ from: "2024-03-01T00:00:00Z", to: "2024-05-01T00:00:00Z" },
  };
  const gaps = [{ ...gap, missing: 2 }, { ...gap, missing: 90 }, {
    ...gap,
    model: "B",
    missing: 90,
  }];
  const quiet = { warnings: [], coverage: [], modes: [], lapsed: [] };
  deepStrictEqual(notices(card({ ...quiet, gaps, plan: { max_gap_bars: 5 } })), [
    "Warning: SPY has no h4 bars from 2024-03-01 to 2024-05-01; models do not see it then, and it counts at its last close",
    "Missing bars were bridged once: see errors.log",
  ]);
});

Deno.test("FR-005 late joiners are said with their bar, and by model where there are several", () => {
  const one = {
    ...{ model: "A", symbol: "QQQ", first_bar: "2022-02-14T12:00:00Z" },
    ...{ last_bar: "2024-12-31T20:00:00Z", joins: "2024-06-24T20:00:00Z", bars_at_join: 200 },
  };
  const quiet = { warnings: [], modes: [], gaps: [], lapsed: [] };
  const of = (...coverage: RunCard["coverage"]) => notices(card({ ...quiet, coverage }));
  deepStrictEqual(of(one), [
    "QQQ has bars from 2022-02-14 and joins on 2024-06-24 with its 200th bar",
  ]);
  deepStrictEqual(of(one, { ...one, model: "B", bars_at_join: 50 }), [
    "QQQ has bars from 2022-02-14 and joins A on 2024-06-24 with its 200th bar",
    "QQQ has bars from 2022-02-14 and joins B on 2024-06-24 with its 50th bar",
  ]);
  deepStrictEqual(of({ ...one, joins: null, bars_at_join: null }), [
    "QQQ has bars from 2022-02-14 and never joins A",
  ]);
  deepStrictEqual(of({ ...one, first_bar: null, joins: null, bars_at_join: null }), [
    "QQQ has no bars and never joins A",
  ]);
  deepStrictEqual(of({ ...one, joins: "2024-01-01T00:00:00Z" }), [], "there from the start");
  const ordinals = [1, 2, 3, 4, 11, 12, 13, 21, 102, 111, 1003].map((bars_at_join) =>
    /its (\S+) bar/.exec(of({ ...one, bars_at_join })[0]!)![1]
  );
  deepStrictEqual(
    ordinals,
    ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd", "111th", "1003rd"],
  );
});

Deno.test("FR-013 an unsealed run is marked on its page; what else is in the log stays there", () => {
  const warnings = ["a model from outside the library took part: unsealed", "ETH joins late"];
  const found = notices(card({ warnings, coverage: [], modes: [], gaps: [], lapsed: [] }));
  deepStrictEqual(found, ["Warning: a model from outside the library took part: unsealed"]);
});

Deno.test("FR-058 the figures of a card are those of the run, moments and all", () => {
  const { portfolio, models } = deriveRun(handMadeRecord()).statistics;
  const { statistics } = card();
  deepStrictEqual(figuresOf(statistics.portfolio), portfolio);
  deepStrictEqual(figuresOf(statistics.models.B!), models.B);
});

Deno.test("SC-002 the page shows intervals beside the figures, other fills, and the certificate above the run", () => {
  const { warnings: _, ...bare } = card();
  const text = runSummary({
    title: "Run",
    card: { ...bare, warnings: [] },
    folder: "results",
    origin: "stored",
    proofs: PROOFS,
  });
  const lines = text.split("\n");
  const below = (label: string) => lines[lines.findIndex((line) => line.startsWith(label)) + 1]!;
  // Portfolio and A; of B nothing is known.
  deepStrictEqual(below("  Sharpe ").split(/ {2,}/), [
    "",
    "95% interval",
    "0.5 to 2.5",
    "0.5 to 2.5",
    "–",
  ]);
  ok(/-2\.0% to 20\.0%/.test(below("  CAGR ")), below("  CAGR "));
  ok(/5\.0% to 25\.0%/.test(below("  Max drawdown ")), below("  Max drawdown "));
  ok(/^ {2}p-value of the timing +0\.013 +– +–$/m.test(text), text);
  ok(/^ {2}Drawdown in 1 of 20 +21\.00% +21\.00% +–$/m.test(text));
  ok(/^ {2}Days to tell it from 0 +1,234 of 3 +– +–$/m.test(text));
  ok(text.includes(`The same decisions under other fills\n\n${envelopeTable(ENVELOPE)}\n`));
  strictEqual(lines.at(-3), certificateLine(PASSED));
});

Deno.test("SC-002 without proofs the page is silent about chance and other fills, never about the certificate", () => {
  ok(!/interval|Chance|other fills/.test(page(card())));
  const id = FIXTURE_ID;
  strictEqual(causalityLine(id, {}, []), `Causality: not audited; deno task audit ${id}`);
  const damaged =
    `Causality: the certificate on file is damaged; deno task audit ${id} makes it anew`;
  strictEqual(causalityLine(id, {}, ["luck", "certificate"]), damaged);
  strictEqual(causalityLine(id, PROOFS, []), certificateLine(PASSED));
  const text = runSummary({
    ...{ title: "", card: card(), folder: "results", origin: "stored" },
    damagedProofs: ["certificate"],
  });
  strictEqual(text.split("\n").at(-3), damaged);
});
