import type { Stage } from "../../core/lifecycle.ts";

/** The command that brings file and record of a model together again. */
export function mendCommand(model: string, files: readonly string[] = []): string {
  return `deno task models show ${model}${configFlags(files)} --mend`;
}

/** The command that sends a model back to research. */
export function demoteCommand(model: string, files: readonly string[] = []): string {
  return `deno task models demote ${model}${configFlags(files)} --operator ID --reason TEXT`;
}

/** The command for the next step of a model. */
export function promoteCommand(
  model: string,
  to: Stage,
  { files = [], run = "RUN" }: { readonly files?: readonly string[]; readonly run?: string } = {},
): string {
  const evidence = { candidate: ` --run ${run}`, live: " --account NUMBER" }[to as string] ?? "";
  return `deno task models promote ${model}${configFlags(files)} --to ${to}${evidence} ` +
    "--operator ID --reason TEXT";
}

function configFlags(files: readonly string[]): string {
  return files.map((file) => ` --config ${file}`).join("");
}
