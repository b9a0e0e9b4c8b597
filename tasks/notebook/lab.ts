import { Refusal } from "../../lib/mod.ts";
import { environment } from "./environment.ts";
import { NOTEBOOKS } from "./notebook_file.ts";

/** How JupyterLab is opened. */
export interface LabOptions {
  /** Whether a browser is opened on it. */
  readonly browser: boolean;
  /** Jupyter's own choice when absent. */
  readonly port: string | undefined;
  /** Handed to JupyterLab as they are. */
  readonly rest: readonly string[];
  say(step: string): void;
}

/** Opens JupyterLab on the notebooks and stays until it ends. */
export async function startLab({ browser, port, rest, say }: LabOptions): Promise<undefined> {
  if (port !== undefined && !/^\d{1,5}$/.test(port)) {
    throw new Refusal(`--port: found "${port}", expected a number`, { exitCode: 2 });
  }
  const python = await environment("lab", { say });
  say("Opening JupyterLab in notebooks/; Ctrl-C ends it");
  // Ctrl-C is for JupyterLab, which asks before it ends.
  Deno.addSignalListener("SIGINT", () => {});
  const child = new Deno.Command(python, {
    args: [
      ...["-m", "jupyterlab", `--notebook-dir=${NOTEBOOKS}`],
      ...(browser ? [] : ["--no-browser"]),
      ...(port === undefined ? [] : [`--port=${port}`]),
      ...rest,
    ],
    cwd: NOTEBOOKS,
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  const { success, code } = await child.status;
  if (!success && code !== 130) throw new Refusal(`JupyterLab ended with exit code ${code}`);
  return undefined;
}
