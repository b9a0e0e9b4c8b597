import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { deriveRun } from "./derive.ts";
import { fullRecord, handMadeRecord, randomRecord, tablesOf } from "./record_fixture.ts";

Deno.test("FR-059 each benchmark has its NAV at every mark and the figures of an account", () => {
  const { benchmarks, statistics } = deriveRun(fullRecord());
  deepStrictEqual(benchmarks.map(({ name, title }) => [name, title]), [
    ["hold", "Hold"],
    ["spy", "SPY"],
  ]);
  deepStrictEqual(benchmarks[0]!.statistics, statistics.portfolio);
  strictEqual(benchmarks[1]!.statistics.final_nav, 1051 / 2);
  const { benchmarks: table } = tablesOf(fullRecord());
  deepStrictEqual(table.name, [...Array(4).fill("hold"), ...Array(4).fill("spy")]);
  deepStrictEqual(table.nav.slice(2, 6), Float64Array.of(1054, 1051, 500, 512.5));
  deepStrictEqual(table.time.slice(0, 4), fullRecord().markTimes);
});

Deno.test("FR-059 figures of a benchmark are on the clock of the run it stands beside", () => {
  const shape = { seed: 7, marks: 61, budgets: [1] };
  const run = randomRecord({ ...shape, symbols: ["BTC", "SPY"] });
  const record = randomRecord({ ...shape, symbols: ["SPY"], assetClass: "equity" });
  const [spy] = deriveRun({ ...run, benchmarks: [{ name: "spy", title: "SPY", record }] })
    .benchmarks;
  const alike = deriveRun({ ...record, assets: run.assets.slice(0, 1) }).statistics;
  strictEqual(alike.periods_per_year, 365);
  strictEqual(spy!.statistics.sharpe, alike.portfolio.sharpe);
});

Deno.test("FR-059 a run without benchmarks has none of it", () => {
  deepStrictEqual(deriveRun(handMadeRecord()).benchmarks, []);
  deepStrictEqual(tablesOf(handMadeRecord()).benchmarks, {});
});
