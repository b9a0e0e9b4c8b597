import { MODELS } from "../models/mod.ts";
import { backtest } from "./backtest.ts";
import { answerJob } from "./notebook_answer.ts";
import type { Job, JobNews } from "./notebook_job.ts";

await answerJob<Job, JobNews>(
  async ({ config, plan, dataRoot, options }, { signal, tell }) => {
    const planned = new Set(plan.models.map(({ name }) => name));
    const models = MODELS.filter(({ name }) => planned.has(name));
    const { id, origin, durationMs } = await backtest(
      { config, plan, dataRoot, models, sealed: true },
      {
        ...options,
        signal,
        onProgress: (done, count) => tell({ kind: "progress", done, count }),
        onWait: () => tell({ kind: "waiting" }),
      },
    );
    return { kind: "finished", id, origin, durationMs };
  },
);
