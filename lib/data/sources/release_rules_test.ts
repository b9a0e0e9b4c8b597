import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS } from "../../core/bars.ts";
import { formatTime, parseDate } from "../../core/clock.ts";
import { releaseRule } from "./release_rules.ts";

function published(series: string, date: string): string {
  const time = releaseRule(series)!.publishedAt(parseDate(date));
  return Number.isNaN(time) ? "never" : formatTime(time).slice(0, 16);
}

Deno.test("FR-004 yields are published on the next business day, which is no holiday of the Federal Reserve", () => {
  const cases = {
    "2024-06-27": "2024-06-28T22:00",
    "2024-01-12": "2024-01-16T23:00", // over a weekend and Martin Luther King Day
    "2024-03-28": "2024-04-01T22:00", // over Good Friday
    "2023-10-06": "2023-10-10T22:00", // over Columbus Day, on which the exchange trades
    "2024-11-08": "2024-11-12T23:00", // over Veterans Day, a Monday
    "2018-11-09": "2018-11-13T23:00", // Veterans Day on a Sunday, made up for on Monday
    "2017-11-09": "2017-11-10T23:00", // on a Saturday, not made up for
    "1985-07-05": "1985-07-08T23:00", // before the clocks' rules: an hour later than it was
  };
  for (const [date, time] of Object.entries(cases).sort()) {
    strictEqual(published("DGS10", date), time);
  }
});

Deno.test("FR-004 the ISM's PMI is published on the first business day of the next month at 10:00", () => {
  deepStrictEqual(
    ["2024-05-01", "2024-11-01", "2023-12-01", "2024-08-01"].map((date) => published("NAPM", date)),
    ["2024-06-03T14:00", "2024-12-02T15:00", "2024-01-02T15:00", "2024-09-03T14:00"],
  );
});

Deno.test("FR-004 the VIX of a day without a session was never published", () => {
  deepStrictEqual(
    ["2024-06-28", "2024-07-03", "2024-07-04", "1991-01-02"].map((date) =>
      published("VIXCLS", date)
    ),
    ["2024-06-28T20:15", "2024-07-03T17:15", "never", "never"],
  );
});

Deno.test("FR-004 months are published after they end, recessions a year after they began", () => {
  strictEqual(published("CFNAI", "2024-05-01"), "2024-06-27T14:00");
  strictEqual(published("UNRATE", "2024-05-01"), "2024-06-14T12:30");
  strictEqual(published("INDPRO", "2024-05-01"), "2024-06-20T14:00");
  strictEqual(published("USREC", "2023-01-01"), "2024-01-01T05:00");
  strictEqual(releaseRule("GDPX"), undefined);
});

Deno.test("FR-004 no rule lets anything be known on its date or out of order", () => {
  const names = ["DGS2", "DFF", "NAPM", "CFNAI", "UNRATE", "CPIAUCSL", "USREC"];
  const days = fc.integer({ min: -4_000, max: 23_000 });
  fc.assert(
    fc.property(fc.constantFrom(...names), days, fc.nat(400), (name, day, later) => {
      const { publishedAt } = releaseRule(name)!;
      const date = day * DAY_MS;
      ok(publishedAt(date) >= date + DAY_MS);
      ok(publishedAt(date + later * DAY_MS) >= publishedAt(date));
    }),
    { seed: 1 },
  );
});
