import { fileURLToPath } from "node:url";
import { resolve } from "node:path";

/** Folder that holds deno.json: relative places in a configuration start here. */
export const PROJECT_ROOT: string = fileURLToPath(new URL("../../", import.meta.url));

/** Where finished runs lie unless a caller says otherwise. */
export const RESULTS_ROOT: string = resolve(PROJECT_ROOT, "results");

/** A place in the configuration as an absolute path. */
export function inProject(path: string): string {
  return resolve(PROJECT_ROOT, path);
}
