import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { PROJECT_ROOT } from "../lib/mod.ts";

/** A finished task: its exit code and all it wrote. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A trial as it is on record. */
export interface Trial {
  readonly run_id: string;
  readonly status: string;
  readonly message: string | null;
}

/** Variables of an environment. */
type Variables = Readonly<Record<string, string>>;

/** A copy of the project whose results are nobody's, and its tasks with exactly their permissions. */
export interface TestProject {
  /** Ends in "/". */
  readonly folder: string;
  /** Starts a task, as `deno task` does but without the shell between. */
  start(task: string, args?: readonly string[], env?: Variables): Deno.ChildProcess;
  run(task: string, args?: readonly string[], env?: Variables): Promise<Outcome>;
  /** Everything under `results/runs`, sorted: folders of runs, and whatever was left beside them. */
  runs(): Promise<string[]>;
  /** SHA-256 of each file of a run. */
  hashes(runId: string): Promise<Record<string, string>>;
  /** Trials on record, oldest first; none before there is a record. */
  trials(): Promise<readonly Trial[]>;
  remove(): Promise<void>;
}

const PARTS = ["lib", "tasks", "configs", "data", "notebooks"];
const NOT_NEEDED = /_test\.ts$|^tasks\/(bench|dev)\//;

/** Copies the project into a folder that git ignores. */
export async function testProject(): Promise<TestProject> {
  const home = join(PROJECT_ROOT, "results/.test");
  await mkdir(home, { recursive: true });
  const folder = `${await mkdtemp(join(home, "project-"))}/`;
  const files = (await Promise.all(PARTS.map(filesUnder))).flat();
  for (
    const file of [
      "deno.json",
      "deno.lock",
      ...files.filter((name) => !NOT_NEEDED.test(name)),
    ]
  ) {
    await mkdir(dirname(folder + file), { recursive: true });
    await copyFile(join(PROJECT_ROOT, file), folder + file);
  }
  const { tasks } = JSON.parse(await readFile(`${folder}deno.json`, "utf8")) as {
    tasks: Record<string, { command: string }>;
  };
  const start = (task: string, args: readonly string[] = [], env: Variables = {}) =>
    new Deno.Command(Deno.execPath(), {
      args: [
        ...tasks[task]!.command.replace("$ASSAY_REDIS_NET", env["ASSAY_REDIS_NET"] ?? "")
          .split(" ").slice(1),
        ...args,
      ],
      cwd: folder,
      env: { NO_COLOR: "1", ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  return {
    folder,
    start,
    run: async (task, args, env) => await outcomeOf(start(task, args, env)),
    runs: async () => (await readdir(`${folder}results/runs`).catch(() => [])).sort(),
    hashes: (runId) => hashesOf(`${folder}results/runs/${runId}`),
    trials: async () => await trialsIn(`${folder}results`),
    remove: async () => await rm(folder, { recursive: true }),
  };
}

/** Waits for a task and decodes what it wrote. */
export async function outcomeOf(child: Deno.ChildProcess): Promise<Outcome> {
  const { code, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** SHA-256 of each file of a folder. */
export async function hashesOf(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort();
  const hashes = await Promise.all(
    names.map(async (name) =>
      createHash("sha256").update(await readFile(join(folder, name))).digest("hex")
    ),
  );
  return Object.fromEntries(names.map((name, i) => [name, hashes[i]!]));
}

async function filesUnder(part: string): Promise<string[]> {
  const entries = await readdir(join(PROJECT_ROOT, part), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile())
    .map((entry) =>
      relative(PROJECT_ROOT, join(entry.parentPath, entry.name)).replaceAll("\\", "/")
    );
}

async function trialsIn(results: string): Promise<readonly Trial[]> {
  const file = join(results, "assay.db");
  if (!await stat(file).then(() => true, () => false)) return [];
  const database = new DatabaseSync(file);
  try {
    return database.prepare("SELECT run_id, status, message FROM trials ORDER BY trial_id")
      .all() as unknown as Trial[];
  } finally {
    database.close();
  }
}

/** Works in a project of its own, which is gone afterwards. */
export async function inProject(work: (project: TestProject) => Promise<void>): Promise<void> {
  const project = await testProject();
  try {
    await work(project);
  } finally {
    await project.remove();
  }
}
