import type { RunRecord } from "../../core/run_record.ts";
import type { TrialPath } from "./trial_row.ts";

/** What a trial's figures need of a whole run. */
export function pathOf({ nav, markTimes, assets, outcomes }: RunRecord): TrialPath {
  const filled = outcomes.filter((outcome) => outcome.status === "filled");
  return {
    nav,
    fills: filled.map(({ asset, index, quantity, price, fee, slippage }) => ({
      symbol: assets[asset]!.symbol,
      time: markTimes[index]!,
      ...{ quantity, price, fee, slippage },
    })),
  };
}
