import { Refusal } from "../core/errors.ts";
import { MODELS } from "../models/mod.ts";
import { backtest } from "./backtest.ts";
import type { Job, JobNews } from "./notebook_job.ts";

/** Runs the job on stdin and tells of it on stdout, for as long as somebody listens; the run is stored either way. */
async function main(): Promise<void> {
  const { config, plan, dataRoot, options }: Job = await new Response(Deno.stdin.readable).json();
  const planned = new Set(plan.models.map(({ name }) => name));
  const models = MODELS.filter(({ name }) => planned.has(name));
  const controller = new AbortController();
  if (Deno.build.os !== "windows") {
    Deno.addSignalListener("SIGTERM", () => controller.abort());
  }
  try {
    const run = await backtest({ config, plan, dataRoot, models, sealed: true }, {
      ...options,
      signal: controller.signal,
      onProgress: (done, count) => tell({ kind: "progress", done, count }),
      onWait: () => tell({ kind: "waiting" }),
    });
    const { id, origin, durationMs } = run;
    tell({ kind: "finished", id, origin, durationMs });
  } catch (error) {
    if (error instanceof Refusal) {
      tell({ kind: "refused", message: error.message, exitCode: error.exitCode });
    } else tell({ kind: "failed", message: String(error) });
  }
}

let isHeard = true;

function tell(news: JobNews): void {
  if (!isHeard) return;
  const bytes = new TextEncoder().encode(`${JSON.stringify(news)}\n`);
  try {
    for (let done = 0; done < bytes.length;) done += Deno.stdout.writeSync(bytes.subarray(done));
  } catch {
    isHeard = false; // the notebook is gone
  }
}

await main();
Deno.exit(0);
