import { parseTime } from "../core/clock.ts";
import type { Proofs } from "../core/proofs.ts";
import type { CardStatistics, Deflated, RunCard } from "../results/mod.ts";
import type { Statistics } from "../stats/summary.ts";
import { certificateLine } from "./certificate_page.ts";
import { deflatedLines } from "./deflated_lines.ts";
import { envelopeTable } from "./envelope_table.ts";
import { formatDate, formatMinute, formatMoney, formatPercent } from "./format.ts";
import { qualityLine, type ShownQuality } from "./quality_line.ts";
import { regimeTable } from "./regime_table.ts";
import { briefTable, statisticsTable } from "./statistics_table.ts";
import { formatTable } from "./table.ts";

/** What the page about one run is made of. */
export interface RunSummary {
  readonly title: string;
  readonly card: RunCard;
  readonly folder: string;
  /** How the result came about, e.g. "computed in 0.21 s". */
  readonly origin: string;
  /** What the run can show for itself, as far as it was made. */
  readonly proofs?: Proofs;
  /** Names of proofs that are on file and not to be believed. */
  readonly damagedProofs?: readonly string[];
  /** What validation says of the files behind it. */
  readonly quality?: ShownQuality | undefined;
  /** Its Sharpe ratio against all trials on record. */
  readonly deflated?: Deflated | undefined;
}

/** The page that a backtest prints: what to beware of, figures, contributions, and where everything lies. */
export function runSummary(summary: RunSummary): string {
  const { title, card, folder, origin, proofs = {}, damagedProofs = [], quality, deflated } =
    summary;
  const { portfolio, models } = card.statistics;
  const { luck } = proofs;
  const columns = [
    { title: "Portfolio", statistics: figuresOf(portfolio), luck: luck?.portfolio },
    ...Object.entries(models).map(([name, figures]) => ({
      title: name,
      statistics: figuresOf(figures),
      luck: luck?.models[name],
    })),
  ];
  return [
    title,
    "",
    ...block(notices(card)),
    statisticsTable(columns),
    "",
    ...block(envelopeLines(proofs)),
    ...block(benchmarkLines(card)),
    ...block(regimeLines(card)),
    assetTable(card),
    "",
    ...(quality ? [qualityLine(quality)] : []),
    ...deflatedLines(deflated),
    causalityLine(card.run_id, proofs, damagedProofs),
    `Run ${card.run_id} (${origin})`,
    `Artefacts in ${folder}`,
  ].join("\n");
}

/** The figures of a card with their moments as milliseconds again. */
export function figuresOf(figures: CardStatistics): Statistics {
  const moment = (text: string | null) => text === null ? null : parseTime(text);
  return {
    ...figures,
    start: moment(figures.start),
    end: moment(figures.end),
    max_drawdown_start: moment(figures.max_drawdown_start),
    max_drawdown_trough: moment(figures.max_drawdown_trough),
    max_drawdown_end: moment(figures.max_drawdown_end),
  };
}

function block(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [...lines, ""];
}

/** The same decisions under other fills. */
function envelopeLines({ envelope }: Proofs): readonly string[] {
  return envelope ? ["The same decisions under other fills", "", envelopeTable(envelope)] : [];
}

/** The certificate of a run in one line, or that there is none to be believed and how it is made. */
export function causalityLine(
  run: string,
  { certificate }: Proofs,
  damagedProofs: readonly string[],
): string {
  if (certificate) return certificateLine(certificate);
  return damagedProofs.includes("certificate")
    ? `Causality: the certificate on file is damaged; deno task audit ${run} makes it anew`
    : `Causality: not audited; deno task audit ${run}`;
}

/** The portfolio beside its yardsticks. */
function benchmarkLines({ statistics, benchmarks = [] }: RunCard): readonly string[] {
  if (benchmarks.length === 0) return [];
  const columns = benchmarks.map(({ name, title }) => ({
    title,
    statistics: figuresOf(statistics.benchmarks![name]!),
  }));
  const portfolio = { title: "Portfolio", statistics: figuresOf(statistics.portfolio) };
  return ["Benchmarks", "", briefTable([portfolio, ...columns])];
}

function regimeLines({ statistics: { regimes } }: RunCard): readonly string[] {
  return regimes ? ["Portfolio by regime", "", regimeTable(regimes, "portfolio")] : [];
}

function notices(card: RunCard): readonly string[] {
  const lapsed = card.lapsed.map(({ symbol }) =>
    `The last order for ${symbol} still waited for its market at the end and lapsed`
  );
  const uncertain = card.regimes?.notes.length ?? 0;
  const regimes = uncertain === 0 ? [] : [
    `A regime did not come from the newest value of its source ${times(uncertain)}: see errors.log`,
  ];
  return [
    ...caveats(card),
    ...lateJoiners(card),
    ...modeChanges(card),
    ...gaps(card),
    ...regimes,
    ...lapsed,
  ];
}

function modeChanges({ modes }: RunCard): readonly string[] {
  return modes.map(({ mode, time, nav, drawdown }, i) => {
    const resumed = mode === "NORMAL" && modes[i - 1]?.mode === "HALT";
    const meaning = resumed
      ? `trading again after the halt, peak reset to ${formatMoney(nav)}`
      : `${MODE_MEANING[mode] ?? mode} (drawdown ${formatPercent(drawdown)})`;
    return `${formatMinute(parseTime(time))}  ${meaning}`;
  });
}

const MODE_MEANING: Readonly<Record<string, string>> = {
  NORMAL: "back to full size",
  REDUCED: "targets reduced",
  HALT: "halted, everything sold",
};

/** Short gaps in one line; an asset whose bars stopped for longer than is bridged in a line of its own. */
function gaps(card: RunCard): readonly string[] {
  const { max_gap_bars } = card.plan as { max_gap_bars?: number };
  const bridgeable = max_gap_bars ?? Infinity;
  const short = card.gaps.filter(({ missing }) => missing <= bridgeable);
  const long = card.gaps.filter(({ missing }) => missing > bridgeable).map(
    ({ symbol, timeframe, from, to }) =>
      `Warning: ${symbol} has no ${timeframe} bars from ${dayOf(from)} to ${dayOf(to)}; ` +
      "models do not see it then, and it counts at its last close",
  );
  return [
    ...new Set(long),
    ...(short.length === 0
      ? []
      : [`Missing bars were bridged ${times(short.length)}: see errors.log`]),
  ];
}

/** Warnings that belong to the request, not to single moments of the run. */
function caveats({ warnings }: RunCard): readonly string[] {
  return warnings.filter((line) => /same_close|unsealed|no dividends or splits/.test(line)).map((
    line,
  ) => `Warning: ${line}`);
}

/** Assets that some model could not use from the start; the model is named where there are several. */
function lateJoiners({ coverage, statistics }: RunCard): readonly string[] {
  const { start } = statistics.portfolio;
  const several = new Set(coverage.map(({ model }) => model)).size > 1;
  return coverage.filter(({ joins }) => joins === null || (start !== null && joins > start))
    .map(({ symbol, first_bar, joins, bars_at_join, model }) => {
      const begins = first_bar === null
        ? `${symbol} has no bars`
        : `${symbol} has bars from ${dayOf(first_bar)}`;
      if (joins === null) return `${begins} and never joins ${model}`;
      const what = several ? `joins ${model}` : "joins";
      return `${begins} and ${what} on ${dayOf(joins)} with its ${ordinal(bars_at_join ?? 0)} bar`;
    });
}

function assetTable({ statistics, coverage }: RunCard): string {
  const firstBar = (symbol: string) =>
    coverage.find((item) => item.symbol === symbol)?.first_bar ?? null;
  const rows = Object.entries(statistics.assets).map(([symbol, { pnl, fees, slippage, fills }]) => {
    const first = firstBar(symbol);
    return [
      symbol,
      formatMoney(pnl),
      formatMoney(fees),
      formatMoney(slippage),
      String(fills),
      formatDate(first === null ? null : parseTime(first)),
    ];
  });
  return formatTable(rows, {
    header: ["Asset", "P&L", "Fees", "Slippage", "Fills", "Bars from"],
  });
}

function dayOf(time: string): string {
  return formatDate(parseTime(time));
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

function ordinal(n: number): string {
  const tens = n % 100;
  const suffix = tens >= 11 && tens <= 13 ? "th" : ["th", "st", "nd", "rd"][n % 10] ?? "th";
  return `${n}${suffix}`;
}
