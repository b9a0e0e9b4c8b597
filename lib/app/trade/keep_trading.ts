import type { Clock } from "../../core/clock.ts";
import type { Journal } from "../../core/ports.ts";
import { FAILED_BARS_ALLOWED, runScheduler, type SchedulerReport } from "./scheduler.ts";
import { heartbeatFile, writeHeartbeat } from "./heartbeat.ts";
import type { StepReport, TradingSession } from "./session.ts";

/** What trading goes on with. */
export interface KeepTradingOptions {
  /** The account's name in files. */
  readonly account: string;
  readonly stateFolder: string;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly signal: AbortSignal;
  readonly onStep?: (report: StepReport) => void;
}

/** Recovers an account and trades it by the clock until the signal, with a heartbeat; the session is closed on return. */
export async function keepTrading(
  session: TradingSession & { skewMs(): Promise<number> },
  options: KeepTradingOptions,
): Promise<SchedulerReport> {
  const { account, stateFolder, clock, journal } = options;
  const file = heartbeatFile(stateFolder, account);
  await session.recover().catch(async (error) => {
    await session.close();
    throw error;
  });
  return await runScheduler({
    ...options,
    session,
    beat: (heartbeat) => writeHeartbeat(file, heartbeat),
    skewMs: session.skewMs,
    onBrokerFailure(barsInARow, reason) {
      if (barsInARow <= FAILED_BARS_ALLOWED) return;
      journal.write({
        ...{ timestamp: clock.now(), component: "scheduler", level: "error" },
        message: "the broker failed on too many closes in a row: models are to be demoted",
        context: { bars_in_a_row: barsInARow, reason },
      });
    },
  });
}
