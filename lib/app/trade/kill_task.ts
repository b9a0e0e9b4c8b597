import { systemClock } from "../../core/clock.ts";
import { inProject } from "../project.ts";
import {
  type KillReport,
  type KillStatus,
  releaseSwitch,
  switchStatus,
  throwSwitch,
} from "./kill.ts";

/** How the switch of this project is reached. */
export interface KillSwitchOptions {
  /** Configuration files over the base. */
  readonly configs: readonly string[];
  readonly environment: (name: string) => string | undefined;
}

/** The kill switch of this project's accounts (FR-054). */
export function killSwitch({ configs, environment }: KillSwitchOptions) {
  const options = {
    ...{ stateFolder: inProject("state"), clock: systemClock, environment },
    async configured() {
      // Only once the flag is set: a configuration that cannot be read must not hold it up.
      const { loadPlan } = await import("../load_plan.ts");
      const { accountOf } = await import("./registered.ts");
      return [accountOf(await loadPlan(configs), "paper")];
    },
  };
  return {
    on: (order: Parameters<typeof throwSwitch>[0]): Promise<KillReport> =>
      throwSwitch(order, options),
    off: (release: Parameters<typeof releaseSwitch>[0]): Promise<void> =>
      releaseSwitch(release, options),
    status: (): Promise<KillStatus> => switchStatus(options),
  };
}
