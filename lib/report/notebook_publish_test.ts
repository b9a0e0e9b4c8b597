import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { deriveRun, type RunCard } from "../results/mod.ts";
import { cardParts, FIXTURE_ID, handMadeRecord } from "../results/record_fixture.ts";
import { runCard } from "../results/run_card.ts";
import { publish, RUN_MEDIA_TYPE } from "./notebook_publish.ts";
import { LUCK, PASSED } from "./test_proofs.ts";

function card(warnings: readonly string[] = []): RunCard {
  const record = handMadeRecord();
  const parts = cardParts({ warnings });
  const artefacts = { "nav.parquet": "ab".repeat(32) };
  const made = runCard({ id: FIXTURE_ID, record, derived: deriveRun(record), parts, artefacts });
  return JSON.parse(JSON.stringify(made));
}

function shown(publication: unknown): Readonly<Record<string, unknown>> {
  return (publication as Record<symbol, () => Record<string, unknown>>)[
    Symbol.for("Jupyter.display")
  ]!();
}

const luck = {
  ...{ seed: 1, confidence: 0.95, resamples: 2000, permutations: 1000 },
  ...{ portfolio: LUCK, models: {} },
};

Deno.test("a publication hands its runs to machines: id, figures, intervals, verdict, hashes", () => {
  const proofs = { certificate: PASSED, luck };
  const publication = publish({ card: card(), proofs });
  const [run] = publication.runs;
  deepStrictEqual(shown(publication)[RUN_MEDIA_TYPE], { runs: [run] });
  strictEqual(run!.run_id, FIXTURE_ID);
  deepStrictEqual(run!.statistics, card().statistics.portfolio);
  deepStrictEqual(run!.intervals!.sharpe, LUCK.sharpe);
  strictEqual(run!.certificate, "passed");
  strictEqual(run!.deflated, null);
  deepStrictEqual(run!.artefacts, { "nav.parquet": "ab".repeat(32) });
});

Deno.test("people see the figures with their intervals, the certificate, and what to beware of", () => {
  const careful = card(["fills are at the close (same_close): optimistic", "BTC misses 1 bar"]);
  const publication = publish({ card: careful, proofs: { certificate: PASSED, luck } });
  const text = String(publication);
  match(text, new RegExp(`^Figure +Run ${FIXTURE_ID} +95% interval\n`));
  match(text, /\nSharpe +\S+ +0\.50 to 2\.50\n/);
  match(text, /\nCausality: passed at 1 checkpoint/);
  match(text, /\nWarning: fills are at the close/);
  ok(!text.includes("BTC misses"), "what belongs to single moments stays in the logs");
  match(String(shown(publication)["text/html"]), /<table[^]*0\.50 to 2\.50/);
});

Deno.test("several runs stand side by side, each caveat with the run it belongs to", () => {
  const publication = publish({ card: card() }, { card: card(["unsealed"]), proofs: {} });
  const text = String(publication);
  strictEqual(text.split("\n")[0]!.split(FIXTURE_ID).length, 3);
  match(text, new RegExp(`\n${FIXTURE_ID}  Causality: not audited\n`));
  match(text, new RegExp(`\n${FIXTURE_ID}  Warning: unsealed$`));
  strictEqual(publication.runs[0]!.intervals, null);
  throws(() => publish(), RangeError);
});
