import { charts, openRun } from "../../lib/mod.ts";
import { systemClock } from "../../lib/core/clock.ts";

// deno run tasks/bench/draw.ts RUN BEGUN: draws the charts of a run, and prints as JSON how long the first took since the
// process was started (BEGUN, in milliseconds since 1970), and how long all of them took after it.

const [id = "", begun = ""] = Deno.args;
const run = await openRun(id);
await charts.nav(run);
const first = systemClock.now() - Number(begun);
const from = systemClock.elapsed();
for (
  const draw of [
    charts.nav,
    charts.drawdown,
    charts.monthlyReturns,
    charts.rolling,
    charts.exposure,
    charts.attribution,
    charts.turnover,
    charts.distribution,
    charts.regimes,
    charts.envelope,
    charts.luck,
    charts.models,
  ] as const
) await draw(run);
await charts.price(run, "SPY");
console.log(JSON.stringify({ first, all: systemClock.elapsed() - from }));
