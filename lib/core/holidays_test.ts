import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { formatDate, parseDate } from "./clock.ts";
import { halfDays, holidays, oneOffCloses, oneOffClosures } from "./holidays.ts";
import { weekday } from "./weekdays.ts";

const dates = (days: ReadonlySet<number>) => [...days].map(formatDate).sort();

Deno.test("FR-012 the holidays of 2022 and 2024 are those the exchange published", () => {
  deepStrictEqual(dates(holidays(2022)), [ // New Year was a Saturday
    "2022-01-17",
    "2022-02-21",
    "2022-04-15",
    "2022-05-30",
    "2022-06-20",
    "2022-07-04",
    "2022-09-05",
    "2022-11-24",
    "2022-12-26",
  ]);
  deepStrictEqual(dates(holidays(2024)), [
    "2024-01-01",
    "2024-01-15",
    "2024-02-19",
    "2024-03-29",
    "2024-05-27",
    "2024-06-19",
    "2024-07-04",
    "2024-09-02",
    "2024-11-28",
    "2024-12-25",
  ]);
});

Deno.test("FR-012 half days stand beside July 4th, after Thanksgiving and on Christmas Eve", () => {
  deepStrictEqual(dates(halfDays(1993)), ["1993-11-26"]); // none in July before 1995
  deepStrictEqual(dates(halfDays(1996)), ["1996-07-05", "1996-11-29", "1996-12-24"]);
  deepStrictEqual(dates(halfDays(2013)), ["2013-07-03", "2013-11-29", "2013-12-24"]);
  deepStrictEqual(dates(halfDays(2020)), ["2020-11-27", "2020-12-24"]); // July 4th a Saturday
  deepStrictEqual(dates(halfDays(2021)), ["2021-11-26"]); // July 4th a Sunday, Christmas a Saturday
});

Deno.test("FR-012 a day off is a weekday, and no half day or one-off date is a day off already", () => {
  for (let year = 1993; year <= 2035; year++) {
    const closed = holidays(year);
    ok([...closed].every((date) => weekday(date) >= 1 && weekday(date) <= 5), `${year}`);
    const others = [...halfDays(year), ...oneOffClosures.keys(), ...oneOffCloses.keys()];
    deepStrictEqual(others.filter((date) => closed.has(date)).map(formatDate), []);
    ok([...halfDays(year)].every((date) => !oneOffClosures.has(date) && !oneOffCloses.has(date)));
  }
});

Deno.test("FR-012 weekdays count from Sunday, also before 1970", () => {
  strictEqual(weekday(parseDate("1970-01-01")), 4);
  strictEqual(weekday(parseDate("2024-03-10")), 0);
  strictEqual(weekday(parseDate("1969-12-27") + 1), 6);
});
