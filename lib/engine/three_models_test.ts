import { deepStrictEqual } from "node:assert/strict";
import { DAY_MS, H4_MS } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import { cryptoMomentum } from "../models/crypto_momentum.ts";
import { equityTrend } from "../models/equity_trend.ts";
import { indexMeanReversion } from "../models/index_mean_reversion.ts";
import type { RegimeData } from "../regime/mod.ts";
import { execute } from "./execute.ts";
import { closingAt, dataOf, planWith, seat, tradable } from "./fixtures.ts";

const start = parseDate("2024-03-04"); // a Monday; New York closes at 21:00 UTC
const share = tradable("SHR", "equity");
const coin = tradable("AAA");

/** Decision, units and price of each fill of one model that is alone in the plan. */
function fillsOf(...run: Parameters<typeof execute>) {
  return execute(...run).outcomes.flatMap((outcome) =>
    outcome.status === "filled" ? [[outcome.index, outcome.quantity, outcome.price]] : []
  );
}

Deno.test("FR-014 the trend trades at the first decision that knows the day's close", () => {
  const parameters = equityTrend.parameters.parse({
    slow_ma_period: 4,
    exit_ma_period: 2,
    momentum_lookback_days: 3,
    max_positions: 1,
  });
  const model = seat(equityTrend, { universe: ["AAA"], parameters });
  const data = dataOf(
    closingAt(coin, "h4", start - H4_MS, new Array(18).fill(10)),
    closingAt(coin, "daily", start - 4 * DAY_MS, [10, 10, 10, 10, 11, 9, 9]),
  );
  const plan = planWith([coin], [model], { start, end: start + 3 * DAY_MS });
  deepStrictEqual(fillsOf({ plan, data: [data] }, [equityTrend]), [[6, 100, 10], [12, -100, 10]]);
});

Deno.test("FR-015 reversion leaves after max_bars_held bars of its asset, closed hours not counted", () => {
  const parameters = indexMeanReversion.parameters.parse({
    bb_period: 4,
    bb_std: 1.5,
    max_bars_held: 3,
  });
  const model = seat(indexMeanReversion, { universe: ["SHR"], parameters });
  // Three bars a session: the dip closes on Tuesday at 20:00 and is bought in the bar that opens then.
  const bars = closingAt(share, "h4", start, [10, 10, 10, 10, 8, 7, 6, 5, 4, 3, 2]);
  const plan = planWith([share], [model], {
    start,
    end: start + 4 * DAY_MS,
    rebalanceThreshold: 0.2,
  });
  // Held through Tuesday's last bar and Wednesday's first two, sold in its third.
  deepStrictEqual(fillsOf({ plan, data: [dataOf(bars)] }, [indexMeanReversion]), [
    [11, 31.25, 8],
    [17, -31.25, 5],
  ]);
});

/** Coin that rises for 250 days, crashes on the Tuesday after `start` and is back above all averages on Wednesday. */
const daily = closingAt(coin, "daily", start - 250 * DAY_MS, [
  ...Array.from({ length: 251 }, (_, i) => 100 + i),
  50,
  ...Array.from({ length: 12 }, (_, i) => 400 + i),
]);
const regimes: RegimeData = { crypto: { bars: daily, splits: [], splitsApplied: true } };
const quiet = closingAt(coin, "h4", start - H4_MS, new Array(60).fill(10));
const rotation = seat(cryptoMomentum, {
  universe: ["AAA"],
  parameters: cryptoMomentum.parameters.parse({ top_n: 1 }),
});
const rotationPlan = planWith([coin], [rotation], { start, end: start + 9 * DAY_MS });

Deno.test("FR-016 crypto leaves at the first T of RISK_OFF and comes back at the next anchor only", () => {
  const request = { plan: rotationPlan, data: [dataOf(quiet, daily)], regimes };
  // In on Monday 00:00, out on Wednesday 00:00; RISK_ON from Thursday on, in again on the next Monday.
  deepStrictEqual(fillsOf(request, [cryptoMomentum]), [
    [0, 100, 10],
    [12, -100, 10],
    [42, 100, 10],
  ]);
});

Deno.test("FR-016 crypto stays in cash where no regime is known", () => {
  const request = { plan: rotationPlan, data: [dataOf(quiet, daily)] };
  deepStrictEqual(fillsOf(request, [cryptoMomentum]), []);
});
