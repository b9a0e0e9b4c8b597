import { gridMs, type Millis, upperBound } from "../../core/bars.ts";
import type { AssetData, Plan } from "../plan.ts";
import { alignUnwanted } from "./account_events.ts";
import type { Occasion } from "./decide_once.ts";
import { seatState } from "./seat_state.ts";
import { crossLeftAlone, type CrossPrice } from "./settle_fills.ts";
import type { TradingState } from "./trading_state.ts";

/** An account at a close, and what was known of prices by then. */
export interface AccountAtClose {
  readonly time: Millis;
  readonly cash: number;
  /** Raw units by symbol. */
  readonly positions: Readonly<Record<string, number | string>>;
  /** The models' state with everything settled that has happened since they last decided; undefined before the first time. */
  readonly settled: TradingState | undefined;
  readonly data: readonly AssetData[];
}

/** What a decision is made on: the account, and the state once models have traded with each other what it left alone. */
export function occasionOf(
  plan: Plan,
  { time, cash, positions, settled, data }: AccountAtClose,
): Occasion {
  const units = Float64Array.from(plan.assets, ({ symbol }) => Number(positions[symbol] ?? "0"));
  const state = settled && alignUnwanted(
    crossLeftAlone(
      seatState(settled, plan),
      crossPrices(plan, data, { from: settled.newest.time, to: time }),
    ).state,
    units,
  );
  return { time, account: { cash, units }, state };
}

/** The first price of each asset since the decision before; none where it was not traded. */
function crossPrices(
  plan: Plan,
  data: readonly AssetData[],
  { from, to }: { readonly from: Millis; readonly to: Millis },
): readonly CrossPrice[] {
  return plan.assets.flatMap(({ symbol }, asset) => {
    const { openTime, open } = data.find((one) => one.symbol === symbol)!.bars[plan.timeframe]!;
    const row = upperBound(openTime, from - 1);
    const time = openTime[row];
    if (time === undefined || time >= Math.min(to, from + gridMs(plan.timeframe))) return [];
    return [{ asset, price: open[row]!, time }];
  });
}
