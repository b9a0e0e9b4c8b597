import type { Clock } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import type { RedisLink } from "./queue_connection.ts";

/** Waits for answers of Redis, but neither past an interruption nor for ever while it is out of reach. */
export interface Reach {
  of<Answer>(answer: Promise<Answer>): Promise<Answer>;
  close(): void;
}

const LOOK_EVERY_MS = 250;

/** A reach that ends with a signal, or once Redis could not be reached for `patienceMs`. */
export function reachOf(
  link: RedisLink,
  { clock, signal, patienceMs }: {
    readonly clock: Clock;
    readonly signal: AbortSignal | undefined;
    readonly patienceMs: number;
  },
): Reach {
  const { promise: end, reject } = Promise.withResolvers<never>();
  end.catch(() => {}); // told to whoever waits
  let downSince: number | undefined;
  const timer = setInterval(() => {
    if (link.isUp()) downSince = undefined;
    else downSince ??= clock.elapsed();
    if (downSince === undefined || clock.elapsed() - downSince <= patienceMs) return;
    const seconds = Math.round(patienceMs / 1_000);
    reject(new Refusal(`Redis at ${link.where} was out of reach for ${seconds} s; ${KEPT}`));
  }, LOOK_EVERY_MS);
  const onAbort = () => reject(new Refusal("Interrupted"));
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort);
  return {
    of: (answer) => Promise.race([answer, end]),
    close() {
      clearInterval(timer);
      signal?.removeEventListener("abort", onAbort);
    },
  };
}

/** What can be said whatever happens to the queue. */
export const KEPT = "finished trials are on record here, and the same command goes on from there";
