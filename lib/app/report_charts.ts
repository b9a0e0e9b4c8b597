import { join, resolve } from "node:path";
import { writeFileAtomically } from "../core/atomic_file.ts";
import { Refusal } from "../core/errors.ts";
import { type Chart, charts } from "../report/charts/mod.ts";
import { RESULTS_ROOT } from "./project.ts";
import { openRun } from "./runs.ts";

/** The pictures that were written, and those that this run cannot have, with the reason. */
export interface ChartFiles {
  readonly files: readonly string[];
  readonly left: readonly { readonly name: string; readonly why: string }[];
}

/** Writes every chart of a run as an SVG file of its own, one for the price of each asset; the folder is made. */
export async function saveCharts(
  idOrPrefix: string,
  folder: string,
  { resultsRoot = RESULTS_ROOT }: { readonly resultsRoot?: string } = {},
): Promise<ChartFiles> {
  const run = await openRun(idOrPrefix, { resultsRoot });
  const symbols = Object.keys(run.card.statistics.assets);
  const drawings: readonly (readonly [name: string, draw: () => Promise<Chart>])[] = [
    ["nav", () => charts.nav(run)],
    ["drawdown", () => charts.drawdown(run)],
    ["monthly_returns", () => charts.monthlyReturns(run)],
    ["rolling", () => charts.rolling(run)],
    ["exposure", () => charts.exposure(run)],
    ["attribution", () => charts.attribution(run)],
    ["models", () => charts.models(run)],
    ["turnover", () => charts.turnover(run)],
    ["distribution", () => charts.distribution(run)],
    ["regimes", () => charts.regimes(run)],
    ["envelope", () => charts.envelope(run)],
    ["luck", () => charts.luck(run)],
    ...symbols.map((symbol) => [`price_${symbol}`, () => charts.price(run, symbol)] as const),
  ];
  const files: string[] = [];
  const left: { name: string; why: string }[] = [];
  for (const [name, draw] of drawings) {
    const file = join(resolve(folder), `${name}.svg`);
    try {
      const { svg } = await draw();
      await writeFileAtomically(file, new TextEncoder().encode(`${svg}\n`));
      files.push(file);
    } catch (error) {
      if (!(error instanceof Refusal) || error.message.startsWith("Cannot write")) throw error;
      left.push({ name, why: error.message });
    }
  }
  return { files, left };
}
