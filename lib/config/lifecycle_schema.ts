import { z } from "zod";
import type { Immutable } from "./immutable.ts";
import { isName, NAME_EXPECTED } from "./name.ts";

const name = z.string().meta({ expected: NAME_EXPECTED })
  .refine(isName, { error: `expected ${NAME_EXPECTED}` });
const fraction = z.number().min(0).max(1);
const count = z.int().min(0).max(1_000_000);
const approvals = z.int().min(1).max(10);

const candidate = z.strictObject({
  min_sharpe: z.number().default(1.0)
    .describe("Least Sharpe ratio of the backtest, per year."),
  max_drawdown: fraction.default(0.20)
    .describe("Deepest drawdown of the backtest."),
  min_cagr: z.number().default(0.10)
    .describe("Least growth of the backtest per year; 0.10 is 10 %."),
  min_trades: count.default(20)
    .describe("Least number of trades that were opened and closed."),
  min_years: z.number().min(0).default(2)
    .describe("Least length of the backtest, from the day the model could first trade."),
  min_deflated_sharpe: fraction.nullable().default(0.95)
    .describe("Least deflated Sharpe ratio, all trials on record counted; null asks for none."),
});

const paper = z.strictObject({
  account: name.nullable().default("paper")
    .describe("Name of the paper account; null locks the stage."),
  budget_of_live_nav: fraction.nullable().default(0.10)
    .describe("Money of paper trading as a share of live NAV; null locks the stage."),
});

const live = z.strictObject({
  min_days: count.default(30).describe("Least days of paper trading."),
  min_trades: count.default(10).describe("Least trades of paper trading."),
  min_sharpe: z.number().default(0.8).describe("Least Sharpe ratio of paper trading, per year."),
  max_drawdown: fraction.default(0.30).describe("Deepest drawdown of paper trading."),
  account: name.nullable().default(null)
    .describe("Name of the live account; null locks the stage."),
  max_notional: z.number().positive().nullable().default(null)
    .describe("Most money that live trading may hold, in dollars; null locks the stage."),
});

const steps = z.strictObject({
  candidate: approvals.default(1).describe("People who must approve research → candidate."),
  paper: approvals.default(1).describe("People who must approve candidate → paper."),
  live: z.int().min(2).max(10).default(2)
    .describe("People who must approve paper → live; never fewer than two."),
  expiry_hours: z.number().positive().max(8_760).default(24)
    .describe("Hours within which all approvals of one step must come."),
  operators: z.array(name).min(1).nullable().default(null)
    .describe("Who may approve; null means anybody who gives a name."),
});

const demotion = z.strictObject({
  kill_switch: z.boolean().default(true)
    .describe("Whether the kill switch sends every trading model back to research."),
  max_drawdown: fraction.nullable().default(0.15)
    .describe("Drawdown of the model's own ledger above which it goes back; null never."),
  max_broker_failures: count.nullable().default(3)
    .describe("Bars on end with a failing broker after which every model goes back; null never."),
  model_error: z.boolean().default(true)
    .describe("Whether a model that throws an exception goes back to research."),
});

/** What each step of a model's life asks for. It decides no result and is no part of a plan. */
export const lifecycleSchema = z.strictObject({
  candidate: candidate.prefault({}).describe("What research → candidate asks of a backtest."),
  paper: paper.prefault({}).describe("What candidate → paper asks for."),
  live: live.prefault({}).describe("What paper → live asks of paper trading."),
  approvals: steps.prefault({}).describe("How many people must approve, and how soon."),
  demotion: demotion.prefault({}).describe("What sends a trading model back to research at once."),
});

/** The `lifecycle` section, complete. */
export type LifecycleSettings = Immutable<z.infer<typeof lifecycleSchema>>;
