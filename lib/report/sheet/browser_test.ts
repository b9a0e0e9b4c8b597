import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { inTestFolder } from "../../core/test_folder.ts";
import type { RunRecord } from "../../core/run_record.ts";
import { fullRecord, handMadeRecord, randomRecord } from "../../results/record_fixture.ts";
import { CLIENT_MODULES, CLIENT_STYLE, clientScript } from "./client_script.ts";
import { comparisonSheet } from "./comparison.ts";
import type { PageClient } from "./page.ts";
import { tearSheet } from "./sheet.ts";
import { BROWSER, type BrowserPage, inBrowser } from "./test_browser.ts";
import { sourceOf } from "./test_source.ts";

// Without a browser on the machine the pure parts of the script are still tested beside their modules.
const needsBrowser = { ignore: BROWSER === undefined };

async function client(): Promise<PageClient> {
  const read = (name: string) => readFile(new URL(`client/${name}`, import.meta.url), "utf8");
  const modules = await Promise.all(CLIENT_MODULES.map((name) => read(`${name}.js`)));
  return { script: clientScript(modules), style: await read(CLIENT_STYLE) };
}

async function opened(
  text: string,
  action: (page: BrowserPage) => Promise<void>,
  from: "first" | "ready" = "ready",
) {
  await inTestFolder(async (folder) => {
    await writeFile(`${folder}page.html`, text);
    await inBrowser(`${folder}page.html`, async (page) => {
      await until(page, `document.documentElement.dataset.${from} !== undefined`);
      await action(page);
      deepStrictEqual([page.errors, page.requests], [[], []]);
    });
  });
}

async function until(page: BrowserPage, condition: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (await page.evaluate(condition)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Never came true: ${condition}; ${page.errors}`);
}

const record = (): RunRecord =>
  randomRecord({ seed: 8, marks: 1_200, symbols: ["BTC", "ETH"], budgets: [0.6, 0.4] });

const text = (page: BrowserPage, selector: string) =>
  page.evaluate(`document.querySelector(${JSON.stringify(selector)})?.textContent ?? ""`);

Deno.test({
  name: "FR-062 by keys alone from NAV to a day, to why something was held, to the fill behind it",
  ...needsBrowser,
  fn: async () => {
    await opened(tearSheet(sourceOf(record()), await client()), async (page) => {
      await page.evaluate("document.querySelector('#chart-nav .plot').focus()");
      await page.press("Home");
      for (let day = 0; day < 9; day++) await page.press("ArrowRight");
      const said = await page.evaluate("document.activeElement.getAttribute('aria-valuetext')");
      match(String(said), /^2020-01-09: Portfolio [\d,]+$/);
      await page.press("Enter");
      strictEqual(await text(page, "#panel h2"), "2020-01-09");
      await page.evaluate("document.querySelector('#panel [data-why]').focus()");
      await page.press("Enter");
      match(String(await text(page, "#panel h2")), /^Why BTC\?$/);
      match(
        String(await text(page, "#panel .steps")),
        /Model1 (asked|kept)[^]*Raw weight[^]*Budget[^]*Saw 2020-0[^]*price\s*h4\.close\(\)\s*[\d.]+\s*momentum/,
      );
      await page.evaluate("document.querySelector('#panel [data-fill]').focus()");
      await page.press("Enter");
      match(String(await text(page, "#panel h2")), /^(Buy|Sell) BTC, T\d{6}$/);
      match(String(await text(page, "#panel .steps")), /Order: [^]*Fill: [^]*Market's price/);
      await page.press("Escape");
      strictEqual(await page.evaluate("document.querySelector('#panel').hidden"), true);
      match(String(await page.evaluate("document.activeElement.className")), /plot/);
    });
  },
});

Deno.test({
  name: "FR-059 the mouse points, zooms all charts and opens a day; Escape shows everything again",
  ...needsBrowser,
  fn: async () => {
    await opened(tearSheet(sourceOf(record()), await client()), async (page) => {
      const whole = await text(page, "#range");
      const box = await page.evaluate(
        "document.querySelector('#chart-nav').scrollIntoView({block:'center',behavior:'instant'});" +
          "(({left,top,width,height})=>[left,top,width,height])(document.querySelector('#chart-nav svg').getBoundingClientRect())",
      ) as number[];
      const [left, top, width, height] = box as [number, number, number, number];
      const y = top + height / 2;
      const drawn = "document.querySelector('#chart-drawdown path.line').getAttribute('d')";
      const before = await page.evaluate(drawn);
      await page.mouse(left + width * 0.3, y, "move");
      await page.mouse(left + width * 0.3, y, "down");
      await page.mouse(left + width * 0.5, y, "move");
      await page.mouse(left + width * 0.6, y, "move");
      await page.mouse(left + width * 0.6, y, "up");
      const zoomed = await text(page, "#range");
      ok(zoomed !== whole, String(zoomed));
      ok(await page.evaluate(drawn) !== before);
      strictEqual(await page.evaluate("document.querySelector('#panel').hidden"), true);
      await page.mouse(left + width * 0.5, y, "down");
      await page.mouse(left + width * 0.5, y, "up");
      match(String(await text(page, "#panel h2")), /^2020-\d\d-\d\d$/);
      await page.press("Escape");
      await page.evaluate("document.querySelector('#chart-nav .plot').focus()");
      await page.press("Escape");
      strictEqual(await text(page, "#range"), whole);
      await page.press("+");
      ok(await text(page, "#range") !== whole);
    });
  },
});

Deno.test({
  name:
    "FR-061 trades are filtered and sorted, curves switched off, the page is light or dark and prints",
  ...needsBrowser,
  fn: async () => {
    await opened(tearSheet(sourceOf(record()), await client()), async (page) => {
      const rows = "document.querySelectorAll('#trades-host tbody tr').length";
      strictEqual(await page.evaluate(rows), 25);
      await page.evaluate(
        "(()=>{const s=document.querySelector('#trades-host input');s.value='T000007';s.dispatchEvent(new Event('input'))})()",
      );
      strictEqual(await page.evaluate(rows), 1);
      await page.evaluate("document.querySelector('#trades-host tbody tr').click()");
      match(String(await text(page, "#panel h2")), /T000007$/);
      const stacks = "document.querySelectorAll('#chart-pnl path.area').length";
      const all = await page.evaluate(stacks) as number;
      await page.evaluate("document.querySelectorAll('#chart-pnl .legend button')[1].click()");
      strictEqual(await page.evaluate(stacks), all - 1);
      const paper = "getComputedStyle(document.body).backgroundColor";
      const light = await page.evaluate(paper);
      await page.evaluate("document.querySelector('#theme').click()");
      ok(await page.evaluate(paper) !== light);
      await page.evaluate("document.querySelector('#chart-nav details').open = true");
      await until(page, "document.querySelectorAll('#chart-nav details tbody tr').length > 5");
      strictEqual(new TextDecoder().decode((await page.print()).slice(0, 5)), "%PDF-");
    });
  },
});

Deno.test({
  name:
    "SC-012 the first chart is there within half a second, and the file asks nobody for anything",
  ...needsBrowser,
  fn: async () => {
    const large = randomRecord({
      ...{ seed: 5, marks: 10_963, symbols: ["BTC", "ETH", "QQQ", "SPY"], activity: 0.04 },
      budgets: [0.6, 0.25, 0.15],
    });
    const sheet = tearSheet(sourceOf(large), await client());
    const works: number[] = [];
    for (let tries = 0; tries < 3 && !works.some((work) => work < 500); tries++) {
      await opened(sheet, async (page) => {
        strictEqual(await page.evaluate("document.documentElement.dataset.first"), "drawn");
        works.push(await page.work());
      }, "first");
    }
    // Counted as work, not by the clock, since other tests keep the machine busy.
    ok(Math.min(...works) < 500, `${works} ms`);
  },
});

Deno.test({
  name:
    "FR-061 odd runs open without an error: regimes and benchmarks, no trades, three marks, NaN, evil names",
  ...needsBrowser,
  fn: async () => {
    const made = handMadeRecord();
    const still = {
      ...made,
      ...{ outcomes: [], bookings: [], wishes: [], adjustments: [], modes: [], gaps: [] },
      nav: new Float64Array(4).fill(1000),
      cash: new Float64Array(4).fill(1000),
      fillFactors: new Float64Array(),
    };
    const evil = "<script>document.title = 'evil'</script><img src=x onerror=alert(1)>";
    const full = fullRecord();
    const records: readonly RunRecord[] = [
      { ...full, models: full.models.map((model) => ({ ...model, name: `${evil}${model.name}` })) },
      still,
      { ...still, nav: Float64Array.of(1000, NaN, NaN, 990) },
      {
        ...still,
        markTimes: made.markTimes.slice(0, 2),
        ...{ nav: still.nav.slice(0, 2), cash: still.cash.slice(0, 2) },
        budgets: made.budgets.map((budget) => budget.slice(0, 2)),
        closes: made.closes.map((close) => close.slice(0, 2)),
      },
    ];
    const drawnWith = await client();
    for (const record of records) {
      await opened(tearSheet(sourceOf(record), drawnWith), async (page) => {
        match(String(await page.evaluate("document.title")), /^Run /);
        await page.evaluate("document.querySelector('#chart-nav .plot').focus()");
        await page.press("End");
        await page.press("Enter");
        await page.evaluate("document.querySelector('#panel [data-why]').click()");
        match(String(await text(page, "#panel h2")), /^Why /);
      });
    }
  },
});

Deno.test({
  name: "FR-065 a comparison opens, draws every run and sorts its figures",
  ...needsBrowser,
  fn: async () => {
    const runs = [1, 2, 3].map((seed) => {
      const { card, tables } = sourceOf(
        randomRecord({ seed, marks: 200, symbols: ["BTC"], budgets: [1] }),
      );
      return {
        card: { ...card, run_id: `${seed}`.repeat(16) },
        times: tables.nav.time,
        nav: tables.nav.nav,
      };
    });
    await opened(comparisonSheet(runs, await client()), async (page) => {
      strictEqual(
        await page.evaluate("document.querySelectorAll('#chart-growth path.line').length"),
        3,
      );
      const values =
        "[...document.querySelectorAll('table.sortable tbody tr')].map((row) => Number(row.cells[2].dataset.value))";
      await page.evaluate("document.querySelectorAll('table.sortable thead button')[1].click()");
      const sorted = await page.evaluate(values) as number[];
      deepStrictEqual(sorted, sorted.toSorted((a, b) => b - a));
    });
  },
});
