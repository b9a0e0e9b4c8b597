import { readFile, writeFile } from "node:fs/promises";
import type { Clock } from "../../core/clock.ts";
import { parseTime } from "../../core/clock.ts";
import { inTestFolder } from "../../core/test_folder.ts";
import { backtest, type Run } from "../backtest.ts";
import { loadPlan, type PlanOptions } from "../load_plan.ts";
import { writeBtc } from "../test_market.ts";
import type { PaperRecord, PaperRecords } from "./paper_record.ts";
import { promote, type Promotion, type PromotionRequest } from "./promote.ts";

/** The model that the tests promote. */
export const CROSS = "MovingAverageCrossModel_v1";

/** The broker's number of the account that the tests approve. */
export const ACCOUNT_NUMBER = "A1";

/** Two weeks of a cross on BTC, and a gate that such a run can pass. */
const configuration = (folder: string) =>
  `\
# A comment that stays.
replace: [models, regime_budgets, regime_limits]
system: { start: 2024-02-01, end: 2024-02-15 }
models:
  ${CROSS}:
    lifecycle_stage: research   # so far
    budget_fraction: 0.5
    universe: [BTC]
    parameters: { fast_ma: 3, slow_ma: 8 }
regime_budgets: {}
regime_limits: {}
data: { root: ${folder}data }
lifecycle:
  candidate: { min_sharpe: -99, max_drawdown: 1, min_cagr: -1, min_trades: 0, min_years: 0, min_deflated_sharpe: 0 }
  live: { account: money, max_notional: 1000 }
`;

/** A place of its own: a configuration, data, results, logs, and a clock that is set by hand. */
export interface TestLifecycle {
  readonly folder: string;
  readonly file: string;
  readonly setting: {
    readonly files: readonly string[];
    readonly resultsRoot: string;
    readonly logsRoot: string;
    readonly clock: Clock;
  };
  /** Puts the clock to a moment, ISO. */
  at(time: string): void;
  run(options?: PlanOptions): Promise<Run>;
  /** Replaces a part of the configuration's text. */
  edit(from: string, to: string): Promise<void>;
  text(): Promise<string>;
  /** By ada at the clock's time, unless the request says otherwise. */
  promote(request?: Partial<PromotionRequest>): Promise<Promotion>;
}

/** Lends a test a place of its own. */
export async function inLifecycle(work: (place: TestLifecycle) => Promise<void>): Promise<void> {
  await inTestFolder(async (folder) => {
    await writeBtc(`${folder}data`);
    const file = `${folder}cross.yaml`;
    await writeFile(file, configuration(folder));
    let now = parseTime("2025-01-01T00:00:00Z");
    const setting = {
      files: [file],
      resultsRoot: `${folder}results`,
      logsRoot: `${folder}logs`,
      clock: { now: () => now, elapsed: () => 0 },
    };
    const text = () => readFile(file, "utf8");
    await work({
      ...{ folder, file, setting, text },
      at(time) {
        now = parseTime(time);
      },
      async run(options) {
        return await backtest(await loadPlan(file, options), {
          resultsRoot: setting.resultsRoot,
        });
      },
      async edit(from, to) {
        const before = await text();
        if (!before.includes(from)) throw new RangeError(`The configuration has no "${from}"`);
        await writeFile(file, before.replace(from, to));
      },
      promote: (request) =>
        promote({
          ...{ ...setting, model: CROSS, operator: "ada", reason: "it is time" },
          ...(request?.paper ? { account: ACCOUNT_NUMBER } : {}), // only live trading asks for both
          ...request,
        }),
    });
  });
}

/** A record of paper trading that passes the default gate; kept in order of what was asked. */
export function paperRecords(
  changes: Partial<PaperRecord> = {},
): PaperRecords & { readonly asked: { since: string; until: string; account: string }[] } {
  const asked: { since: string; until: string; account: string }[] = [];
  return {
    asked,
    read(_, question) {
      asked.push(question);
      return Promise.resolve({
        account: question.account,
        days: 30,
        trades: 10,
        sharpe: 0.8,
        max_drawdown: 0.3,
        first: question.since.slice(0, 10),
        last: question.until.slice(0, 10),
        hash: `${question.since} ${question.until}`,
        ...changes,
      });
    },
  };
}
