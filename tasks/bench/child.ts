import { durations, QUICK, THOROUGH } from "./sample.ts";
import { WORKLOADS } from "./workloads.ts";

// deno run tasks/bench/child.ts LINE [--quick]: measures one line and prints its durations in milliseconds as JSON. A
// process for each, so that none is helped or hurt by code that another one had compiled.

const [line = "", effort] = Deno.args;
const prepare = WORKLOADS[line];
if (!prepare) throw new RangeError(`No work for line "${line}"`);
const work = await prepare();
console.log(JSON.stringify(durations(work, effort === "--quick" ? QUICK : THOROUGH)));
