import { deepStrictEqual, match, ok } from "node:assert/strict";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_ROOT } from "../lib/mod.ts";
import { outcomeOf, testProject } from "./test_project.ts";

// It fetches tslab and Jupyter, so only `deno task tslab` runs it. What it fetched is kept for the next time.
const HOME = join(PROJECT_ROOT, "results/.test-tslab");
const PYTHON = join(HOME, "venv/bin/python");
const NODE_PACKAGES = ["tslab@1.0.22", "@types/node@22.19.1", join(PROJECT_ROOT, "dist/assay")];
const PYTHON_PACKAGES = [
  "jupyter_client==8.6.3",
  "nbclient==0.10.2",
  "nbformat==5.10.4",
  "ipykernel",
];

const EXECUTE = `
import sys, nbformat, nbclient
notebook = nbformat.read(sys.argv[1], 4)
nbclient.NotebookClient(notebook, timeout=120, kernel_name="tslab", allow_errors=True).execute()
nbformat.write(notebook, sys.argv[2])
`;

/** Why tslab cannot be had here; undefined when everything is in place. */
async function prepare(): Promise<string | undefined> {
  if (Deno.env.get("ASSAY_TSLAB") !== "1") return 'it fetches packages: "deno task tslab" runs it';
  await mkdir(join(HOME, "share/kernels/tslab"), { recursive: true });
  await writeFile(join(HOME, "package.json"), '{ "private": true }');
  await writeFile(join(HOME, "execute.py"), EXECUTE);
  await writeFile(
    join(HOME, "share/kernels/tslab/kernel.json"),
    JSON.stringify({
      argv: [
        "node",
        join(HOME, "node_modules/tslab/bin/tslab"),
        "kernel",
        "--config-path",
        "{connection_file}",
      ],
      ...{ display_name: "TypeScript", language: "typescript" },
    }),
  );
  const bundled = await run(Deno.execPath(), ["task", "--quiet", "bundle"], PROJECT_ROOT);
  if (bundled.code !== 0) return `the bundle was not made: ${bundled.stderr.trim()}`;
  const flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  const installed = await run("npm", [
    "install",
    ...flags,
    "--install-links=false",
    ...NODE_PACKAGES,
  ]);
  if (installed.code !== 0) return `npm: ${installed.stderr.trim().split("\n")[0]}`;
  if (await stat(PYTHON).then(() => true, () => false)) return undefined;
  const made = await run("python3", ["-m", "venv", join(HOME, "venv")]);
  if (made.code !== 0) return `python3: ${(made.stderr || made.stdout).trim().split("\n")[0]}`;
  const fetched = await run(PYTHON, ["-m", "pip", "install", "--quiet", ...PYTHON_PACKAGES]);
  return fetched.code === 0 ? undefined : `pip: ${fetched.stderr.trim().split("\n").at(-1)}`;
}

async function run(command: string, args: readonly string[], cwd = HOME) {
  const env = { JUPYTER_PATH: join(HOME, "share"), NO_COLOR: "1" };
  try {
    const child = new Deno.Command(command, {
      ...{ args: [...args], cwd, env },
      ...{ stdout: "piped", stderr: "piped" },
    });
    return await outcomeOf(child.spawn());
  } catch (error) {
    return {
      code: 1,
      stdout: "",
      stderr: `${command} does not start: ${(error as Error).message}`,
    };
  }
}

interface Cell {
  readonly outputs: readonly { readonly name?: string; readonly text?: string | string[] }[];
}

/** What each cell printed, errors of TypeScript included. */
async function printed(cells: readonly string[]): Promise<readonly string[]> {
  const notebook = {
    ...{ nbformat: 4, nbformat_minor: 5 },
    metadata: { kernelspec: { name: "tslab", display_name: "TypeScript", language: "typescript" } },
    cells: cells.map((source, place) => ({
      ...{ cell_type: "code", id: `cell-${place}`, metadata: {}, execution_count: null },
      ...{ outputs: [], source },
    })),
  };
  await writeFile(join(HOME, "in.ipynb"), JSON.stringify(notebook));
  const executed = await run(PYTHON, ["execute.py", "in.ipynb", "out.ipynb"]);
  deepStrictEqual(executed.code, 0, executed.stderr);
  const done = JSON.parse(await readFile(join(HOME, "out.ipynb"), "utf8")) as { cells: Cell[] };
  return done.cells.map(({ outputs }) => outputs.flatMap(({ text = "" }) => text).join("").trim());
}

const missing = await prepare();

Deno.test({
  name:
    "FR-058 a notebook in the tslab kernel computes, opens runs with types, and is told what needs Deno" +
    (missing === undefined ? "" : ` (skipped: ${missing})`),
  ignore: missing !== undefined,
  async fn() {
    const project = await testProject();
    try {
      const cross = "MovingAverageCrossModel_v1";
      const args = ["--end", "2020-06-30", "--models", cross, "--no-audit", "--json"];
      const universe = ["--set", `models.${cross}.universe=[BTC]`];
      const made = await project.run("backtest", [...args, ...universe]);
      const { run_id } = JSON.parse(made.stdout) as { run_id: string };
      const root = JSON.stringify(`${project.folder}results`);
      const [kernels, opened, page, ...refused] = await printed([
        'import { backtest, defineModel, listRuns, loadPlan, openRun, runSummary, sma, sql } from "assay";\n' +
        "console.log(Array.from(sma(Float64Array.of(1, 2, 3, 4), 2)).join());",
        `const run = await openRun("${run_id.slice(0, 8)}", { resultsRoot: ${root} });\n` +
        "const { nav } = await run.tables.nav();\nconsole.log(run.id, nav.length, nav[0]);",
        'console.log(runSummary({ title: "Run", card: run.card, folder: "", origin: "stored" }));',
        "try { await backtest(await loadPlan([])); } catch (error) { console.log(`${error}`); }",
        "try { await sql`select 1`; } catch (error) { console.log(`${error}`); }",
        `try { console.log((await listRuns({ resultsRoot: ${root} } as never)).length); } catch (error) { console.log(\`\${error}\`); }`,
        "const wrong: number = run.id;",
      ]);
      deepStrictEqual(kernels, "NaN,1.5,2.5,3.5");
      match(opened!, new RegExp(`^${run_id} \\d+ 100000$`));
      ok(page!.includes(cross));
      match(
        refused[0]!,
        /^TypeError: This needs [^\n]*Deno[^\n]*, which Node has not: do it with Deno[^\n]+$/,
      );
      match(refused[1]!, /^Refusal: SQL over results needs Deno: [^\n]+$/);
      match(refused[2]!, /^\d+$|^TypeError: The record of runs needs node:sqlite, [^\n]+$/);
      match(refused[3]!, /Type 'string' is not assignable to type 'number'/);
    } finally {
      await project.remove();
    }
  },
});
