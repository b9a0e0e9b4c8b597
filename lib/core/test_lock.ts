import { deepStrictEqual, ok } from "node:assert/strict";
import { readFile } from "node:fs/promises";

/** What is compared of a lock file. */
export interface Lock {
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<Record<string, unknown>>;
  readonly workspace: unknown;
}

/**
 * Proves that the lock file of a folder has packages of its own, which the project's has not, and everything else as the
 * project locks it. Answers with both.
 */
export async function proveOwnLock(
  folder: string,
  packages: readonly string[],
): Promise<{ readonly project: Lock; readonly own: Lock }> {
  const file = `${folder}/deno.lock`;
  const [project, own] = [await readLock("deno.lock"), await readLock(file)];
  const renew = `renew it: cp deno.lock ${file} && ` +
    `deno cache --lock=${file} --frozen=false ${packages.join(" ")}`;
  for (const specifier of packages) {
    const name = specifier.replace("npm:", "");
    const version = name.slice(name.lastIndexOf("@") + 1);
    deepStrictEqual(own.specifiers[specifier], version, renew);
    ok(name in own.npm, renew);
    ok(!(name in project.npm), `${name} is in the project's lock file: every first run fetches it`);
  }
  deepStrictEqual(own.workspace, project.workspace, renew);
  for (const name of Object.keys(project.npm).sort()) {
    deepStrictEqual(own.npm[name], project.npm[name], renew);
  }
  return { project, own };
}

/** Packages and specifiers that a lock file names. */
export function namesIn({ npm, specifiers }: Lock): readonly string[] {
  return [...Object.keys(npm), ...Object.keys(specifiers)].sort();
}

async function readLock(path: string): Promise<Lock> {
  return JSON.parse(await readFile(new URL(`../../${path}`, import.meta.url), "utf8"));
}
