import process from "node:process";
import { sma } from "./lib/features/kernels.ts";
import { seededRandom } from "./lib/core/random.ts";
const n = 1_000_000; const r = seededRandom(1);
for (const mode of ["random", "bench"]) {
const x = new Float64Array(new SharedArrayBuffer(n*8)); let p = 100; for (let i=0;i<n;i++){ p = mode==="random" ? 100+r.next() : Math.max(1, Math.round(p*(1+(r.next()-.5)*.02)*64)/64); x[i]=p; }
for (let i=0;i<6;i++) { const c = process.cpuUsage().user; sma(x,50); const d=process.cpuUsage().user; sma(x,200); console.log(mode, (d-c)/1000, (process.cpuUsage().user-d)/1000); }
}
