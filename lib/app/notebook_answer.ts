import { Refusal } from "../core/errors.ts";
import type { JobFailure } from "./notebook_job.ts";

/** What a job may use of the process that does it. */
export interface Answering<News> {
  /** Aborted when the notebook asks to stop. */
  readonly signal: AbortSignal;
  tell(news: News): void;
}

/** Does the job on stdin and tells of it on stdout, for as long as somebody listens; then the process ends. */
export async function answerJob<Job, News>(
  work: (job: Job, answering: Answering<News>) => Promise<News>,
): Promise<never> {
  const job: Job = await new Response(Deno.stdin.readable).json();
  const controller = new AbortController();
  if (Deno.build.os !== "windows") {
    Deno.addSignalListener("SIGTERM", () => controller.abort());
  }
  try {
    tell(await work(job, { signal: controller.signal, tell }));
  } catch (error) {
    tell(failureOf(error));
  }
  Deno.exit(0);
}

function failureOf(error: unknown): JobFailure {
  return error instanceof Refusal
    ? { kind: "refused", message: error.message, exitCode: error.exitCode }
    : { kind: "failed", message: String(error) };
}

let isHeard = true;

function tell(news: unknown): void {
  if (!isHeard) return;
  const bytes = new TextEncoder().encode(`${JSON.stringify(news)}\n`);
  try {
    for (let done = 0; done < bytes.length;) done += Deno.stdout.writeSync(bytes.subarray(done));
  } catch {
    isHeard = false; // the notebook is gone
  }
}
