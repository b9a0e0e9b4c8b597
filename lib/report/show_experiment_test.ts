import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { NOTEBOOK_DISPLAY } from "./charts/chart.ts";
import { experimentPage } from "./experiment_page.ts";
import { EXPERIMENT_MEDIA_TYPE, showExperiment } from "./show_experiment.ts";
import { madeUpExperiment } from "./test_experiment.ts";

const DEFLATED = {
  ...{ trials: 500, familyTrials: 60, deflatedSharpe: 0.97, expectedBestSharpe: 0.8 },
  ...{ minTrackRecordDays: 900, detectableSharpe: 0.9 },
};

type Shown = Readonly<Record<typeof NOTEBOOK_DISPLAY, () => Readonly<Record<string, unknown>>>>;

Deno.test("FR-049 a notebook shows verdict, figures of chance, best trials and the main charts", async () => {
  const source = madeUpExperiment({ validation: "walk_forward" });
  const shown = await showExperiment(source, { deflated: DEFLATED, top: 3 });
  const display = (shown as unknown as Shown)[NOTEBOOK_DISPLAY]();
  const html = String(display["text/html"]);
  match(html, /The winner passes the gate: deflated Sharpe 0\.970/);
  match(html, /8 windows, rolling/);
  strictEqual(shown.charts.length, 6);
  strictEqual(html.match(/class="assay-chart"/g)!.length, 6);
  strictEqual(display["text/plain"], experimentPage(source.card, source.trials, DEFLATED));
  deepStrictEqual(display[EXPERIMENT_MEDIA_TYPE], {
    experiment_id: source.card.experiment_id,
    trials: source.card.trials,
    winner: source.card.winner!.run_id,
    gate: "passed",
  });
});

Deno.test("FR-049 a notebook shows an experiment without a score, and no text becomes markup", async () => {
  const evil = "<script>alert(1)</script>";
  const { card, trials } = madeUpExperiment({ failing: 1.1 });
  const shown = await showExperiment({ card: { ...card, name: evil }, trials });
  ok(!shown.html.includes("<script") && shown.html.includes("&lt;script&gt;"));
  match(String(shown), /No winner: no trial has a score/);
  strictEqual(shown.experiment.winner, null);
});
