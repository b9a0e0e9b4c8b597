import type { Envelope, Luck, LuckFigures } from "../../core/proofs.ts";
import type { RegimeRecord, RunRecord } from "../../core/run_record.ts";
import { deriveRun } from "../../results/derive.ts";
import { cardParts, FIXTURE_ID, randomRecord, tablesOf } from "../../results/record_fixture.ts";
import { runCard } from "../../results/run_card.ts";
import type { RunTable, StoredTables } from "../../results/mod.ts";
import { TABLE_NAMES, type TableName } from "../../results/table_schemas.ts";
import type { Chart, ChartSource } from "./chart.ts";
import { charts } from "./mod.ts";

type Tables = { readonly [Name in TableName]: RunTable<Name> };

/** A record as a source of charts, with made-up proofs; `change` may spoil its tables. */
export function sourceOf(
  record: RunRecord,
  { id = FIXTURE_ID, change = (tables) => tables }: {
    readonly id?: string;
    readonly change?: (tables: Tables) => Tables;
  } = {},
): ChartSource {
  const derived = deriveRun(record);
  const card = runCard({ id, record, derived, parts: cardParts(), artefacts: {} });
  const tables = change(tablesOf(record));
  return {
    card: JSON.parse(JSON.stringify(card)),
    tables: Object.fromEntries(
      TABLE_NAMES.map((name) => [name, () => Promise.resolve(tables[name])]),
    ) as unknown as StoredTables,
    proofs: { envelope: madeUpEnvelope(), luck: madeUpLuck(record.models.map(({ name }) => name)) },
  };
}

/** Three models on four assets over most of a year, with regimes and two benchmarks. */
export function richRecord(): RunRecord {
  const shape = { marks: 2_000, symbols: ["BTC", "ETH", "QQQ", "SPY"], activity: 0.03 };
  const record = randomRecord({ seed: 7, ...shape, budgets: [0.4, 0.3, 0.2] });
  const other = randomRecord({ seed: 8, ...shape, budgets: [1] });
  return {
    ...record,
    regimes: turningRegimes(shape.marks - 1),
    benchmarks: [
      { name: "hold", title: "Hold", record: other },
      { name: "spy", title: "SPY", record: { ...other, nav: other.nav.toReversed() } },
    ],
  };
}

function turningRegimes(decisions: number): RegimeRecord {
  const turning = (labels: number, every: number) =>
    Uint8Array.from({ length: decisions }, (_, index) => Math.floor(index / every) % labels);
  const none = new Uint8Array(decisions);
  return {
    labels: {
      equity: ["BULL", "NEUTRAL", "BEAR"],
      volatility: ["LOW", "NORMAL", "HIGH"],
      crypto: ["RISK_ON", "RISK_OFF"],
      macro: ["EXPANSION", "SLOWDOWN", "RECESSION"],
    },
    codes: {
      equity: turning(3, 100),
      volatility: turning(3, 170),
      crypto: turning(2, 60),
      macro: turning(1, 1),
    },
    defaults: { equity: none, volatility: none, crypto: none, macro: none },
    inputs: {},
    notes: [],
  };
}

function madeUpEnvelope(): Envelope {
  const figures = { final_nav: 1_100, cagr: 0.1, max_drawdown: 0.05, bps: 0.5 };
  return {
    headline: null,
    members: [
      { name: "next_open", title: "Next open", ...figures, sharpe: 1.2, total_return: 0.1 },
      {
        name: "next_worst",
        title: "Worst of next bar",
        ...figures,
        sharpe: -0.4,
        total_return: -0.05,
      },
      { name: "bar_later", title: "One bar later", ...figures, sharpe: null, total_return: null },
    ],
  };
}

function madeUpLuck(models: readonly string[]): Luck {
  const figures: LuckFigures = {
    block_days: 2,
    sharpe: { estimate: 1.2, low: -0.1, high: 2.3 },
    cagr: { estimate: 0.1, low: 0, high: 0.2 },
    max_drawdown: { estimate: 0.05, low: 0.03, high: 0.1 },
    drawdown_quantiles: { p50: 0.06, p75: 0.07, p90: 0.09, p95: 0.1, p99: 0.14 },
    permutation: { observed: 1.2, shuffled_mean: 0.2, p_value: 0.031 },
    min_track_record_days: 400,
    days: 300,
  };
  const undefinedInterval = { estimate: null, low: null, high: null };
  const unknown = { ...figures, sharpe: undefinedInterval, permutation: null };
  return {
    ...{ seed: 1, confidence: 0.95, resamples: 2_000, permutations: 1_000, portfolio: figures },
    models: Object.fromEntries(
      models.map((name, place) => [name, place === 0 ? unknown : figures]),
    ),
  };
}

/** Every chart that one run can have, by name. */
export async function everyChart(run: ChartSource): Promise<readonly (readonly [string, Chart])[]> {
  const [asset] = Object.keys(run.card.statistics.assets).sort();
  const drawn: [string, Chart][] = [
    ["nav", await charts.nav(run)],
    ["nav, log", await charts.nav(run, { scale: "log", benchmarks: false })],
    ["drawdown", await charts.drawdown(run)],
    ["monthlyReturns", await charts.monthlyReturns(run)],
    ["rolling", await charts.rolling(run, { windowDays: 20 })],
    ["exposure", await charts.exposure(run)],
    ["attribution", await charts.attribution(run)],
    ["price", await charts.price(run, asset!)],
    ["turnover", await charts.turnover(run)],
    ["distribution", await charts.distribution(run)],
    ["envelope", await charts.envelope(run)],
    ["models", await charts.models(run)],
    ["comparison", await charts.comparison([run])],
    ["luck", await charts.luck(run)],
  ];
  if (!run.card.statistics.regimes) return drawn;
  return [
    ...drawn,
    ["nav over regimes", await charts.nav(run, { regime: "equity" })],
    ["regimes", await charts.regimes(run)],
  ];
}
