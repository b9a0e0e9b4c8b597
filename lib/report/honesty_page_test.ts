import { deepStrictEqual, match, ok } from "node:assert/strict";
import type { SearchProof, WinnerCount } from "../core/search_proof.ts";
import { detectionRows, honestyPage, honestyVerdict } from "./honesty_page.ts";

const counts = (sweeps: number, passed: number, undeflated: number): WinnerCount => ({
  ...{ sweeps, passed, undeflated, passed_by_bps: passed },
  ...{ passed_deflated: passed, passed_spa: passed, above_one: 0, mean_best_sharpe: 0.5 },
});

const PROOF: SearchProof = {
  ...{ seed: 42, trials: 100, bars: 10_950, resamples: 500, limit: 0.08, held: true },
  nulls: [
    { market: "GARCH", kind: "garch", ...counts(200, 6, 56) },
    { market: "GARCH", kind: "garch_free", ...counts(200, 8, 60) },
    { market: "BTC", kind: "sign_flipped", ...counts(100, 2, 30) },
  ],
  edges: [
    { strength: 1, ...counts(50, 5, 20) },
    { strength: 3, ...counts(50, 40, 49) },
  ],
};

Deno.test("FR-049 the page of a proof puts false alarms beside what looks good undeflated", () => {
  const page = honestyPage(PROOF).split("\n");
  deepStrictEqual(
    page[0],
    "Search honesty: HELD – without an edge the gate lets pass 3.0% on GARCH, 4.0% on GARCH without costs, 2.0% on BTC " +
      "(at most 8% may); undeflated 28.0% on GARCH, 30.0% on GARCH without costs, 30.0% on BTC",
  );
  ok(
    page.some((line) =>
      /^GARCH, fat tails +200 +6 = 3\.0% +1\.4–6\.4% +6 = 3\.0% +56 = 28\.0%/.test(line)
    ),
  );
  ok(page.some((line) => /^GARCH, no costs +200 +8 = 4\.0%/.test(line)));
  ok(page.some((line) => /^BTC, signs flipped +100 +2 = 2\.0%/.test(line)));
  ok(page.some((line) => /^3\.0 +50 +40 = 80\.0% .* 0\.50$/.test(line)));
});

Deno.test("FR-049 a gate that lets too much pass is called broken", () => {
  match(honestyVerdict({ ...PROOF, held: false }), /^Search honesty: BROKEN – /);
});

Deno.test("FR-049 without planted edges the page has no table of them", () => {
  ok(!honestyPage({ ...PROOF, edges: [] }).includes("Planted edge"));
});

Deno.test("FR-049 the chart of a proof begins with the synthetic markets without an edge", () => {
  deepStrictEqual(detectionRows(PROOF), [
    { strength: 0, sweeps: 200, passed: 6, undeflated: 56 },
    { strength: 1, sweeps: 50, passed: 5, undeflated: 20 },
    { strength: 3, sweeps: 50, passed: 40, undeflated: 49 },
  ]);
});
