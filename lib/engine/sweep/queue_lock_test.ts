import { deepStrictEqual, ok } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { BULLMQ, IOREDIS, MSGPACKR_EXTRACT } from "./queue_library.ts";

interface Lock {
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<Record<string, unknown>>;
  readonly workspace: unknown;
}

const read = async (path: string): Promise<Lock> =>
  JSON.parse(await readFile(new URL(path, import.meta.url), "utf8"));
const project = await read("../../../deno.lock");
const own = await read("./deno.lock");

const RENEW = "cp deno.lock lib/engine/sweep/deno.lock && " +
  `deno cache --lock=lib/engine/sweep/deno.lock --frozen=false ${MSGPACKR_EXTRACT} ${IOREDIS} ${BULLMQ}`;

Deno.test("SC-008 the queue's packages are in no lock file but their own, so that nothing else fetches them", () => {
  const names = [...Object.keys(project.npm), ...Object.keys(project.specifiers)];
  deepStrictEqual(names.filter((name) => /bullmq|redis|msgpackr/.test(name)), []);
  for (const specifier of [BULLMQ, IOREDIS, MSGPACKR_EXTRACT]) {
    ok(specifier.replace("npm:", "") in own.npm, specifier);
  }
  const versions = Object.keys(own.npm).filter((name) =>
    /^(bullmq|ioredis|msgpackr-extract)@/.test(name)
  );
  deepStrictEqual(
    versions.sort(),
    [BULLMQ, IOREDIS, MSGPACKR_EXTRACT].map((name) => name.slice(4)),
  );
});

Deno.test("SC-008 the lock file of the queue holds the project's packages as the project locks them", () => {
  const message = `renew it: ${RENEW}`;
  deepStrictEqual(own.workspace, project.workspace, message);
  for (const [name, entry] of Object.entries(project.npm)) {
    deepStrictEqual(own.npm[name], entry, message);
  }
});

Deno.test("SC-008 only the tasks of a search name the queue's lock file, and fetch of it what they need", async () => {
  const { tasks } = JSON.parse(
    await readFile(new URL("../../../deno.json", import.meta.url), "utf8"),
  ) as { readonly tasks: Readonly<Record<string, { readonly command: string }>> };
  const naming = Object.entries(tasks).filter(([, { command }]) =>
    command.includes("lib/engine/sweep/deno.lock")
  );
  deepStrictEqual(naming.map(([name]) => name), ["optimize", "worker"]);
  for (const [name, { command }] of naming) {
    ok(/ --unstable-npm-lazy-caching .* --frozen /.test(command), name);
    ok(command.includes(" --allow-net=127.0.0.1$ASSAY_REDIS_NET "), name);
  }
});
