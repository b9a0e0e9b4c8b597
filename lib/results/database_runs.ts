import type { DatabaseSync } from "node:sqlite";
import { DAY_MS } from "../core/bars.ts";
import { formatDate, parseTime } from "../core/clock.ts";
import { canonicalJson } from "../core/hash.ts";
import { type Condition, insert, wallTime, where } from "./database_sql.ts";
import type { CardStatistics } from "./run_card.ts";
import type { RunFacts, RunFilter, RunModelRow, RunRow } from "./run_rows.ts";

/** Adds a run with its models unless it is there. */
export function insertRun(database: DatabaseSync, facts: RunFacts): void {
  const { card, folder, name, experiment, createdAt, durationMs, host, dataRoot } = facts;
  const { portfolio, periods_per_year } = card.statistics;
  const inserted = insert(database, "runs", {
    run_id: card.run_id,
    name,
    experiment,
    ...dates(portfolio),
    created_at: wallTime(createdAt),
    duration_ms: durationMs,
    host,
    sealed: card.sealed ? 1 : 0,
    plan_hash: card.plan_hash,
    data_fingerprint: card.data.fingerprint,
    code_fingerprint: card.code.fingerprint,
    folder,
    periods_per_year,
    initial_nav: portfolio.initial_nav,
    final_nav: portfolio.final_nav,
    annual_volatility: portfolio.annual_volatility,
    sortino: portfolio.sortino,
    trades: portfolio.fills,
    fees: portfolio.fees,
    slippage: portfolio.slippage,
    data_root: dataRoot ?? null,
    ...figures(portfolio),
  });
  if (!inserted) return;
  for (const { name, version, parameters } of facts.models) {
    insert(database, "run_models", {
      run_id: card.run_id,
      model: name,
      version,
      parameters: canonicalJson(parameters),
      ...figures(card.statistics.models[name]),
    });
  }
}

/** Figures that a portfolio and a model have in common. */
function figures(statistics: CardStatistics | undefined) {
  return {
    total_return: statistics?.total_return ?? null,
    cagr: statistics?.cagr ?? null,
    sharpe: statistics?.sharpe ?? null,
    max_drawdown: statistics?.max_drawdown ?? null,
    win_rate: statistics?.win_rate ?? null,
    turnover: statistics?.turnover ?? null,
    bps: statistics?.bps ?? null,
  };
}

/** First and last date of a run: its final mark is the midnight after the last. */
function dates({ start, end }: CardStatistics): { start: string; end: string } {
  const lastDate = end === null ? "" : formatDate(Math.ceil(parseTime(end) / DAY_MS - 1) * DAY_MS);
  return { start: start === null ? "" : start.slice(0, 10), end: lastDate };
}

/** Runs that fulfil all conditions, newest first. */
export function selectRuns(
  database: DatabaseSync,
  conditions: readonly Condition[],
): readonly RunRow[] {
  const { sql, values } = where(conditions);
  const runs = database.prepare(`SELECT * FROM runs${sql} ORDER BY created_at DESC, rowid DESC`)
    .all(...values) as unknown as (Omit<RunRow, "sealed" | "models"> & { sealed: number })[];
  const models = database.prepare(
    "SELECT model, version, parameters, total_return, cagr, sharpe, max_drawdown, win_rate, turnover, bps " +
      "FROM run_models WHERE run_id = ? ORDER BY rowid",
  );
  return runs.map((run) => ({
    ...run,
    sealed: run.sealed === 1,
    models: (models.all(run.run_id) as unknown as (RunModelRow & { parameters: string })[]).map(
      (model) => ({ ...model, parameters: JSON.parse(model.parameters) }),
    ),
  }));
}

/** What a filter asks of a row of `runs`. */
export function runConditions(
  { experiment, since, until, model }: RunFilter,
): readonly Condition[] {
  const conditions: Condition[] = [];
  if (experiment !== undefined) {
    conditions.push({
      sql: "(experiment = ? OR run_id IN (SELECT run_id FROM trials WHERE experiment = ?))",
      values: [experiment, experiment],
    });
  }
  if (since !== undefined) conditions.push({ sql: "created_at >= ?", values: [wallTime(since)] });
  if (until !== undefined) conditions.push({ sql: "created_at < ?", values: [wallTime(until)] });
  if (model !== undefined) {
    const [name = "", version] = model.split("@");
    const ofVersion = version === undefined ? "" : " AND version = ?";
    conditions.push({
      sql: `run_id IN (SELECT run_id FROM run_models WHERE model = ?${ofVersion})`,
      values: version === undefined ? [name] : [name, version],
    });
  }
  return conditions;
}
