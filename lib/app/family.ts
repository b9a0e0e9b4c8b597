import type { Plan } from "../engine/plan.ts";
import { type LedgerKey, ledgerKey } from "../results/mod.ts";

/** What trials of a plan are counted under: its models and what they trade, not how they are set or how long. */
export function familyOf({ models, assets, timeframe }: Plan): LedgerKey {
  return ledgerKey({
    models: models.map(({ name }) => name),
    symbols: assets.map(({ symbol }) => symbol),
    timeframe,
  });
}
