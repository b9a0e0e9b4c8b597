// One side of a sweep over Redis in a process of its own, which has the queue's lock file: a coordinator or a worker.
import { redisAddress } from "../../engine/sweep/queue_address.ts";
import { loadExperiment } from "./load_experiment.ts";
import { optimize } from "./optimize.ts";
import { redisSweep } from "./redis_executor.ts";
import type { ChildAsked } from "./test_redis.ts";
import { joinSweeps } from "./worker.ts";

const asked = JSON.parse(Deno.args[0]!) as ChildAsked;
const address = redisAddress((name) => Deno.env.get(name));
const stop = new AbortController();
Deno.addSignalListener("SIGTERM", () => stop.abort());
const onNote = (text: string) => console.error(text);
const told = (value: unknown) => console.log(JSON.stringify(value));

try {
  if (asked.role === "worker") {
    const { role: _, ...options } = asked;
    told({
      trials: await joinSweeps({ workers: 1, ...options, address, signal: stop.signal, onNote }),
    });
  } else {
    const { file, sets, resultsRoot, lockMs, patienceMs } = asked;
    const sweep = redisSweep({ address, signal: stop.signal, lockMs, patienceMs, onNote });
    const experiment = await loadExperiment(file, { sets });
    const made = await optimize(experiment, {
      resultsRoot,
      optimizedFolder: `${resultsRoot}/optimized`,
      signal: stop.signal,
      ...(asked.isLocal ? { workers: 2 } : { executor: sweep.executor }),
      onProgress: ({ done, count }) => console.error(`done ${done} of ${count}`),
    });
    await sweep.closed();
    const { folder, origin, trialsMs, trials } = made;
    told({ folder, origin, trialsMs, trials: trials.length });
  }
} catch (error) {
  console.error(`error: ${(error as Error).message}`);
  Deno.exit(1);
}
Deno.exit(0);
