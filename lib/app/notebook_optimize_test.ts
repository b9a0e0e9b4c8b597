import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { NOTEBOOK_DISPLAY } from "../report/charts/chart.ts";
import { optimize, optimizeApart } from "./notebook_optimize.ts";
import { openExperiment } from "./optimize/experiments.ts";
import type { SearchProgress } from "./optimize/search_run.ts";
import { CROSS, hashesOf, inMarket, oneCross, PAIRS } from "./optimize/test_searches.ts";

const SEARCH = {
  parameter_grid: PAIRS,
  constraints: ["fast_ma + 5 <= slow_ma"],
  validation: { method: "split" },
  optimization: { save_top_n: 1 },
};

type Shown = { [NOTEBOOK_DISPLAY]?: () => Promise<Record<string, string>> };
const displayOf = (value: unknown) => (value as Shown)[NOTEBOOK_DISPLAY]!();

Deno.test("FR-060 a process of its own makes the experiment that this one makes, byte by byte", () =>
  inMarket(async ({ run, load, results }) => {
    const here = await run(oneCross(SEARCH), { root: "here" });
    const seen: SearchProgress[] = [];
    const stages: string[] = [];
    const resultsRoot = results("apart");
    const request = {
      resultsRoot,
      optimizedFolder: `${resultsRoot}/optimized`,
      onProgress: (progress: SearchProgress) => void seen.push(progress),
      onStage: (stage: string) => void stages.push(stage),
    };
    const experiment = await load(oneCross(SEARCH));
    const apart = await optimizeApart(experiment, request);
    deepStrictEqual([apart.id, apart.origin], [here.id, "computed"]);
    deepStrictEqual(apart.card, here.card);
    strictEqual(apart.card.trials.excluded, 2);
    deepStrictEqual(await hashesOf(apart.folder), await hashesOf(here.folder));
    strictEqual(apart.winnerFile, `${resultsRoot}/optimized/tiny.yaml`);
    strictEqual(seen.at(-1)?.done, 4);
    ok(stages.length > 0);
    strictEqual((await optimizeApart(experiment, request)).origin, "found");
  }));

Deno.test("FR-060 an experiment shows itself in a notebook, with the trials on record, and is plain data elsewhere", () =>
  inMarket(async ({ load, results }) => {
    const resultsRoot = results();
    const options = { resultsRoot, optimizedFolder: null };
    const found = await optimize(await load(oneCross(SEARCH)), options);
    strictEqual(found.deflated!.trials, 4);
    strictEqual(Object.getOwnPropertyDescriptor(found, NOTEBOOK_DISPLAY)!.enumerable, false);
    const shown = await displayOf(found);
    match(shown["text/html"]!, /The winner [^]*<svg /);
    match(shown["text/plain"]!, /^tiny: grid search over MovingAverageCrossModel_v1/);
    deepStrictEqual(await displayOf(await openExperiment("tiny", { resultsRoot })), shown);
  }));

Deno.test("FR-060 a refusal comes back from the process of a search in its one line", () =>
  inMarket(async ({ load, results }) => {
    const options = { resultsRoot: results(), optimizedFolder: null };
    const experiment = await load(oneCross(SEARCH), [`models.${CROSS}.universe=[ETH]`]);
    await rejects(optimizeApart(experiment, options), { name: "Refusal", message: /ETH/ });
    await rejects(optimizeApart(experiment, { signal: AbortSignal.abort() }), /Interrupted/);
  }));
