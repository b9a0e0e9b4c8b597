import { setTimeout } from "node:timers/promises";
import { HOUR_MS } from "../core/bars.ts";
import { type Clock, parseDate, systemClock } from "../core/clock.ts";
import { btc, spy } from "./bar_fixtures.ts";
import { fakeSource } from "./source_fixtures.ts";
import { updateBars } from "./update.ts";

// Updates three files under a folder for as long as it is let: FOLDER NOW. Says "begun" when it begins.
const [root, now] = Deno.args as [string, string];
const source = fakeSource({
  stepMs: HOUR_MS / 2,
  rowsPerPage: 200,
  beforePage: async () => await setTimeout(1),
});
const clock: Clock = { now: () => Number(now), elapsed: systemClock.elapsed };
console.log("begun");
for (const [asset, timeframe] of [[btc, "h4"], [spy, "h4"], [spy, "daily"]] as const) {
  const from = parseDate("2024-01-01");
  await updateBars(root, asset, timeframe, source, { from, clock, savePartialMs: 3 });
}
