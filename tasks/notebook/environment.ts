import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PROJECT_ROOT, Refusal } from "../../lib/mod.ts";

/** Folder of the project's own Python, which git ignores. */
const HOME = join(PROJECT_ROOT, ".venv");
const STAMP = join(HOME, "assay.json");

/** What is installed: enough to execute notebooks, or JupyterLab as well. */
export type Extent = "headless" | "lab";

const REQUIREMENTS: Readonly<Record<Extent, string>> = {
  headless: "requirements.txt",
  lab: "requirements-lab.txt",
};

/** How the environment is made. */
export interface EnvironmentOptions {
  /** Told each step before it is made. */
  say(step: string): void;
}

/** What is said of an environment that is whole. */
interface Stamp {
  readonly extent: Extent;
  /** Hash of the requirements it was made from. */
  readonly requirements: string;
}

/** The Python of the project's environment, made where it is not there, incomplete, or made for other versions. */
export async function environment(
  extent: Extent,
  { say }: EnvironmentOptions,
): Promise<string> {
  const requirements = await requirementsHash();
  if (await isReady(extent, requirements)) {
    await writeSettings();
    return PYTHON;
  }
  await rm(HOME, { recursive: true, force: true });
  const python = await systemPython();
  say("Making a Python environment in .venv");
  await make(python, extent, say);
  await writeSettings();
  const stamp: Stamp = { extent, requirements };
  await writeFile(STAMP, `${JSON.stringify(stamp)}\n`);
  return PYTHON;
}

const PYTHON = join(HOME, Deno.build.os === "windows" ? "Scripts/python.exe" : "bin/python");

async function isReady(extent: Extent, requirements: string): Promise<boolean> {
  const stamp = await readFile(STAMP, "utf8").then(
    (text) => JSON.parse(text) as Stamp,
    () => undefined,
  ).catch(() => undefined);
  if (stamp?.requirements !== requirements) return false;
  if (extent === "lab" && stamp.extent !== "lab") return false;
  // An environment breaks when its Python is replaced or part of it is swept away.
  const modules = ["nbclient", "mistune", ...(extent === "lab" ? ["jupyterlab"] : [])];
  return (await output(PYTHON, ["-c", FIND, ...modules])).success;
}

const FIND = "import sys, importlib.util as i; sys.exit(not all(map(i.find_spec, sys.argv[1:])))";

async function requirementsHash(): Promise<string> {
  const hash = createHash("sha256");
  for (const extent of ["headless", "lab"] as const) hash.update(await readFile(listOf(extent)));
  return hash.digest("hex");
}

function listOf(extent: Extent): string {
  return join(PROJECT_ROOT, "tasks/notebook", REQUIREMENTS[extent]);
}

/** The first Python at hand that is new enough. */
async function systemPython(): Promise<string> {
  const seen: string[] = [];
  for (const name of ["python3", "python", "py"]) {
    const { success, stdout } = await output(name, [
      "-c",
      "import sys; print('%d.%d' % sys.version_info[:2])",
    ]);
    if (!success) continue;
    const [major = 0, minor = 0] = stdout.trim().split(".").map(Number);
    if (major === 3 && minor >= LEAST_MINOR) return name;
    seen.push(`Python ${stdout.trim()}`);
  }
  throw new Refusal(
    `Notebooks run on Jupyter: found ${seen[0] ?? "no Python"}, ` +
      `expected Python 3.${LEAST_MINOR} or newer (python3) on the path`,
  );
}

const LEAST_MINOR = 10;

async function make(python: string, extent: Extent, say: (step: string) => void): Promise<void> {
  const made = await output(python, ["-m", "venv", HOME]);
  if (!made.success) {
    await rm(HOME, { recursive: true, force: true });
    throw new Refusal(
      `Cannot make .venv with ${python} -m venv: ${lastLine(made)}; ` +
        "on Debian and Ubuntu `apt-get install python3-venv` brings it",
    );
  }
  const list = `tasks/notebook/${REQUIREMENTS[extent]}`;
  say(`Installing ${extent === "lab" ? "JupyterLab" : "Jupyter's client"} from PyPI (${list})`);
  const installed = await output(PYTHON, [
    ...["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-q", "-q"],
    ...["-r", listOf(extent)],
  ]);
  if (installed.success) return;
  await rm(HOME, { recursive: true, force: true });
  throw new Refusal(
    `Cannot install ${list}: ${lastLine(installed)}; ` +
      "with a way to PyPI, `deno task notebook lab` makes the kernel and JupyterLab",
  );
}

/** Tells Jupyter how to start the Deno that is running now, and JupyterLab to ask for nothing and follow light and dark. */
async function writeSettings(): Promise<void> {
  await writeIfNew("share/jupyter/kernels/deno/kernel.json", {
    argv: [Deno.execPath(), "jupyter", "--kernel", "--conn", "{connection_file}"],
    display_name: "Deno",
    env: { NO_COLOR: "1" },
    language: "typescript",
  });
  await writeIfNew("share/jupyter/lab/settings/overrides.json", {
    "@jupyterlab/apputils-extension:notification": { checkForUpdates: false, fetchNews: "false" },
    // Charts follow the system's scheme, so the page around them does.
    "@jupyterlab/apputils-extension:themes": { "adaptive-theme": true },
  });
}

async function writeIfNew(name: string, value: unknown): Promise<void> {
  const file = join(HOME, name);
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (await readFile(file, "utf8").catch(() => "") === text) return;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

interface Outcome {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

async function output(program: string, args: readonly string[]): Promise<Outcome> {
  try {
    const command = new Deno.Command(program, { args: [...args], stdin: "null" });
    const { success, stdout, stderr } = await command.output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { success, stdout: text(stdout), stderr: text(stderr) };
  } catch (error) {
    return { success: false, stdout: "", stderr: String(error) };
  }
}

/** What a program said last of its failure. */
function lastLine({ stderr, stdout }: Outcome): string {
  const lines = `${stdout}\n${stderr}`.split("\n").map((line) => line.trim());
  return lines.findLast((line) => /error/i.test(line)) ?? lines.findLast((line) => line !== "") ??
    "it says nothing";
}
