import { resolve } from "node:path";
import { writeFileAtomically } from "../core/atomic_file.ts";
import { canonicalJson } from "../core/hash.ts";
import type { SearchProof } from "../core/search_proof.ts";
import { didYouMean, Refusal } from "../core/errors.ts";
import { adjustedBars } from "../engine/adjusted.ts";
import { proveHonesty } from "../engine/prove_search/prove_honesty.ts";
import type { HistoryMarket } from "../engine/prove_search/proof_sweep.ts";
import { charts } from "../report/charts/mod.ts";
import { detectionRows, honestyPage } from "../report/honesty_page.ts";
import { loadData } from "./load_data.ts";
import { loadPlan } from "./load_plan.ts";

/** How much a search has to show for its honesty; what is absent has the size of the nightly proof. */
export interface ProveSearchOptions {
  /** 42. */
  readonly seed?: number;
  /** Sweeps over synthetic markets without an edge, with costs and without, 200 each. */
  readonly sweeps?: number;
  /** Sharpe ratios a year of planted edges, 0.5 to 4; and the sweeps over each, 100. */
  readonly strengths?: readonly number[];
  readonly sweepsPerStrength?: number;
  /** Assets of the base whose history is sign-flipped, BTC and SPY; and the sweeps over each, 100. */
  readonly symbols?: readonly string[];
  readonly sweepsPerHistory?: number;
  /** Folder of the price files, where it is not that of the configuration. */
  readonly dataRoot?: string;
  /** Permission-less workers, one a core; any number gives the same result. */
  readonly workers?: number;
  /** Told after each sweep how many are done. */
  readonly onProgress?: (done: number, count: number) => void;
  readonly signal?: AbortSignal;
}

const STRENGTHS = [0.5, 1, 1.5, 2, 3, 4];

/**
 * Runs whole searches on markets without an edge, synthetic ones and sign-flipped real ones, and on markets with a planted
 * one, and counts the winners that pass the gate. Costs are those of the base configuration, 10 + 5 bps on synthetic
 * markets. Refuses sizes that are none and symbols that the base does not trade.
 */
export async function proveSearch(options: ProveSearchOptions = {}): Promise<SearchProof> {
  const { symbols = ["BTC", "SPY"], dataRoot, seed = 42, onProgress, signal } = options;
  const sizes = {
    sweeps: options.sweeps ?? 200,
    sweepsPerStrength: options.sweepsPerStrength ?? 100,
    sweepsPerHistory: options.sweepsPerHistory ?? 100,
    workers: options.workers ?? navigator.hardwareConcurrency,
  };
  const strengths = options.strengths ?? STRENGTHS;
  refuseSizes(sizes, strengths);
  const histories = sizes.sweepsPerHistory === 0 ? [] : await historiesOf(symbols, dataRoot);
  return await proveHonesty({ seed, strengths, histories, onProgress, signal, ...sizes });
}

function refuseSizes(
  sizes: Readonly<Record<string, number>>,
  strengths: readonly number[],
): void {
  for (const name of Object.keys(sizes).sort()) {
    const least = name === "sweeps" || name === "workers" ? 1 : 0;
    if (Number.isInteger(sizes[name]) && sizes[name]! >= least) continue;
    throw new Refusal(`${name}: found ${sizes[name]}, expected a whole number from ${least}`, {
      exitCode: 2,
    });
  }
  const wrong = strengths.find((strength) => !(strength > 0 && strength <= 20));
  if (wrong === undefined) return;
  throw new Refusal(
    `strengths: found ${wrong}, expected Sharpe ratios above 0 and at most 20`,
    { exitCode: 2 },
  );
}

async function historiesOf(
  symbols: readonly string[],
  dataRoot: string | undefined,
): Promise<readonly HistoryMarket[]> {
  if (symbols.length === 0) return [];
  const loaded = await loadPlan(
    [],
    dataRoot === undefined ? {} : { sets: [`data.root=${dataRoot}`] },
  );
  const { plan } = loaded;
  const known = plan.assets.map(({ symbol }) => symbol);
  const stranger = symbols.find((symbol) => !known.includes(symbol));
  if (stranger !== undefined) {
    throw new Refusal(
      `symbols: found "${stranger}", expected assets of the base, ${known.join(", ")}` +
        didYouMean(stranger, known),
      { exitCode: 2 },
    );
  }
  const data = await loadData(loaded);
  return symbols.map((symbol) => ({
    asset: plan.assets.find((asset) => asset.symbol === symbol)!,
    bars: adjustedBars(data.assets.find((asset) => asset.symbol === symbol)!, "h4", plan.end).bars,
  }));
}

/** Writes a proof as `search_proof.json`, `.txt` and `.svg` into a folder, which is made; answers with the files. */
export async function saveSearchProof(
  proof: SearchProof,
  folder: string,
): Promise<readonly string[]> {
  const { svg } = await charts.detection(detectionRows(proof));
  const texts = { json: canonicalJson(proof), txt: honestyPage(proof), svg };
  const files: string[] = [];
  for (const ending of ["json", "txt", "svg"] as const) {
    const file = resolve(folder, `search_proof.${ending}`);
    await writeFileAtomically(file, new TextEncoder().encode(`${texts[ending]}\n`));
    files.push(file);
  }
  return files;
}
