import { deepStrictEqual, ok } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { namesIn, proveOwnLock } from "../../core/test_lock.ts";
import { BULLMQ, IOREDIS, MSGPACKR_EXTRACT } from "./queue_library.ts";

const PACKAGES = [BULLMQ, IOREDIS, MSGPACKR_EXTRACT];

Deno.test("SC-008 the queue's packages are in no lock file but their own, which holds the project's packages as well", async () => {
  const { project, own } = await proveOwnLock("lib/engine/sweep", PACKAGES);
  deepStrictEqual(namesIn(project).filter((name) => /bullmq|redis|msgpackr/.test(name)), []);
  const versions = Object.keys(own.npm).filter((name) =>
    /^(bullmq|ioredis|msgpackr-extract)@/.test(name)
  );
  deepStrictEqual(versions.sort(), PACKAGES.map((name) => name.slice(4)));
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
