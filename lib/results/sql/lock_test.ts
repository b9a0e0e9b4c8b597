import { deepStrictEqual, ok } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { DUCKDB } from "./duckdb.ts";

interface Lock {
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<Record<string, unknown>>;
  readonly workspace: unknown;
}

const read = async (path: string): Promise<Lock> =>
  JSON.parse(await readFile(new URL(path, import.meta.url), "utf8"));
const project = await read("../../../deno.lock");
const own = await read("./deno.lock");

const RENEW = "cp deno.lock lib/results/sql/deno.lock && " +
  `deno cache --lock=lib/results/sql/deno.lock --frozen=false ${DUCKDB}`;

Deno.test("FR-058 the engine of SQL is in no lock file but its own, so that nothing else fetches it", () => {
  const names = [...Object.keys(project.npm), ...Object.keys(project.specifiers)];
  deepStrictEqual(names.filter((name) => /duckdb|apache-arrow/.test(name)), []);
  ok(`${DUCKDB.replace("npm:", "")}` in own.npm);
  deepStrictEqual(own.specifiers[DUCKDB], "1.32.0");
});

Deno.test("FR-058 the lock file of SQL holds the project's packages as the project locks them", () => {
  const message = `renew it: ${RENEW}`;
  deepStrictEqual(own.workspace, project.workspace, message);
  for (const [name, entry] of Object.entries(project.npm)) {
    deepStrictEqual(own.npm[name], entry, message);
  }
});
