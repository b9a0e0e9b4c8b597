import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { inTestFolder } from "../core/test_folder.ts";
import { backtest } from "./backtest.ts";
import { loadPlan } from "./load_plan.ts";
import { verify } from "./verify.ts";
import { randomRequest } from "./verify_test_configs.ts";

const RUNS = 52;

Deno.test(`SC-008 ${RUNS} runs of random configurations are all verified, byte by byte`, async () => {
  await inTestFolder(async (resultsRoot) => {
    let fills = 0;
    const ids = new Set<string>();
    for (let seed = 1; seed <= RUNS; seed++) {
      const options = randomRequest(seed);
      const run = await backtest(await loadPlan([], options), { threads: 0, resultsRoot });
      const { verdict, findings } = await verify(run.id, { threads: 0, resultsRoot });
      deepStrictEqual([verdict, findings], ["equal", []], JSON.stringify(options));
      fills += run.card.statistics.portfolio.fills;
      ids.add(run.id);
    }
    strictEqual(ids.size, RUNS);
    ok(fills > 10 * RUNS, `${fills} fills`);
  });
});

Deno.test("SC-008 the base run is verified in the sandbox, by a beginning of its id", async () => {
  await inTestFolder(async (resultsRoot) => {
    const { id } = await backtest(await loadPlan(), { resultsRoot });
    const verification = await verify(id.slice(0, 6), { resultsRoot });
    deepStrictEqual([verification.verdict, verification.findings], ["equal", []]);
    deepStrictEqual([verification.run_id, verification.executed], [id, true]);
    ok(verification.files >= 14 && verification.bytes > 1e6);
  });
});
