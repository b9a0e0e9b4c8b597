import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import {
  backtest,
  charts,
  examineLeaks,
  experimentPage,
  leakTable,
  loadExperiment,
  loadPlan,
  openRun,
  optimize,
  PROJECT_ROOT,
  runSummary,
} from "../../lib/mod.ts";

/** A file of the README's: what it is, and what it must be. */
export interface ReadmeFile {
  readonly name: string;
  readonly found: string;
  readonly expected: string;
}

/**
 * The README with what the base backtest, the leak corpus and the first search print now, under a made-up time, and its
 * pictures.
 */
export async function readmeFiles(): Promise<readonly ReadmeFile[]> {
  const { page, pictures } = await baseRun();
  const readme = await textOf("README.md");
  const pages = {
    backtest: page,
    corpus: leakTable(await examineLeaks()),
    search: await searchVerdict(),
  };
  const expected = Object.entries(pages).reduce(
    (text, [name, page]) => withBlock(text, name, page),
    readme,
  );
  const drawn = Object.entries(pictures).map(async ([name, svg]) => ({
    name,
    found: await textOf(name),
    expected: `${svg}\n`,
  }));
  return [{ name: "README.md", found: readme, expected }, ...await Promise.all(drawn)];
}

/** Writes what must be there. */
export async function writeReadmeFiles(): Promise<void> {
  const files = await readmeFiles();
  await mkdir(`${PROJECT_ROOT}docs`, { recursive: true });
  for (const { name, expected } of files) {
    await writeFile(`${PROJECT_ROOT}${name}`, expected);
  }
}

async function textOf(name: string): Promise<string> {
  return await readFile(`${PROJECT_ROOT}${name}`, "utf8").catch(() => "");
}

function withBlock(text: string, name: string, page: string): string {
  const block = new RegExp(`<!-- ${name} -->\\n\`\`\`\\n[\\s\\S]*?\`\`\`\\n<!-- /${name} -->`);
  if (!block.test(text)) throw new RangeError(`The README has no block "${name}"`);
  const fence = "```";
  return text.replace(
    block,
    () => `<!-- ${name} -->\n${fence}\n${page}\n${fence}\n<!-- /${name} -->`,
  );
}

/** The base run's page, and the README's pictures of it by file. */
async function baseRun(): Promise<{ page: string; pictures: Readonly<Record<string, string>> }> {
  const resultsRoot = `${PROJECT_ROOT}results/.readme-${Deno.pid}`;
  try {
    const loaded = await loadPlan();
    const { id, card, proofs, quality, deflated } = await backtest(loaded, { resultsRoot });
    const { start, end, timeframe } = loaded.config.system;
    const page = runSummary({
      title: `Backtest on ${timeframe} bars, ${start} to ${end}`,
      card,
      folder: `results/runs/${card.run_id}`,
      origin: "computed in 0.30 s",
      proofs,
      quality,
      deflated,
    });
    const run = await openRun(id, { resultsRoot });
    const pictures = {
      "docs/nav.svg": (await charts.nav(run, { regime: "equity", scale: "log" })).svg,
      "docs/attribution.svg": (await charts.attribution(run)).svg,
      "docs/luck.svg": (await charts.luck(run)).svg,
    };
    return { page, pictures };
  } finally {
    await rm(resultsRoot, { recursive: true, force: true });
  }
}

const SEARCH = "configs/experiments/exp_001_equity_trend_grid.yaml";

/** What luck explains of the first search where nothing else was tried: the part of its page that no id is in. */
async function searchVerdict(): Promise<string> {
  const resultsRoot = `${PROJECT_ROOT}results/.readme-search-${Deno.pid}`;
  try {
    const experiment = await loadExperiment(`${PROJECT_ROOT}${SEARCH}`, {
      sets: ["experiment.optimization.save_top_n=0"],
    });
    const { card, trials, deflated } = await optimize(experiment, {
      resultsRoot,
      optimizedFolder: null,
    });
    const page = experimentPage(card, trials, deflated);
    const from = page.indexOf("What luck alone explains");
    return page.slice(from, page.indexOf("Nothing was kept out of the sample")).trim();
  } finally {
    await rm(resultsRoot, { recursive: true, force: true });
  }
}
