import { deepStrictEqual, match, notStrictEqual, ok, strictEqual } from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { TRIAL_FIGURES } from "../../core/trial_figures.ts";
import { btc, described, spy, withoutRows } from "../../data/bar_fixtures.ts";
import { barFile, writeBars } from "../../data/mod.ts";
import type { Executor, FinishedTrial } from "../../engine/sweep/crew.ts";
import { openExperiment } from "./experiments.ts";
import { optimize } from "./optimize.ts";
import {
  CROSS,
  type Document,
  EVOLUTION,
  GRID,
  inMarket,
  inProcess,
  isIntact,
  oneCross,
  twoModels,
  wandering,
} from "./test_searches.ts";
import type { ExecutorWork } from "./work.ts";

/** Fails the trials of a fast average of 3, in words of two lines. */
function failing(work: ExecutorWork, fails: (fast: number) => boolean): Executor {
  const { run, close } = inProcess(work);
  return {
    close,
    run(trials, onFinished) {
      const fast = Array.from(trials, ({ patch }) => patch.models![0]!.parameters["fast_ma"]);
      return run(
        trials,
        (finished) =>
          onFinished(finished.map((trial): FinishedTrial =>
            fails(fast[trial.place] as number)
              ? {
                place: trial.place,
                figures: trial.figures.map(() => NaN),
                returns: null,
                failure: "its averages are wrong",
              }
              : trial
          )),
      );
    },
  };
}

Deno.test("FR-045 a trial that throws is recorded as failed with its message, and the sweep goes on", () =>
  inMarket(async ({ run, trials, results }) => {
    const executor = (work: ExecutorWork) => failing(work, (fast) => fast === 3);
    const { card, trials: rows, winnerFile, id } = await run(oneCross(GRID), { executor });
    deepStrictEqual(card.trials, { count: 6, finished: 4, failed: 2, excluded: 0 });
    strictEqual(card.statistics!.trials, 4);
    ok(winnerFile !== undefined);
    for (const { status, message, values, score, rank, plateau, pareto, figures } of rows) {
      if (values[0] !== 3) {
        deepStrictEqual([status, message], ["finished", null]);
        continue;
      }
      deepStrictEqual(
        { status, message, score, rank, plateau, pareto, nav: figures.final_nav },
        {
          ...{ status: "failed", message: "its averages are wrong", score: null, rank: null },
          ...{ plateau: null, pareto: false, nav: null },
        },
      );
    }
    const failed = (await trials()).filter(({ status }) => status === "failed");
    deepStrictEqual(failed.map(({ message, place }) => [message, place]), [
      ["its averages are wrong", 2],
      ["its averages are wrong", 3],
    ]);
    // They stay failed when the experiment is appraised again.
    const forced = await run(oneCross(GRID), { force: true });
    deepStrictEqual([forced.id, forced.card], [id, card]);
    await isIntact(results());
  }));

Deno.test("FR-045 a search whose trials all fail has a card without a winner and writes no configuration", () =>
  inMarket(async ({ run, folder, results }) => {
    const executor = (work: ExecutorWork) => failing(work, () => true);
    for (
      const [root, search] of Object.entries({
        plain: GRID,
        evolution: EVOLUTION,
        halved: { ...GRID, halving: { rungs: 2, factor: 2 } },
        crossed: { ...GRID, validation: { method: "purged_kfold", folds: 3, purge_days: 1 } },
        split: { ...GRID, validation: { method: "split" } },
        walked: { ...GRID, validation: { method: "walk_forward", train_days: 14, test_days: 7 } },
      })
    ) {
      const { card, trials, winnerFile } = await run(oneCross(search), { executor, root });
      deepStrictEqual([card.winner, winnerFile, card.saved], [null, undefined, []], root);
      deepStrictEqual([card.trials.finished, card.trials.failed], [0, trials.length], root);
      deepStrictEqual(await readdir(`${folder}${root}/optimized`).catch(() => []), [], root);
      const opened = await openExperiment("tiny", { resultsRoot: results(root) });
      deepStrictEqual([opened.deflated, opened.trials], [undefined, trials], root);
    }
  }));

Deno.test("FR-045 a real trial that cannot be run fails by itself, in the loop and in columns", () =>
  inMarket(async ({ load, folder, results }) => {
    const whole = wandering(btc, "h4");
    const outage = { from: whole.openTime[250]!, to: whole.openTime[279]!, reason: "down" };
    const gappy = withoutRows(whole, (row) => row >= 250 && row < 280);
    const root = `${folder}gap`;
    await writeBars(barFile(root, btc, "h4"), gappy, { ...described(btc), knownOutages: [outage] });
    await writeBars(barFile(root, spy, "h4"), wandering(spy, "h4"), described(spy));
    const search = {
      parameter_grid: { [`models.${CROSS}.missing`]: ["ffill", "fail"], fast_ma: [2, 3] },
      optimization: { save_top_n: 1 },
    };
    for (
      const [root, document] of Object.entries({
        loop: twoModels(search),
        columns: oneCross(search),
      })
    ) {
      const experiment = await load(document, [`data.root=${folder}gap`]);
      const options = { resultsRoot: results(root), optimizedFolder: null };
      const { card, trials } = await optimize(experiment, options);
      deepStrictEqual(card.trials, { count: 4, finished: 2, failed: 2, excluded: 0 }, root);
      for (const { status, message, values } of trials) {
        strictEqual(status === "failed", values.includes("fail"));
        if (status === "failed") match(message!, /^[^\n]*BTC[^\n]*$/);
      }
      await isIntact(results(root));
    }
  }));

Deno.test("FR-047 the metric decides what wins: a mix, less of one, and few trades that do not count", () =>
  inMarket(async ({ run }) => {
    const tried = async (root: string, optimization: Document) =>
      await run(
        oneCross({ ...GRID, optimization: { save_top_n: 0, statistics: false, ...optimization } }),
        { root },
      );
    const mix = await tried("mix", { metric: { sharpe: 0.5, max_drawdown: -2 } });
    strictEqual(mix.card.objective.name, "0.5 × sharpe − 2 × max_drawdown");
    for (const { score, figures } of mix.trials) {
      strictEqual(score, 0.5 * figures.sharpe! + -2 * figures.max_drawdown!);
    }
    const least = await tried("least", { metric: "turnover", maximize: false });
    const turnovers = least.trials.map(({ figures }) => figures.turnover!);
    strictEqual(
      least.trials.find(({ rank }) => rank === 1)!.figures.turnover,
      Math.min(...turnovers),
    );
    const most = await tried("most", { metric: "turnover" });
    strictEqual(
      most.trials.find(({ rank }) => rank === 1)!.figures.turnover,
      Math.max(...turnovers),
    );
    notStrictEqual(most.id, least.id);
    const trips = most.trials.map(({ figures }) => figures.round_trips!).sort((a, b) => a - b);
    const enough = await tried("enough", { metric: "turnover", min_round_trips: trips[3] });
    for (const { score, figures, rank } of enough.trials) {
      deepStrictEqual(
        [score === null, rank === null],
        Array(2).fill(figures.round_trips! < trips[3]!),
      );
    }
    const none = await tried("none", { min_round_trips: 1_000 });
    deepStrictEqual([none.card.winner, none.card.trials.finished], [null, 6]);
  }));

Deno.test("FR-047 the front holds whatever no other trial betters, and the plateau is how neighbours do", () =>
  inMarket(async ({ run }) => {
    const optimization = { save_top_n: 1, objectives: ["total_return", "max_drawdown"] };
    const { trials, card } = await run(oneCross({ ...GRID, optimization }));
    deepStrictEqual(card.front, [
      { figure: "total_return", more: true },
      { figure: "max_drawdown", more: false },
    ]);
    const beats = (a: typeof trials[number], b: typeof trials[number]) => {
      const gains = [
        a.figures.total_return! - b.figures.total_return!,
        b.figures.max_drawdown! - a.figures.max_drawdown!,
      ];
      return gains.every((gain) => gain >= 0) && gains.some((gain) => gain > 0);
    };
    for (const trial of trials) {
      strictEqual(trial.pareto, !trials.some((other) => beats(other, trial)));
      const around = trials.filter(({ values }) => {
        const steps = [
          Math.abs((values[0] as number) - (trial.values[0] as number)),
          Math.abs((values[1] as number) - (trial.values[1] as number)) / 4,
        ];
        return steps[0]! + steps[1]! === 1;
      }).map(({ score }) => score!).sort((a, b) => a - b);
      const middle = around.length >> 1;
      const median = around.length % 2
        ? around[middle]!
        : (around[middle - 1]! + around[middle]!) / 2;
      deepStrictEqual([trial.plateau, trial.neighbours], [median, around.length]);
    }
    const support = ({ score, plateau }: typeof trials[number]) => Math.min(score!, plateau!);
    strictEqual(support(card.winner!), Math.max(...trials.map(support)));
    strictEqual(Object.keys(trials[0]!.figures).length, TRIAL_FIGURES.length);
  }));
