import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { memoryUsage } from "node:process";
import { H4_MS } from "../core/bars.ts";
import { systemClock } from "../core/clock.ts";
import type { RunRecord } from "../core/run_record.ts";
import { execute, type RunRequest } from "./execute.ts";
import { closingAt, dataOf, planWith, seat, tradable } from "./fixtures.ts";
import { openSandbox, type Sandbox, type Watch } from "./sandbox.ts";
import { innocentModel, neighbour } from "./test_escape_models.ts";

/** One attempt as the worker tells it: loading its code out here would let it out. */
interface Attempt {
  readonly name: string;
  readonly expect: "blocked" | "harmless";
  readonly says?: RegExp;
}

const module = new URL("./test_escape_worker.ts", import.meta.url);
const watch: Watch = { clock: systemClock, timeoutMs: 5000 };

const attempts: readonly Attempt[] = await new Promise((resolve, reject) => {
  const worker = new Worker(module, { type: "module", deno: { permissions: "none" } });
  worker.onerror = reject;
  worker.onmessage = ({ data }) => {
    worker.terminate();
    resolve(data);
  };
  worker.postMessage("list");
});

/** A plan of the neighbour and one other on two assets that rise and fall. */
function requestOf(name: string): RunRequest {
  const assets = [tradable("AAA"), tradable("BBB")];
  const seats = [seat(innocentModel(name)), seat(neighbour)]
    .map((planned) => ({ ...planned, budgetFraction: 0.5 }))
    .sort((a, b) => a.name < b.name ? -1 : 1);
  const plan = planWith(assets, seats);
  const closes = [7, 11].map((step) =>
    Array.from({ length: 40 }, (_, bar) => 100 + (bar * step) % 23)
  );
  const bars = assets.map((asset, i) => closingAt(asset, "h4", plan.start - 6 * H4_MS, closes[i]!));
  return { plan, data: bars.map((item) => dataOf(item)) };
}

/** The record of the same plan with the innocent twin, run without any sandbox. */
function twinOf(name: string): RunRecord {
  return execute(requestOf(name), [innocentModel(name), neighbour]);
}

async function withSandbox(use: (sandbox: Sandbox) => Promise<void>): Promise<void> {
  const sandbox = openSandbox({ module });
  try {
    await use(sandbox);
  } finally {
    sandbox.close();
  }
}

/** Asserts that the run ends in one line about this model. */
async function isBlocked(run: Promise<unknown>, attempt: Attempt): Promise<void> {
  const { name, says } = attempt;
  // Memory is looked at from outside, now and then: between two questions it is the whole run's, this model the first of it.
  const whose = isBomb(attempt) ? `(?:The run of ${name},|${name})` : name;
  await rejects(run, (error: Error) => {
    strictEqual(error.name, "Refusal", error.stack!);
    match(error.message, new RegExp(`^${whose} [^\\p{Cc}]+$`, "u"));
    if (says) match(error.message, says);
    return true;
  });
}

/** Attempts by brute force end their sandbox with them; each has its own. */
const isForce = ({ says }: Attempt) => says !== undefined && /within|used more/.test(says.source);
const isBomb = ({ says }: Attempt) => says !== undefined && says.source.includes("used more");
/** What they start ends only when the run is over; what comes of it then is no model's to use in that run. */
const isLate = ({ name }: Attempt) => name.startsWith("Imports");
const chain = "ChainsPromises_v1";

Deno.test("FR-018 at least 40 attempts to escape are made, each by a model of its own name", () => {
  ok(attempts.length >= 40, `${attempts.length}`);
  strictEqual(new Set(attempts.map(({ name }) => name)).size, attempts.length);
});

Deno.test("FR-018 the innocent twins trade, so that a record can tell a difference", () => {
  const { outcomes, nav } = twinOf("Twin_v1");
  ok(outcomes.length > 20);
  ok(new Set(nav).size > 20);
});

Deno.test("FR-018 models that reach out, in or ahead are stopped by name or change nothing", async (test) => {
  await withSandbox(async (sandbox) => {
    for (const attempt of attempts) {
      const { name, expect } = attempt;
      if (isForce(attempt) || isLate(attempt) || name === chain) continue;
      await test.step(`${name} is ${expect}`, async () => {
        const run = () => sandbox.run(requestOf(name), watch);
        if (expect === "blocked") return await isBlocked(run(), attempt);
        const twin = twinOf(name);
        deepStrictEqual(await run(), twin);
        deepStrictEqual(await run(), twin, "a second run in the same sandbox");
      });
    }
    const untouched = "DefinesGlobal_v1";
    deepStrictEqual(await sandbox.run(requestOf(untouched), watch), twinOf(untouched));
  });
});

Deno.test("FR-018 imports made while running come too late for their run", async (test) => {
  for (const attempt of attempts.filter(isLate)) {
    await test.step(attempt.name, async () => {
      await withSandbox(async (sandbox) => {
        deepStrictEqual(await sandbox.run(requestOf(attempt.name), watch), twinOf(attempt.name));
      });
    });
  }
});

Deno.test("FR-018 models that never answer are stopped by name", async (test) => {
  for (const attempt of attempts.filter((each) => isForce(each) && !isBomb(each))) {
    await test.step(attempt.name, async () => {
      await withSandbox(async (sandbox) => {
        const run = sandbox.run(requestOf(attempt.name), { ...watch, timeoutMs: 250 });
        await isBlocked(run, attempt);
      });
    });
  }
});

Deno.test("FR-018 models that fill the memory are stopped by name before the process ends", async (test) => {
  for (const attempt of attempts.filter(isBomb)) {
    await test.step(attempt.name, async () => {
      await withSandbox(async (sandbox) => {
        const memoryMb = Math.ceil(memoryUsage.rss() / 1e6) + 300;
        const run = sandbox.run(requestOf(attempt.name), { ...watch, timeoutMs: 60_000, memoryMb });
        await isBlocked(run, attempt);
      });
    });
  }
});

Deno.test("FR-018 what outlives its run changes nothing of it, nor does the next run wait for it", async () => {
  await withSandbox(async (sandbox) => {
    deepStrictEqual(await sandbox.run(requestOf(chain), watch), twinOf(chain));
    deepStrictEqual(await sandbox.run(requestOf(chain), watch), twinOf(chain));
  });
});
