import type { Clock } from "../../core/clock.ts";

/** How often a source may be asked: `burst` calls at once, and `perMinute` more as time goes by. */
export interface RateLimit {
  readonly perMinute: number;
  readonly burst: number;
}

/** Waits; ends early, with the signal's reason, when the signal aborts. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

/** A token bucket: resolves when one more call may go out. */
export type TakeTurn = (signal?: AbortSignal) => Promise<void>;

/** Waits by the machine's timers. */
export function realSleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** Spaces calls so that no minute sees more than `burst` + `perMinute` of them; callers are served in order. */
export function rateLimiter(
  { perMinute, burst }: RateLimit,
  { clock, sleep }: { readonly clock: Clock; readonly sleep: Sleep },
): TakeTurn {
  const perMs = perMinute / 60_000;
  let tokens = burst;
  let counted = clock.elapsed();
  let last: Promise<void> = Promise.resolve();

  async function turn(signal?: AbortSignal): Promise<void> {
    const now = clock.elapsed();
    tokens = Math.min(burst, tokens + Math.max(0, now - counted) * perMs);
    counted = Math.max(counted, now);
    if (tokens >= 1) {
      tokens -= 1;
      return;
    }
    const wait = (1 - tokens) / perMs;
    await sleep(wait, signal);
    tokens = 0;
    counted += wait; // slept for, even where the clock stands still
  }

  return (signal) => {
    const mine = last.then(() => turn(signal));
    last = mine.catch(() => {});
    return mine;
  };
}
