import type { CorporateAction } from "../../core/bars.ts";
import { formatDate } from "../../core/clock.ts";
import type { AssetData } from "../../engine/plan.ts";
import type { Account, LinkedEvent } from "../../execution/account/mod.ts";
import { bookedActions } from "./market_feed.ts";

/** Units that rounding may make. */
const SAME_UNITS = 1e-9;

/**
 * Looks for a split of what is held that the account has not been told of: its units and the prices are not of one kind
 * then, and nothing can be decided on them. Says why in one line, undefined where there is none.
 */
export function splitWatch(account: Pick<Account, "status" | "eventsSince">) {
  const booked = new Set<string>();
  return (assets: readonly AssetData[]): string | undefined => {
    const { positions } = account.status();
    const splits = assets.filter(({ symbol }) => positions[symbol] !== undefined)
      .flatMap(bookedActions)
      .filter((action) => action.kind === "split" && !booked.has(nameOf(action)));
    if (splits.length === 0) return undefined;
    const events = account.eventsSince(0);
    const open = splits.filter((split) =>
      !isBooked(split, events, Number(positions[split.symbol]))
    );
    for (const split of splits) if (!open.includes(split)) booked.add(nameOf(split));
    return open[0] && lineOf(open[0]);
  };
}

function nameOf({ symbol, exDate }: CorporateAction): string {
  return `${symbol} ${exDate}`;
}

/** Whether the account came after the split, was told of it, or held nothing of it then. */
function isBooked(
  { symbol, exDate }: CorporateAction,
  events: readonly LinkedEvent[],
  held: number,
): boolean {
  const since = events.filter(({ time }) => time >= exDate);
  const isTold = since.some(({ event }) =>
    event.kind === "opened" || event.kind === "adopted" ||
    event.kind === "corporate_action" && event.symbol === symbol && event.action === "split"
  );
  if (isTold) return true;
  const bought = since.reduce((units, { event }) => {
    if (event.kind !== "fill" || event.symbol !== symbol) return units;
    return units + (event.side === "buy" ? 1 : -1) * Number(event.quantity);
  }, 0);
  return Math.abs(held - bought) <= SAME_UNITS;
}

function lineOf({ symbol, value, exDate }: CorporateAction): string {
  return `${symbol} was split ${value} for 1 on ${
    formatDate(exDate)
  } and the account has the units of before; --accept-drift when the broker has booked it`;
}
