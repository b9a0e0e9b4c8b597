import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { backtest, loadExperiment, loadPlan, type Model, PROJECT_ROOT } from "../lib/mod.ts";
import { readmeFiles } from "./dev/readme_page.ts";

const readme = await Deno.readTextFile(`${PROJECT_ROOT}README.md`);

Deno.test("SC-008 the README and its pictures show what the base run is now (else: deno task readme)", async () => {
  for (const { name, found, expected } of await readmeFiles()) {
    strictEqual(found, expected, name === "README.md" ? undefined : `${name} is out of date`);
    ok(name === "README.md" || readme.includes(`(${name})`), `README does not show ${name}`);
  }
});

Deno.test("SC-002 the README says of the leak corpus what its table says", () => {
  const last = /(\d+ of \d+ leaks caught, \d+ of \d+ clean twins accused)\n```/.exec(readme)![1]!;
  ok(readme.includes(`<summary>${last}</summary>`), last);
});

Deno.test("FR-013 the README's model is one file of at most 30 lines, and runs", async () => {
  const code = /```ts\n\/\/ lib\/models\/dip_buyer\.ts\n([\s\S]*?)```/.exec(readme)![1]!;
  ok(code.trimEnd().split("\n").length <= 30, `${code.trimEnd().split("\n").length} lines`);
  const folder = `${PROJECT_ROOT}results/.test/readme-${Deno.pid}/`;
  await mkdir(folder, { recursive: true });
  try {
    const library = new URL("../lib/", import.meta.url).href;
    const text = code.replaceAll('from "../', `from "${library}`)
      .replaceAll('from "./', `from "${library}models/`);
    await writeFile(`${folder}dip_buyer.ts`, text);
    const { dipBuyer } = await import(`file://${folder}dip_buyer.ts`) as { dipBuyer: Model };
    const name = "DipBuyerModel_v1";
    const loaded = await loadPlan([], {
      models: [name],
      define: [dipBuyer],
      sets: [`models.${name}.parameters.weight=0.5`],
      start: "2024-01-01",
    });
    strictEqual(loaded.plan.models[0]!.budgetFraction, 1);
    const run = await backtest(loaded, { resultsRoot: folder });
    ok(run.card.statistics.portfolio.fills > 10, `${run.card.statistics.portfolio.fills} fills`);
    strictEqual(run.card.sealed, false);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

Deno.test("FR-045 the README's search is read as it stands, and its constraint holds", async () => {
  const yaml = /```yaml\n(experiment:\n {2}name: my_search\n[^]*?)```/.exec(readme)![1]!;
  const folder = `${PROJECT_ROOT}results/.test/readme-search-${Deno.pid}/`;
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(`${folder}my_search.yaml`, yaml);
    const { space, search } = await loadExperiment(`${folder}my_search.yaml`);
    deepStrictEqual([search.method, search.validation.method], ["random", "walk_forward"]);
    deepStrictEqual(space.dimensions.map(({ label }) => label), [
      ...["exit_ma_period", "slow_ma_period", "max_leverage"],
    ]);
    deepStrictEqual([[100, 50, 1], [50, 100, 1]].map(space.constraints[0]!.holds), [false, true]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

Deno.test("the README names every top-level folder and every package", async () => {
  for await (const { name, isDirectory } of Deno.readDir(PROJECT_ROOT)) {
    if (!isDirectory || name.startsWith(".") || name === "node_modules") continue;
    ok(readme.includes(`\`${name}/\``), `README does not name ${name}/`);
  }
  const { imports } = JSON.parse(await Deno.readTextFile(`${PROJECT_ROOT}deno.json`));
  for (const name of Object.keys(imports)) ok(readme.includes(`\`${name}\``), `${name} is missing`);
});
