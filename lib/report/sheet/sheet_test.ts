import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Proofs } from "../../core/proofs.ts";
import type { RunRecord } from "../../core/run_record.ts";
import {
  FIXTURE_ID,
  fullRecord,
  handMadeRecord,
  randomRecord,
} from "../../results/record_fixture.ts";
import { CLIENT_MODULES, clientScript } from "./client_script.ts";
import { pageText } from "./page.ts";
import { markup } from "./markup.ts";
import { differentColumns, ledgerOnPage, readSheet } from "./read_sheet.ts";
import { sheetFacts, tearSheet } from "./sheet.ts";
import { sourceOf, STILL_CLIENT } from "./test_source.ts";

const PROOFS: Proofs = {
  certificate: {
    verdict: "passed",
    seed: 1,
    checkpoints: [{
      ...{ time: "2024-01-02T00:00:00Z", why: "first trade", decisions: 1 },
      ...{ cut: "identical", garbage: "identical" },
    }],
    feature_cuts: 3,
    compared: { feature_values: 1234, regime_values: 2, decisions: 3, orders: 4, fills: 5 },
    findings: [],
  },
  envelope: {
    headline: null,
    members: (["next_open", "bar_later"] as const).map((name, place) => ({
      ...{ name, title: `Way ${place}`, final_nav: 1051, total_return: 0.051, cagr: null },
      ...{ sharpe: 2 - place, max_drawdown: 0.1, bps: 0.5 },
    })),
  },
};

const page = (record: RunRecord, proofs: Proofs = {}) =>
  tearSheet(sourceOf(record, { proofs }), STILL_CLIENT);
const full = page(fullRecord(), PROOFS);

function attribute(text: string, pattern: RegExp): string {
  return pattern.exec(text)![1]!;
}

Deno.test("FR-061 a tear sheet holds verdicts, figures, charts, tables, card, certificate and configuration", () => {
  const ids = [...full.matchAll(/<section id="([a-z]+)"/g)].map((found) => found[1]);
  deepStrictEqual(ids, [
    ...["performance", "risk", "attribution", "regimes", "envelope", "trades"],
    ...["figures", "certificate", "configuration", "provenance", "terms"],
  ]);
  const charts = [...full.matchAll(/data-chart="([a-z]+)"/g)].map((found) => found[1]);
  deepStrictEqual(charts, [
    ...["nav", "lanes", "drawdown", "rolling", "volatility", "returns"],
    ...["turnover", "pnl", "exposure", "models"],
  ]);
  match(full, /No future was seen[^]*1,234 feature values/);
  match(full, /Holds under other fills[^]*Sharpe 1\.00 to 2\.00/);
  match(full, /1,051/);
  ok(full.includes("NEUTRAL") && full.includes("Way 1"));
});

Deno.test("FR-061 a page runs its own script and style and may load nothing: the policy names their hashes", () => {
  const policy = attribute(full, /<meta http-equiv="Content-Security-Policy" content="([^"]+)">/);
  const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  const script = attribute(full, /<script>([^]*?)<\/script>\n<\/body>/);
  const style = attribute(full, /<style>([^]*?)<\/style>/);
  strictEqual(
    policy,
    `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; img-src data:; ` +
      "base-uri 'none'; form-action 'none'",
  );
  ok(!/https?:|\ssrc=|url\(|@import/.test(full.replaceAll("xmlns", "")));
  deepStrictEqual(full.match(/ href="[^"]*"/g)!.filter((href) => !/"(#|data:)/.test(href)), []);
  ok(!/ style="| on[a-z]+="/.test(full), "inline styles and handlers are not run under the policy");
});

Deno.test("FR-061 names with markup in them are shown as text, wherever they come from", () => {
  const evil = "<script>alert(1)</script>";
  const record = fullRecord();
  const renamed = {
    ...record,
    models: record.models.map((model, place) => place === 0 ? { ...model, name: evil } : model),
    assets: record.assets.map((asset) => ({ ...asset, symbol: `"><img src=x>${asset.symbol}` })),
    benchmarks: record.benchmarks!.map((benchmark) => ({ ...benchmark, title: `</style>${evil}` })),
  };
  const source = sourceOf(renamed, {
    parts: { plan: { name: "</pre>" + evil, "<b>": 1 }, warnings: [`<!--${evil}`] },
  });
  const text = tearSheet(source, STILL_CLIENT);
  ok(!text.includes(evil) && !text.includes("<img") && !text.includes("<!--"));
  ok(text.includes("&lt;script&gt;alert(1)&lt;/script&gt;"));
  strictEqual(text.match(/<script[ >]/g)!.length, 5);
  strictEqual(text.match(/<\/script>/g)!.length, 5);
  const read = readSheet(text);
  ok(read.kind === "run" && read.odd.length === 0);
  strictEqual(read.parts.cardText, source.cardText);
});

Deno.test("FR-060 the same run gives the same page, byte for byte", () => {
  strictEqual(page(fullRecord(), PROOFS), full);
  strictEqual(page(fullRecord(), structuredClone(PROOFS)), full);
});

Deno.test("SC-012 five years of three models and four assets stay below 3 MB", () => {
  const record = randomRecord({
    ...{ seed: 5, marks: 10_963, symbols: ["BTC", "ETH", "QQQ", "SPY"], activity: 0.04 },
    budgets: [0.6, 0.25, 0.15],
  });
  ok(record.outcomes.length > 1_500);
  const text = page(record);
  ok(text.length < 3e6, `${text.length} bytes`);
});

Deno.test("FR-061 runs of three bars, without trades, without proofs and with NaN have a page too", () => {
  const record = handMadeRecord();
  const nothing = {
    ...record,
    ...{ outcomes: [], bookings: [], wishes: [], adjustments: [], modes: [] },
    nav: new Float64Array(4).fill(1000),
    cash: new Float64Array(4).fill(1000),
    fillFactors: new Float64Array(),
  };
  match(page(nothing), /Not audited[^]*Other fills not tried[^]*Never reached/);
  match(page(nothing), /This run was not told of any regime/);
  const short = page({
    ...nothing,
    markTimes: record.markTimes.slice(0, 2),
    nav: nothing.nav.slice(0, 2),
    cash: nothing.cash.slice(0, 2),
    budgets: record.budgets.map((budget) => budget.slice(0, 2)),
    closes: record.closes.map((close) => close.slice(0, 2)),
    gaps: [],
  });
  ok(readSheet(short).kind === "run");
  const broken = page({ ...nothing, nav: Float64Array.of(1000, NaN, NaN, 990) });
  ok(!/>NaN|>Infinity/.test(broken));
  match(page(record), /Reduced once/);
});

Deno.test("FR-061 a failed certificate, an envelope with a headline and an unsealed run are said first", () => {
  const failed: Proofs = {
    certificate: {
      ...PROOFS.certificate!,
      verdict: "failed",
      findings: [{
        ...{ checkpoint: "2024-01-02T00:00:00Z", variant: "cut", what: "wish", where: "A BTC" },
        ...{ time: "2024-01-01T00:00:00Z", expected: "0.5", found: "0.4" },
      }],
    },
    envelope: { ...PROOFS.envelope!, headline: "The edge is gone when orders fill one bar later" },
  };
  const text = tearSheet(
    sourceOf(fullRecord(), { proofs: failed, parts: { sealed: false } }),
    STILL_CLIENT,
  );
  match(text, /verdict bad[^]*?Failed[^]*?wish of A BTC is not the same under another future/);
  match(text, /verdict warn[^]*?The edge is gone when orders fill one bar later/);
  match(text, /verdict warn[^]*?Unsealed/);
});

Deno.test("SC-002 a page without a certificate says how it is made, and that the one on file is damaged where it is", () => {
  const source = sourceOf(handMadeRecord());
  const task = `deno task audit ${FIXTURE_ID}`;
  const none = tearSheet(source, STILL_CLIENT);
  ok(none.includes("Not audited") && none.includes(`${task} makes the certificate.`));
  ok(none.includes(`<code>${task}</code> makes it.`) && !none.includes("damaged"));
  const damaged = tearSheet({ ...source, damagedProofs: ["certificate"] }, STILL_CLIENT);
  match(damaged, /verdict warn[^]*?Certificate damaged/);
  ok(damaged.includes(`The certificate on file is damaged; ${task} makes it anew.`));
  ok(damaged.includes(`<code>${task}</code> makes it anew.`) && !damaged.includes("Not audited"));
  const luck = tearSheet({ ...source, damagedProofs: ["luck"] }, STILL_CLIENT);
  strictEqual(luck, none);
});

Deno.test("FR-049 a page carries the count of the ledger as it was written, and says what is left of the result", () => {
  const source = sourceOf(handMadeRecord());
  const own = { trials: 12, counted: 11, statisticVariance: 3 };
  const ledger = { ...own, related: own, entry: { seq: 24, hash: "beef" } };
  const text = tearSheet({ ...source, ledger }, STILL_CLIENT);
  match(text, /verdict warn[^]*?Deflated Sharpe \d\.\d\d after 12 trials/);
  match(
    text,
    /12 trials of exactly these models on these assets were on record when this was written/,
  );
  const read = readSheet(text);
  ok(read.kind === "run" && read.odd.length === 0);
  deepStrictEqual(ledgerOnPage(read.parts), ledger);
  const none = readSheet(tearSheet(source, STILL_CLIENT));
  ok(none.kind === "run");
  strictEqual(ledgerOnPage(none.parts), undefined);
  match(tearSheet(source, STILL_CLIENT), /verdict none[^]*?Trials not counted/);
});

Deno.test("FR-049 what is no count of a ledger is none, and a page of before the ledger is read", () => {
  const read = readSheet(full);
  ok(read.kind === "run");
  const { ledgerText: _, ...parts } = read.parts;
  const count = { trials: 2, counted: 2, statisticVariance: 1 };
  const whole = { ...count, related: count, entry: { seq: 1, hash: "beef" } };
  const wrong = ["", "[]", "3", '{"trials":1}', '{"trials":1,"counted":1,"sharpeVariance":null}'];
  const odd = [
    { ...whole, counted: 3 },
    { ...whole, trials: 2.5 },
    { ...whole, statisticVariance: -1 },
    { ...whole, related: { ...count, trials: 1 } },
    { ...whole, entry: { seq: -1, hash: "beef" } },
    { ...whole, entry: undefined },
  ].map((one) => JSON.stringify(one));
  for (const ledgerText of [...wrong, ...odd]) {
    strictEqual(ledgerOnPage({ ...parts, ledgerText }), undefined, ledgerText);
  }
  const { seal } = sheetFacts({ ...parts, client: STILL_CLIENT });
  const before = full.replace(/^<meta name="assay:ledger".*\n/m, "")
    .replace(/<script[^>]*id="assay-ledger">[^<]*<\/script>/, "")
    .replace(/(assay:seal" content=")[0-9a-f]+/, `$1${seal}`);
  const old = readSheet(before);
  ok(old.kind === "run");
  deepStrictEqual([old.odd, old.parts], [[], parts]);
});

Deno.test("SC-008 a page is taken apart again; one changed byte of a block or of the head is seen", () => {
  const read = readSheet(full);
  ok(read.kind === "run");
  deepStrictEqual([read.parts.runId, read.odd], [FIXTURE_ID, []]);
  deepStrictEqual(JSON.parse(read.parts.proofsText), PROOFS);
  const odd = (text: string) => {
    const found = readSheet(text);
    return found.kind === "run" ? found.odd.length : found.kind;
  };
  strictEqual(odd(full.replace('"final_nav": 1051', '"final_nav": 1052')), 1);
  strictEqual(odd(full.replace('"feature_values":1234', '"feature_values":9')), 1);
  strictEqual(odd(full.replace('"k":"dict"', '"k":"runs"')), 1);
  strictEqual(odd(full.replace(`assay:run" content="${FIXTURE_ID}`, 'assay:run" content="0')), 1);
  strictEqual(odd(full + '<meta name="assay:run" content="x">\n'), "other");
  strictEqual(odd("<p>nothing</p>"), "other");
  const changed = read.parts.data.replace('"k":"dict"', '"k":"runs"');
  strictEqual(differentColumns(changed, read.parts.data).length, 1);
  deepStrictEqual(differentColumns("no JSON", read.parts.data).length > 10, true);
});

Deno.test("FR-061 the modules of the script become one scope, each name there once", async () => {
  const texts = await Promise.all(
    CLIENT_MODULES.map((name) => Deno.readTextFile(new URL(`client/${name}.js`, import.meta.url))),
  );
  const script = clientScript(texts);
  ok(!/^\s*(?:import|export)\b/m.test(script));
  const names = [...script.matchAll(/^(?:async )?(?:function|const|let|class) (\w+)/gm)]
    .map((found) => found[1]!);
  deepStrictEqual(names.filter((name, place) => names.indexOf(name) < place), []);
  ok(new Function(script) instanceof Function);
  const files = [...Deno.readDirSync(new URL("client/", import.meta.url))]
    .flatMap(({ name }) => name.endsWith(".js") ? [name.slice(0, -3)] : []).sort();
  deepStrictEqual(CLIENT_MODULES.toSorted(), files);
});

Deno.test("FR-061 a script that would end its own element is a broken promise", () => {
  const client = { script: 'const end = "</script>";', style: "" };
  throws(() => pageText({ title: "", facts: {}, body: markup``, blocks: [], client }), RangeError);
});
