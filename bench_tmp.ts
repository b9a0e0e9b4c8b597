import process from "node:process";
import { buildMarket } from "./lib/engine/market.ts";
import { seatModels } from "./lib/engine/setup.ts";
import { runLoop } from "./lib/engine/loop.ts";
import { featureCache } from "./lib/features/pipeline.ts";
import { MODELS } from "./lib/models/mod.ts";
import { seededRandom } from "./lib/core/random.ts";
const H4 = 14400000; const start = Date.UTC(2020,0,1);
function bars(symbol: string, n: number, seed: number) {
  const r = seededRandom(seed);
  const f = () => new Float64Array(new SharedArrayBuffer(n * 8));
  const b = { symbol, timeframe: "h4" as const, openTime: f(), availableAt: f(), open: f(), high: f(), low: f(), close: f(), volume: f() };
  let p = 100;
  for (let i = 0; i < n; i++) { b.openTime[i] = start + i*H4; b.availableAt[i] = start + (i+1)*H4; b.open[i] = p; p *= 1 + (r.next()-0.5)*0.02; p = Math.max(1, Math.round(p*64)/64); b.close[i] = p; b.high[i] = Math.max(b.open[i]!, p); b.low[i] = Math.min(b.open[i]!, p); b.volume[i] = 1; }
  return b;
}
const [n, a] = [Number(Deno.args[0]), Number(Deno.args[1])];
const symbols = Array.from({length:a},(_, i)=>"C"+String(i).padStart(4,"0"));
const assets = symbols.map(symbol=>({ symbol, assetClass: "crypto" as const, venue: "x", minOrderSize: 0, quantityPrecision: null, pricePrecision: null, feeBps: 5, slippageBps: 5 }));
const plan = { timeframe: "h4" as const, start, end: start + n*H4, initialNav: 100000, seed: 1, assets,
 models: [{ name: "MovingAverageCrossModel_v1", version: "1.0.0", budgetFraction: 1, universe: symbols, parameters: { fast_ma: 50, slow_ma: 200 }, missing: "ffill" as const }],
 risk: { perAssetCap: null, classCaps: {}, maxLeverage: null, maxNetLeverage: null, perTradeRisk: null, allowShort: false, drawdown: { trigger: null, halt: null, deriskingFactor: 0.5, recover: 0.1, resumeDays: 30 } },
 fill: "next_open" as const, sizing: "fill_price" as const, rebalanceThreshold: 0.5/a, allowBorrowing: false, cashRate: 0, maxGapBars: 5 };
const data = symbols.map((symbol,i)=>({ symbol, bars: { h4: bars(symbol, n, i+1) }, actions: [], splitsApplied: false }));
for (let i = 0; i < Number(Deno.args[2] ?? 5); i++) {
  const t0 = (process.cpuUsage().user/1000);
  const market = buildMarket(plan, data);
  const t1 = (process.cpuUsage().user/1000);
  const setup = seatModels(plan, MODELS, { market, cache: featureCache() });
  const t2 = (process.cpuUsage().user/1000);
  const r = runLoop(plan, market, setup);
  const t3 = (process.cpuUsage().user/1000);
  console.log("market", (t1 - t0).toFixed(2), "seat", (t2 - t1).toFixed(2), "loop", (t3 - t2).toFixed(2), "total", (t3-t0).toFixed(2), r.nav.at(-1), r.outcomes.length);
}
