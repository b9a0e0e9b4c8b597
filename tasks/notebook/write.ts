import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";
import { Refusal, RESULTS_ROOT } from "../../lib/mod.ts";

/** Where `--out` leads: a bare name lies in `results/notebooks/`, a path starts at the current directory. */
export function outputFile(out: string, ending: string): string {
  const file = extname(out) === "" ? `${out}.${ending}` : out;
  if (extname(file) !== `.${ending}`) {
    throw new Refusal(`--out: found "${out}", expected a file that ends in .${ending}`, {
      exitCode: 2,
    });
  }
  return /[/\\]/.test(file) ? resolve(file) : join(RESULTS_ROOT, "notebooks", file);
}

/** Writes a file in one step, so that nobody ever sees half of it. */
export async function write(file: string, text: string): Promise<void> {
  const temporary = `${file}.tmp-${Deno.pid}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(temporary, text);
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    if (cause instanceof Deno.errors.NotCapable) {
      throw new Refusal(`--out: found ${file}, expected a file inside the project`, {
        exitCode: 2,
      });
    }
    const message = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new Refusal(`Cannot write ${file}: ${message}`, { cause });
  }
}
