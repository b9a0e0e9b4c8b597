import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_ROOT, type PublishedExperiment, type PublishedRun, Refusal } from "../lib/mod.ts";
import { environment } from "./notebook/environment.ts";
import {
  type Cell,
  type Notebook,
  notebookNames,
  readNotebook,
  storedText,
  textOf,
} from "./notebook/notebook_file.ts";
import { parametersOf } from "./notebook/parameters.ts";
import { hashesOf, testProject } from "./test_project.ts";

const BEAR =
  "{EquityTrendModel_v1: 0.6, IndexMeanReversionModel_v1: 0.25, CryptoMomentumModel_v1: 0.15}";
const CROSS = "configs/experiments/moving_average_cross.yaml";

/** The tasks that make the runs which a notebook publishes; a model from a notebook has none. */
const TASKS: Readonly<Record<string, readonly (readonly string[] | undefined)[]>> = {
  "01_first_backtest": [[]],
  "02_write_a_model": [[], undefined],
  "03_portfolio_and_attribution": [[]],
  "04_regimes": [[], ["--set", `regime_budgets.equity_bear=${BEAR}`]],
  "05_data_quality": [[]],
  "06_compare_and_share": [[], [CROSS]],
  "07_optimise": [["configs/optimized/exp_001_equity_trend_grid.yaml"]],
  "08_walk_forward": [["configs/optimized/walk_forward_equity_trend.yaml"]],
  "09_paper_review": [], // an account, no run
};

const GRID = "configs/experiments/exp_001_equity_trend_grid.yaml";
const WALK = "configs/experiments/walk_forward_equity_trend.yaml";
const sets = (...texts: readonly string[]) => texts.flatMap((text) => ["--set", text]);

/** The tasks that make the experiments of the notebooks. */
const EXPERIMENTS: readonly (readonly string[])[] = [
  [GRID, ...sets("experiment.optimization.save_top_n=1")],
  [WALK],
  [WALK, ...sets("experiment.name=split_equity_trend", "experiment.validation.method=split")],
  [
    WALK,
    ...sets("experiment.name=crossed_equity_trend", "experiment.validation.method=combinatorial"),
  ],
];

const codeOf = ({ cells }: Notebook) => cells.filter(({ cell_type }) => cell_type === "code");
const linesOf = (cell: Cell) =>
  textOf(cell.source).split("\n").filter((line) => line.trim() !== "");

Deno.test("every notebook is thin, tells its parameters first, and closes with the runs it publishes", async () => {
  deepStrictEqual(await notebookNames(), Object.keys(TASKS));
  for (const name of await notebookNames()) {
    const named = await readNotebook(name);
    const code = codeOf(named.notebook);
    const lines = code.flatMap(linesOf);
    ok(lines.length <= 40, `${name} has ${lines.length} lines of code`);
    deepStrictEqual(code[0]!.metadata.tags, ["parameters"], name);
    ok(parametersOf(named).length === linesOf(code[0]!).length, name);
    strictEqual(named.notebook.cells[0]!.cell_type, "markdown", name);
    const last = textOf(named.notebook.cells.at(-1)!.source);
    match(last, TASKS[name]!.length > 0 ? /^publish\(.+\);$/ : /^showTable\([^]+\);$/, name);
    const specifiers = [...lines.join("\n").matchAll(/\b(?:from|import)\b[\s(]*"([^"]+)"/g)];
    const imported = new Set(specifiers.map(([, specifier]) => specifier!));
    imported.delete("zod"); // a model's parameters are a zod object
    deepStrictEqual([...imported], ["../lib/mod.ts"], name);
  }
});

Deno.test("notebooks are stored without what they put out, in one fixed form", async () => {
  for (const name of await notebookNames()) {
    const text = await readFile(join(PROJECT_ROOT, "notebooks", `${name}.ipynb`), "utf8");
    const notebook: Notebook = JSON.parse(text);
    strictEqual(text, storedText(notebook), `\`deno task notebook clean ${name}\` puts it right`);
    const ids = notebook.cells.map(({ id }) => id);
    strictEqual(new Set(ids).size, ids.length, name);
    for (const id of ids) match(id ?? "", /^[a-z][a-z-]*$/, name);
    for (const { outputs, execution_count } of codeOf(notebook)) {
      deepStrictEqual([outputs, execution_count], [[], null], name);
    }
  }
});

// Made once and kept in .venv; without Python or a way to PyPI nothing can execute a notebook.
const { python, obstacle } = await environment("headless", { say() {} }).then(
  (found) => ({ python: found, obstacle: undefined }),
  (error) => {
    if (!(error instanceof Refusal)) throw error;
    return { python: "", obstacle: error.message };
  },
);
if (obstacle !== undefined) console.warn(`Notebooks are not executed: ${obstacle}`);
const test = (name: string, body: () => Promise<void>) =>
  Deno.test({ name, ignore: obstacle !== undefined, fn: body });

/** A copy of the project with the environment of this one. */
async function notebookProject() {
  const project = await testProject();
  const link = "import os, sys; os.symlink(*sys.argv[1:3])";
  const { success } = await new Deno.Command(python, {
    args: ["-c", link, join(PROJECT_ROOT, ".venv"), `${project.folder}.venv`],
  }).output();
  ok(success);
  return project;
}

test("FR-060 each notebook makes the runs of the matching tasks: same id, same bytes", async () => {
  const project = await notebookProject();
  try {
    const names = Object.keys(TASKS);
    const all = await project.run("notebook", ["run", ...names, "--json"]);
    strictEqual(all.code, 0, all.stderr);
    const documents = JSON.parse(all.stdout) as Document[];
    deepStrictEqual(documents.map(({ notebook }) => notebook), names);
    const published = documents.map(({ runs }) => runs);
    const ids = new Map<string, string>();
    for (const [place, name] of names.entries()) {
      const runs = published[place]!;
      strictEqual(runs.length, TASKS[name]!.length, name);
      for (const [which, args] of TASKS[name]!.entries()) {
        const { run_id, artefacts, sealed, certificate } = runs[which]!;
        strictEqual(certificate, "passed", `${name}: ${run_id}`);
        const { "run.json": _, ...stored } = await project.hashes(run_id);
        deepStrictEqual(stored, artefacts, name);
        strictEqual(sealed, args !== undefined, name);
        if (args) ids.set(JSON.stringify(args), run_id);
      }
    }
    await Promise.all([...ids].map(async ([args, id]) => {
      const task = ["--no-audit", "--force", "--json", ...JSON.parse(args) as string[]];
      const { stdout, stderr } = await project.run("backtest", task);
      ok(stdout !== "", stderr);
      const { run_id, origin } = JSON.parse(stdout);
      // Confirmed: computed again, and every byte of every file came out as the notebook stored it.
      deepStrictEqual([run_id, origin], [id, "confirmed"], args);
    }));
    await exportsOnePage(project);
    await Promise.all([takesParameters(project), tellsOfFailures(project)]);
    await sameReview(project);
    await sameExperiments(project, documents);
  } finally {
    await project.remove();
  }
});

type Project = Awaited<ReturnType<typeof notebookProject>>;

interface Document {
  readonly notebook: string;
  readonly runs: readonly PublishedRun[];
  readonly experiments?: readonly PublishedExperiment[];
}

/** The account that the notebook traded is the task's: decision by decision, to the cent. */
async function sameReview(project: Project): Promise<void> {
  const { code, stdout, stderr } = await project.run("parity", ["paper-replay", "--json"]);
  strictEqual(code, 0, stderr);
  const { decisions, remainderCents } = JSON.parse(stdout);
  deepStrictEqual([decisions.compared, decisions.identical, remainderCents], [180, 180, "0.00"]);
}

/** The experiments of the notebooks are those of the tasks, made from nothing. */
async function sameExperiments(project: Project, documents: readonly Document[]): Promise<void> {
  const inNotebooks = await experimentHashes(project);
  const shown = documents.flatMap(({ experiments = [] }) => experiments);
  deepStrictEqual(shown.length, 2);
  await rm(`${project.folder}results`, { recursive: true });
  const ids: string[] = [];
  for (const args of EXPERIMENTS) {
    const { stdout, stderr } = await project.run("optimize", ["run", ...args, "--json"]);
    ok(stdout !== "", stderr);
    const { experiment_id, origin } = JSON.parse(stdout);
    strictEqual(origin, "computed");
    ids.push(experiment_id);
  }
  deepStrictEqual(await experimentHashes(project), inNotebooks);
  deepStrictEqual(ids.toSorted(), Object.keys(inNotebooks));
  for (const { experiment_id } of shown) ok(ids.includes(experiment_id));
}

async function experimentHashes({ folder }: Project) {
  const home = `${folder}results/experiments`;
  const ids = (await readdir(home)).filter((name) => !name.startsWith(".")).sort();
  const hashes = await Promise.all(ids.map((id) => hashesOf(`${home}/${id}`)));
  return Object.fromEntries(ids.map((id, place) => [id, hashes[place]!]));
}

async function exportsOnePage(project: Project): Promise<void> {
  const [folded, bare] = await Promise.all([
    project.run("notebook", ["export", "01"]),
    project.run("notebook", ["export", "05", "--no-code", "--out", "results/shared/data.html"]),
  ]);
  deepStrictEqual([folded.code, bare.code], [0, 0], folded.stderr + bare.stderr);
  match(folded.stdout, /^results\/notebooks\/01_first_backtest\.html \(\d+ kB\)/);
  const page = await readFile(`${project.folder}results/notebooks/01_first_backtest.html`, "utf8");
  const data = await readFile(`${project.folder}results/shared/data.html`, "utf8");
  for (const html of [page, data]) {
    const own = html.replaceAll('xmlns="http://www.w3.org/2000/svg"', "");
    ok(!/https?:|src="(?!data:)|href=|@import|url\(|<script|<link/i.test(own), "asks for nothing");
    match(html, /Content-Security-Policy" content="default-src 'none';/);
  }
  match(page, /<title>A first backtest<\/title>[^]*<h1>A first backtest<\/h1>/);
  match(page, /<details><summary>Code<\/summary><pre><code>[^]*loadPlan/);
  match(page, /<svg [^]*NAV 195,591 at the end[^]*95% interval[^]*Causality: passed/);
  match(data, /<h1>Can the data be trusted\?<\/h1>[^]*<td[^>]*>QQQ<\/td>/);
  ok(!/<details>|loadPlan/.test(data), "--no-code leaves out all code");
}

async function takesParameters(project: Project): Promise<void> {
  const given = ["-p", "start=2023-01-01", "-p", "end=2023-06-30"];
  const [run, task] = await Promise.all([
    project.run("notebook", ["run", "01", ...given, "--out", "short", "--json"]),
    project.run("backtest", ["--start", "2023-01-01", "--end", "2023-06-30", "--json"]),
  ]);
  strictEqual(run.code, 0, run.stderr);
  const [{ run_id }] = JSON.parse(run.stdout).runs;
  strictEqual(run_id, JSON.parse(task.stdout).run_id);
  const kept = await readFile(`${project.folder}results/notebooks/short.ipynb`, "utf8");
  ok(kept.includes(run_id) && kept.includes('start = \\"2023-01-01\\";'));
}

async function tellsOfFailures(project: Project): Promise<void> {
  const broken = {
    cells: ["const fine = 1;", "throw new RangeError('no luck\\nat all');"].map((
      source,
      place,
    ) => ({
      ...{ cell_type: "code", id: `cell-${place}`, metadata: {}, source },
      ...{ outputs: [], execution_count: null },
    })),
    ...{ metadata: {}, nbformat: 4, nbformat_minor: 5 },
  };
  await writeFile(`${project.folder}notebooks/broken.ipynb`, JSON.stringify(broken));
  const [failed, refused] = await Promise.all([
    project.run("notebook", ["run", "broken", "--out", "broken"]),
    project.run("notebook", ["run", "01", "-p", "end=2019-01-01"]),
  ]);
  deepStrictEqual([failed.code, refused.code], [1, 1]);
  strictEqual(failed.stderr, "error: notebooks/broken.ipynb, cell 2: RangeError: no luck\n");
  match(
    refused.stderr,
    /^error: notebooks\/01_first_backtest\.ipynb, cell 3: .*found 2020-01-01, expected no later/,
  );
  const left = await stat(`${project.folder}results/notebooks/broken.ipynb`).catch(() => undefined);
  strictEqual(left, undefined, "nothing half done is written");
}
