import { deepStrictEqual, match, ok } from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../lib/mod.ts";
import { keyNames } from "../../lib/execution/venues/mod.ts";

const FOLDER = join(PROJECT_ROOT, "deploy");

async function files(): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(FOLDER, { recursive: true, withFileTypes: true });
  const found = entries.filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name)).sort();
  return new Map(
    await Promise.all(
      found.map(async (file) =>
        [file.slice(FOLDER.length + 1), await readFile(file, "utf8")] as const
      ),
    ),
  );
}

Deno.test("every task that deploy/ starts is there, with flags that it knows", async () => {
  const { tasks } = JSON.parse(await readFile(join(PROJECT_ROOT, "deno.json"), "utf8"));
  const all = [...(await files()).values()].join("\n");
  const commands = [...all.matchAll(/\bdeno task ([a-z]+)((?: --[a-z-]+)*)/g)];
  ok(commands.length > 5);
  for (const [command, task, flags] of commands) {
    ok(task! in tasks, `${command}: no such task`);
    const source = await readFile(join(PROJECT_ROOT, `tasks/${task}.ts`), "utf8");
    for (const [, flag] of flags!.matchAll(/--([a-z-]+)/g)) {
      match(source, new RegExp(`\\b${flag}\\b"?: \\{ type`), command);
    }
  }
});

Deno.test("versions in deploy/ are those of the project, and no image runs as root or writes at will", async () => {
  const found = await files();
  const [docker, compose] = [found.get("Dockerfile")!, found.get("compose.yaml")!];
  match(docker, /npm install --global deno@2\.9\.6 /);
  match(docker, /^USER assay$/m);
  match(compose, /read_only: true/);
  match(compose, /user: "10001:10001"/);
  match(compose, /cap_drop: \[ALL\]/);
  const lock = await readFile(join(PROJECT_ROOT, "lib/execution/venues/deno.lock"), "utf8");
  for (const [specifier] of docker.matchAll(/npm:@?[a-z/-]+@[\d.]+/g)) {
    ok(lock.includes(specifier), specifier);
  }
});

Deno.test("deploy/ holds names of keys and no key", async () => {
  const names = (["alpaca", "binance"] as const)
    .flatMap((venue) => (["paper", "live"] as const).flatMap((mode) => keyNames(venue, mode)));
  const found = await files();
  const wrong = [...found].flatMap(([name, text]) =>
    [...text.matchAll(/\b[A-Z_]*(?:KEY|SECRET|TOKEN|PASSWORD)[A-Z_]*\b/g)]
      .filter(([word]) => !names.includes(word)).map(([word]) => `${name}: ${word}`)
  );
  deepStrictEqual(wrong, []);
  const given = [...found].flatMap(([name, text]) =>
    [...text.matchAll(/(?:KEY_ID|SECRET_KEY)["']?\s*[:=]\s*(\S+)/g)]
      .filter(([, value]) => !/^\$\{[A-Z_]+:-\}$/.test(value!)).map(([line]) => `${name}: ${line}`)
  );
  deepStrictEqual(given, []);
  const long = [...found].flatMap(([name, text]) =>
    [...text.matchAll(/\b(?:PK|AK)[A-Z0-9]{10,}|\b[A-Za-z0-9]{40,}\b/g)].map(([word]) =>
      `${name}: ${word}`
    )
  );
  deepStrictEqual(long, []);
});
