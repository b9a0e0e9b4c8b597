import { rm } from "node:fs/promises";
import { backtest, loadPlan, PROJECT_ROOT, runSummary } from "../../lib/mod.ts";

const BLOCK = /<!-- backtest -->\n```\n[\s\S]*?```\n<!-- \/backtest -->/;

/** The README as it must read: with the page that the base backtest prints now, under a made-up time. */
export async function currentReadme(): Promise<{ found: string; expected: string }> {
  const found = await Deno.readTextFile(readmeFile());
  const page = await basePage();
  const block = `<!-- backtest -->\n\`\`\`\n${page}\n\`\`\`\n<!-- /backtest -->`;
  return { found, expected: found.replace(BLOCK, () => block) };
}

/** Where the README lies. */
export function readmeFile(): string {
  return `${PROJECT_ROOT}README.md`;
}

async function basePage(): Promise<string> {
  const resultsRoot = `${PROJECT_ROOT}results/.readme-${Deno.pid}`;
  try {
    const loaded = await loadPlan();
    const { card } = await backtest(loaded, { resultsRoot });
    const { start, end, timeframe } = loaded.config.system;
    return runSummary({
      title: `Backtest on ${timeframe} bars, ${start} to ${end}`,
      card,
      folder: `results/runs/${card.run_id}`,
      origin: "computed in 0.30 s",
    });
  } finally {
    await rm(resultsRoot, { recursive: true, force: true });
  }
}
