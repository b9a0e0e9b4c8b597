import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { H4_MS } from "../../core/bars.ts";
import { systemClock } from "../../core/clock.ts";
import { closingAt, dataOf, planWith, seat, tradable } from "../../engine/fixtures.ts";
import type { Sandbox } from "../../engine/sandbox.ts";
import { allIn, broken, endless, FATAL, unsettled } from "../../engine/test_sandbox_models.ts";
import { occasionOf, planAt } from "../../engine/trading/mod.ts";
import type { Model } from "../../models/model.ts";
import { lastingSandbox } from "./lasting_sandbox.ts";

const MODULE = new URL("../../engine/test_sandbox_worker.ts", import.meta.url);

async function inSandbox(
  keepWorkers: boolean,
  proof: (sandbox: Sandbox) => Promise<void>,
): Promise<void> {
  const sandbox = lastingSandbox({ module: MODULE, keepWorkers });
  try {
    await proof(sandbox);
  } finally {
    sandbox.close();
  }
}

/** What a model decides in a sandbox at the close at which the bad ones go wrong: weights by asset. */
async function decided(
  sandbox: Sandbox,
  model: Model,
  timeoutMs = 10_000,
): Promise<readonly number[]> {
  const assets = model.universe.map((symbol) => tradable(symbol));
  const plan = planWith(assets, [seat(model)]);
  const closes = Array.from({ length: 40 }, (_, i) => 100 + i);
  const data = assets.map((asset) => dataOf(closingAt(asset, "h4", plan.start - H4_MS, closes)));
  const occasion = occasionOf(plan, {
    ...{ time: FATAL, cash: 1_000, positions: {}, settled: undefined, data },
  });
  const watch = { clock: systemClock, timeoutMs };
  const { weights } = await sandbox.decide({ plan: planAt(plan, occasion), data }, occasion, watch);
  return [...weights];
}

for (const keepWorkers of [false, true]) {
  const name = keepWorkers ? "in one worker" : "in fresh workers";

  Deno.test(`FR-018 one decision after the other is made, ${name}`, () =>
    inSandbox(keepWorkers, async (sandbox) => {
      for (let close = 0; close < 3; close++) deepStrictEqual(await decided(sandbox, allIn), [1]);
    }));

  Deno.test(`FR-018 a model that hangs or throws ends its decision alone, ${name}`, () =>
    inSandbox(keepWorkers, async (sandbox) => {
      for (
        const [model, end] of [
          [endless, /^Refusal: Endless_v1 did not decide for [^\n]* within 200 ms [^\n]*$/],
          [broken, /^Refusal: Broken_v1 at [^\n]* failed: out of ideas$/],
        ] as const
      ) {
        await rejects(decided(sandbox, model, 200), end);
        deepStrictEqual(await decided(sandbox, allIn), [1]);
      }
    }));

  Deno.test(`FR-018 once it is closed nothing is decided, nor what was under way, ${name}`, () =>
    inSandbox(keepWorkers, async (sandbox) => {
      const underWay = decided(sandbox, allIn).catch(String);
      sandbox.close();
      strictEqual(await underWay, CLOSED);
      for (let tries = 0; tries < 2; tries++) {
        strictEqual(await decided(sandbox, allIn).then(String, String), CLOSED);
      }
    }));
}

const CLOSED = "Refusal: The sandbox is closed: it was closed";

Deno.test("FR-018 what a model leaves behind never meets the next decision in fresh workers", () =>
  inSandbox(false, async (sandbox) => {
    deepStrictEqual(await decided(sandbox, unsettled), [0]);
    for (let close = 0; close < 2; close++) deepStrictEqual(await decided(sandbox, allIn), [1]);
  }));

Deno.test("FR-018 what a model leaves behind costs one decision in one worker, and then there is a new one", () =>
  inSandbox(true, async (sandbox) => {
    deepStrictEqual(await decided(sandbox, unsettled), [0]);
    const decides = () => decided(sandbox, allIn).then(String, String);
    let told = "1";
    // When the worker hears of it is the runtime's affair.
    for (let close = 0; close < 1_000 && told === "1"; close++) told = await decides();
    match(told, /^Refusal: [^\n]*a promise that a model made in an earlier run failed/);
    for (let close = 0; close < 3; close++) strictEqual(await decides(), "1");
  }));
