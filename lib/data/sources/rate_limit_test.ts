import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { rateLimiter, realSleep } from "./rate_limit.ts";

/** A clock that sleeping moves on. */
function sleepingClock() {
  let time = 0;
  return {
    clock: { now: () => time, elapsed: () => time },
    sleep: (ms: number) => {
      time += ms;
      return Promise.resolve();
    },
    pass: (ms: number) => {
      time += ms;
    },
    time: () => time,
  };
}

Deno.test("FR-006 calls go out at once up to the burst, then one for each part of the minute", async () => {
  const { clock, sleep, time } = sleepingClock();
  const takeTurn = rateLimiter({ perMinute: 60, burst: 3 }, { clock, sleep });
  const times: number[] = [];
  for (let call = 0; call < 6; call++) {
    await takeTurn();
    times.push(time());
  }
  deepStrictEqual(times, [0, 0, 0, 1_000, 2_000, 3_000]);
});

Deno.test("FR-006 no minute sees more calls than the burst and the rate together", async () => {
  const pauses = fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 50, maxLength: 150 });
  await fc.assert(
    fc.asyncProperty(pauses, async (gaps) => {
      const { clock, sleep, pass, time } = sleepingClock();
      const takeTurn = rateLimiter({ perMinute: 30, burst: 10 }, { clock, sleep });
      const times: number[] = [];
      for (const gap of gaps) {
        pass(gap);
        await takeTurn();
        times.push(time());
      }
      times.forEach((start, i) => {
        const inMinute = times.slice(i).filter((other) => other < start + 60_000);
        ok(inMinute.length <= 41, `${inMinute.length} calls`); // one for rounding
      });
    }),
    { seed: 1, numRuns: 20 },
  );
});

Deno.test("FR-006 where the clock stands still, waits do not grow", async () => {
  const waits: number[] = [];
  const takeTurn = rateLimiter({ perMinute: 60, burst: 1 }, {
    clock: { now: () => 0, elapsed: () => 0 },
    sleep: (ms) => Promise.resolve(void waits.push(ms)),
  });
  await Promise.all([takeTurn(), takeTurn(), takeTurn(), takeTurn()]);
  deepStrictEqual(waits, [1_000, 1_000, 1_000]);
});

Deno.test("FR-006 realSleep() ends with the reason of its signal", async () => {
  await realSleep(1);
  const stop = new AbortController();
  const waiting = realSleep(60_000, stop.signal);
  stop.abort(new Error("enough"));
  await rejects(waiting, /^Error: enough$/);
  await rejects(realSleep(60_000, stop.signal), /^Error: enough$/);
  strictEqual(await realSleep(0, new AbortController().signal), undefined);
});
