import {
  deepStrictEqual,
  match,
  notDeepStrictEqual,
  notStrictEqual,
  ok,
  rejects,
  strictEqual,
} from "node:assert/strict";
import { stat, writeFile } from "node:fs/promises";
import { DAY_MS } from "../../core/bars.ts";
import { formatTime, parseDate } from "../../core/clock.ts";
import type { ValidationRecord } from "../../core/experiment.ts";
import { TRIAL_FIGURES } from "../../core/trial_figures.ts";
import { btc, described } from "../../data/bar_fixtures.ts";
import { barFile, writeBars } from "../../data/mod.ts";
import type { Executor } from "../../engine/sweep/crew.ts";
import { execute } from "../../engine/execute.ts";
import { heldIntervals, tradedPath } from "../../engine/sweep/holding.ts";
import { combinatorialPurged } from "../../learn/splits.ts";
import { backtest } from "../backtest.ts";
import { loadData } from "../load_data.ts";
import { loadPlan } from "../load_plan.ts";
import { crossValidation } from "./cross_validate.ts";
import { openExperiment } from "./experiments.ts";
import { optimize } from "./optimize.ts";
import {
  type Document,
  EVOLUTION,
  inMarket,
  inProcess,
  isIntact,
  oneCross,
  PAIRS,
  twoModels,
  wandering,
} from "./test_searches.ts";
import { trialMaker } from "./trial_maker.ts";
import type { ExecutorWork } from "./work.ts";

const QUIET = { save_top_n: 0, statistics: false };

function searching(validation: Document, rest: Document = {}): Document {
  return { parameter_grid: PAIRS, optimization: QUIET, validation, ...rest };
}

type Crossed = Extract<ValidationRecord, { readonly splits: unknown }>;
type Recorded<Method extends ValidationRecord["method"]> = Method extends Crossed["method"]
  ? Crossed
  : Extract<ValidationRecord, { readonly method: Method }>;

Deno.test("FR-045 a split chooses on the first days and shows the rest beside it", () =>
  inMarket(async ({ run, results, dataRoot }) => {
    const split = searching({ method: "split", train_fraction: 0.75 }, {
      optimization: { ...QUIET, metric: "total_return", save_top_n: 1 },
    });
    const { card, trials, winnerFile } = await run(oneCross(split));
    const { train, test, train_score, test_score } = card.validation as Recorded<"split">;
    deepStrictEqual([train, test], [["2024-02-01", "2024-02-21"], ["2024-02-22", "2024-02-28"]]);
    const winner = card.winner!;
    deepStrictEqual([train_score, test_score], [winner.score, winner.test_score]);
    const support = ({ score, plateau }: typeof winner) => Math.min(score!, plateau!);
    strictEqual(Math.max(...trials.map(support)), support(winner));
    for (const { values, score, test_score, figures } of [trials[0]!, trials[5]!]) {
      const [fast_ma, slow_ma] = values;
      const sets = [
        `models.MovingAverageCrossModel_v1.parameters={fast_ma: ${fast_ma}, slow_ma: ${slow_ma}}`,
      ];
      const options = { threads: 0, proofs: false, resultsRoot: results("plain") };
      const base = { sets: [`data.root=${dataRoot}`, ...sets] };
      const whole = await backtest(await loadPlan(winnerFile!, base), options);
      const first = await backtest(
        await loadPlan(winnerFile!, { ...base, end: "2024-02-21" }),
        options,
      );
      strictEqual(score, first.card.statistics.portfolio.total_return);
      strictEqual(figures.final_nav, first.card.statistics.portfolio.final_nav);
      const [atCut, atEnd] = [first, whole].map(({ card }) => card.statistics.portfolio.final_nav);
      strictEqual(test_score, atEnd! / atCut! - 1);
    }
    // Other bars after the cut change what is shown beside the choice, and nothing of the choice.
    const bars = wandering(btc, "h4");
    const cut = bars.openTime.indexOf(parseDate("2024-02-22"));
    const other = wandering(btc, "h4", "other");
    const scale = bars.close[cut - 1]! / other.close[cut - 1]!;
    const spliced = (name: "open" | "high" | "low" | "close") =>
      bars[name].map((value, row) => row < cut ? value : other[name][row]! * scale);
    await writeBars(barFile(dataRoot, btc, "h4"), {
      ...bars,
      ...{ open: spliced("open"), high: spliced("high"), low: spliced("low") },
      close: spliced("close"),
    }, described(btc));
    const changed = await run(oneCross(split), { root: "changed" });
    const chosen = ({ values, score, rank, plateau, pareto, figures }: typeof winner) => ({
      ...{ values, score, rank, plateau, pareto, figures },
    });
    deepStrictEqual(changed.trials.map(chosen), trials.map(chosen));
    notDeepStrictEqual(
      changed.trials.map(({ test_score }) => test_score),
      trials.map(({ test_score }) => test_score),
    );
  }));

for (const anchored of [false, true]) {
  Deno.test(`FR-045 a walk-forward trades each window's winner on the next, ${anchored ? "anchored" : "rolling"}`, () =>
    inMarket(async ({ run, results, dataRoot }) => {
      const walk = { method: "walk_forward", train_days: 12, test_days: 6, anchored };
      for (const [root, document] of Object.entries({ one: oneCross, two: twoModels })) {
        const { card, trials, winnerFile } = await run(document(searching(walk)), { root });
        const { windows, nav, times, figures } = card.validation as Recorded<"walk_forward">;
        deepStrictEqual(windows.map(({ train, test }) => [...train, ...test]), [
          ["2024-02-01", "2024-02-12", "2024-02-13", "2024-02-18"],
          [anchored ? "2024-02-01" : "2024-02-07", "2024-02-18", "2024-02-19", "2024-02-24"],
          [anchored ? "2024-02-01" : "2024-02-13", "2024-02-24", "2024-02-25", "2024-02-28"],
        ]);
        strictEqual(times[0], formatTime(parseDate("2024-02-13")));
        strictEqual(times.at(-1), formatTime(parseDate("2024-02-29")));
        deepStrictEqual([times.length, nav.length], [17, 17]);
        deepStrictEqual(figures.final_nav, nav.at(-1));
        for (const { choice, winner, values } of windows) {
          deepStrictEqual([choice, values], ["new", trials[winner!]!.values]);
        }
        // One trial alone wins every window: then the joined curve is a plain run's.
        const [fast, slow] = windows[0]!.values;
        const alone = searching(walk, { parameter_grid: { fast_ma: [fast], slow_ma: [slow] } });
        const single = await run(document(alone), { root: `${root} alone` });
        const joined = single.card.validation as Recorded<"walk_forward">;
        const plain = await backtest(
          await loadPlan(single.winnerFile!, {
            start: "2024-02-13",
            sets: [`data.root=${dataRoot}`],
          }),
          { threads: 0, proofs: false, resultsRoot: results("plain") },
        );
        const { final_nav, sharpe, max_drawdown, fills } = plain.card.statistics.portfolio;
        deepStrictEqual(
          [
            joined.figures.final_nav,
            joined.figures.sharpe,
            joined.figures.max_drawdown,
            joined.figures.fills,
          ],
          [final_nav, sharpe, max_drawdown, fills],
        );
        ok(winnerFile !== undefined);
      }
    }));
}

Deno.test("FR-045 where a window has no trial with a score, the winner before is kept, and cash is held before the first", () =>
  inMarket(async ({ run, folder, results, dataRoot }) => {
    const walk = searching({ method: "walk_forward", train_days: 12, test_days: 6 });
    /** Trials without figures on the training ranges of these windows. */
    const without = (...windows: readonly number[]) => (work: ExecutorWork): Executor => {
      const { run, close } = inProcess(work);
      const width = TRIAL_FIGURES.length;
      return {
        close,
        run: (trials, onFinished) =>
          run(trials, (finished) => {
            for (const { figures } of finished) {
              for (const window of windows) {
                figures.fill(NaN, (1 + 2 * window) * width, (2 + 2 * window) * width);
              }
            }
            onFinished(finished);
          }),
      };
    };
    const { card } = await run(oneCross(walk), { executor: without(0, 2) });
    const { windows, nav, figures } = card.validation as Recorded<"walk_forward">;
    deepStrictEqual(windows.map(({ choice }) => choice), ["cash", "new", "kept"]);
    const [first, second, third] = windows;
    deepStrictEqual([first!.winner, first!.values, first!.train_score], [null, [null, null], null]);
    deepStrictEqual([third!.winner, third!.train_score], [second!.winner, null]);
    deepStrictEqual(nav.slice(0, 7), Array(7).fill(nav[0]));
    // From then on it is a plain run of the one that was chosen.
    const [fast_ma, slow_ma] = second!.values;
    const file = `${folder}plain.yaml`;
    await writeFile(file, JSON.stringify(oneCross({})));
    const own =
      `models.MovingAverageCrossModel_v1.parameters={fast_ma: ${fast_ma}, slow_ma: ${slow_ma}}`;
    const plain = await backtest(
      await loadPlan(file, { start: "2024-02-19", sets: [`data.root=${dataRoot}`, own] }),
      { threads: 0, proofs: false, resultsRoot: results("plain") },
    );
    strictEqual(figures.final_nav, plain.card.statistics.portfolio.final_nav);
    notStrictEqual(figures.final_nav, nav[0]);
    const none = await run(oneCross(walk), { root: "none", executor: without(0, 1, 2) });
    const cash = none.card.validation as Recorded<"walk_forward">;
    deepStrictEqual(new Set(cash.nav), new Set([nav[0]]));
  }));

Deno.test("FR-045 a walk-forward's windows choose on what they may see: later bars change no earlier choice", () =>
  inMarket(async ({ run, dataRoot }) => {
    const walk = searching({
      method: "walk_forward",
      train_days: 12,
      test_days: 6,
      anchored: false,
    });
    const chosen = async (root: string) => {
      const { card } = await run(oneCross(walk), { root });
      return (card.validation as Recorded<"walk_forward">).windows
        .map(({ winner, train_score }) => [winner, train_score]);
    };
    const before = await chosen("before");
    const bars = wandering(btc, "h4");
    const from = bars.openTime.indexOf(parseDate("2024-02-19"));
    const fall = (row: number) => row < from ? 1 : 1 - 0.004 * (row - from);
    const all = ["open", "high", "low", "close"] as const;
    const [open, high, low, close] = all.map((name) =>
      bars[name].map((value, row) => value * fall(row))
    );
    await writeBars(barFile(dataRoot, btc, "h4"), {
      ...bars,
      ...{ open: open!, high: high!.map((value, row) => Math.max(value, open![row]!)) },
      ...{ low: low!.map((value, row) => Math.min(value, close![row]!)), close: close! },
    }, described(btc));
    const after = await chosen("after");
    deepStrictEqual(after.slice(0, 2), before.slice(0, 2));
    notDeepStrictEqual(after[2], before[2]);
  }));

/** Generations bred on each window of a walk-forward. */
const BRED: Document = {
  ...EVOLUTION,
  optimization: { ...QUIET, metric: "total_return" },
  validation: { method: "walk_forward", train_days: 12, test_days: 6 },
};

for (const [shape, document] of Object.entries({ one: oneCross, two: twoModels })) {
  Deno.test(`FR-048 a walk-forward breeds on each window anew, as a search that ends with its training range: ${shape}`, () =>
    inMarket(async ({ run, results, dataRoot }) => {
      const { card, trials } = await run(document({ ...BRED, name: "walk" }));
      const { windows, nav, figures } = card.validation as Recorded<"walk_forward">;
      strictEqual(windows.length, 3);
      // Trained on the first 12 days of 28, and bred on them alone.
      const validation = { method: "split", train_fraction: 12.5 / 28 };
      const { card: alone, trials: own } = await run(document({ ...BRED, validation }), {
        root: "alone",
      });
      const [first] = windows;
      strictEqual(first!.bred, own.length);
      deepStrictEqual(
        trials.slice(0, own.length).map(({ values }) => values),
        own.map(({ values }) => values),
      );
      deepStrictEqual(
        [first!.values, first!.train_score, first!.winner],
        [alone.winner!.values, alone.winner!.score, alone.winner!.trial],
      );
      // Nothing is held when it begins: until the second window it is a plain run of the first one's choice.
      const [fast_ma, slow_ma] = first!.values;
      const parameters =
        `models.MovingAverageCrossModel_v1.parameters={fast_ma: ${fast_ma}, slow_ma: ${slow_ma}}`;
      const file = `${results()}/plain.yaml`;
      await writeFile(file, JSON.stringify(document({})));
      const plain = await backtest(
        await loadPlan(file, {
          ...{ start: "2024-02-13", end: "2024-02-18" },
          sets: [`data.root=${dataRoot}`, parameters],
        }),
        { threads: 0, proofs: false, resultsRoot: results("plain") },
      );
      strictEqual(nav[6], plain.card.statistics.portfolio.final_nav);
      strictEqual(figures.final_nav, nav.at(-1));
      ok(windows.some(({ winner }) => winner! >= own.length), "no later window chose what it bred");
      strictEqual(new Set(trials.map(({ values }) => String(values))).size, trials.length);
    }));
}

Deno.test("FR-048 every generation of every window is on record before any of it is run, and all of them count", () =>
  inMarket(async ({ run, results, trials }) => {
    const seen: number[] = [];
    const executor = (work: ExecutorWork): Executor => {
      const own = inProcess(work);
      return {
        close: own.close,
        async run(some, onFinished) {
          const rows = await trials();
          seen.push(some.count);
          strictEqual(rows.length, seen.reduce((sum, count) => sum + count, 0));
          strictEqual(rows.filter(({ status }) => status === "running").length, some.count);
          await own.run(some, onFinished);
        },
      };
    };
    const { card } = await run(oneCross(BRED), { executor });
    const { windows } = card.validation as Recorded<"walk_forward">;
    const bred = windows.reduce((sum, window) => sum + window.bred!, 0);
    ok(seen.length > 3 && card.trials.count < bred, "no window bred what another had");
    const { deflated } = await openExperiment("tiny", { resultsRoot: results() });
    strictEqual(deflated!.trials, card.trials.count);
    await isIntact(results());
  }));

Deno.test("FR-048 what a window breeds and chooses hangs on nothing after its training range", () =>
  inMarket(async ({ run, dataRoot }) => {
    const chosen = async (root: string) => {
      const { card, trials } = await run(oneCross(BRED), { root });
      const { windows } = card.validation as Recorded<"walk_forward">;
      return {
        windows: windows.map(({ winner, train_score, bred, values }) =>
          JSON.stringify([winner, train_score, bred, values])
        ),
        tried: trials.map(({ values }) => String(values)),
      };
    };
    const before = await chosen("before");
    const bars = wandering(btc, "h4");
    const other = wandering(btc, "h4", "other");
    const from = bars.openTime.indexOf(parseDate("2024-02-19"));
    const scale = bars.close[from - 1]! / other.close[from - 1]!;
    const spliced = (name: "open" | "high" | "low" | "close") =>
      bars[name].map((value, row) => row < from ? value : other[name][row]! * scale);
    await writeBars(barFile(dataRoot, btc, "h4"), {
      ...bars,
      ...{ open: spliced("open"), high: spliced("high"), low: spliced("low") },
      close: spliced("close"),
    }, described(btc));
    const after = await chosen("after");
    deepStrictEqual(after.windows.slice(0, 2), before.windows.slice(0, 2));
    notStrictEqual(after.windows[2], before.windows[2]);
    // The third window is the first that may try something else.
    const differs = after.tried.findIndex((values, place) => values !== before.tried[place]);
    const known = before.windows.slice(0, 2).map((text) => Number(JSON.parse(text)[2]));
    ok(differs === -1 || differs >= Math.max(...known), `${differs}`);
  }));

/** Generations bred on the training days of each split. */
const CROSS_BRED: Document = {
  ...EVOLUTION,
  optimization: { ...QUIET, metric: "sharpe" },
  validation: { method: "purged_kfold", folds: 4, purge_days: 0, embargo_days: 0 },
};

Deno.test("FR-048 a cross-validation breeds on the training days of each split anew, and chooses among what it bred", () =>
  inMarket(async ({ run, results }) => {
    const { card, trials } = await run(oneCross(CROSS_BRED));
    const { splits, path_sharpes } = card.validation as Recorded<"purged_kfold">;
    deepStrictEqual([splits.length, path_sharpes.length], [4, 1]);
    // The last split trains on the first 21 days of 28: as a search does that may see no others.
    const validation = { method: "split", train_fraction: 21.5 / 28 };
    const { trials: own } = await run(oneCross({ ...CROSS_BRED, validation }), { root: "alone" });
    const best = own.toSorted((a, b) => b.score! - a.score!)[0]!;
    const last = splits[3]!;
    strictEqual(last.bred, own.length);
    deepStrictEqual(trials[last.winner!]!.values, best.values);
    ok(Math.abs(last.train_sharpe! - best.score!) < 1e-9);
    const tried = new Set(trials.map(({ values }) => String(values)));
    strictEqual(tried.size, trials.length);
    ok(own.every(({ values }) => tried.has(String(values))));
    ok(
      splits.some(({ winner }) => winner! >= splits[0]!.bred!),
      "all chose what the first one bred",
    );
    // A better one that another split bred was no choice.
    ok(own.length < trials.length);
    await isIntact(results());
  }));

Deno.test("FR-048 what a split breeds and chooses hangs on none of its test days", () =>
  inMarket(async ({ run, dataRoot }) => {
    const chosen = async (root: string) => {
      const { card, trials } = await run(oneCross(CROSS_BRED), { root });
      const { splits } = card.validation as Recorded<"purged_kfold">;
      return splits.map(({ winner, train_sharpe, bred }) =>
        JSON.stringify([trials[winner!]!.values, train_sharpe, bred])
      );
    };
    const before = await chosen("before");
    const bars = wandering(btc, "h4");
    const other = wandering(btc, "h4", "other");
    const from = bars.openTime.indexOf(parseDate("2024-02-22"));
    const scale = bars.close[from - 1]! / other.close[from - 1]!;
    const spliced = (name: "open" | "high" | "low" | "close") =>
      bars[name].map((value, row) => row < from ? value : other[name][row]! * scale);
    await writeBars(barFile(dataRoot, btc, "h4"), {
      ...bars,
      ...{ open: spliced("open"), high: spliced("high"), low: spliced("low") },
      close: spliced("close"),
    }, described(btc));
    const after = await chosen("after");
    strictEqual(after[3], before[3]);
    for (const split of [0, 1, 2]) notStrictEqual(after[split], before[split]);
  }));

/** Pairs of a training and a test day that share a moment, one by one. */
function pairsThatTouch(
  { train, test }: { readonly train: Int32Array; readonly test: Int32Array },
  { start, end }: { readonly start: Float64Array; readonly end: Float64Array },
): number {
  let pairs = 0;
  for (const learned of train) {
    for (const judged of test) {
      if (start[learned]! <= end[judged]! && end[learned]! >= start[judged]!) pairs++;
    }
  }
  return pairs;
}

for (
  const [method, folds, testFolds, splits, paths] of [
    ["purged_kfold", 4, 1, 4, 1],
    ["combinatorial", 5, 2, 10, 4],
  ] as const
) {
  Deno.test(`FR-045 ${method} learns from no day that overlaps with a test day, on every split`, () =>
    inMarket(async ({ run }) => {
      const settings = { folds, test_folds: testFolds, purge_days: 2, embargo_days: 1 };
      const { card } = await run(oneCross(searching({ method, ...settings })));
      const validation = card.validation as Recorded<"combinatorial">;
      strictEqual(validation.splits.length, splits);
      strictEqual(validation.path_sharpes.length, paths);
      const days = 28;
      const midnights = Float64Array.from(
        { length: days + 1 },
        (_, day) => parseDate("2024-02-01") + day * DAY_MS,
      );
      const held = {
        start: midnights.slice(0, days).map((time) => time + 1),
        end: midnights.slice(1).map((time) => time + 2 * DAY_MS),
      };
      const expected = combinatorialPurged(held, { folds, testFolds, embargoMs: DAY_MS });
      for (const [place, split] of validation.splits.entries()) {
        const { train_days, test_days, purged_days, embargoed_days, overlaps, winner } = split;
        strictEqual(pairsThatTouch(expected[place]!, held), 0);
        ok(overlaps !== null);
        deepStrictEqual([train_days, test_days, purged_days, embargoed_days], [
          expected[place]!.train.length,
          expected[place]!.test.length,
          expected[place]!.purged,
          expected[place]!.embargoed,
        ]);
        ok(train_days > 0 && purged_days > 0 && winner !== null);
        strictEqual(train_days + test_days + purged_days + embargoed_days, days);
      }
      strictEqual(card.statistics, null);
    }));
}

Deno.test("FR-045 days that winners held across into a test are counted from their fills, not assumed", () =>
  inMarket(async ({ run, load }) => {
    const search = oneCross(
      searching({ method: "purged_kfold", folds: 4, purge_days: 0, embargo_days: 0 }),
    );
    const { card, trials } = await run(search);
    const { splits, longest_holding_days } = card.validation as Recorded<"purged_kfold">;
    const { loaded } = await load(search);
    const data = await loadData(loaded);
    const maker = trialMaker(await load(search));
    const midnight = (day: number) => parseDate("2024-02-01") + day * DAY_MS;
    let [total, longest] = [0, 0];
    for (const { folds, winner, overlaps } of splits) {
      const plan = {
        ...loaded.plan,
        ...maker.patch(trials[winner!]!.values.map((value) => value!)),
      };
      const { outcomes, markTimes } = execute({ plan, data: data.assets }, loaded.models);
      // One coin is in or out as a whole: each stretch with a quantity is one position.
      const stretches: { from: number; to: number }[] = [];
      let held = 0;
      for (const outcome of outcomes) {
        if (outcome.status !== "filled") continue;
        if (held === 0) stretches.push({ from: markTimes[outcome.index]!, to: midnight(28) });
        held += outcome.quantity;
        if (Math.abs(held) < 1e-6) [held, stretches.at(-1)!.to] = [0, markTimes[outcome.index]!];
      }
      const reach = (day: number) => {
        const own = stretches.filter(({ from, to }) =>
          from < midnight(day + 1) && to > midnight(day)
        );
        return {
          from: Math.min(midnight(day), ...own.map(({ from }) => from)),
          to: Math.max(midnight(day + 1), ...own.map(({ to }) => to)),
        };
      };
      const days = Array.from({ length: 28 }, (_, day) => day);
      const isTest = (day: number) => Math.floor(day / 7) === folds[0];
      const across = days.filter((day) =>
        !isTest(day) &&
        days.some((other) =>
          isTest(other) && reach(day).from < reach(other).to && reach(day).to > reach(other).from
        )
      );
      strictEqual(overlaps, across.length);
      total += across.length;
      longest = Math.max(longest, ...days.map((day) => (reach(day).to - reach(day).from) / DAY_MS));
    }
    ok(total > 0, "nothing was held across a fold");
    strictEqual(longest_holding_days, Math.ceil(longest));
  }));

Deno.test("FR-045 a cross-validation picks the best Sharpe ratio of the training days, and joins the test days to paths", () => {
  const days = 12;
  const times = Float64Array.from({ length: days + 1 }, (_, day) => day * DAY_MS);
  /** Held so many days at a time, from the first on. */
  const heldOn = (length: number) => ({
    start: times.slice(0, days).map((_, day) => (day - day % length) * DAY_MS + 1),
    end: times.slice(0, days).map((_, day) => (day - day % length + length) * DAY_MS),
  });
  const wave = (day: number) => day % 2 === 0 ? 0.01 : -0.01;
  // One does well in the first half, the other in the second, the third so-so throughout.
  const returns = [
    Float64Array.from({ length: days }, (_, day) => wave(day) + (day < 6 ? 0.02 : -0.02)),
    Float64Array.from({ length: days }, (_, day) => wave(day) + (day < 6 ? -0.02 : 0.02)),
    Float64Array.from({ length: days }, (_, day) => wave(day) + 0.001),
  ];
  const record = crossValidation(
    { places: [4, 7, 9], days, read: (place) => returns[[4, 7, 9].indexOf(place)]! },
    { method: "purged_kfold", folds: 2, test_folds: 1, purge_days: 0, embargo_days: 0 },
    {
      clock: { times, dailyRows: Int32Array.from(times, (_, row) => row), periodsPerYear: 365 },
      held: (place) => heldOn(place === 7 ? 4 : 1),
    },
  ) as Recorded<"purged_kfold">;
  deepStrictEqual(
    record.splits.map(({ folds, winner, train_days, test_days, overlaps }) => [
      folds,
      winner,
      train_days,
      test_days,
      overlaps,
    ]),
    // Four days at a time are held by 7: the first two of training were in hand on the last of the test.
    [[[0], 7, 6, 6, 2], [[1], 4, 6, 6, 0]],
  );
  const ratio = (values: Float64Array) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return mean / Math.sqrt(squares / (values.length - 1)) * Math.sqrt(365);
  };
  const isNear = (found: number | null, expected: number) =>
    ok(Math.abs(found! - expected) < 1e-9 * Math.abs(expected), `${found} for ${expected}`);
  isNear(record.splits[0]!.train_sharpe, ratio(returns[1]!.slice(6)));
  isNear(record.splits[0]!.test_sharpe, ratio(returns[1]!.slice(0, 6)));
  isNear(record.splits[1]!.test_sharpe, ratio(returns[0]!.slice(6)));
  strictEqual(record.longest_holding_days, 4);
  strictEqual(record.path_sharpes.length, 1);
  // Each half is traded with what won on the other: both lose.
  isNear(
    record.path_sharpes[0]!,
    ratio(Float64Array.of(...returns[1]!.slice(0, 6), ...returns[0]!.slice(6))),
  );
});

const AUTO = { method: "purged_kfold", folds: 4, purge_days: "auto", embargo_days: 0 };

/** Pairs of averages that change their mind often: no position lasts for long. */
const HASTY = { parameter_grid: { fast_ma: [1, 2], slow_ma: [3, 4, 5] } };

/** The same on a fund, too: positions of one overlap those of the other. */
function crossOfTwo(search: Document): Document {
  const parameters = { fast_ma: 1, slow_ma: 3 };
  const universe = ["BTC", "SPY"];
  const model = { version: "1.0.0", budget_fraction: 0.5, universe, parameters };
  return oneCross(search, { models: { MovingAverageCrossModel_v1: model } });
}

Deno.test("FR-045 purge_days: auto is what the longest positions of the trials need: no training day touches a test day", () =>
  inMarket(async ({ run, load }) => {
    for (const [root, document] of Object.entries({ one: oneCross, two: crossOfTwo })) {
      const search = document(searching(AUTO, HASTY));
      const { card, trials } = await run(search, { root });
      const { splits, purge_days, purge_trial } = card.validation as Recorded<"purged_kfold">;
      ok(purge_days > 0, "nothing was held over midnight");
      ok(splits.every(({ overlaps, winner }) => overlaps === 0 && winner !== null));
      // Every trial, not only the winners, and a day less is too little for the one that is named.
      const { loaded } = await load(search);
      const data = await loadData(loaded);
      const maker = trialMaker(await load(search));
      const marks = Float64Array.from(
        { length: 29 },
        (_, day) => parseDate("2024-02-01") + day * DAY_MS,
      );
      const farthest = trials.map(({ values }) => {
        const plan = { ...loaded.plan, ...maker.patch(values.map((value) => value!)) };
        const ground = { data: data.assets, regimes: data.regimes.data };
        const held = heldIntervals(tradedPath(plan, ground, loaded.models).fills, marks);
        const days = Array.from({ length: 28 }, (_, day) => day);
        return Math.max(
          ...days.flatMap((early) =>
            days.filter((late) => late > early && held.start[late]! <= held.end[early]!).map((
              late,
            ) => late - early)
          ),
        );
      });
      strictEqual(purge_days, Math.max(...farthest));
      strictEqual(purge_trial, farthest.indexOf(purge_days));
      // The number that it became, given, says the same of every split.
      const given = searching({ ...AUTO, purge_days }, HASTY);
      const again = await run(document(given), { root: `${root} given` });
      const { purge_trial: _, ...same } = card.validation as Recorded<"purged_kfold">;
      deepStrictEqual(again.card.validation, same);
      const resumed = await run(search, { root, force: true });
      deepStrictEqual([resumed.origin, resumed.card], ["resumed", card]);
    }
  }));

Deno.test("FR-045 purge_days: auto refuses trials that hold positions for too long to train beside, and says which", () =>
  inMarket(async ({ run, results, trials }) => {
    // Where a weight is made smaller, what was bought last is still held: for weeks.
    const held = twoModels(searching(AUTO, HASTY));
    await rejects(run(held), (error: Error) => {
      deepStrictEqual([error.name, error.message.includes("\n")], ["Refusal", false]);
      match(
        error.message,
        /^experiment\.validation\.purge_days: found auto, which trial \d makes \d+ days by how long it holds positions; they leave \d+ of 28 days to train on in some split, expected a number of days/,
      );
      return true;
    });
    // What was tried is on record all the same.
    strictEqual((await trials()).filter(({ status }) => status === "finished").length, 6);
    await isIntact(results());
    const stopped = AbortSignal.abort();
    await rejects(run(held, { signal: stopped }), /Interrupted/);
  }));

Deno.test("FR-045 halving tries all on a short range and the best on ever longer ones; only the last are ranked", () =>
  inMarket(async ({ run }) => {
    const halving = { rungs: 3, factor: 2 };
    for (const [root, document] of Object.entries({ one: oneCross, two: twoModels })) {
      const search = { parameter_grid: PAIRS, halving, optimization: { save_top_n: 1 } };
      const { card, trials } = await run(document(search), { root });
      deepStrictEqual(trials.map(({ batch }) => batch), [0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2]);
      deepStrictEqual(
        trials.map(({ figures }) => figures.days),
        [7, 7, 7, 7, 7, 7, 14, 14, 14, 28, 28],
      );
      for (const { batch, rank, plateau, pareto, score } of trials) {
        ok(score !== null);
        strictEqual(rank !== null, batch === 2);
        if (batch < 2) deepStrictEqual([plateau, pareto], [null, false]);
      }
      for (const batch of [0, 1]) {
        const here = trials.filter((trial) => trial.batch === batch);
        const next = trials.filter((trial) => trial.batch === batch + 1).map(({ values }) =>
          values
        );
        const best = here.toSorted((a, b) => b.score! - a.score! || a.trial - b.trial).slice(
          0,
          next.length,
        );
        deepStrictEqual(
          next,
          best.toSorted((a, b) => a.trial - b.trial).map(({ values }) => values),
        );
      }
      strictEqual(new Set(trials.map(({ run_id }) => run_id)).size, trials.length);
      deepStrictEqual([card.winner!.batch, card.saved.length, card.statistics], [2, 1, null]);
      match(card.statistics_note!, /^not defined after halving/);
      const again = await run(document(search), { root, force: true });
      deepStrictEqual([again.origin, again.card, again.trials], ["resumed", card, trials]);
    }
  }));

Deno.test("FR-045 a halving whose first rung scores nothing ends without a winner and without final trials", () =>
  inMarket(async ({ run }) => {
    const { card, trials, winnerFile } = await run(oneCross({
      parameter_grid: PAIRS,
      halving: { rungs: 2, factor: 2 },
      optimization: { min_round_trips: 1_000 },
    }));
    deepStrictEqual([card.winner, card.statistics, winnerFile], [null, null, undefined]);
    deepStrictEqual([card.trials.finished, trials.length], [6, 6]);
    for (const { score, rank, pareto, figures } of trials) {
      deepStrictEqual([score, rank, pareto, figures.days], [null, null, false, 14]);
    }
  }));

Deno.test("FR-045 a validation that cannot be made is refused before anything is run or on record", () =>
  inMarket(async ({ load, results }) => {
    const refused: readonly (readonly [Document, RegExp])[] = [
      [
        searching({ method: "split", train_fraction: 0.01 }),
        /train_fraction: found 0.01 of 28 days/,
      ],
      [searching({ method: "walk_forward", train_days: 28 }), /train_days: found 28 days/],
      [searching({ method: "split" }, { halving: { rungs: 2 } }), /halving: found it together/],
      [
        { ...EVOLUTION, halving: { rungs: 2 } },
        /halving: found it together with method evolutionary/,
      ],
      [
        { ...EVOLUTION, validation: { method: "purged_kfold", purge_days: "auto" } },
        /purge_days: found auto together with method evolutionary, expected a number of days/,
      ],
      [
        {
          ...EVOLUTION,
          max_trials: 50,
          validation: { method: "combinatorial", folds: 4, purge_days: 1, embargo_days: 0 },
        },
        /evolution: found 11 trials on each of 6 ranges, 66 in all, expected at most 50 \(max_trials\)/,
      ],
      ...["walk_forward", "purged_kfold", "combinatorial"].map((method) =>
        [
          searching({ method }, { halving: { rungs: 2 } }),
          new RegExp(`halving: found it together with validation ${method}`),
        ] as const
      ),
      [
        { ...EVOLUTION, validation: { method: "walk_forward", train_days: 28 } },
        /train_days: found 28 days/,
      ],
      [
        searching({ method: "purged_kfold", folds: 2, purge_days: 40 }),
        /purge_days: found 40 with embargo_days 5, which leave 0 of 28 days to train on/,
      ],
      [
        searching({ method: "purged_kfold", folds: 2, purge_days: "auto", embargo_days: 40 }),
        /purge_days: found auto with embargo_days 40, which leave 0 of 28 days to train on/,
      ],
      [
        searching({ method: "purged_kfold", folds: 40, purge_days: "auto" }),
        /validation.folds: found 40/,
      ],
      [searching({ method: "purged_kfold", folds: 40 }), /validation.folds: found 40/],
      [
        searching({ method: "combinatorial", folds: 20, test_folds: 10 }),
        /validation.test_folds: found 10 of 20 folds/,
      ],
      [
        searching({}, { constraints: ["fast_ma > slow_ma"] }),
        /no combination|constraint/i,
      ],
      [searching({}, { max_trials: 5 }), /6 combinations/],
    ];
    for (const [search, message] of refused) {
      const experiment = await load(oneCross(search));
      const options = { resultsRoot: results(), optimizedFolder: null };
      await rejects(optimize(experiment, options), (error: Error) => {
        strictEqual(error.name, "Refusal");
        ok(message.test(error.message) && !error.message.includes("\n"), error.message);
        return true;
      });
    }
    await rejects(stat(results()), { code: "ENOENT" });
  }));
