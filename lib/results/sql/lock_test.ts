import { deepStrictEqual } from "node:assert/strict";
import { namesIn, proveOwnLock } from "../../core/test_lock.ts";
import { DUCKDB } from "./duckdb.ts";

Deno.test("FR-058 the engine of SQL is in no lock file but its own, which holds the project's packages as well", async () => {
  const { project } = await proveOwnLock("lib/results/sql", [DUCKDB]);
  deepStrictEqual(namesIn(project).filter((name) => /duckdb|apache-arrow/.test(name)), []);
});
