import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { HOUR_MS } from "../../core/bars.ts";
import { sessionsBetween } from "../../core/calendar.ts";
import { parseTime } from "../../core/clock.ts";
import type { Venue } from "../../core/trading.ts";
import { calendarDifferences, withholding } from "./calendar_check.ts";

const NOW = parseTime("2026-11-20T15:00:00Z");

Deno.test("FR-012 the broker's calendar is compared for thirty days, half days and all", async () => {
  const asked: number[] = [];
  const venue = (change: (session: { date: number; open: number; close: number }) => boolean) => ({
    sessions(from: number, to: number) {
      asked.push((to - from) / HOUR_MS / 24);
      const sessions = sessionsBetween(from, to)
        .map(({ date, open, close }) => ({ date, open, close }));
      return Promise.resolve(sessions.filter(change));
    },
  });
  deepStrictEqual(await calendarDifferences(venue(() => true), NOW), []);
  deepStrictEqual(asked, [30]);
  const withoutThanksgivingFriday = venue(({ date }) => date !== Date.UTC(2026, 10, 27));
  deepStrictEqual(await calendarDifferences(withoutThanksgivingFriday, NOW), [
    "2026-11-27: the broker has no session, we have 2026-11-27T14:30:00Z to 2026-11-27T18:00:00Z",
  ]);
  const longer = venue((session) => {
    if (session.date === Date.UTC(2026, 10, 27)) session.close += 3 * HOUR_MS;
    return true;
  });
  strictEqual((await calendarDifferences(longer, NOW)).length, 1);
  deepStrictEqual(await calendarDifferences({}, NOW), [], "a venue without a calendar");
  const unserved = { sessions: () => Promise.resolve(undefined) };
  deepStrictEqual(await calendarDifferences(unserved, NOW), [], "a calendar that is not served");
});

Deno.test("FR-012 where calendars differ equities wait, and nothing else does", async () => {
  const open = { time: NOW, isOpen: true, nextOpen: null, nextClose: NOW + HOUR_MS };
  const venue = { clock: () => Promise.resolve(open) } as unknown as Venue;
  const held = withholding(venue, ["SPY"]);
  strictEqual((await held.clock("SPY")).isOpen, false);
  strictEqual((await held.clock("BTC")).isOpen, true);
  strictEqual((await held.clock()).isOpen, true);
});
