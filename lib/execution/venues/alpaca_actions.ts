import { DAY_MS } from "../../core/bars.ts";
import type { Venue, VenueAction } from "../../core/trading.ts";
import { exact } from "../account/exact.ts";
import { activitiesSince } from "./alpaca_activities.ts";
import type { AlpacaDesk } from "./alpaca_desk.ts";
import { ACTION_TYPES, ACTIVITIES, alpacaAction } from "./alpaca_shapes.ts";
import { whereServed } from "./asking.ts";

/** Activities are found by their date, which may be days before they are booked. */
const OVERLAP_MS = 7 * DAY_MS;

/** Dividends, taxes on them, splits, fees and interest from the account's activities; none where none such are served. */
export function alpacaActions({ get }: AlpacaDesk): NonNullable<Venue["actionsSince"]> {
  return async (since) => {
    const rows = await whereServed(
      activitiesSince(
        since - OVERLAP_MS,
        "activities",
        (query) =>
          get(
            "activities",
            ACTIVITIES,
            ({ trading }) =>
              trading.accountActivities.getAccountActivities({
                activityTypes: ACTION_TYPES,
                ...query,
              }),
          ),
      ),
    );
    const actions = (rows ?? []).flatMap((row) => alpacaAction(row) ?? []);
    return wholeSplits(actions).filter(({ time }) => time >= since);
  };
}

/**
 * A split comes as two rows, old units out and new ones in. In goes first, so that what is held never becomes nothing on the
 * way, and out waits for in where only one of both shows yet.
 */
function wholeSplits(actions: readonly VenueAction[]): readonly VenueAction[] {
  const isOut = ({ units }: VenueAction) => exact(units).isNegative();
  const whole = actions.filter((action) =>
    !isOut(action) ||
    actions.some((other) =>
      other.action === "split" && other.symbol === action.symbol && !isOut(other) &&
      Math.abs(other.time - action.time) < DAY_MS
    )
  );
  return whole.toSorted((a, b) =>
    Number(isOut(a)) - Number(isOut(b)) || a.time - b.time || (a.actionId < b.actionId ? -1 : 1)
  );
}
