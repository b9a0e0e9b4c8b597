import { DAY_MS, type Millis } from "../../core/bars.ts";
import { sessionsBetween } from "../../core/calendar.ts";
import { parseDate } from "../../core/clock.ts";
import { seededRandom } from "../../core/random.ts";
import { utcDate } from "../../core/weekdays.ts";

/** A value as it was published on a day (vintage), in the text of FRED: "." is none. */
export interface TestPublication {
  readonly date: Millis;
  readonly vintage: Millis;
  readonly value: string;
}

export type TestSeriesTable = Readonly<Record<string, readonly TestPublication[]>>;

/** Days published the business day after; a month published after 27 days and revised with the next two; no rule: GDPX. */
export function testSeries(
  { seed = "series", since = "2018-01-02", until }: {
    readonly seed?: string;
    readonly since?: string;
    readonly until: Millis;
  },
): TestSeriesTable {
  const sessions = sessionsBetween(parseDate(since), until);
  const daily = (name: string, first: number): readonly TestPublication[] => {
    const chance = seededRandom(`${seed}/${name}`);
    let level = first;
    return sessions.slice(0, -1).map(({ date }, i) => {
      level = Math.max(0.1, level + (chance.next() - 0.5) / 10);
      // A bond holiday now and then.
      const value = i % 97 === 50 ? "." : level.toFixed(2);
      return { date, vintage: sessions[i + 1]!.date, value };
    });
  };
  const monthly = (name: string): readonly TestPublication[] => {
    const chance = seededRandom(`${seed}/${name}`);
    const year = Number(since.slice(0, 4));
    const months = Array.from(
      { length: 12 * 20 },
      (_, i) => utcDate(year + Math.floor(i / 12), i % 12 + 1, 1),
    ).filter((month) => month < until);
    return months.flatMap((date, i) =>
      [0, 1, 2].flatMap((revision) => {
        const next = months[i + 1 + revision];
        const vintage = (next ?? Infinity) + 26 * DAY_MS;
        return vintage < until ? [{ date, vintage, value: (chance.next() - 0.5).toFixed(2) }] : [];
      })
    );
  };
  return {
    DGS2: daily("DGS2", 1.5),
    DGS10: daily("DGS10", 2.5),
    VIXCLS: daily("VIXCLS", 15),
    CFNAI: monthly("CFNAI"),
    USREC: monthly("USREC").filter(({ date }, i, all) => all[i - 1]?.date !== date)
      .map((row) => ({ ...row, value: "0" })),
    GDPX: monthly("GDPX"),
  };
}
