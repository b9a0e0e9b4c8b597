import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { parseDate } from "../../core/clock.ts";
import { seededRandom } from "../../core/random.ts";
import { tradable } from "../fixtures.ts";
import { garchMarket } from "./garch_market.ts";
import { judgeSweeps } from "./proof_crew.ts";
import { PAIRS, proofPlans } from "./proof_plans.ts";
import { type ProofSweep, runProofSweep } from "./proof_sweep.ts";
import { proveHonesty } from "./prove_honesty.ts";

const start = parseDate("2020-01-01");

/** A real history as far as the proof knows: here a synthetic one with an edge that no flip may leave in it. */
const history = {
  asset: { ...tradable("BTC"), feeBps: 10, slippageBps: 5 },
  bars: garchMarket({
    ...{ random: seededRandom(9), symbol: "BTC", start, bars: 4_380, strength: 6 },
  }).bars,
};
const ground = { seed: 3, bars: 2_190, resamples: 100, histories: [history] };

Deno.test("FR-049 a sweep tries the hundred pairs of the known workload, fast below slow", () => {
  strictEqual(PAIRS.length, 100);
  ok(PAIRS.every(({ fast_ma, slow_ma }) => fast_ma < slow_ma));
  deepStrictEqual(PAIRS[0], { fast_ma: 5, slow_ma: 60 });
  deepStrictEqual(PAIRS[99], { fast_ma: 50, slow_ma: 240 });
  const plans = proofPlans(history.asset, { start, end: start });
  deepStrictEqual(plans[1]!.models[0]!.parameters, { fast_ma: 5, slow_ma: 80 });
});

Deno.test("FR-049 workers judge as one thread does, whatever their number", async () => {
  const sweeps: readonly ProofSweep[] = [
    { kind: "garch", strength: 0, number: 0 },
    { kind: "garch", strength: 3, number: 1 },
    { kind: "garch_free", number: 0 },
    { kind: "sign_flipped", history: 0, number: 0 },
    { kind: "garch", strength: 0, number: 2 },
    { kind: "sign_flipped", history: 0, number: 1 },
  ];
  const here = sweeps.map((sweep) => runProofSweep(ground, sweep));
  ok(here.every(({ sharpe, spa }) => sharpe !== null && spa !== null));
  for (const workers of [1, 2, 8]) {
    const told: number[] = [];
    const onProgress = (done: number) => told.push(done);
    deepStrictEqual(await judgeSweeps(ground, sweeps, { workers, onProgress }), here);
    deepStrictEqual(told, [1, 2, 3, 4, 5, 6]);
  }
});

Deno.test("FR-049 a market that cannot be flipped and an interruption end the proof", async () => {
  const close = history.bars.close.map((price, i) => i < 10 ? price : 3 * price);
  const doubled = { ...history, bars: { ...history.bars, close, high: close } };
  const sweeps: readonly ProofSweep[] = [{ kind: "sign_flipped", history: 0, number: 0 }];
  await rejects(
    judgeSweeps({ ...ground, histories: [doubled] }, sweeps, { workers: 2 }),
    { name: "Refusal", message: /^Cannot flip the returns of BTC: / },
  );
  await rejects(
    judgeSweeps(ground, sweeps, { workers: 1, signal: AbortSignal.abort() }),
    { name: "Refusal", message: "Interrupted" },
  );
  const stop = new AbortController();
  await rejects(
    judgeSweeps(ground, [...sweeps, ...sweeps], {
      workers: 1,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    }),
    { name: "Refusal", message: "Interrupted" },
  );
});

Deno.test("FR-049 counts that are none are refused", async () => {
  const sizes = { seed: 1, sweeps: 1, strengths: [], sweepsPerStrength: 0, workers: 1 };
  await rejects(proveHonesty({ ...sizes, sweeps: 0 }), {
    ...{ name: "RangeError", message: "sweeps: found 0, expected a whole number from 1" },
  });
  await rejects(proveHonesty({ ...sizes, workers: 0.5 }), /workers: found 0.5/);
});

/** What the nightly proof shows in small: luck is told from skill, and a strong edge is found. */
Deno.test("FR-049 few winners pass the gate without an edge, and most do with a strong one", async () => {
  const proof = await proveHonesty({
    ...{ seed: 42, sweeps: 24, strengths: [4], sweepsPerStrength: 8, workers: 2 },
    ...{ histories: [history], sweepsPerHistory: 8, resamples: 200 },
  });
  const [garch, free, flipped] = proof.nulls;
  const [edge] = proof.edges;
  strictEqual(garch!.sweeps, 24);
  ok(garch!.passed <= 0.25 * 24, `${garch!.passed} of 24`);
  ok(garch!.undeflated >= garch!.passed_deflated);
  deepStrictEqual([free!.kind, free!.sweeps], ["garch_free", 24]);
  ok(free!.passed <= 0.25 * 24, `${free!.passed} of 24 without costs`);
  ok(free!.mean_best_sharpe! > garch!.mean_best_sharpe!, "costs take from the same markets");
  deepStrictEqual([flipped!.market, flipped!.kind, flipped!.sweeps], ["BTC", "sign_flipped", 8]);
  ok(flipped!.passed <= 2, `${flipped!.passed} of 8`);
  ok(edge!.passed >= 6, `${edge!.passed} of 8`);
  ok(edge!.mean_best_sharpe! > 1.5 && edge!.mean_best_sharpe! < 4, `${edge!.mean_best_sharpe}`);
});
