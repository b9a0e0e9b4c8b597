import { DAY_MS, type Millis, upperBound } from "../core/bars.ts";
import { ceilToGrid, sessionsBetween } from "../core/calendar.ts";
import type { RunRecord } from "../core/run_record.ts";
import { turnover, yearsBetween } from "../stats/metrics.ts";
import { meanOf } from "../stats/moments.ts";
import { dailyMarks, type Marks } from "../stats/monthly.ts";
import type { Fill } from "../stats/round_trips.ts";
import { type Account, type Statistics, summarize } from "../stats/summary.ts";
import type { Curve, ModelCurve, PortfolioCurve } from "./curves.ts";

/** The figures of a run, in the order of its models and assets. */
export interface RunStatistics {
  /** 252 when only equities trade, else 365: what turns a daily Sharpe ratio into a yearly one. */
  readonly periods_per_year: number;
  readonly portfolio: Statistics;
  readonly models: Readonly<Record<string, Statistics>>;
  readonly assets: Readonly<Record<string, AssetStatistics>>;
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
  },
): RunStatistics {
  const clock = dailyClock(record);
  const summarized = (curve: Curve, trading: Trading) =>
    summarize({
      ...curve,
      ...clock.daily(curve),
      ...trading,
      periodsPerYear: clock.periodsPerYear,
    });
  return {
    periods_per_year: clock.periodsPerYear,
    portfolio: summarized(curves.portfolio, accountTrading(record)),
    models: Object.fromEntries(curves.models.map((curve, model) => {
      const trading = modelTrading(record, model);
      return [curve.name, {
        ...summarized(curve, trading),
        turnover: modelTurnover(record, model, trading.fills),
      }];
    })),
    assets: Object.fromEntries(
      record.assets.map(({ symbol }, asset) =>
        [symbol, assetStatistics(record, asset, curves.assetPnl[asset]!)] as const
      ),
    ),
  };
}

type Trading = Pick<Account, "fills" | "fees" | "slippage">;

/** Where daily returns are taken: at 00:00 UTC, or after each session's close when only equities trade. */
function dailyClock({ assets, markTimes, timeframe }: RunRecord) {
  const equitiesOnly = assets.length > 0 &&
    assets.every(({ assetClass }) => assetClass === "equity");
  const daily = ({ times, nav }: Marks) => ({ dailyTimes: times, dailyNav: nav });
  if (!equitiesOnly || markTimes.length === 0) {
    return {
      periodsPerYear: 365,
      daily: (curve: Marks) => daily(dailyMarks(curve.times, curve.nav)),
    };
  }
  const at = sessionMarks(markTimes[0]!, markTimes.at(-1)!, timeframe);
  // A final mark on a closed day would add a return of 0 that no session had.
  const end = at.length === 0 ? markTimes.length : upperBound(markTimes, at.at(-1)!);
  return {
    periodsPerYear: 252,
    daily: ({ times, nav }: Marks) =>
      daily(dailyMarks(times.subarray(0, end), nav.subarray(0, end), { at })),
  };
}

/** The first decision time at or after each session close from the first mark to the last. */
function sessionMarks(
  first: Millis,
  last: Millis,
  timeframe: RunRecord["timeframe"],
): Float64Array {
  const from = Math.floor(first / DAY_MS) * DAY_MS;
  const marks = sessionsBetween(from, last).map(({ close }) => ceilToGrid(close, timeframe));
  return Float64Array.from(marks.filter((mark) => mark <= last));
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
  { nav, markTimes, models }: RunRecord,
  model: number,
  fills: readonly Fill[],
): number | null {
  const lent = models[model]!.budgetFraction * (meanOf(nav) ?? NaN);
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
