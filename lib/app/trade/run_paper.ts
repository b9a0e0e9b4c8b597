import { systemClock } from "../../core/clock.ts";
import type { LoadedPlan } from "../load_plan.ts";
import { keepTrading } from "./keep_trading.ts";
import { openRunning, sessionOptions, type TradingOptions } from "./paper.ts";
import type { SchedulerReport } from "./scheduler.ts";

/** Trades an account by the clock until the signal: recovers first, then visits it at every close and open. */
export async function runPaper(
  loaded: LoadedPlan,
  options: TradingOptions & { readonly signal: AbortSignal },
): Promise<SchedulerReport> {
  const { stateFolder } = sessionOptions(options);
  const session = await openRunning(loaded, options);
  return await keepTrading(session, {
    ...{ account: loaded.config.trading.account, stateFolder, signal: options.signal },
    ...{ clock: options.clock ?? systemClock, journal: session.journal },
  });
}
