import { type CorporateAction, lowerBound, type Millis } from "../../core/bars.ts";
import type { AssetData } from "../../engine/plan.ts";
import { actionName, byName } from "./stored_growth.ts";

/** Where actions of one symbol come from, what counts most first. */
export interface ActionSources {
  /** What decisions have seen: it stays as it was seen. */
  readonly seen: readonly CorporateAction[];
  readonly onFile: readonly CorporateAction[];
  /** What the source tells of since. */
  readonly asked: readonly CorporateAction[];
}

/** Actions of one symbol as a decision may see them. */
export interface JoinedActions {
  readonly actions: readonly CorporateAction[];
  /** One line for each that is told otherwise somewhere. */
  readonly troubles: readonly string[];
}

/**
 * All actions whose ex-date has begun by a time, one of each name: what was seen before as it was seen, then those on
 * file, then those of the source.
 */
export function joinedActions(
  { seen, onFile, asked }: ActionSources,
  time: Millis,
  isSame: (a: number, b: number) => boolean,
): JoinedActions {
  const byNames = new Map(seen.map((action) => [actionName(action), action]));
  const troubles: string[] = [];
  const take = (from: readonly CorporateAction[], where: string) => {
    for (const action of from) {
      if (action.exDate > time) continue;
      const name = actionName(action);
      const known = byNames.get(name);
      if (!known) byNames.set(name, action);
      else if (!isSame(known.value, action.value)) {
        troubles.push(
          `${action.symbol}: ${name} is ${known.value} here and ${action.value} ${where}`,
        );
      }
    }
  };
  take(onFile, "on file");
  take(asked, "at the source");
  return { actions: [...byNames.values()].sort(byName), troubles };
}

/** Actions that prices can be adjusted by, and one line for each that they cannot. */
export function adjustable(
  { symbol, bars: { daily } }: Pick<AssetData, "symbol" | "bars">,
  actions: readonly CorporateAction[],
): JoinedActions {
  const troubles: string[] = [];
  const kept = actions.filter((action) => {
    const reason = complaintAbout(action, daily);
    if (reason !== undefined) {
      troubles.push(`${symbol}: ${actionName(action)} of ${action.value} is left out: ${reason}`);
    }
    return reason === undefined;
  });
  return { actions: kept, troubles };
}

function complaintAbout(
  { kind, value, exDate }: CorporateAction,
  daily: AssetData["bars"]["daily"],
): string | undefined {
  if (!daily) return "found no daily bars on file to adjust by, download them";
  const row = lowerBound(daily.openTime, exDate) - 1;
  if (kind === "split" || row < 0 || value < daily.close[row]!) return undefined;
  return `it is not less than the close before, ${daily.close[row]}`;
}
