import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { DAY_MS, H4_MS } from "../core/bars.ts";
import { systemClock } from "../core/clock.ts";
import { movingAverageCross } from "../models/moving_average_cross.ts";
import type { Model } from "../models/model.ts";
import { execute, type RunRequest } from "./execute.ts";
import { closingAt, dataOf, planWith, randomAsset, seat, tradable } from "./fixtures.ts";
import { prove } from "./prove.ts";
import { openSandbox, type Sandbox, type Watch } from "./sandbox.ts";
import { rehearsable } from "./simulate.ts";
import {
  allIn,
  broken,
  brokenDeclaration,
  endless,
  endlessDeclaration,
  once,
  unsettled,
} from "./test_sandbox_models.ts";

const coin = tradable("AAA");
const share = tradable("SHR", "equity");
const watch: Watch = { clock: systemClock, timeoutMs: 5000 };

/** A sandbox whose models misbehave: the same code around a worker with other models. */
function openTestSandbox(threads = 1): Sandbox {
  return openSandbox({ threads, module: new URL("./test_sandbox_worker.ts", import.meta.url) });
}

function requestOf(model: Model): RunRequest {
  const assets = model.universe.map((symbol) => tradable(symbol));
  const plan = planWith(assets, [seat(model)]);
  const closes = Array.from({ length: 40 }, (_, i) => 100 + i);
  const bars = assets.map((asset) => closingAt(asset, "h4", plan.start - H4_MS, closes));
  return { plan, data: bars.map((item) => dataOf(item)) };
}

async function withSandbox(open: () => Sandbox, use: (sandbox: Sandbox) => Promise<void>) {
  const sandbox = open();
  try {
    await use(sandbox);
  } finally {
    sandbox.close();
  }
}

/** How a run ends, or that it had not ended after ten seconds. */
async function outcomeOf(run: Promise<unknown>): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve("no answer"), 10_000);
  });
  const end = run.then(() => "done", (error: Error) => error.message);
  const outcome = await Promise.race([end, patience]);
  clearTimeout(timer);
  return outcome;
}

/** A plan of a shipped model on random markets. */
function shippedRequest(seed: number): RunRequest {
  const universe = ["AAA", "SHR"];
  const parameters = { fast_ma: 3, slow_ma: 9 };
  const dear = [coin, share].map((asset) => ({ ...asset, feeBps: 10, slippageBps: 5 }));
  const plan = planWith(dear, [seat(movingAverageCross, { universe, parameters })], {
    rebalanceThreshold: 0.01,
  });
  const end = plan.start + 30 * DAY_MS;
  const times = { from: plan.start - 10 * DAY_MS, to: end };
  return {
    plan: { ...plan, end },
    data: [coin, share].map((asset) => randomAsset(asset, { ...times, seed })),
  };
}

Deno.test("FR-060 a sandboxed run has the same bits as one in process, run after run", async () => {
  await withSandbox(() => openSandbox(), async (sandbox) => {
    for (const seed of [1, 2]) {
      const request = shippedRequest(seed);
      const inProcess = execute(request, [movingAverageCross]);
      deepStrictEqual(await sandbox.run(request, watch), inProcess);
      deepStrictEqual(await sandbox.run(request, watch), inProcess);
      ok(inProcess.outcomes.length > 10);
    }
  });
});

Deno.test("FR-060 features shared out to two workers give the same bits", async () => {
  await withSandbox(() => openSandbox({ threads: 2 }), async (sandbox) => {
    const request = shippedRequest(3);
    const inProcess = execute(request, [movingAverageCross]);
    deepStrictEqual(await sandbox.run(request, watch), inProcess);
    deepStrictEqual(await sandbox.run(request, watch), inProcess);
  });
});

Deno.test("FR-018 a model that throws ends its run in one line, and the sandbox serves the next", async () => {
  await withSandbox(() => openTestSandbox(), async (sandbox) => {
    await rejects(sandbox.run(requestOf(broken), watch), {
      name: "Refusal",
      message: "Broken_v1 at 2024-03-01T12:00:00Z failed: out of ideas",
    });
    const record = await sandbox.run(requestOf(allIn), watch);
    strictEqual(record.nav[0], 1000);
  });
});

Deno.test("FR-018 a model that never returns is stopped, with its name and the decision", async () => {
  await withSandbox(() => openTestSandbox(), async (sandbox) => {
    await rejects(sandbox.run(requestOf(endless), { ...watch, timeoutMs: 100 }), {
      name: "Refusal",
      message: "Endless_v1 did not decide for 2024-03-01T12:00:00Z within 100 ms " +
        "(system.model_timeout_ms); it was stopped",
    });
  });
});

Deno.test("FR-018 a promise that a model leaves behind does not make the next run wait for ever", async () => {
  await withSandbox(() => openTestSandbox(), async (sandbox) => {
    await outcomeOf(sandbox.run(requestOf(unsettled), watch));
    const next = await outcomeOf(sandbox.run(requestOf(allIn), watch));
    ok(next !== "no answer", next);
  });
});

for (const threads of [1, 2]) {
  Deno.test(`FR-018 a model that fails to declare its features leaves the sandbox usable (${threads})`, async () => {
    await withSandbox(() => openTestSandbox(threads), async (sandbox) => {
      const failed = await outcomeOf(sandbox.run(requestOf(brokenDeclaration), watch));
      ok(failed.includes("period must be"), failed);
      strictEqual(await outcomeOf(sandbox.run(requestOf(allIn), watch)), "done");
    });
  });

  Deno.test(`FR-018 a model that never declares its features can be interrupted (${threads})`, async () => {
    await withSandbox(() => openTestSandbox(threads), async (sandbox) => {
      const stop = new AbortController();
      const run = sandbox.run(requestOf(endlessDeclaration), { ...watch, signal: stop.signal });
      const outcome = outcomeOf(run);
      setTimeout(() => stop.abort(), 50);
      strictEqual(await outcome, "Interrupted");
    });
  });

  Deno.test(`FR-018 a model that never declares its features is stopped (${threads})`, async () => {
    await withSandbox(() => openTestSandbox(threads), async (sandbox) => {
      const run = sandbox.run(requestOf(endlessDeclaration), { ...watch, timeoutMs: 100 });
      const start = "EndlessDeclaration_v1 did not declare its features within 100 ms";
      const outcome = await outcomeOf(run);
      ok(outcome.startsWith(start), outcome);
    });
  });
}

Deno.test("FR-018 a sandbox serves one run at a time and says so", async () => {
  await withSandbox(() => openTestSandbox(), async (sandbox) => {
    const first = sandbox.run(requestOf(allIn), watch);
    await rejects(sandbox.run(requestOf(allIn), watch), { name: "RangeError" });
    strictEqual((await first).nav[0], 1000);
  });
});

Deno.test("FR-018 a run can be interrupted while a model thinks", async () => {
  await withSandbox(() => openTestSandbox(), async (sandbox) => {
    const stop = new AbortController();
    const run = sandbox.run(requestOf(endless), { ...watch, signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    await rejects(run, { name: "Refusal", message: "Interrupted" });
  });
});

Deno.test("FR-018 a run that was interrupted before it began does not begin", async () => {
  await withSandbox(() => openTestSandbox(), async (sandbox) => {
    const signal = AbortSignal.abort();
    const run = sandbox.run(requestOf(allIn), { ...watch, signal });
    await rejects(run, { name: "Refusal", message: "Interrupted" });
  });
});

Deno.test("FR-018 a sandbox that was stopped refuses further runs instead of never answering", async () => {
  await withSandbox(() => openTestSandbox(), async (sandbox) => {
    await rejects(sandbox.run(requestOf(endless), { ...watch, timeoutMs: 50 }));
    const again = await outcomeOf(sandbox.run(requestOf(allIn), { ...watch, timeoutMs: 50 }));
    ok(again !== "no answer", again);
  });
});

Deno.test("FR-018 progress counts decisions upwards and never past their number", async () => {
  const seen: [number, number][] = [];
  await withSandbox(() => openTestSandbox(), async (sandbox) => {
    const onProgress = (done: number, count: number) => seen.push([done, count]);
    const run = sandbox.run(requestOf(endless), { ...watch, timeoutMs: 100, onProgress });
    await rejects(run);
  });
  ok(seen.length > 0);
  deepStrictEqual(seen.at(-1), [4, 24]);
  ok(seen.every(([done], i) => done >= (seen[i - 1]?.[0] ?? 0)), JSON.stringify(seen));
});

Deno.test("FR-018 a model is asked in the sandbox which bars it wants, under the same time limit", async () => {
  await withSandbox(openSandbox, async (sandbox) => {
    const { plan } = shippedRequest(1);
    deepStrictEqual(await sandbox.timeframes(plan, watch), {
      MovingAverageCrossModel_v1: ["h4"],
    });
  });
  await withSandbox(() => openTestSandbox(), async (sandbox) => {
    const { plan } = requestOf(endlessDeclaration);
    await rejects(sandbox.timeframes(plan, { ...watch, timeoutMs: 100 }), {
      name: "Refusal",
      message: /^EndlessDeclaration_v1 did not declare its features within 100 ms/,
    });
  });
});

const all = { certificate: true, envelope: true };

Deno.test("SC-002 a sandbox tells the run first, then its benchmarks and its proofs, the same as in process", async () => {
  await withSandbox(() => openSandbox({ threads: 2 }), async (sandbox) => {
    for (const seed of [4, 5]) {
      const request = { ...shippedRequest(seed), benchmarks: true };
      const { record, benchmarks, proofs } = await sandbox.runForProof(request, all, watch);
      const { benchmarks: yardsticks, ...bare } = execute(request, [movingAverageCross]);
      deepStrictEqual(record, bare);
      deepStrictEqual(await benchmarks, yardsticks);
      const run = rehearsable(request, [movingAverageCross]);
      deepStrictEqual(await proofs, prove(run, [movingAverageCross], all));
    }
    deepStrictEqual((await sandbox.run(shippedRequest(6), watch)).nav.length > 0, true);
  });
});

Deno.test("SC-002 a run that fails takes its benchmarks and proofs along, and the sandbox serves the next", async () => {
  await withSandbox(() => openTestSandbox(), async (sandbox) => {
    await rejects(sandbox.runForProof(requestOf(broken), all, watch), {
      name: "Refusal",
      message: "Broken_v1 at 2024-03-01T12:00:00Z failed: out of ideas",
    });
    const { proofs } = await sandbox.runForProof(requestOf(allIn), all, watch);
    strictEqual((await proofs).certificate!.verdict, "passed");
  });
});

Deno.test("SC-002 a model that stalls when it is asked again has run, and is stopped in its proof", async () => {
  await withSandbox(() => openTestSandbox(), async (sandbox) => {
    const limited = { ...watch, timeoutMs: 150 };
    const { record, proofs } = await sandbox.runForProof(requestOf(once), all, limited);
    strictEqual(record.nav.at(-1), 1000);
    strictEqual(
      await outcomeOf(proofs),
      "Once_v1 did not decide for 2024-03-01T12:00:00Z within 150 ms " +
        "(system.model_timeout_ms); it was stopped",
    );
  });
});

Deno.test("SC-002 nobody waits for ever for the proofs of a sandbox that was closed", async () => {
  await withSandbox(() => openTestSandbox(), async (sandbox) => {
    const { proofs } = await sandbox.runForProof(requestOf(allIn), all, watch);
    sandbox.close();
    strictEqual(await outcomeOf(proofs), "The sandbox is closed: it was closed");
  });
});
