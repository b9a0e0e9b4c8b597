import { searchSpaceOf } from "../config/mod.ts";
import { MODELS } from "../models/mod.ts";
import { REGIME_KEYS } from "../regime/mod.ts";
import { answerJob } from "./notebook_answer.ts";
import type { SearchJob, SearchNews } from "./notebook_job.ts";
import { optimize } from "./optimize/optimize.ts";

await answerJob<SearchJob, SearchNews>(
  async ({ config, plan, dataRoot, dimensions, search, options }, { signal, tell }) => {
    const planned = new Set(plan.models.map(({ name }) => name));
    const models = MODELS.filter(({ name }) => planned.has(name));
    const space = searchSpaceOf(config, dimensions, { models: MODELS, regimeKeys: REGIME_KEYS });
    const loaded = { config, plan, dataRoot, models, sealed: true };
    const { id, origin, durationMs, trialsMs, winnerFile } = await optimize(
      { loaded, space, search },
      {
        ...options,
        signal,
        onProgress: (progress) => tell({ kind: "progress", progress }),
        onStage: (stage) => tell({ kind: "stage", stage }),
        onWait: () => tell({ kind: "waiting" }),
      },
    );
    const winner = winnerFile === undefined ? {} : { winnerFile };
    return { kind: "finished", id, origin, durationMs, trialsMs, ...winner };
  },
);
