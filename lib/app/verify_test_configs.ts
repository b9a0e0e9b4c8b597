import { DAY_MS } from "../core/bars.ts";
import { formatDate, parseDate } from "../core/clock.ts";
import { type Random, seededRandom } from "../core/random.ts";
import type { PlanOptions } from "./load_plan.ts";

const [TREND, DIP, CRYPTO, CROSS] = [
  "EquityTrendModel_v1",
  "IndexMeanReversionModel_v1",
  "CryptoMomentumModel_v1",
  "MovingAverageCrossModel_v1",
] as const;

/** A request for the bundled data, some weeks long, that differs from the next in whatever a plan may say. */
export function randomRequest(seed: number): PlanOptions {
  const random = seededRandom(`request ${seed}`);
  const given = parameters(dice(random.fork("parameters")));
  const { whole, decimal } = dice(random.fork("range"));
  const names = Object.keys(given);
  const picked = names.filter(() => whole(0, 1) === 1);
  const models = picked.length > 0 ? picked : [names[whole(0, names.length - 1)]!];
  const start = parseDate("2022-06-01") + whole(0, 700) * DAY_MS;
  const values = settings(dice(random.fork("settings")));
  return {
    start: formatDate(start),
    end: formatDate(start + whole(10, 70) * DAY_MS),
    models,
    sets: [
      ...Object.entries(values).map(([path, value]) => `${path}=${value}`),
      ...models.flatMap((model) => [
        `models.${model}.budget_fraction=${decimal(0.05, 0.25)}`,
        `models.${model}.parameters=${JSON.stringify(given[model])}`,
      ]),
    ],
  };
}

type Dice = ReturnType<typeof dice>;

function dice(random: Random) {
  const whole = (least: number, most: number) => least + random.integer(most - least + 1);
  return {
    whole,
    /** Of few decimals, so that it reads in YAML as it is. */
    decimal: (least: number, most: number, digits = 3) =>
      whole(Math.round(least * 10 ** digits), Math.round(most * 10 ** digits)) / 10 ** digits,
    one: <Value>(...values: readonly Value[]) => values[random.integer(values.length)]!,
  };
}

function parameters({ whole, decimal, one }: Dice): Readonly<Record<string, unknown>> {
  const [short_lookback, fast_ma] = [whole(2, 30), whole(1, 20)];
  return {
    [TREND]: {
      slow_ma_period: whole(5, 60),
      momentum_lookback_days: whole(2, 40),
      exit_ma_period: whole(2, 30),
      equal_weight: one(true, false),
      max_positions: whole(1, 3),
    },
    [DIP]: {
      rsi_period: whole(2, 5),
      rsi_oversold: whole(5, 45),
      rsi_overbought: whole(60, 95),
      bb_period: whole(5, 40),
      bb_std: decimal(0.1, 2.5, 1),
      max_bars_held: whole(1, 20),
      weight: decimal(0.05, 0.5),
    },
    [CRYPTO]: {
      short_lookback,
      long_lookback: whole(short_lookback, 60),
      top_n: whole(1, 3),
      rebalance_days: whole(1, 10),
    },
    [CROSS]: {
      fast_ma,
      slow_ma: whole(fast_ma + 1, 60),
      // Spelled backwards: the order of parameters is no part of a plan.
      ...one({}, { weights: { SPY: decimal(0, 0.3), BTC: decimal(0, 0.3) } }),
    },
  };
}

function settings({ whole, decimal, one }: Dice): Readonly<Record<string, unknown>> {
  return {
    "system.seed": whole(0, 1_000_000),
    "system.backtest_initial_nav": decimal(1_000, 1_000_000, 2),
    "system.timeframe": one("h4", "h4", "h4", "daily"),
    "execution.fill": one("next_open", "same_close"),
    "execution.sizing": one("decision_price", "fill_price"),
    "execution.rebalance_threshold": decimal(0, 0.05),
    "execution.allow_borrowing": one(true, false),
    "execution.cash_rate": decimal(-0.02, 0.05),
    "execution.costs.crypto.fee_bps": decimal(0, 30, 1),
    "execution.costs.equity.slippage_bps": decimal(0, 10, 1),
    "risk.per_asset_cap": one(null, decimal(0.05, 1)),
    "risk.class_caps.equity": one(null, decimal(0.1, 1)),
    "risk.class_caps.crypto": one(null, decimal(0.05, 1)),
    "risk.max_leverage": one(null, decimal(0.3, 2)),
    "risk.max_net_leverage": one(null, decimal(0.3, 2)),
    "risk.derisking_factor": decimal(0, 1),
    "risk.halt_resume_days": one(null, whole(1, 30)),
    "data.missing": one("ffill", "skip"),
    "data.max_gap_bars": whole(5, 9),
    "assets.BTC.quantity_precision": one(null, whole(2, 6)),
    regime_budgets: one(
      "{}",
      `{ vol_high: { ${TREND}: 0.01 }, equity_bull: { ${CRYPTO}: 0.2 } }`,
      `{ crypto_risk_off: { ${CRYPTO}: 0 }, macro_slowdown: { ${DIP}: 0.02, ${CROSS}: 0.01 } }`,
    ),
    regime_limits: one(
      "{}",
      "{ vol_low: { max_leverage: 0.25, class_caps: { crypto: 0.01 } } }",
      "{ equity_bull: { per_asset_cap: 0.04 }, macro_expansion: { per_trade_risk: 0.01 } }",
    ),
  };
}
