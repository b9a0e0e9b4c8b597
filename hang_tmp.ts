import { loadPlan, backtest } from "./lib/mod.ts";
const t0 = performance.now(); const at = (l: string) => console.error(l, (performance.now()-t0).toFixed(0));
const loaded = await loadPlan([]); at("plan");
const run = await backtest(loaded, { resultsRoot: "/tmp/res1", threads: Number(Deno.args[0] ?? 1), onProgress: (a,b)=>at("progress "+a+"/"+b) }); at("done"); console.log(run.id, run.origin, run.folder, run.card.statistics.portfolio.sharpe);
