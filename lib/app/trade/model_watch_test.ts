import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { HOUR_MS, type Millis } from "../../core/bars.ts";
import { parseTime } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import type { JournalEntry } from "../../core/ports.ts";
import { openSandbox, type Sandbox } from "../../engine/sandbox.ts";
import { releaseKillSwitch, throwKillSwitch } from "../../execution/account/mod.ts";
import { loadPlan } from "../load_plan.ts";
import { demote } from "../lifecycle/demote.ts";
import { lifecycleHistory } from "../lifecycle/models.ts";
import { CROSS, inLifecycle, type TestLifecycle } from "../lifecycle/test_lifecycle.ts";
import { type SettableClock, settableClock } from "./clocks.ts";
import { type OpenedSession, openSession } from "./open_session.ts";
import { noTime } from "./paper.ts";

const BEGIN = parseTime("2024-02-10T00:00:00Z");

/** A model that is a candidate, and a session of it on stored bars. */
interface Scripted {
  readonly place: TestLifecycle;
  readonly session: OpenedSession;
  readonly clock: SettableClock;
  readonly lines: JournalEntry[];
  readonly sandbox: ReturnType<typeof throwing>;
  readonly stateFolder: string;
  /** What was put on record by a rule. */
  rules(): Promise<readonly (string | undefined)[]>;
  /** Decides for the close `bars` after the beginning. */
  step(bars: number): ReturnType<OpenedSession["step"]>;
}

/** A sandbox in which the model throws once it is told to. */
function throwing(): Sandbox & { message: string | undefined } {
  const sandbox = openSandbox();
  return {
    ...sandbox,
    message: undefined,
    async decide(request, ...rest) {
      const asked = request.plan.models.some(({ name }) => name === CROSS);
      if (this.message !== undefined && asked) throw new Refusal(this.message);
      return await sandbox.decide(request, ...rest);
    },
  };
}

async function open(
  place: TestLifecycle,
  time: Millis,
  { lines, sandbox }: Pick<Scripted, "lines" | "sandbox">,
) {
  const clock = settableClock(time);
  const session = await openSession(await loadPlan(place.file), {
    ...{ mode: "paper", clock, sleep: noTime, environment: () => undefined },
    ...{ stateFolder: `${place.folder}state`, logsFolder: `${place.folder}logs` },
    lifecycle: { ...place.setting },
    ...{ journal: { write: (line) => lines.push(line) }, sandbox },
  });
  await session.recover();
  return { session, clock };
}

function scripted(
  work: (script: Scripted) => Promise<void>,
  prepare: (place: TestLifecycle) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  return inLifecycle(async (place) => {
    place.at("2024-02-09T00:00:00Z");
    await prepare(place);
    const { id } = await place.run();
    await place.promote({ run: id });
    const kept = { lines: [], sandbox: throwing() };
    const { session, clock } = await open(place, BEGIN, kept);
    try {
      await work({
        ...{ ...kept, place, session, clock, stateFolder: `${place.folder}state` },
        async rules() {
          const { events } = await lifecycleHistory(place.setting);
          return events.filter(({ kind }) => kind === "demoted").map(({ details }) => details.rule);
        },
        async step(bars) {
          clock.set(BEGIN + bars * 4 * HOUR_MS);
          return await session.step(clock.now());
        },
      });
    } finally {
      await session.close();
    }
  });
}

/** Steps until something is held; the number of the next bar. */
async function untilHeld({ step, session }: Scripted): Promise<number> {
  for (let bar = 0; bar < 25; bar++) {
    await step(bar);
    if (session.status().positions["BTC"] !== undefined) return bar + 1;
  }
  throw new RangeError("Nothing was bought");
}

async function isSoldOut({ step, session, place }: Scripted, bar: number): Promise<void> {
  const { decision } = await step(bar);
  deepStrictEqual(decision!.weights, { BTC: 0 });
  deepStrictEqual(session.status().positions, {});
  deepStrictEqual([session.status().models, session.status().asWritten], [[], []]);
  match(await place.text(), /lifecycle_stage: research /);
}

Deno.test("FR-022 the kill switch demotes at once; once it is off, what was held is sold", () =>
  scripted(async (script) => {
    const { stateFolder, step, rules } = script;
    const bar = await untilHeld(script);
    await throwKillSwitch(stateFolder, { at: 0, flatten: false, operator: "ann", reason: "test" });
    await step(bar);
    deepStrictEqual(await rules(), ["kill_switch"]);
    await releaseKillSwitch(stateFolder, { account: "paper", confirm: "paper" });
    await isSoldOut(script, bar + 1);
    deepStrictEqual(await rules(), ["kill_switch"]);
  }));

Deno.test("FR-022 more than three bars of broker failure demote, three do not", () =>
  scripted(async (script) => {
    const bar = await untilHeld(script);
    await script.session.judge({ brokerFailures: 3 });
    deepStrictEqual(await script.rules(), []);
    await script.session.judge({ brokerFailures: 4 });
    deepStrictEqual(await script.rules(), ["broker_failure"]);
    await isSoldOut(script, bar);
  }));

Deno.test("FR-022 a model that throws is demoted, and the same close is decided without it", () =>
  scripted(async (script) => {
    const { sandbox, rules, lines } = script;
    const bar = await untilHeld(script);
    sandbox.message = "Another_v1 failed: not ours";
    await rejects(script.step(bar), /not ours/);
    deepStrictEqual(await rules(), []);
    sandbox.message = `${CROSS} at 2024-02-10T04:00:00Z failed: no price`;
    await isSoldOut(script, bar);
    deepStrictEqual(await rules(), ["model_error"]);
    const told = lines.find(({ message }) => message === "model demoted to research")!;
    strictEqual(
      told.context!["reason"],
      "the model threw: at 2024-02-10T04:00:00Z failed: no price",
    );
  }));

Deno.test("FR-022 where a rule is off, a model that throws stops the decision and stays", () =>
  scripted(
    async ({ sandbox, step, rules }) => {
      sandbox.message = `${CROSS} at 2024-02-10T04:00:00Z failed: no price`;
      await rejects(step(0), /no price/);
      deepStrictEqual(await rules(), []);
    },
    (place) => place.edit("  live:", "  demotion: { model_error: false }\n  live:"),
  ));

Deno.test("FR-022 a drawdown of the model's own ledger demotes, and what it holds is sold", () =>
  scripted(
    async (script) => {
      let bar = await untilHeld(script);
      while ((await script.rules()).length === 0 && bar < 28) await script.step(bar++);
      deepStrictEqual(await script.rules(), ["drawdown"]);
      const { events } = await lifecycleHistory(script.place.setting);
      match(events.at(-2)!.reason, /^drawdown of its own ledger [\d.e-]+ %, above 0 %$/);
      strictEqual((await script.step(bar)).decision!.weights["BTC"], 0);
      deepStrictEqual(script.session.status().positions, {});
    },
    (place) => place.edit("  live:", "  demotion: { max_drawdown: 0 }\n  live:"),
  ));

Deno.test("FR-020 a model that somebody demotes trades no more from the next decision on", () =>
  scripted(async (script) => {
    const { place } = script;
    const bar = await untilHeld(script);
    await demote({ ...place.setting, model: CROSS, operator: "ann", reason: "enough" });
    await isSoldOut(script, bar);
    ok(script.lines.some(({ message }) => message.startsWith(`${CROSS} trades no more: `)));
    await script.session.close();
    // Nothing is left to sell: a session that comes after has nothing to do.
    await rejects(
      open(place, script.clock.now(), script),
      /No model may trade in paper mode: .*at research/,
    );
  }));

Deno.test("FR-022 a session that comes after a demotion sells what is held, without the model", () =>
  scripted(async (script) => {
    const { place, session, clock } = script;
    const bar = await untilHeld(script);
    await session.judge({ brokerFailures: 9 });
    await session.close();
    const later = { lines: [], sandbox: throwing() };
    const { session: next } = await open(place, clock.now() + 4 * HOUR_MS, later);
    const { decision } = await next.step(BEGIN + bar * 4 * HOUR_MS);
    deepStrictEqual([decision!.weights, next.status().positions], [{ BTC: 0 }, {}]);
    await next.close();
  }));
