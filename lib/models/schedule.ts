import type { RegimeLabels } from "../regime/mod.ts";

/** How often a model is due: when whole days since Monday 1970-01-05 are a multiple of `days`, at 00:00 UTC. */
export interface Schedule {
  readonly days: number;
  /** Due at every other decision, too, at which all labels named here are in force: an exit waits for no day. */
  readonly orWhile?: Partial<RegimeLabels>;
}

/** Whether these labels make a model due on a day that is not its own. */
export function wakes({ orWhile }: Schedule, labels: RegimeLabels): boolean {
  if (orWhile === undefined) return false;
  return (Object.keys(orWhile) as (keyof RegimeLabels)[])
    .every((name) => orWhile[name] === labels[name]);
}
