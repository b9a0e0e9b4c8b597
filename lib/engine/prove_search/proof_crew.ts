import { Refusal } from "../../core/errors.ts";
import type { SweepVerdict } from "./judge.ts";
import type { ProofGround, ProofSweep } from "./proof_sweep.ts";
import type { ProofMessage, ProofReply } from "./worker.ts";

/** How sweeps are dealt out. */
export interface CrewOptions {
  /** Permission-less workers, at least 1. */
  readonly workers: number;
  /** Told after each sweep how many are done. */
  readonly onProgress?: ((done: number, count: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Verdicts of sweeps in their order, whoever computed them: a sweep depends on its number only. Throws Refusal where one
 * refuses its market or the work is interrupted.
 */
export async function judgeSweeps(
  ground: ProofGround,
  sweeps: readonly ProofSweep[],
  { workers, onProgress, signal }: CrewOptions,
): Promise<readonly SweepVerdict[]> {
  const verdicts: SweepVerdict[] = [];
  const crew = Array.from({ length: Math.min(workers, sweeps.length) }, () => openMember());
  const stop = () => crew.forEach(({ end }) => end(new Refusal("Interrupted")));
  let next = 0;
  let done = 0;
  try {
    if (signal?.aborted) throw new Refusal("Interrupted");
    signal?.addEventListener("abort", stop);
    await Promise.all(crew.map(async ({ ask }) => {
      await ask({ ground });
      while (next < sweeps.length) {
        const place = next++;
        verdicts[place] = verdictOf(await ask({ sweep: sweeps[place]! }));
        onProgress?.(++done, sweeps.length);
      }
    }));
    return verdicts;
  } finally {
    signal?.removeEventListener("abort", stop);
    crew.forEach(({ end }) => end(new Refusal("Another sweep failed")));
  }
}

function verdictOf(reply: ProofReply): SweepVerdict {
  if (reply.status === "judged") return reply.verdict;
  if (reply.status === "refused") throw new Refusal(reply.message);
  throw new Error(`A worker answered ${reply.status === "broken" ? reply.message : reply.status}`);
}

/** One worker, asked one thing at a time. */
interface Member {
  ask(message: ProofMessage): Promise<ProofReply>;
  end(why: Error): void;
}

function openMember(): Member {
  const module = new URL("./worker.ts", import.meta.url);
  const worker = new Worker(module, { type: "module", deno: { permissions: "none" } });
  let waiting: PromiseWithResolvers<ProofReply> | undefined;
  let ended: Error | undefined;
  const end = (why: Error) => {
    ended ??= why;
    worker.terminate();
    waiting?.reject(ended);
  };
  worker.onmessage = ({ data }: MessageEvent<ProofReply>) => waiting?.resolve(data);
  worker.onerror = (event) => {
    event.preventDefault();
    end(new Error(`A worker of the proof failed: ${event.message.split("\n")[0]!}`));
  };
  const ask = async (message: ProofMessage) => {
    if (ended) throw ended;
    waiting = Promise.withResolvers();
    worker.postMessage(message);
    return await waiting.promise;
  };
  return { ask, end };
}
