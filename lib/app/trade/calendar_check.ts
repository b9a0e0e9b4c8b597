import { DAY_MS, type Millis } from "../../core/bars.ts";
import { sessionsBetween } from "../../core/calendar.ts";
import { formatDate, formatTime } from "../../core/clock.ts";
import type { Venue } from "../../core/trading.ts";
import type { VenueSession } from "../../execution/venues/mod.ts";

/** How far ahead both calendars have to agree. */
const DAYS_AHEAD = 30;

/** A venue that can tell of its sessions. */
interface HasSessions {
  sessions?(from: Millis, to: Millis): Promise<readonly VenueSession[] | undefined>;
}

/** Where our New York calendar and the broker's differ from today on, one line each; none where it has no calendar. */
export async function calendarDifferences(
  venue: HasSessions,
  now: Millis,
): Promise<readonly string[]> {
  const from = Math.floor(now / DAY_MS) * DAY_MS;
  const to = from + DAYS_AHEAD * DAY_MS;
  const told = await venue.sessions?.(from, to);
  if (!told) return [];
  const own = new Map(sessionsBetween(from, to).map((session) => [session.date, session]));
  const theirs = new Map(told.map((session) => [session.date, session]));
  const dates = [...new Set([...own.keys(), ...theirs.keys()])].sort((a, b) => a - b);
  return dates.flatMap((date) => {
    const [ours, other] = [hoursOf(own.get(date)), hoursOf(theirs.get(date))];
    return ours === other ? [] : [`${formatDate(date)}: the broker has ${other}, we have ${ours}`];
  });
}

function hoursOf(session: Pick<VenueSession, "open" | "close"> | undefined): string {
  return session ? `${formatTime(session.open)} to ${formatTime(session.close)}` : "no session";
}

/** A venue at which the market of these symbols is closed, whatever it says itself: nothing of them is traded. */
export function withholding<Kind extends Venue>(venue: Kind, symbols: readonly string[]): Kind {
  return {
    ...venue,
    async clock(symbol) {
      const told = await venue.clock(symbol);
      if (symbol === undefined || !symbols.includes(symbol)) return told;
      return { ...told, isOpen: false, nextClose: null };
    },
  };
}
