import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { HOUR_MS, type Millis } from "../../core/bars.ts";
import { ceilToGrid, nextSession } from "../../core/calendar.ts";
import { formatTime, parseTime } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import { inTestFolder } from "../../core/test_folder.ts";
import type { Execution } from "../../execution/account/mod.ts";
import { type Heartbeat, heartbeatFile, readHeartbeat, writeHeartbeat } from "./heartbeat.ts";
import { runScheduler, type SchedulerOptions } from "./scheduler.ts";
import type { StepReport } from "./session.ts";

const START = parseTime("2026-03-02T15:50:00Z");
const DONE: Execution = { status: "done", reason: "", orders: [] };

/** A machine whose clocks a test moves, and a session that says what it was asked. */
interface Stage {
  wall: Millis;
  elapsed: Millis;
  /** Whether an equity decision waits for New York. */
  waits: boolean;
  readonly visits: string[];
  readonly lines: string[];
  readonly sleeps: number[];
  /** What the account answers, by default that all is done. */
  answer: () => Promise<Execution> | Execution;
  /** Called after each sleep. */
  afterSleep: () => void | Promise<void>;
  readonly stop: AbortController;
  readonly folder: string;
  readonly beats: Heartbeat[];
}

async function onStage(
  changes: Partial<Stage>,
  until: Millis,
  proof: (stage: Stage) => void | Promise<void>,
  options: Partial<SchedulerOptions> = {},
): Promise<void> {
  await inTestFolder(async (folder) => {
    const stage: Stage = {
      ...{ wall: START, elapsed: 0, waits: false, visits: [], lines: [], sleeps: [], folder },
      ...{ answer: () => DONE, afterSleep: () => {}, stop: new AbortController() },
      beats: [],
      ...changes,
    };
    await runScheduler({ ...optionsOf(stage, until), ...options });
    await proof(stage);
  });
}

/** A stage that sleeps through so long once: its monotonic clock stands still meanwhile. */
function suspended(ms: number): Partial<Stage> {
  let isOver = false;
  return {
    afterSleep(this: Stage) {
      if (isOver) return;
      isOver = true;
      this.wall += ms;
    },
  };
}

function optionsOf(stage: Stage, until: Millis): SchedulerOptions {
  const at = (time: Millis) => formatTime(Math.trunc(time)).slice(5, 19);
  const visited = async (what: string, time: Millis): Promise<StepReport> => {
    stage.visits.push(`${what} ${at(time)} at ${at(stage.wall)}`);
    return { at: time, execution: await stage.answer() };
  };
  return {
    session: {
      step: (time) => visited("decision", time),
      resume: async (time) => {
        const report = await visited("resume", time);
        stage.waits = false;
        return report;
      },
      flatten: async () => {
        stage.visits.push("flatten");
        return await stage.answer();
      },
      nextDue(now) {
        const close = ceilToGrid(now + 1, "h4");
        const open = nextSession(now - 60_000 + 1).open + 60_000;
        return stage.waits && open < close
          ? { at: open, what: "resume" }
          : { at: close, what: "decision" };
      },
      close: () => {
        stage.visits.push("close");
        return Promise.resolve();
      },
    },
    clock: { now: () => stage.wall, elapsed: () => stage.elapsed },
    ...{ stateFolder: stage.folder, beat: (beat) => Promise.resolve(void stage.beats.push(beat)) },
    journal: { write: ({ message }) => stage.lines.push(message) },
    signal: stage.stop.signal,
    sleep: async (ms) => {
      stage.sleeps.push(ms);
      stage.wall += ms;
      stage.elapsed += ms;
      await stage.afterSleep();
      if (stage.wall >= until) stage.stop.abort();
    },
    every: () => () => {},
  };
}

Deno.test("the loop fires one second after each close and never sleeps longer than 5 s", () =>
  onStage({}, START + 9 * HOUR_MS, ({ visits, sleeps, lines }) => {
    deepStrictEqual(visits, [
      "decision 03-02T16:00:00 at 03-02T16:00:01",
      "decision 03-02T20:00:00 at 03-02T20:00:01",
      "decision 03-03T00:00:00 at 03-03T00:00:01",
      "close",
    ]);
    ok(sleeps.every((ms) => ms > 0 && ms <= 5_000));
    deepStrictEqual(lines, []);
  }));

Deno.test("a decision that waits for New York is carried out a minute after its open, also when its clocks change", () =>
  // Sunday the 8th of March 2026 is the first day of summer time: the open moves from 14:30 to 13:30 UTC.
  onStage(
    {
      wall: parseTime("2026-03-06T12:20:00Z"),
      waits: true,
    },
    parseTime("2026-03-06T15:00:00Z"),
    async ({ visits }) => {
      deepStrictEqual(visits, ["resume 03-06T14:31:01 at 03-06T14:31:01", "close"]);
      await onStage(
        { wall: parseTime("2026-03-09T12:20:00Z"), waits: true },
        parseTime("2026-03-09T15:00:00Z"),
        ({ visits }) =>
          deepStrictEqual(visits, ["resume 03-09T13:31:01 at 03-09T13:31:01", "close"]),
      );
    },
  ));

Deno.test("a holiday has no open to wait for", () =>
  onStage(
    { wall: parseTime("2026-04-03T12:20:00Z"), waits: true }, // Good Friday
    parseTime("2026-04-03T19:00:00Z"),
    ({ visits }) => deepStrictEqual(visits, ["decision 04-03T16:00:00 at 04-03T16:00:01", "close"]),
  ));

Deno.test("closes that a suspend slept through are skipped and on record, and the next one is met", () =>
  onStage(
    suspended(9 * HOUR_MS),
    START + 14 * HOUR_MS,
    ({ visits, lines }) => {
      deepStrictEqual(visits, [
        "decision 03-03T00:00:00 at 03-03T00:50:06",
        "decision 03-03T04:00:00 at 03-03T04:00:01",
        "close",
      ], "the session writes the newest one down as missed");
      deepStrictEqual(lines, [
        "wall clock and monotonic clock disagree: no trading until they agree again",
        "trading goes on",
        ...Array(2).fill("a close was missed and is skipped"),
      ]);
    },
  ));

Deno.test("a close that a short suspend slept through is still decided, once clocks agree", () =>
  onStage(
    suspended(20 * 60_000),
    START + 2 * HOUR_MS,
    ({ visits }) => {
      deepStrictEqual(visits, ["decision 03-02T16:00:00 at 03-02T16:10:06", "close"]);
    },
  ));

Deno.test("a clock that is set a day ahead and back again costs no close", () => {
  let sleeps = 0;
  let aheadMs = 0;
  return onStage(
    {
      afterSleep(this: Stage) {
        sleeps++;
        if (sleeps !== 3 && sleeps !== 8) return;
        this.wall += sleeps === 3 ? 24 * HOUR_MS : -24 * HOUR_MS;
        aheadMs = sleeps === 3 ? 24 * HOUR_MS : 0;
      },
    },
    START + 48 * HOUR_MS,
    ({ visits, lines }) => {
      strictEqual(visits[0], "decision 03-02T16:00:00 at 03-02T16:00:01");
      strictEqual(visits[1], "decision 03-02T20:00:00 at 03-02T20:00:01");
      deepStrictEqual(lines, [
        "wall clock and monotonic clock disagree: no trading until they agree again",
        "trading goes on",
      ]);
    },
    { skewMs: () => Promise.resolve(-aheadMs) },
  );
});

Deno.test("FR-054 under the kill switch nothing is decided; once it is off the loop goes on", () => {
  let sleeps = 0;
  return onStage(
    {
      async afterSleep(this: Stage) {
        if (++sleeps === 1) await writeFile(`${this.folder}/KILL`, "");
        if (this.wall > START + HOUR_MS && sleeps > 1) {
          await Deno.remove(`${this.folder}/KILL`).catch(() => {});
        }
      },
    },
    START + 5 * HOUR_MS,
    ({ visits, lines }) => {
      deepStrictEqual(visits.map((visit) => visit.slice(0, 23)), [
        ...["decision 03-02T16:00:00", "decision 03-02T20:00:00", "close"],
      ]);
      ok(visits[0]! > "decision 03-02T16:00:00 at 03-02T16:50", visits[0]);
      ok(lines.includes("the kill switch is on: nothing is sent"));
    },
  );
});

Deno.test("FR-054 a kill that says flatten sells all, once", () => {
  const order = { at: formatTime(START), operator: "me", reason: "why", flatten: true };
  let isThrown = false;
  return onStage(
    {
      async afterSleep(this: Stage) {
        if (!isThrown) await writeFile(`${this.folder}/KILL`, JSON.stringify(order));
        isThrown = true;
      },
    },
    START + 10 * 60_000,
    ({ visits }) => deepStrictEqual(visits, ["flatten", "close"]),
  );
});

Deno.test("a broker that fails is tried again ever later, and four bars in a row of it are reported", async () => {
  const failures: number[] = [];
  await onStage(
    { answer: () => ({ ...DONE, status: "stopped", reason: "no answer" }) },
    START + 14 * HOUR_MS,
    ({ visits }) => {
      deepStrictEqual(visits.slice(0, 6).map((visit) => visit.slice(-8)), [
        ...["16:00:01", "16:00:16", "16:00:46", "16:01:46", "16:03:46", "16:07:46"],
      ]);
      strictEqual(visits[6], "decision 03-02T20:00:00 at 03-02T20:00:01");
    },
    { onBrokerFailure: (bars) => Promise.resolve(void failures.push(bars)) },
  );
  deepStrictEqual(failures, [1, 2, 3, 4]);
});

Deno.test("a broker that cannot be read is a failure of the broker, one that recovers ends the count", async () => {
  const failures: number[] = [];
  let tries = 0;
  await onStage(
    {
      answer() {
        if (++tries < 3) throw new Refusal("Cannot ask alpaca");
        return DONE;
      },
    },
    START + HOUR_MS,
    ({ visits }) => strictEqual(visits.length, 4),
    { onBrokerFailure: (bars) => Promise.resolve(void failures.push(bars)) },
  );
  deepStrictEqual(failures, []);
});

Deno.test("a signal lets the running step end, closes the state and says so in the heartbeat", () =>
  inTestFolder(async (folder) => {
    let isEnded = false;
    await onStage(
      {
        folder,
        async answer(this: Stage) {
          this.stop.abort();
          await new Promise((resolve) => setTimeout(resolve, 20));
          isEnded = true;
          return DONE;
        },
      },
      START + HOUR_MS,
      async ({ visits, beats }) => {
        ok(isEnded);
        const file = heartbeatFile(folder, "main");
        strictEqual(await readHeartbeat(file), undefined);
        await writeHeartbeat(file, beats.at(-1)!);
        deepStrictEqual(visits, ["decision 03-02T16:00:00 at 03-02T16:00:01", "close"]);
        const { state, next, last, brokerFailures } = (await readHeartbeat(file))!;
        deepStrictEqual({ state, next, brokerFailures }, {
          ...{ state: "stopped", next: null, brokerFailures: 0 },
        });
        strictEqual(last, "decision 2026-03-02T16:00:00Z: done");
      },
    );
  }));

Deno.test("what is no fault of the broker ends the loop, with the state closed", () =>
  inTestFolder(async (folder) => {
    const visits: string[] = [];
    const fault = () => {
      throw new TypeError("a defect");
    };
    await rejects(
      onStage({ folder, visits, answer: fault }, START + HOUR_MS, () => {}),
      /a defect/,
    );
    strictEqual(visits.at(-1), "close");
  }));
