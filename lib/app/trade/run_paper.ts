import { systemClock } from "../../core/clock.ts";
import type { LoadedPlan } from "../load_plan.ts";
import { heartbeatFile, writeHeartbeat } from "./heartbeat.ts";
import { openRunning, sessionOptions, type TradingOptions } from "./paper.ts";
import { runScheduler, type SchedulerReport } from "./scheduler.ts";

/** Trades an account by the clock until the signal: recovers first, then visits it at every close and open. */
export async function runPaper(
  loaded: LoadedPlan,
  options: TradingOptions & { readonly signal: AbortSignal },
): Promise<SchedulerReport> {
  const { stateFolder } = sessionOptions(options);
  const clock = options.clock ?? systemClock;
  const session = await openRunning(loaded, options);
  try {
    await session.recover();
  } catch (error) {
    await session.close();
    throw error;
  }
  const file = heartbeatFile(stateFolder, loaded.config.trading.account);
  const { journal } = session;
  return await runScheduler({
    ...{ session, clock, stateFolder, journal, signal: options.signal },
    beat: (heartbeat) => writeHeartbeat(file, heartbeat),
  });
}
