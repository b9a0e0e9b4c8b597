import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Refusal } from "../core/errors.ts";
import { jsonLines } from "../core/json_lines.ts";
import type { JobFailure } from "./notebook_job.ts";
import { inProject, PROJECT_ROOT } from "./project.ts";

/** Work that another process does for a notebook. */
export interface WorkApart {
  /** The task whose permissions the process has, and the module that it runs in place of the task's. */
  readonly task: "backtest" | "optimize";
  readonly module: string;
  /** What it is to do: plain JSON. */
  readonly job: unknown;
  /** Folders that it may write in place of the task's own; undefined keeps those. */
  readonly writes: readonly string[] | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * Starts a process for the job and answers with its news, one JSON document a line. It ends its work even if the kernel is
 * interrupted, restarted or gone. Throws when the process ends without a last word.
 */
export async function* newsApart<News extends { readonly kind: string }>(
  { task, module, job, writes, signal }: WorkApart,
): AsyncGenerator<Exclude<News, JobFailure>> {
  if (signal?.aborted) throw new Refusal("Interrupted");
  const child = await startChild({ task, module, writes });
  const stop = () => child.kill("SIGTERM");
  signal?.addEventListener("abort", stop);
  try {
    await say(child, job);
    for await (const news of jsonLines<News | JobFailure>(child.stdout)) {
      refuseFailure(news);
      yield news as Exclude<News, JobFailure>;
      if (news.kind === "finished") return;
    }
    throw new Error(`The process of the ${task} task ended without an answer`);
  } finally {
    signal?.removeEventListener("abort", stop);
    child.unref();
  }
}

async function startChild(
  { task, module, writes }: Pick<WorkApart, "task" | "module" | "writes">,
): Promise<Deno.ChildProcess> {
  const { tasks } = JSON.parse(await readFile(inProject("deno.json"), "utf8")) as {
    tasks: Readonly<Record<WorkApart["task"], { readonly command: string }>>;
  };
  // A notebook's searches run here: nobody says where a Redis would be.
  const [, ...words] = tasks[task].command.replace("$ASSAY_REDIS_NET", "").split(" ");
  const args = words.map((word) =>
    word === `tasks/${task}.ts`
      ? module
      : word.startsWith("--allow-write=") && writes !== undefined
      ? `--allow-write=${writes.map((folder) => resolve(folder)).join()}`
      : word
  );
  return new Deno.Command(Deno.execPath(), {
    args,
    cwd: PROJECT_ROOT,
    stdin: "piped",
    stdout: "piped",
    // Nobody reads it once the notebook is gone; what goes wrong is told on stdout.
    stderr: "null",
    // In a session of its own: what interrupts or ends the kernel does not reach it.
    detached: true,
  }).spawn();
}

async function say({ stdin }: Deno.ChildProcess, job: unknown): Promise<void> {
  const writer = stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(job)));
  await writer.close();
}

function refuseFailure(news: { readonly kind: string } | JobFailure): void {
  if (!("message" in news)) return;
  if (news.kind === "refused") throw new Refusal(news.message, { exitCode: news.exitCode });
  throw new Error(news.message);
}
