import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { DeflatedFigures } from "../experiment_honesty.ts";
import { madeUpExperiment } from "../test_experiment.ts";
import { experimentSheet, type ExperimentSheetSource } from "./experiment.ts";
import { BROWSER, inBrowser } from "./test_browser.ts";

const STYLE = await readFile(new URL("client/sheet.css", import.meta.url), "utf8");
const DEFLATED: DeflatedFigures = {
  ...{ trials: 1_234, familyTrials: 192, deflatedSharpe: 0.632, expectedBestSharpe: 1.02 },
  ...{ minTrackRecordDays: 1_402.2, detectableSharpe: 0.97 },
};
const DETECTION = [
  { strength: 0, sweeps: 200, passed: 6, undeflated: 56 },
  { strength: 1, sweeps: 50, passed: 20, undeflated: 40 },
];

const page = (source: ExperimentSheetSource) => experimentSheet(source, { style: STYLE });
const grid = madeUpExperiment({ validation: "walk_forward", failing: 0.05 });
const full = await page({ ...grid, deflated: DEFLATED, detection: DETECTION });

Deno.test("FR-049 the page of an experiment holds verdict, honesty, every chart, trials, validation and provenance", async () => {
  const ids = [...full.matchAll(/<section id="([a-z]+)"/g)].map((found) => found[1]);
  deepStrictEqual(ids, [
    ...["luck", "search", "best", "plateau", "outside", "front", "detection"],
    ...["provenance", "terms"],
  ]);
  // Three pairs, parallel axes, convergence, walk-forward, in and out, front, detection.
  strictEqual(full.match(/class="assay-chart"/g)!.length, 9);
  match(full, /The winner does not pass the gate: deflated Sharpe 0\.632/);
  match(full, /Best Sharpe by luck[^]*1\.02/);
  match(full, /\d+ ×: Model threw: not enough bars &lt;tag&gt;/);
  const crossed = madeUpExperiment({ validation: "combinatorial" });
  const bare = await page(crossed);
  match(bare, /15 splits, 0 training days held across into a test, 300 days purged, 75 embargoed/);
  ok(!bare.includes('id="detection"'));
});

Deno.test("FR-049 the page of an experiment runs no script and may load nothing: the policy names its style alone", () => {
  const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]+)">/.exec(full)![1];
  const style = /<style>([^]*?)<\/style>/.exec(full)![1]!;
  const hash = `'sha256-${createHash("sha256").update(style).digest("base64")}'`;
  strictEqual(
    policy,
    `default-src 'none'; script-src 'none'; style-src ${hash}; img-src data:; base-uri 'none'; ` +
      "form-action 'none'",
  );
  strictEqual(full.match(/<style>/g)!.length, 1);
  deepStrictEqual(full.match(/<script[^>]*>/g), [
    '<script type="application/json" id="assay-card">',
    '<script type="application/json" id="assay-ledger">',
  ]);
  const own = full.replaceAll('xmlns="http://www.w3.org/2000/svg"', "");
  ok(!/https?:|\ssrc=|url\(|@import/.test(own));
  deepStrictEqual(full.match(/ href="[^"]*"/g)!.filter((href) => !/"(#|data:)/.test(href)), []);
  ok(!/ style="| on[a-z]+="/.test(full));
});

Deno.test("FR-049 names, reasons and values with markup in them are shown as text", async () => {
  const evil = `<script>alert("&")</script><!--`;
  const { card, trials } = grid;
  const dimensions = card.dimensions.map((dimension, place) => ({
    ...dimension,
    label: `${evil}${place}`,
    values: [evil, ...dimension.values!],
  }));
  const text = await page({
    card: {
      ...card,
      ...{ name: evil, description: evil, target_model: evil, constraints: [evil], dimensions },
      objective: { ...card.objective, name: evil },
    },
    trials: trials.map((trial) => ({ ...trial, message: evil, run_id: evil })),
  });
  ok(!text.includes("<script>") && !text.includes("<!--"));
  ok(text.includes("&lt;script&gt;alert(&quot;&amp;&quot;)"));
  strictEqual(text.match(/<\/script>/g)!.length, 2);
});

Deno.test("FR-049 the same experiment gives the same page; ten thousand trials stay below 1.5 MB", async () => {
  strictEqual(await page({ ...grid, deflated: DEFLATED, detection: DETECTION }), full);
  const many = madeUpExperiment({ method: "random", trials: 10_000, validation: "walk_forward" });
  const text = await page(many);
  ok(text.length < 1.5e6, `${text.length} bytes`);
  match(text, /The 6 of 10 pairs of parameters that move the score furthest/);
});

Deno.test("FR-049 an experiment of failed trials, of one parameter and of none has a page too", async () => {
  const failed = madeUpExperiment({ failing: 1.1 });
  match(await page(failed), /No trial came to a score, so there is nothing to judge\./);
  const { card, trials } = grid;
  const one = { ...card, dimensions: card.dimensions.slice(0, 1), front: [] };
  ok(!/NaN|undefined</.test(await page({ card: one, trials: trials.slice(0, 1) })));
  const none = { ...card, dimensions: [], winner: null, statistics: null, validation: null };
  match(await page({ card: none, trials: [] }), /Nothing was kept out of the sample/);
});

Deno.test({
  name: "FR-049 a browser shows the page, light and dark, without an error or a request",
  ignore: BROWSER === undefined,
  async fn() {
    const folder = fileURLToPath(new URL("../../../results/.test/", import.meta.url));
    await mkdir(folder, { recursive: true });
    const file = `${folder}experiment-${Deno.pid}.html`;
    await writeFile(file, full);
    try {
      for (const dark of [false, true]) {
        await inBrowser(file, async (browser) => {
          const [panel, text] = await browser.evaluate(`(() => {
            const chart = document.querySelector(".assay-chart");
            return [chart.querySelector("rect"), chart.querySelector("text")]
              .map((node) => getComputedStyle(node).fill);
          })()`) as readonly string[];
          deepStrictEqual(
            [panel, text],
            dark
              ? ["rgb(21, 23, 28)", "rgb(230, 232, 236)"]
              : ["rgb(255, 255, 255)", "rgb(31, 36, 48)"],
          );
          deepStrictEqual([browser.errors, browser.requests], [[], []]);
        }, { dark });
      }
    } finally {
      await rm(file);
    }
  },
});
