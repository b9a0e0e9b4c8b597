import type {
  EdgeMarkets,
  NullMarkets,
  SearchProof,
  WinnerCount,
} from "../../core/search_proof.ts";
import { MOST_FALSE_ALARMS } from "../../stats/gate.ts";
import { meanOf } from "../../stats/moments.ts";
import { SPA_RESAMPLES } from "../sweep/sweep_statistics.ts";
import { gatesPassed, type SweepVerdict } from "./judge.ts";
import { type CrewOptions, judgeSweeps } from "./proof_crew.ts";
import { PAIRS } from "./proof_plans.ts";
import type { HistoryMarket, ProofSweep } from "./proof_sweep.ts";

/** How much is proved; only `workers`, `onProgress` and `signal` leave the result as it is. */
export interface ProveHonestyOptions extends CrewOptions {
  readonly seed: number;
  /** Sweeps over synthetic markets without an edge; as many over the same ones without costs. */
  readonly sweeps: number;
  /** Sharpe ratios a year of planted edges, and the sweeps over each. */
  readonly strengths: readonly number[];
  readonly sweepsPerStrength: number;
  /** Real histories, and the sweeps over each with its returns sign-flipped. */
  readonly histories?: readonly HistoryMarket[];
  readonly sweepsPerHistory?: number;
  /** Bars of each synthetic market; five years of H4 bars. */
  readonly bars?: number;
  /** Resamples of each SPA test; as many as a search has. */
  readonly resamples?: number;
}

/** Bars of the workload `oracle_w3_100`: 2020-01-01 to 2024-12-29. */
const FIVE_YEARS = 10_950;

/** Sweeps over markets of one kind, and what is told of them beside the counts. */
type Kind =
  | { readonly told: Pick<NullMarkets, "market" | "kind">; readonly sweeps: readonly ProofSweep[] }
  | { readonly told: Pick<EdgeMarkets, "strength">; readonly sweeps: readonly ProofSweep[] };

/**
 * Runs whole searches on markets where the truth is known: how many winners pass the gate where no edge exists, and how
 * many where one of rising strength does. RangeError for counts that are none.
 */
export async function proveHonesty(options: ProveHonestyOptions): Promise<SearchProof> {
  const { seed, bars = FIVE_YEARS, resamples = SPA_RESAMPLES, histories = [] } = options;
  checkCounts(options);
  const kinds = kindsOf(options).filter(({ sweeps }) => sweeps.length > 0);
  const ground = { seed, bars, resamples, histories };
  const verdicts = await judgeSweeps(ground, kinds.flatMap(({ sweeps }) => sweeps), options);
  const nulls: NullMarkets[] = [];
  const edges: EdgeMarkets[] = [];
  let from = 0;
  for (const { told, sweeps } of kinds) {
    const counts = countsOf(verdicts.slice(from, from += sweeps.length));
    if ("market" in told) nulls.push({ ...told, ...counts });
    else edges.push({ ...told, ...counts });
  }
  return {
    ...{ seed, trials: PAIRS.length, bars, resamples, limit: MOST_FALSE_ALARMS },
    held: nulls.every(({ passed, passed_by_bps, sweeps }) =>
      Math.max(passed, passed_by_bps) <= MOST_FALSE_ALARMS * sweeps
    ),
    ...{ nulls, edges },
  };
}

function checkCounts(options: ProveHonestyOptions): void {
  const { sweeps, sweepsPerStrength, sweepsPerHistory = 0, workers, bars = FIVE_YEARS } = options;
  const atLeast = { sweeps: 1, sweepsPerStrength: 0, sweepsPerHistory: 0, workers: 1, bars: 500 };
  const found = { sweeps, sweepsPerStrength, sweepsPerHistory, workers, bars };
  for (const name of Object.keys(found).sort() as (keyof typeof found)[]) {
    if (Number.isInteger(found[name]) && found[name] >= atLeast[name]) continue;
    throw new RangeError(
      `${name}: found ${found[name]}, expected a whole number from ${atLeast[name]}`,
    );
  }
}

function kindsOf(
  { sweeps, strengths, sweepsPerStrength, histories = [], sweepsPerHistory = 0 }:
    ProveHonestyOptions,
): readonly Kind[] {
  const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);
  const garch = (strength: number, count: number) =>
    numbers(count).map((number): ProofSweep => ({ kind: "garch", strength, number }));
  return [
    { told: { market: "GARCH", kind: "garch" }, sweeps: garch(0, sweeps) },
    {
      told: { market: "GARCH", kind: "garch_free" },
      sweeps: numbers(sweeps).map((number) => ({ kind: "garch_free", number })),
    },
    ...histories.map(({ asset }, history): Kind => ({
      told: { market: asset.symbol, kind: "sign_flipped" },
      sweeps: numbers(sweepsPerHistory).map((number) => ({
        ...{ kind: "sign_flipped", history, number },
      })),
    })),
    ...strengths.toSorted((a, b) => a - b).map((strength): Kind => ({
      told: { strength },
      sweeps: garch(strength, sweepsPerStrength),
    })),
  ];
}

function countsOf(verdicts: readonly SweepVerdict[]): WinnerCount {
  const gates = verdicts.map(gatesPassed);
  const count = (name: keyof ReturnType<typeof gatesPassed>) =>
    gates.filter((gate) => gate[name]).length;
  const sharpes = verdicts.map(({ sharpe }) => sharpe).filter((sharpe) => sharpe !== null);
  return {
    sweeps: verdicts.length,
    passed: count("passed"),
    passed_by_bps: count("passed_by_bps"),
    passed_deflated: count("passed_deflated"),
    passed_spa: count("passed_spa"),
    undeflated: count("undeflated"),
    above_one: count("above_one"),
    mean_best_sharpe: meanOf(sharpes),
  };
}
