import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { appendFile, chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { type Outcome, outcomeOf, type TestProject, testProject } from "./test_project.ts";

let project: TestProject;

Deno.test.beforeAll(async () => {
  project = await testProject();
});

Deno.test.afterAll(async () => await project.remove());

const CROSS = "MovingAverageCrossModel_v1";

/** A search over averages on half a year of BTC. */
function search(experiment: Readonly<Record<string, unknown>>) {
  return {
    replace: ["models", "regime_budgets", "regime_limits"],
    experiment: {
      name: "pairs",
      target_model: CROSS,
      optimization: { save_top_n: 1 },
      ...experiment,
    },
    system: { start: "2020-01-01", end: "2020-06-30" },
    models: {
      [CROSS]: {
        version: "1.0.0",
        budget_fraction: 1,
        universe: ["BTC"],
        parameters: { fast_ma: 10, slow_ma: 40 },
      },
    },
    regime_budgets: {},
    regime_limits: {},
  };
}

const GRID = { parameter_grid: { fast_ma: [10, 20], slow_ma: [40, 80] } };

async function written(name: string, experiment: Readonly<Record<string, unknown>>) {
  const file = `${project.folder}${name}.yaml`;
  await writeFile(file, JSON.stringify(search(experiment)));
  return file;
}

async function optimized(...args: readonly string[]): Promise<Outcome> {
  return await project.run("optimize", args);
}

async function documentOf<Document>(...args: readonly string[]): Promise<Document> {
  const { code, stdout, stderr } = await optimized(...args, "--json");
  deepStrictEqual([code, stderr], [0, ""]);
  return JSON.parse(stdout) as Document;
}

function refused({ code, stdout, stderr }: Outcome, expected: number, message: RegExp): void {
  deepStrictEqual([code, stdout], [expected, ""], stderr);
  match(stderr, /^error: [^\n]+\n$/);
  match(stderr, message);
}

interface Shown {
  readonly experiment_id: string;
  readonly name: string;
  readonly folder: string;
  readonly winner: { readonly run_id: string; readonly figures: { readonly final_nav: number } };
  readonly best: readonly { readonly rank: number }[];
  readonly trials: { readonly count: number };
  readonly deflated: { readonly trials: number };
}

interface Asked extends Shown {
  readonly origin: string;
  readonly winner_file: string;
}

Deno.test("FR-045 bad input is one line on stderr, and nothing is written", async () => {
  const grid = await written("grid", GRID);
  const most = { from: 1, to: 1_000 };
  const more = { from: 1_001, to: 2_000 };
  const bad: readonly (readonly [readonly string[], number, RegExp])[] = [
    [[], 2, /found nothing, expected run, list, show, compare/],
    [["serach"], 2, /found "serach", expected run, list, show, compare/],
    [["run"], 2, /found "run", expected run FILE…/],
    [["list", "x"], 2, /expected list without experiments/],
    [["show"], 2, /expected show EXPERIMENT/],
    [["show", "a", "b"], 2, /expected show EXPERIMENT/],
    [["compare", "a"], 2, /expected compare EXPERIMENT EXPERIMENT…/],
    [["show", "nothing"], 1, /No experiment "nothing" in .*; none is finished/],
    [["run", grid, "--workers", "0"], 2, /--workers: found "0", expected a whole number from 1/],
    [["run", grid, "--workers", "two"], 2, /--workers: found "two"/],
    [["run", grid, "--executor", "cloud"], 2, /--executor: found "cloud"/],
    [["run", grid, "--start", "soon"], 1, /--start: system\.start: found "soon"/],
    [["run", grid, "--quick"], 2, /--quick/],
    [["run", `${project.folder}none.yaml`], 1, /none\.yaml/],
    [["run", grid, "--set", "data.root=nowhere"], 1, /nowhere/],
    [["run", grid, "--set", `models.${CROSS}.parameters.fast=3`], 1, /fast is not a known key/],
    [["run", await written("empty", { parameter_grid: {} })], 1, /found an empty grid/],
    [["run", await written("hollow", { parameter_grid: { fast_ma: [] } })], 1, /fast_ma: found/],
    [["run", await written("nothing", {})], 1, /found nothing to search over/],
    [
      ["run", await written("unknown", { parameter_grid: { fast_mma: [1, 2] } })],
      1,
      /fast_mma .*did you mean "fast_ma"/,
    ],
    [
      [
        "run",
        await written("huge", {
          parameter_grid: {
            fast_ma: most,
            slow_ma: more,
            "execution.cash_rate": { from: 0, to: 0.0999, step: 0.0001 },
          },
        }),
      ],
      1,
      /1,?000,?000,?000/,
    ],
    [
      ["run", await written("never", { ...GRID, constraints: ["fast_ma > slow_ma"] })],
      1,
      /fast_ma > slow_ma|no combination/,
    ],
    [
      ["run", await written("constraint", { ...GRID, constraints: ["fast_ma << slow_ma"] })],
      1,
      /constraints\[0\]/,
    ],
    [
      ["run", await written("method", { ...GRID, method: "annealing" })],
      1,
      /method: found "annealing"/,
    ],
    [
      [
        "run",
        await written("folds", { ...GRID, validation: { method: "purged_kfold", folds: 50 } }),
        "--end",
        "2020-01-20",
      ],
      1,
      /validation.folds: found 50, expected at most the 20 days/,
    ],
  ];
  for (const [args, code, message] of bad) refused(await optimized(...args), code, message);
  const inside = await readdir(project.folder);
  ok(!inside.includes("results"), "results were made");
  deepStrictEqual(
    (await readdir(`${project.folder}configs/optimized`)).filter((name) => name !== "README.md"),
    [],
  );
});

Deno.test("FR-049 a search is run, found, listed, shown and compared; its winner's file makes its run", async () => {
  deepStrictEqual(await optimized("list"), {
    ...{ code: 0, stdout: "No experiments are finished\n", stderr: "" },
  });
  deepStrictEqual(await documentOf("list"), []);
  const grid = await written("grid", GRID);
  const first = await optimized("run", grid);
  deepStrictEqual([first.code, first.stderr], [0, ""]);
  match(
    first.stdout,
    /^pairs: grid search over MovingAverageCrossModel_v1, 2020-01-01 to 2020-06-30\n/,
  );
  match(first.stdout, /^4 trials: 4 finished, 0 failed; 0 combinations excluded; /m);
  match(first.stdout, /^What luck alone explains$/m);
  match(
    first.stdout,
    /\n4 trials computed in [\d.]+ s, the trials in [\d.]+ s\nRanking in results\/experiments\/\w{16}\/summary\.csv\nWinner in configs\/optimized\/pairs\.yaml\n/,
  );
  const asked = await documentOf<Asked>("run", grid, "--resume", "--workers", "1");
  deepStrictEqual([asked.origin, asked.name, asked.trials.count], ["found", "pairs", 4]);
  deepStrictEqual(asked.best.map(({ rank }) => rank), [1, 2, 3, 4]);
  strictEqual(asked.deflated.trials, 4);
  const run = await project.run("backtest", ["configs/optimized/pairs.yaml", "--json"]);
  const { run_id, origin, statistics } = JSON.parse(run.stdout);
  deepStrictEqual([run_id, origin, statistics.portfolio.final_nav], [
    asked.winner.run_id,
    "found",
    asked.winner.figures.final_nav,
  ]);
  // A sample of the same name: the name alone means the newest, and tells of the other.
  const sample = await written("sample", {
    method: "random",
    distributions: { fast_ma: { integer: [5, 20] }, slow_ma: { integer: [30, 90] } },
    trials: 5,
  });
  const other = await documentOf<Asked>("run", sample);
  strictEqual(other.origin, "computed");
  const replaced = await documentOf<{ replaced_winner: string | null }>("run", grid);
  strictEqual(replaced.replaced_winner, other.experiment_id);
  match(
    (await optimized("run", sample)).stdout,
    new RegExp(`\nIt replaces the winner of experiment ${asked.experiment_id}, which had the same`),
  );
  const newest = await optimized("show", "pairs");
  match(newest.stdout, new RegExp(`\nExperiment ${other.experiment_id}\n`));
  match(
    newest.stdout,
    new RegExp(
      `\nAn older pairs: deno task optimize show ${asked.experiment_id} \\(2020-01-01 to `,
    ),
  );
  const shown = await documentOf<Shown>("show", asked.experiment_id.slice(0, 8));
  const { origin: _, duration_ms, trials_ms, winner_file, replaced_winner: __, ...card } =
    asked as unknown as Record<string, unknown>;
  deepStrictEqual(Object.keys(shown).sort(), Object.keys(card).sort());
  // The other search's trials are of the same models on the same data.
  ok(
    shown.deflated.trials > 4,
    `${shown.deflated.trials}, ${duration_ms}, ${trials_ms}, ${winner_file}`,
  );
  const page = await optimized("show", other.experiment_id);
  deepStrictEqual([page.code, page.stderr], [0, ""]);
  match(page.stdout, /^pairs: random search over /);
  const list = await documentOf<readonly Shown[]>("list");
  deepStrictEqual(
    list.map(({ experiment_id }) => experiment_id),
    [asked.experiment_id, other.experiment_id].sort(),
  );
  const lines = (await optimized("list")).stdout.trimEnd().split("\n");
  strictEqual(lines.filter((line) => /^\w{16} {2}pairs /.test(line)).length, 2);
  const both = [asked.experiment_id, other.experiment_id];
  const comparison = await optimized("compare", ...both);
  match(comparison.stdout, /^Comparison of 2 experiments\n/);
  deepStrictEqual(
    (await documentOf<readonly Shown[]>("compare", ...both)).map(({ experiment_id }) =>
      experiment_id
    ),
    both,
  );
  const verified = await project.run("verify", ["--ledger"]);
  deepStrictEqual([verified.code, verified.stderr], [0, ""]);
  // Without its returns the trials of one are run again.
  await Deno.remove(`${asked.folder}/returns.f64`);
  for (const name of ["pairs", asked.experiment_id]) {
    const again = await project.run("verify", [name]);
    deepStrictEqual([again.code, again.stderr], [0, ""], again.stdout);
    match(
      again.stdout,
      /^Experiment \w{16}: equal, appraised again, its winner computed again in /,
    );
  }
});

Deno.test("FR-049 a damaged experiment is refused in one line, by whatever asks for it; the others are listed", async () => {
  const grid = await written("damaged", { ...GRID, name: "damaged" });
  const whole = await documentOf<readonly Shown[]>("list");
  const { folder, experiment_id: id } = await documentOf<Asked>("run", grid);
  const card = await readFile(`${folder}/experiment.json`, "utf8");
  await writeFile(`${folder}/experiment.json`, card.slice(0, 100));
  const asks = [["run", grid], ["show", "damaged"], ["show", id], ["compare", "pairs", "damaged"]];
  for (const args of asks) {
    refused(await optimized(...args), 1, /Cannot read .*experiment\.json.*; remove the folder and/);
  }
  for (const task of ["report", "verify"]) {
    refused(await project.run(task, ["damaged"]), 1, /Cannot read .*experiment\.json/);
  }
  const listed = await optimized("list", "--json");
  deepStrictEqual([listed.code, JSON.parse(listed.stdout)], [0, whole]);
  match(
    listed.stderr,
    new RegExp(
      `^warning: experiment damaged \\(${id}\\) is left out: Cannot read [^\n]*; ` +
        "remove the folder and run its search again: its trials are on record\n$",
    ),
  );
  const page = await optimized("list");
  deepStrictEqual([page.code, page.stderr], [0, listed.stderr]);
  strictEqual(page.stdout.includes(id), false);
  strictEqual((await optimized("show", "pairs")).code, 0);
  await writeFile(`${folder}/experiment.json`, card);
  await appendFile(`${folder}/trials.parquet`, "more");
  refused(await optimized("show", "damaged"), 3, /trials\.parquet was changed since it was saved/);
  const forced = await documentOf<Asked>("run", grid, "--force");
  strictEqual(forced.origin, "resumed");
  strictEqual((await optimized("show", "damaged")).code, 0);
});

Deno.test({
  name: "FR-058 a results folder that cannot be written to is told in one line",
  ignore: Deno.build.os === "windows",
  async fn() {
    const grid = await written("blocked", { ...GRID, name: "blocked" });
    const results = `${project.folder}results`;
    await Deno.rename(results, `${results}.away`);
    try {
      await writeFile(results, "not a folder");
      refused(await optimized("run", grid), 1, /results/);
      await Deno.remove(results);
      await mkdir(`${results}/experiments`, { recursive: true });
      await writeFile(`${results}/locks`, "not a folder");
      refused(await optimized("run", grid), 1, /locks/);
      await chmod(results, 0o755);
    } finally {
      await Deno.remove(results, { recursive: true });
      await Deno.rename(`${results}.away`, results);
    }
  },
});

Deno.test("SC-008 Ctrl-C says how many trials are kept, and the same command goes on", async () => {
  const many = await written("many", {
    name: "many",
    parameter_grid: { fast_ma: { from: 2, to: 41 }, slow_ma: { from: 50, to: 99 } },
    optimization: { save_top_n: 1, statistics: false },
  });
  const begun = (await project.trials()).length;
  const args = ["run", many, "--workers", "1", "--set", "system.end=2024-12-31"];
  // With a limit on drawdowns nothing leaves the event loop: each trial takes its time.
  const child = project.start("optimize", args);
  const finished = async () =>
    (await project.trials()).slice(begun).filter(({ status }) => status === "finished").length;
  while (await finished() === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill("SIGINT");
  const { code, stdout, stderr } = await outcomeOf(child);
  deepStrictEqual([code, stdout], [1, ""]);
  match(
    stderr,
    /^error: Interrupted: [\d,]+ of 2000 trials are finished and kept; the same command goes on from there\n$/,
  );
  const kept = Number(/Interrupted: (\d+) of/.exec(stderr)![1]);
  strictEqual(await finished(), kept);
  ok(kept > 0 && kept < 2000);
  const verified = await project.run("verify", ["--ledger"]);
  deepStrictEqual([verified.code, verified.stderr], [0, ""]);
});
