import type { RunRecord } from "../core/run_record.ts";
import { turnover, yearsBetween } from "../stats/metrics.ts";
import { meanOf } from "../stats/moments.ts";
import type { Fill } from "../stats/round_trips.ts";
import { type Account, type Statistics, summarize } from "../stats/summary.ts";
import { byRegime, type RegimeStatistics } from "./by_regime.ts";
import type { Curve, ModelCurve, PortfolioCurve } from "./curves.ts";
import type { DailyClock } from "../stats/daily_clock.ts";

/** The figures of a run, in the order of its models and assets. */
export interface RunStatistics {
  /** 252 when only equities trade, else 365: what turns a daily Sharpe ratio into a yearly one. */
  readonly periods_per_year: number;
  readonly portfolio: Statistics;
  readonly models: Readonly<Record<string, Statistics>>;
  readonly assets: Readonly<Record<string, AssetStatistics>>;
  /** Absent when the run was not told of regimes. */
  readonly regimes?: RegimeStatistics;
}

/** What one asset brought the account, in money. */
export interface AssetStatistics {
  /** Costs paid. */
  readonly pnl: number;
  readonly fees: number;
  readonly slippage: number;
  readonly fills: number;
}

/** Statistics of the portfolio, of each model and of each asset. */
export function runStatistics(
  record: RunRecord,
  curves: {
    readonly portfolio: PortfolioCurve;
    readonly models: readonly ModelCurve[];
    readonly assetPnl: Float64Array;
    readonly clock: DailyClock;
  },
): RunStatistics {
  const { clock } = curves;
  const regimes = byRegime(record, curves);
  return {
    periods_per_year: clock.periodsPerYear,
    portfolio: accountStatistics(record, curves.portfolio, clock),
    models: Object.fromEntries(curves.models.map((curve, model) => {
      const trading = modelTrading(record, model);
      return [curve.name, {
        ...summarized(curve, trading, clock),
        turnover: modelTurnover(record, model, trading.fills),
      }];
    })),
    assets: Object.fromEntries(
      record.assets.map(({ symbol }, asset) =>
        [symbol, assetStatistics(record, asset, curves.assetPnl[asset]!)] as const
      ),
    ),
    ...(regimes ? { regimes } : {}),
  };
}

/** The figures of a whole account, of the run itself or of a benchmark beside it. */
export function accountStatistics(
  record: RunRecord,
  curve: PortfolioCurve,
  clock: DailyClock,
): Statistics {
  return summarized(curve, accountTrading(record), clock);
}

type Trading = Pick<Account, "fills" | "fees" | "slippage">;

function summarized(curve: Curve, trading: Trading, clock: DailyClock): Statistics {
  const { periodsPerYear } = clock;
  return summarize({ ...curve, ...clock.daily(curve), ...trading, periodsPerYear });
}

function accountTrading({ assets, outcomes }: RunRecord): Trading {
  const filled = outcomes.filter((outcome) => outcome.status === "filled");
  return {
    fills: filled.map(({ asset, time, quantity, price, fee }) => ({
      symbol: assets[asset]!.symbol,
      time,
      quantity,
      price,
      fee,
    })),
    fees: total(filled, ({ fee }) => fee),
    slippage: total(filled, ({ slippage }) => slippage),
  };
}

/** A model's bookings as fills at the market's price, which makes slippage a cost like the fee. */
function modelTrading({ assets, bookings }: RunRecord, model: number): Trading {
  const own = bookings.filter((booking) => booking.model === model);
  return {
    fills: own.map(({ asset, time, quantity, price, fee, slippage }) => ({
      symbol: assets[asset]!.symbol,
      time,
      quantity,
      price,
      fee: fee + slippage,
    })),
    fees: total(own, ({ fee }) => fee),
    slippage: total(own, ({ slippage }) => slippage),
  };
}

/** Against the money the model was lent: its own NAV curve drifts away from that. */
function modelTurnover(
  { nav, markTimes, budgets }: RunRecord,
  model: number,
  fills: readonly Fill[],
): number | null {
  const lent = meanOf(nav.map((money, mark) => money * budgets[model]![mark]!)) ?? NaN;
  const notionals = fills.map(({ quantity, price }) => quantity * price);
  return turnover(notionals, lent, yearsBetween(markTimes));
}

function assetStatistics({ outcomes }: RunRecord, asset: number, pnl: number): AssetStatistics {
  const own = outcomes.filter((outcome) => outcome.status === "filled")
    .filter((fill) => fill.asset === asset);
  return {
    pnl,
    fees: total(own, ({ fee }) => fee),
    slippage: total(own, ({ slippage }) => slippage),
    fills: own.length,
  };
}

function total<Item>(items: readonly Item[], amount: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + amount(item), 0);
}
