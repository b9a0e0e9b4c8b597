import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import type { CrossRecord, ExperimentCard, ValidationRecord } from "../core/experiment.ts";
import {
  type DeflatedFigures,
  gateOf,
  honestVerdict,
  honestyRows,
  probability,
} from "./experiment_honesty.ts";
import { experimentComparison, experimentList } from "./experiment_list.ts";
import { experimentPage } from "./experiment_page.ts";
import { purgeProof, topTrialsTable, validationTable } from "./experiment_tables.ts";
import { madeUpExperiment } from "./test_experiment.ts";

const DEFLATED: DeflatedFigures = {
  ...{ trials: 1_234, familyTrials: 192, deflatedSharpe: 0.97, expectedBestSharpe: 1.02 },
  ...{ minTrackRecordDays: 1_402.2, detectableSharpe: 0.97 },
};

const grid = madeUpExperiment({ validation: "combinatorial" });

function withSpa({ card }: { card: ExperimentCard }, consistent: number | null): ExperimentCard {
  const { statistics } = card;
  return { ...card, statistics: { ...statistics!, spa: { ...statistics!.spa!, consistent } } };
}

Deno.test("FR-049 the gate needs a deflated Sharpe of 0.95 or more and an SPA p-value below 0.05", () => {
  const state = (deflatedSharpe: number | null, p: number | null) =>
    gateOf(withSpa(grid, p), { ...DEFLATED, deflatedSharpe }).state;
  strictEqual(state(0.95, 0.0499), "passed");
  strictEqual(state(0.95, 0.05), "failed");
  strictEqual(state(0.9499, 0.01), "failed");
  strictEqual(state(null, 0.01), "undecided");
  strictEqual(state(null, 0.2), "failed");
  strictEqual(state(0.99, null), "undecided");
  strictEqual(gateOf(grid.card).state, "undecided");
  strictEqual(gateOf({ ...grid.card, winner: null }, DEFLATED).state, "undecided");
});

Deno.test("FR-049 the verdict is one sentence that promises nothing and names what luck is worth", () => {
  const passed = honestVerdict(grid.card, DEFLATED);
  match(passed, /^The winner passes the gate: deflated Sharpe 0\.970 .*SPA p 0\.021/);
  match(passed, /the best of 1,234 trials without an edge is expected at 1\.02; .*no promise/);
  match(
    honestVerdict(withSpa(grid, 0.3), DEFLATED),
    /^The winner does not pass .*treat it as luck/,
  );
  match(honestVerdict(grid.card), /^Whether .* undecided: deflated Sharpe unknown /);
  match(honestVerdict({ ...grid.card, winner: null }), /nothing to judge/);
  for (const text of [passed, honestVerdict(grid.card)]) {
    strictEqual(text.match(/\.(\s|$)/g)!.length, 1);
  }
});

Deno.test("FR-049 PBO is shown with its spread and said to be no gate; SPA with both its bounds", () => {
  const rows = new Map(honestyRows(grid.card, DEFLATED).map((row) => [row.label, row]));
  strictEqual(rows.get("PBO")!.value, "46%");
  match(rows.get("PBO")!.note, /never a gate.*quartiles of the logits -0\.70, 0\.10, 1\.20$/);
  match(rows.get("SPA p-value")!.note, /lower 0\.018, upper 0\.044; 10,000 resamples of 12-day/);
  strictEqual(rows.get("Minimum track record")!.value, "1,402 days");
  const bare = honestyRows({ ...grid.card, statistics: null }).map(({ value }) => value);
  deepStrictEqual(bare.slice(0, 3), ["–", "–", "–"]);
});

Deno.test("FR-049 beside cash stands what holding the same assets leaves of the edge", () => {
  const { statistics } = grid.card;
  const beaten = {
    ...grid.card,
    statistics: { ...statistics!, hold: { ...statistics!.hold!, consistent: 0.05 } },
  };
  strictEqual(gateOf(beaten, DEFLATED).state, "passed");
  match(honestVerdict(beaten, DEFLATED), /does not beat buying and holding .*SPA p 0\.050 of the/);
  ok(!honestVerdict(grid.card, DEFLATED).includes("holding"));
  match(honestVerdict(grid.card, DEFLATED), /SPA p 0\.021 against cash/);
  const rows = new Map(honestyRows(grid.card, DEFLATED).map((row) => [row.label, row]));
  match(rows.get("SPA p-value")!.note, /cannot beat cash/);
  const holding = rows.get("SPA p against holding")!;
  strictEqual(holding.value, "0.012");
  match(holding.note, /^no gate: .*buying and holding the same assets .*holding has Sharpe 0\.60$/);
  match(rows.get("Trials on record")!.note, /any timeframe.*; 192 of exactly these models/);
});

Deno.test("FR-049 what is not known says why, and nothing that is not so", () => {
  const note = (card: ExperimentCard, label: string, deflated?: DeflatedFigures) =>
    honestyRows(card, deflated).find((row) => row.label === label)!.note;
  const off = { ...grid.card, statistics: null, statistics_note: "switched off by a setting" };
  deepStrictEqual([note(off, "SPA p-value"), note(off, "PBO")], [
    ...["switched off by a setting", "switched off by a setting"],
  ]);
  strictEqual(
    note({ ...off, statistics_note: null }, "PBO"),
    "no trial left daily returns to test",
  );
  const { statistics } = grid.card;
  const short = {
    ...grid.card,
    statistics: {
      ...statistics!,
      spa: { ...statistics!.spa!, consistent: null },
      pbo: { pbo: null, blocks: 16, logit_quartiles: null },
    },
  };
  deepStrictEqual([note(short, "SPA p-value"), note(short, "PBO")], [
    ...["too few trials or days for the test", "too few trials or days for the test"],
  ]);
  match(note({ ...grid.card, winner: null }, "Deflated Sharpe"), /^no trial came to a score/);
  match(note(grid.card, "Deflated Sharpe"), /^no ledger of trials was at hand$/);
});

Deno.test("FR-049 a probability is never rounded over the bound of a gate", () => {
  strictEqual(probability(0.94999), "0.949");
  strictEqual(probability(0.95), "0.950");
  strictEqual(probability(0.9999), "0.999");
  strictEqual(probability(0.0002), "< 0.001");
  strictEqual(probability(0), "0.000");
  strictEqual(probability(null), "–");
});

Deno.test("FR-049 the page tells what was searched, what won, what luck explains and what was kept apart", () => {
  const page = experimentPage(grid.card, grid.trials, DEFLATED);
  match(page, /^exp_001_equity_trend_grid: grid search over EquityTrendModel_v1, 2018-01-01 to/);
  match(
    page,
    /192 trials: \d+ finished, \d+ failed; 24 combinations excluded; objective Sharpe, seed 1/,
  );
  match(
    page,
    /Winner by min\(score, plateau\): trial \d+, run [0-9a-f]{16}\n {2}fast_ma_period \d+, slow_ma_period \d+/,
  );
  match(page, /\nGate passed\. The winner passes the gate/);
  match(page, /15 splits, 0 training days held across into a test, 300 days purged, 75 embargoed/);
  match(page, /5 paths through all folds: Sharpe 0\.10 to 0\.70, median 0\.50/);
  match(page, /Pareto front\n[^]*Max drawdown ↓/);
  match(page, /\nExperiment e0123456789abcde\nSaved runs: /);
  ok(!/undefined|NaN|null/.test(page));
  strictEqual(topTrialsTable(grid).rows.length, 10);
  strictEqual(topTrialsTable(grid).rows[0]![0], "1, winner");
});

Deno.test("FR-049 failed trials are counted by reason, and an experiment without a score has a page too", () => {
  const failed = madeUpExperiment({ failing: 1.1 });
  const page = experimentPage(failed.card, failed.trials);
  match(page, /\nFailed, 192 ×: Model threw: not enough bars <tag>\n/);
  match(page, /\nNo winner: no trial has a score\n/);
  match(page, /\nNothing was kept out of the sample\n/);
  match(experimentPage({ ...failed.card, dimensions: [] }, []), /Gate undecided/);
});

Deno.test("FR-049 windows of a walk-forward and both ranges of a split are shown row by row", () => {
  const walked = madeUpExperiment({ method: "evolutionary", validation: "walk_forward" });
  match(
    experimentPage(walked.card, walked.trials),
    /8 windows, rolling, \d gained; joined: total return .*, Sharpe 0\.42, max drawdown 17\.0%/,
  );
  const split = madeUpExperiment({ validation: "split" });
  match(
    experimentPage(split.card, split.trials),
    /out of sample +2022-01-01 +2022-12-31 +-?\d\.\d{3}/,
  );
});

Deno.test("FR-049 experiments are listed one a line and compared side by side", () => {
  const other = madeUpExperiment({ method: "evolutionary", validation: "walk_forward" });
  const rows = [{ card: grid.card, deflated: DEFLATED }, { card: other.card }];
  const listed = experimentList(rows).split("\n");
  strictEqual(listed.length, 5);
  match(listed[3]!, /^e0123456789abcde +exp_001.* 0\.970 +0\.021 +passed$/);
  match(listed[4]!, /undecided$/);
  strictEqual(experimentList([]), "No experiment yet");
  const compared = experimentComparison(rows);
  match(compared, /Validation +combinatorial, 15 splits +walk-forward, 8 windows/);
  match(compared, /Out of sample +0\.50 +0\.42/);
  match(compared, /\nData: equal\nCode: equal$/);
  const moved = { ...other.card, data_fingerprint: "other" };
  match(experimentComparison([rows[0]!, { card: moved }]), /\nData: different\n/);
  throws(() => experimentComparison([]), RangeError);
});

Deno.test("FR-048 a page says among how many trials each window or split chose where each bred its own", () => {
  const { card } = madeUpExperiment({ validation: "walk_forward" });
  const walk = card.validation as Extract<ValidationRecord, { method: "walk_forward" }>;
  const notesOf = (bred: (window: number) => number | undefined) => {
    const windows = walk.windows.map((window, i) => {
      const count = bred(i);
      return { ...window, ...(count === undefined ? {} : { bred: count }) };
    });
    return validationTable(card, { ...walk, windows }).notes.join("\n");
  };
  strictEqual(/bred/.test(notesOf(() => undefined)), false);
  match(
    notesOf((window) => 12 - window),
    /Each window chose among the 5 to 12 trials that were bred on its own training days/,
  );
  match(notesOf(() => 9), /chose among the 9 trials/);
  const crossed = grid.card.validation as CrossRecord;
  const splits = crossed.splits.map((split) => ({ ...split, bred: 7 }));
  match(
    validationTable(grid.card, { ...crossed, splits }).notes.join("\n"),
    /Each split chose among the 7 trials that were bred on its own training days/,
  );
});

Deno.test("FR-049 a page says whether the purge was given or found, and which trial needs so long a one", () => {
  const validation = grid.card.validation as CrossRecord;
  const notesWith = (found: Partial<CrossRecord>) =>
    validationTable(grid.card, { ...validation, ...found }).notes!.join("\n");
  match(notesWith({}), /The purge is given, and held against the fills/);
  match(
    notesWith({ purge_trial: 17 }),
    /The purge is as long as the positions of trial 17 need it, as those of no other need more, and held against/,
  );
  match(notesWith({ purge_trial: null }), /No trial's positions need a purge, and held against/);
});

Deno.test("FR-049 the proof of a purge counts on the splits themselves", () => {
  const split = {
    ...{ folds: [0], train_days: 9, test_days: 3, purged_days: 2, embargoed_days: 1, overlaps: 4 },
    ...{ winner: 1, train_sharpe: 1, test_sharpe: 0 },
  };
  strictEqual(
    purgeProof([split, split]),
    "2 splits, 8 training days held across into a test, 4 days purged, 2 embargoed",
  );
});

Deno.test("FR-049 a winner of a lower rank stands below the best, marked, and the plateau's note says what it is", () => {
  const { card, trials } = madeUpExperiment();
  const winner = trials.find(({ rank }) => rank === 15)!;
  const source = { card: { ...card, winner }, trials };
  const ranks = topTrialsTable(source, 3).rows.map(([rank]) => rank);
  deepStrictEqual(ranks, ["1", "2", "3", "15, winner"]);
  const noteOf = (rest: Partial<typeof winner>) =>
    honestyRows({ ...card, winner: { ...winner, ...rest } }).at(-1)!.note;
  match(noteOf({ neighbours: 4, plateau: 0.5, score: 1 }), /winner's 4 neighbours.*50% of its own/);
  match(noteOf({ neighbours: 4, plateau: null }), /half or more of the winner's 4 neighbours have/);
  match(noteOf({ neighbours: 0, plateau: null }), /no neighbour among the trials/);
});

Deno.test("FR-045 windows on which nothing could be chosen are told apart", () => {
  const { card } = madeUpExperiment({ validation: "walk_forward" });
  const { windows, ...walk } = card.validation as Extract<
    NonNullable<typeof card.validation>,
    { method: "walk_forward" }
  >;
  const changed = windows.map((window, place) =>
    place === 0
      ? { ...window, choice: "cash" as const, winner: null, values: [null, null, null] }
      : place === 2
      ? { ...window, choice: "kept" as const }
      : window
  );
  const { rows, notes } = validationTable(card, { ...walk, windows: changed });
  strictEqual(rows[0]![2], "cash");
  ok(rows[2]![2]!.endsWith(" (kept)") && !rows[1]![2]!.endsWith(" (kept)"));
  strictEqual(
    notes.at(-1),
    "No trial has a score on the training range of 2 windows: 1 kept the winner before, 1 held cash",
  );
});
