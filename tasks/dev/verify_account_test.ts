import { match, strictEqual } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { testProject } from "../test_project.ts";

Deno.test("deno task verify --account finds an intact state, and the first row that was changed", async () => {
  const project = await testProject();
  try {
    const visit = await project.run("paper", ["--once", "--json"]);
    strictEqual(visit.code, 0, visit.stderr);
    const intact = await project.run("verify", ["--account", "paper"]);
    strictEqual(intact.code, 0, intact.stderr);
    match(intact.stdout, /^paper is intact: \d+ events/);
    const database = new DatabaseSync(`${project.folder}state/paper.db`);
    database.exec("UPDATE order_event SET time = time + 1 WHERE seq = 2");
    database.close();
    const broken = await project.run("verify", ["--account", "paper", "--json"]);
    strictEqual(broken.code, 3, broken.stderr);
    const { ok, table, row } = JSON.parse(broken.stdout);
    strictEqual(ok, false);
    strictEqual(`${table} ${row}`, "order_event 2");
    strictEqual((await project.run("verify", ["--account", "../x"])).code, 2);
    match((await project.run("verify", ["--account", "nobody"])).stderr, /there is no such file/);
  } finally {
    await project.remove();
  }
});
