import type { NullMarkets, SearchProof, WinnerCount } from "../core/search_proof.ts";
import { GATE } from "../stats/gate.ts";
import { shareInterval } from "../stats/share_interval.ts";
import type { DetectionRow } from "./charts/detection.ts";
import { formatNumber, formatPercent } from "./format.ts";
import { formatTable } from "./table.ts";

/** The page of a proof: the verdict, then winners that pass without an edge, then what it takes to find one. */
export function honestyPage(proof: SearchProof): string {
  const { nulls, edges } = proof;
  const header = ["Sweeps", "Pass the gate", "95 %", "Best by BPS", "Undeflated", "Sharpe > 1"];
  return [
    honestyVerdict(proof),
    "",
    `${
      formatNumber(proof.trials, 0)
    } moving-average pairs a sweep, costs included unless told; synthetic ` +
    `markets of ${formatNumber(proof.bars, 0)} H4 bars; seed ${proof.seed}`,
    `Gate: deflated Sharpe ${GATE.deflatedSharpe} or more with the real number of trials, and ` +
    `SPA p below ${GATE.spa} (${formatNumber(proof.resamples, 0)} resamples)`,
    "",
    formatTable(nulls.map((row) => [marketOf(row), ...cells(row)]), {
      header: ["Without an edge", ...header],
    }),
    ...(edges.length === 0 ? [] : [
      "",
      formatTable(
        edges.map((row) => [
          formatNumber(row.strength, 1),
          ...cells(row),
          formatNumber(row.mean_best_sharpe),
        ]),
        { header: ["Planted edge, Sharpe", ...header, "Best Sharpe"] },
      ),
      "The edge is a hidden trend: its strength is what one earns who knows it, before costs.",
    ]),
    "",
    "Undeflated: probabilistic Sharpe of 0.95 or more, as if nothing else had been tried.",
    "95 %: score interval of the share that passes (Wilson 1927).",
  ].join("\n");
}

/** Whether the gate holds, in one line. */
export function honestyVerdict({ nulls, limit, held }: SearchProof): string {
  const shares = (name: "passed" | "undeflated") =>
    nulls.map((row) => `${percent(row[name], row.sweeps)} on ${shortName(row)}`).join(", ");
  return `Search honesty: ${held ? "HELD" : "BROKEN"} – without an edge the gate lets pass ` +
    `${shares("passed")} (at most ${formatPercent(limit, 0)} may); undeflated ${
      shares("undeflated")
    }`;
}

function shortName({ market, kind }: NullMarkets): string {
  return kind === "garch_free" ? `${market} without costs` : market;
}

/** The proof as its chart wants it, markets without an edge first. */
export function detectionRows({ nulls, edges }: SearchProof): readonly DetectionRow[] {
  const row = (strength: number, { sweeps, passed, undeflated }: WinnerCount) => ({
    ...{ strength, sweeps, passed, undeflated },
  });
  return [
    ...nulls.filter(({ kind }) => kind === "garch").map((counts) => row(0, counts)),
    ...edges.map((counts) => row(counts.strength, counts)),
  ];
}

const KINDS: Readonly<Record<NullMarkets["kind"], string>> = {
  garch: "fat tails",
  garch_free: "no costs",
  sign_flipped: "signs flipped",
};

function marketOf({ market, kind }: NullMarkets): string {
  return `${market}, ${KINDS[kind]}`;
}

function cells(row: WinnerCount): readonly string[] {
  const [low, high] = shareInterval(row.passed, row.sweeps);
  const share = (count: number) => `${count} = ${percent(count, row.sweeps)}`;
  return [
    formatNumber(row.sweeps, 0),
    share(row.passed),
    `${formatNumber(100 * low, 1)}–${formatPercent(high, 1)}`,
    ...[row.passed_by_bps, row.undeflated, row.above_one].map(share),
  ];
}

function percent(count: number, of: number): string {
  return formatPercent(of > 0 ? count / of : null, 1);
}
