import { fileURLToPath } from "node:url";
import { loadData } from "../../lib/app/load_data.ts";
import { loadPlan } from "../../lib/app/load_plan.ts";
import { DAY_MS } from "../../lib/core/bars.ts";
import { seededRandom } from "../../lib/core/random.ts";
import type { RunRecord } from "../../lib/core/run_record.ts";
import { audit } from "../../lib/engine/audit/audit.ts";
import { fillEnvelope } from "../../lib/engine/envelope.ts";
import { execute, type RunRequest } from "../../lib/engine/execute.ts";
import { examineLeaks } from "../../lib/engine/leaks/examine.ts";
import { rehearsable } from "../../lib/engine/simulate.ts";
import { atr, bollinger, ema, rsi, sma } from "../../lib/features/mod.ts";
import { MODELS } from "../../lib/models/mod.ts";
import { deriveRun, envelopeOf, luckOf } from "../../lib/results/mod.ts";
import { dailyMarks } from "../../lib/stats/monthly.ts";
import { type Account, type Statistics, summarize } from "../../lib/stats/summary.ts";
import { W4_SIZES } from "./lines.ts";
import { plainCross } from "./plain_cross.ts";
import { crossRequest } from "./synthetic.ts";

/** Work that can be done again and again, with everything it needs in memory. */
export type Work = () => unknown;

/** Prepares the work of each line that is measured inside one process. */
export const WORKLOADS: Readonly<Record<string, () => Work | Promise<Work>>> = {
  async base_engine() {
    const request = await requestOf([]);
    return () => execute(request, MODELS);
  },
  async base_derive() {
    const record = execute(await requestOf([]), MODELS);
    return () => deriveRun(record);
  },
  async proof_audit() {
    const run = rehearsable(await requestOf([]), MODELS);
    return () => audit(run, MODELS);
  },
  async proof_envelope() {
    const { record, laid } = rehearsable(await requestOf([]), MODELS);
    return () => envelopeOf(record, fillEnvelope(record, laid.market));
  },
  async proof_luck() {
    const record = execute(await requestOf([]), MODELS);
    const derived = deriveRun(record);
    return () => luckOf(record, derived, { seed: 1 });
  },
  proof_corpus: () => () => examineLeaks(),
  async w1() {
    const request = await requestOf([ORACLE_W1]);
    return () => statisticsOf(execute(request, MODELS));
  },
  async w1_engine() {
    const request = await requestOf([ORACLE_W1]);
    return () => execute(request, MODELS);
  },
  async w1_plain() {
    const { h4 } = (await requestOf([ORACLE_W1])).data[0]!.bars;
    return () => plainCross(h4!, { fast: 50, slow: 200, cash: 100_000, costBps: 5 });
  },
  ...Object.fromEntries(
    Object.entries(W4_SIZES).map(([id, size]) => [id, () => {
      const request = crossRequest(size);
      return () => execute(request, MODELS);
    }]),
  ),
  kernels: () => kernelWork({ reuse: true }),
  kernels_new: () => kernelWork({ reuse: false }),
  metrics() {
    const account = yearsOfDays(2500);
    return () => summarize(account);
  },
};

const ORACLE_W1 = fileURLToPath(
  new URL("../../configs/experiments/oracle_w1.yaml", import.meta.url),
);

async function requestOf(files: readonly string[]): Promise<RunRequest> {
  const loaded = await loadPlan(files);
  const { assets, regimes } = await loadData(loaded);
  return { plan: loaded.plan, data: assets, regimes: regimes.data };
}

/** What the engine makes of a request, for comparison with a bare loop. */
export function engineResult(request: RunRequest): { finalEquity: number; orders: number } {
  const { nav, outcomes } = execute(request, MODELS);
  const filled = outcomes.filter(({ status }) => status === "filled");
  return { finalEquity: nav.at(-1)!, orders: filled.length };
}

/** All figures of a run of one asset that is never short. */
function statisticsOf({ markTimes: times, nav, cash, assets, outcomes }: RunRecord): Statistics {
  const daily = dailyMarks(times, nav);
  const filled = outcomes.filter((outcome) => outcome.status === "filled");
  return summarize({
    times,
    nav,
    dailyTimes: daily.times,
    dailyNav: daily.nav,
    grossExposure: nav.map((value, mark) => 1 - cash[mark]! / value),
    fills: filled.map(({ asset, ...fill }) => ({ ...fill, symbol: assets[asset]!.symbol })),
    fees: filled.reduce((sum, { fee }) => sum + fee, 0),
    slippage: filled.reduce((sum, { slippage }) => sum + slippage, 0),
    periodsPerYear: 365,
  });
}

/** The five indicators that others are compared in, over a million bars, into old buffers or new columns. */
function kernelWork({ reuse }: { reuse: boolean }): Work {
  const { high, low, close } = crossRequest({ bars: 1_000_000, assets: 1 }).data[0]!.bars.h4!;
  const buffer = () => new Float64Array(close.length);
  const [means, averages, strengths, ranges] = [buffer(), buffer(), buffer(), buffer()];
  const bands = { middle: buffer(), upper: buffer(), lower: buffer() };
  if (!reuse) {
    return () => [
      sma(close, 20),
      ema(close, 20),
      rsi(close, 14),
      atr(high, low, close, 14),
      bollinger(close, 20, 2),
    ];
  }
  return () => {
    sma(close, 20, { out: means });
    ema(close, 20, { out: averages });
    rsi(close, 14, { out: strengths });
    atr(high, low, close, 14, { out: ranges });
    bollinger(close, 20, 2, { out: bands });
  };
}

/** An account marked once a day, with a round trip every twenty days. */
function yearsOfDays(days: number): Account {
  const random = seededRandom(1);
  const times = Float64Array.from({ length: days + 1 }, (_, day) => day * DAY_MS);
  let value = 100_000;
  const nav = times.map((_, day) => day === 0 ? value : value *= 1 + (random.next() - 0.49) * 0.02);
  const fills = Array.from({ length: Math.floor(days / 10) }, (_, i) => ({
    symbol: "CR1",
    time: i * 10 * DAY_MS,
    quantity: i % 2 === 0 ? 10 : -10,
    price: 100 + random.next(),
    fee: 0.5,
  }));
  return {
    times,
    nav,
    dailyTimes: times,
    dailyNav: nav,
    grossExposure: new Float64Array(times.length).fill(0.8),
    fills,
    fees: 0.5 * fills.length,
    slippage: 0,
    periodsPerYear: 365,
  };
}
