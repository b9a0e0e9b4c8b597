import { rm } from "node:fs/promises";
import {
  backtest,
  examineLeaks,
  leakTable,
  loadPlan,
  PROJECT_ROOT,
  runSummary,
} from "../../lib/mod.ts";

/** The README as it must read: with what the base backtest and the leak corpus print now, under a made-up time. */
export async function currentReadme(): Promise<{ found: string; expected: string }> {
  const found = await Deno.readTextFile(readmeFile());
  const pages = { backtest: await basePage(), corpus: leakTable(await examineLeaks()) };
  const expected = Object.entries(pages).reduce(
    (text, [name, page]) => withBlock(text, name, page),
    found,
  );
  return { found, expected };
}

/** Where the README lies. */
export function readmeFile(): string {
  return `${PROJECT_ROOT}README.md`;
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

async function basePage(): Promise<string> {
  const resultsRoot = `${PROJECT_ROOT}results/.readme-${Deno.pid}`;
  try {
    const loaded = await loadPlan();
    const { card, proofs } = await backtest(loaded, { resultsRoot });
    const { start, end, timeframe } = loaded.config.system;
    return runSummary({
      title: `Backtest on ${timeframe} bars, ${start} to ${end}`,
      card,
      folder: `results/runs/${card.run_id}`,
      origin: "computed in 0.30 s",
      proofs,
    });
  } finally {
    await rm(resultsRoot, { recursive: true, force: true });
  }
}
