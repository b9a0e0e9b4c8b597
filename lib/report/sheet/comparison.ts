import { DAY_MS, upperBound } from "../../core/bars.ts";
import { formatDate, parseTime } from "../../core/clock.ts";
import { canonicalJson, sha256 } from "../../core/hash.ts";
import {
  type CardStatistics,
  compareCards,
  deflatedOf,
  type LedgerCount,
  type RunCard,
} from "../../results/mod.ts";
import { formatMoney, formatNumber, formatPercent, NOTHING } from "../format.ts";
import { correlations, correlationTable } from "./correlation.ts";
import { encodeTable } from "./columns.ts";
import { jsonBlock, type Markup, markup } from "./markup.ts";
import { clientHash, type PageClient, pageText } from "./page.ts";
import { figure, section, toolbar } from "./parts.ts";

/** One of several runs: its card, and NAV at every mark. */
export interface ComparedRun {
  readonly card: RunCard;
  readonly times: Float64Array;
  readonly nav: Float64Array;
  /** What the ledger counts for it as the page is written. */
  readonly ledger?: LedgerCount | undefined;
}

/** Several runs side by side in one file (FR-065), in the order given. */
export function comparisonSheet(runs: readonly ComparedRun[], client: PageClient): string {
  const clock = commonClock(runs);
  const navs = runs.map((run) => onClock(run, clock));
  const names = runs.map(({ card }) => card.run_id);
  const data = canonicalJson({
    runs: names,
    table: encodeTable({
      time: clock,
      ...Object.fromEntries(navs.map((nav, place) => [`nav ${place}`, indexed(nav)])),
    }),
  });
  const facts = {
    run: names.join(" "),
    card: sha256(runs.map(({ card }) => canonicalJson(card)).join("\n")),
    data: sha256(data),
    client: clientHash(client),
  };
  return pageText({
    title: `Comparison of ${runs.length} runs`,
    facts: { page: "comparison", ...facts, seal: sha256(canonicalJson(facts)) },
    body: body(runs, navs),
    blocks: [jsonBlock("assay-data", data)],
    client,
  });
}

/** 00:00 UTC of every day that any run has, so that runs of different ranges stand on one clock. */
function commonClock(runs: readonly ComparedRun[]): Float64Array {
  const first = Math.min(...runs.map(({ times }) => times[0]!));
  const last = Math.max(...runs.map(({ times }) => times.at(-1)!));
  const from = Math.floor(first / DAY_MS);
  const days = Math.ceil(last / DAY_MS) - from + 1;
  return Float64Array.from({ length: days }, (_, day) => (from + day) * DAY_MS);
}

/** NAV in force at each time of a clock; NaN before the run's first mark and after its last. */
function onClock({ times, nav }: ComparedRun, clock: Float64Array): Float64Array {
  return clock.map((time) => {
    const mark = upperBound(times, time) - 1;
    return mark < 0 || time > times.at(-1)! ? NaN : nav[mark]!;
  });
}

/** Start = 100, to four decimals: more than any chart shows, and a third of the bytes. */
function indexed(nav: Float64Array): Float64Array {
  const first = nav.find((value) => value > 0) ?? NaN;
  return nav.map((value) => Math.round(1e6 * value / first) / 1e4);
}

function body(runs: readonly ComparedRun[], navs: readonly Float64Array[]): Markup {
  const cards = runs.map(({ card }) => card);
  const matrix = correlations(navs);
  return markup`<a class="skip" href="#figures">To the figures</a>
${toolbar(`${runs.length} runs`)}
<main>
<h1>Comparison of ${runs.length} runs</h1>
<p class="lead">All times UTC. A star marks the best of each figure.</p>
${
    section("performance", "Performance", [
      figure("growth", "NAV", "start = 100"),
      figure("falls", "Drawdown", "below the highest NAV so far, as each day ends"),
    ])
  }
${section("figures", "Figures", [figuresTable(runs)])}
${section("plan", "What the plans do not have in common", [planTable(cards)])}
${section("correlation", "Correlation of daily returns", [correlationTable(cards, matrix)])}
</main>
<footer>Runs ${
    cards.map(({ run_id }) => run_id).join(", ")
  }. This file asks nobody for anything.</footer>
`;
}

type FigureName = keyof CardStatistics | "deflated_sharpe" | "trials";

interface Figure {
  readonly title: string;
  readonly name: FigureName;
  /** Whether more is better; undefined where neither is. */
  readonly more?: boolean;
  show(value: number): string;
}

const percent = (value: number) => formatPercent(value);
const number = (value: number) => formatNumber(value);

const FIGURES: readonly Figure[] = [
  { title: "Final NAV", name: "final_nav", more: true, show: (value) => formatMoney(value, 0) },
  { title: "Total return", name: "total_return", more: true, show: percent },
  { title: "CAGR", name: "cagr", more: true, show: percent },
  { title: "Volatility", name: "annual_volatility", more: false, show: percent },
  { title: "Sharpe", name: "sharpe", more: true, show: number },
  { title: "Deflated Sharpe", name: "deflated_sharpe", more: true, show: number },
  { title: "Trials", name: "trials", show: (value) => formatNumber(value, 0) },
  { title: "Sortino", name: "sortino", more: true, show: number },
  { title: "Calmar", name: "calmar", more: true, show: number },
  { title: "Max drawdown", name: "max_drawdown", more: false, show: percent },
  { title: "Win rate", name: "win_rate", more: true, show: percent },
  { title: "BPS", name: "bps", more: true, show: number },
  { title: "Turnover", name: "turnover", show: number },
  { title: "Fills", name: "fills", show: (value) => formatNumber(value, 0) },
];

/** One row a run, sortable by every figure. */
function figuresTable(runs: readonly ComparedRun[]): Markup {
  const figures = runs.map(figuresOf);
  const best = FIGURES.map(({ name, more }) => {
    const values = figures.map((row) => row[name])
      .filter((value) => typeof value === "number");
    if (more === undefined || values.length < 2) return undefined;
    return more ? Math.max(...values) : Math.min(...values);
  });
  const cell = (value: unknown, { show, more }: Figure, place: number) => {
    if (typeof value !== "number") return markup`<td data-value="NaN">${NOTHING}</td>`;
    const classes = value === best[place] ? "best ranked" : more === undefined ? "" : "ranked";
    return markup`<td class="${classes}" data-value="${value}">${show(value)}</td>`;
  };
  const rows = runs.map(({ card: { run_id, statistics: { portfolio, models } } }, run) =>
    markup`<tr><th scope="row"><span class="mono">${run_id}</span><small>${
      portfolio.start?.slice(0, 10) ?? ""
    } to ${lastDay(portfolio.end)}, ${models ? Object.keys(models).length : 0} models</small></th>${
      FIGURES.map((figure, place) => cell(figures[run]![figure.name], figure, place))
    }</tr>
`
  );
  return markup`<div class="scroll"><table class="wide sortable">
<thead><tr><th scope="col">Run</th>${
    FIGURES.map(({ title }) => markup`<th scope="col"><button type="button">${title}</button></th>`)
  }</tr></thead><tbody>
${rows}</tbody></table></div>`;
}

function figuresOf({ card, ledger }: ComparedRun): Readonly<Record<FigureName, unknown>> {
  const { deflated_sharpe = null, trials = null } = deflatedOf(card, ledger) ?? {};
  return { ...card.statistics.portfolio, deflated_sharpe, trials };
}

/** The last day before a final mark at 00:00. */
function lastDay(end: string | null): string {
  return end === null ? "" : formatDate(parseTime(end) - 1);
}

/** So many runs can be read beside each other; of more only the number of different values is told. */
const READABLE = 8;

function planTable(cards: readonly RunCard[]): Markup {
  const { plan, data, code } = compareCards(cards);
  const equal = [["Data", data.equal], ["Code", code.equal]] as const;
  const notes = markup`<p>${
    equal.map(([name, same]) => `${name}: ${same ? "the same" : "not the same"}. `)
  }</p>`;
  if (plan.length === 0) return markup`${notes}<p>The plans are the same.</p>`;
  const wide = cards.length > READABLE;
  const rows = plan.map(({ path, values }) => {
    const texts = values.map(valueText);
    const distinct = [...new Set(texts)];
    const cells = wide
      ? [
        `${distinct.length}`,
        `${distinct.slice(0, READABLE).join("; ")}${distinct.length > READABLE ? " …" : ""}`,
      ]
      : texts;
    return markup`<tr><th scope="row" class="mono">${path}</th>${
      cells.map((text) => markup`<td class="text wrap">${text}</td>`)
    }</tr>
`;
  });
  const heads = wide ? ["Different values", "Such as"] : cards.map(({ run_id }) => run_id);
  return markup`${notes}<div class="scroll"><table class="wide">
<thead><tr><th scope="col">Key</th>${
    heads.map((title) => markup`<th scope="col" class="text">${title}</th>`)
  }</tr></thead><tbody>
${rows}</tbody></table></div>`;
}

const LONGEST_VALUE = 60;

function valueText(value: unknown): string {
  if (value === undefined) return NOTHING;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE - 1)}…`;
}
