import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { DAY_MS } from "../../core/bars.ts";
import { systemClock } from "../../core/clock.ts";
import { figureAt, TRIAL_FIGURES } from "../../core/trial_figures.ts";
import { movingAverageCross } from "../../models/moving_average_cross.ts";
import { seat, tradable } from "../fixtures.ts";
import type { PlannedModel } from "../plan.ts";
import { end, market, planUntil, start } from "../test_rich_market.ts";
import {
  type CrewOptions,
  type FinishedTrial,
  openCrew,
  startWorkers,
  type SweepTrial,
} from "./crew.ts";
import { trialRunner } from "./runner.ts";
import type { PlanPatch } from "./serve_sweep.ts";
import { crossing, historyOf, planOf } from "./test_gears.ts";
import { sweepModels, unruly } from "./test_sweep_models.ts";

const module = new URL("./test_sweep_worker.ts", import.meta.url);
const watch = { clock: systemClock, timeoutMs: 5000 };

const rich = market(4);
const richPlan = planUntil(end);
const single = [historyOf(tradable("AAA"), 5)];
const singlePlan = planOf(crossing(3, 9));

type Opening = Partial<CrewOptions> & Pick<CrewOptions, "base" | "data">;

function open(options: Opening) {
  return openCrew({ workers: 1, watch, returns: true, module, ...options });
}

function trialsOf(patches: readonly PlanPatch[]): readonly SweepTrial[] {
  return patches.map((patch, place) => ({ place: 10 * place, patch }));
}

type Crew = ReturnType<typeof open>;

/** Hands trials to a crew in the form it takes them. */
function run(
  crew: Crew,
  trials: readonly SweepTrial[],
  onFinished: (finished: readonly FinishedTrial[]) => void = () => {},
): Promise<void> {
  return crew.run({ count: trials.length, [Symbol.iterator]: () => trials.values() }, onFinished);
}

/** What a crew makes of these patches, in their order. */
async function finishedBy(options: Opening, patches: readonly PlanPatch[]) {
  const crew = open(options);
  try {
    return await finishedIn(crew, patches);
  } finally {
    crew.close();
  }
}

async function finishedIn(crew: Crew, patches: readonly PlanPatch[]) {
  const finished: FinishedTrial[] = [];
  await run(crew, trialsOf(patches), (some) => finished.push(...some));
  return finished.sort((a, b) => a.place - b.place);
}

/** The same patches, one after the other in this process. */
function inProcess({ base, data, slices = [] }: Opening, patches: readonly PlanPatch[]) {
  const runner = trialRunner({ data }, sweepModels);
  return trialsOf(patches).map(({ place, patch }): FinishedTrial => {
    try {
      return { place, ...runner.run({ ...base, ...patch }, { slices }), failure: null };
    } catch (error) {
      const figures = new Float64Array((1 + slices.length) * TRIAL_FIGURES.length).fill(NaN);
      return { place, figures, returns: null, failure: (error as Error).message };
    }
  });
}

function richPatches(): readonly PlanPatch[] {
  const universe = ["AAA", "BBB", "SHR"];
  const others = richPlan.models.filter(({ name }) => name !== "Cross_v1");
  return [2, 3, 4].flatMap((fast_ma) =>
    [8, 11, 14].map((slow_ma) => {
      const cross = seat(movingAverageCross, {
        universe,
        parameters: { fast_ma, slow_ma },
        budgetFraction: 0.25,
      });
      const models = [...others, cross].sort((a, b) => a.name < b.name ? -1 : 1);
      return { models };
    })
  );
}

for (const workers of [1, 2, 8]) {
  Deno.test(`FR-060 ${workers} workers that share features give the bits of one process`, async () => {
    const options = { base: richPlan, data: rich, workers };
    const patches = richPatches();
    const expected = inProcess(options, patches);
    deepStrictEqual(await finishedBy(options, patches), expected);
    ok(new Set(expected.map(({ figures }) => figures[0])).size > 5);
    ok(expected.every(({ figures }) => figureAt(figures, "fills") > 20));
  });
}

function mischief(trick: string, above = 0): PlanPatch {
  const models: readonly PlannedModel[] = [seat(unruly, { parameters: { trick, above } })];
  return { models };
}

for (const workers of [1, 2, 8]) {
  Deno.test(`FR-045 trials that fail are told in one line, the others are finished (${workers})`, async () => {
    const sound = [crossing(2, 9), crossing(3, 9), crossing(4, 12)].map((model) => ({
      models: [model],
    }));
    const late = { start: singlePlan.start + 900 * DAY_MS, end: singlePlan.start + 910 * DAY_MS };
    const patches = [
      ...sound,
      mischief("throws"),
      { ...sound[0], ...late },
      mischief("none"),
      mischief("throws", 80),
      mischief("overflows"),
      ...sound,
    ];
    const options = { base: singlePlan, data: single, workers };
    const found = await finishedBy(options, patches);
    deepStrictEqual(found, inProcess(options, patches));
    strictEqual(found[3]!.failure, "Unruly_v1 at 2024-02-01T00:00:00Z failed: not this one");
    ok(found.every(({ failure }) => failure === null || !failure.includes("\n")));
    deepStrictEqual(found.filter(({ failure }) => failure !== null).length, 4);
  });
}

for (const workers of [1, 2]) {
  Deno.test(`FR-018 a trial that hangs is failed, the others are finished (${workers})`, async () => {
    const patches = [
      mischief("none"),
      mischief("none", 1),
      { ...mischief("stalls"), start: singlePlan.start + 10 * DAY_MS },
      ...[2, 3, 4].map((fast) => ({ models: [crossing(fast, 9)] })),
    ];
    const options = {
      base: singlePlan,
      data: single,
      workers,
      watch: { ...watch, timeoutMs: 400 },
    };
    const found = await finishedBy(options, patches);
    const quick = patches.filter((_, place) => place !== 2);
    deepStrictEqual(
      found.filter(({ place }) => place !== 20).map(({ figures }) => figures),
      inProcess(options, quick).map(({ figures }) => figures),
    );
    strictEqual(
      found[2]!.failure,
      "Unruly_v1 did not decide for 2024-02-11T00:00:00Z within 400 ms " +
        "(system.model_timeout_ms); it was stopped",
    );
    // A limit ended it, and not its own words.
    deepStrictEqual(found.filter(({ isCutShort }) => isCutShort).map(({ place }) => place), [20]);
  });
}

Deno.test("FR-018 a trial that hangs while it declares its features is failed, the others are finished", async () => {
  const patches = [mischief("none"), mischief("stallsEarly")];
  const sound = [2, 3, 4].map((fast) => ({ models: [crossing(fast, 9)] }));
  const options = { base: singlePlan, data: single, workers: 2 };
  const hurried = { ...options, watch: { ...watch, timeoutMs: 400 } };
  const found = await finishedBy(hurried, [...patches, ...sound]);
  strictEqual(
    found[1]!.failure,
    "Unruly_v1 did not declare its features within 400 ms (system.model_timeout_ms); it was stopped",
  );
  deepStrictEqual(
    found.slice(2).map(({ figures }) => figures),
    inProcess(options, sound).map(({ figures }) => figures),
  );
});

Deno.test("FR-018 promises that models leave behind cost workers, not trials", async () => {
  const patches = Array.from({ length: 9 }, (_, i) => mischief("promises", i));
  const found = await finishedBy({ base: singlePlan, data: single, workers: 2 }, patches);
  deepStrictEqual(
    found,
    inProcess({ base: singlePlan, data: single }, patches.map(() => mischief("none"))),
  );
});

Deno.test("FR-045 an interrupted sweep has handed over what was finished", async () => {
  const stop = new AbortController();
  const crew = open({ base: singlePlan, data: single, watch: { ...watch, signal: stop.signal } });
  const places: number[] = [];
  const patches = [...Array.from({ length: 6 }, () => ({})), mischief("stalls"), {}, {}];
  const running = run(crew, trialsOf(patches), (some) => {
    if (places.length === 0) setTimeout(() => stop.abort(), 60);
    places.push(...some.map(({ place }) => place));
  });
  await rejects(running, { name: "Refusal", message: "Interrupted" });
  ok(places.length > 0 && places.length < patches.length, places.join());
  deepStrictEqual(places, places.map((_, i) => 10 * i));
  await rejects(run(crew, trialsOf([{}])), { name: "Refusal", message: "Interrupted" });
  crew.close();
});

Deno.test("FR-045 a sweep that was interrupted before it began does not begin", async () => {
  for (const workers of [1, 2]) {
    const signal = AbortSignal.abort();
    const crew = open({ base: singlePlan, data: single, workers, watch: { ...watch, signal } });
    const running = run(crew, trialsOf([{}, {}]), () => ok(false, "it began"));
    await rejects(running, { name: "Refusal", message: "Interrupted" });
    crew.close();
  }
});

Deno.test("FR-045 whoever cannot take a finished trial stops the sweep, and is asked no more", async () => {
  const crew = open({ base: singlePlan, data: single, workers: 2 });
  let calls = 0;
  const patches = Array.from({ length: 60 }, (_, i) => ({ initialNav: 1000 + i }));
  const running = run(crew, trialsOf(patches), () => {
    calls++;
    throw new Error("the disk is full");
  });
  await rejects(running, { message: "the disk is full" });
  strictEqual(calls, 1);
  deepStrictEqual(
    await finishedIn(crew, [{}]),
    inProcess({ base: singlePlan, data: single }, [{}]),
  );
  crew.close();
});

Deno.test("FR-045 a crew that is closed while it works ends, and works no more", async () => {
  const crew = open({ base: singlePlan, data: single, workers: 2 });
  const over = { message: "the sweep is over" };
  await rejects(
    run(crew, trialsOf(Array.from({ length: 50 }, () => ({}))), () => crew.close()),
    over,
  );
  await rejects(run(crew, trialsOf([{}])), over);
});

Deno.test("FR-045 trials that cannot even be listed stop the sweep", async () => {
  const crew = open({ base: singlePlan, data: single });
  const trials = {
    count: 3,
    *[Symbol.iterator](): Iterator<SweepTrial> {
      yield { place: 0, patch: {} };
      throw new Error("no more of these");
    },
  };
  await rejects(crew.run(trials, () => {}), { message: "no more of these" });
  crew.close();
});

Deno.test("FR-045 a crew runs several lots of trials, with other ranges and slices", async () => {
  const slices = [{ start: start + DAY_MS, end: start + 4 * DAY_MS }, { start, end: end - DAY_MS }];
  const options = { base: richPlan, data: rich, workers: 2, slices };
  const crew = open(options);
  const ranges = [
    {},
    { end: end - DAY_MS },
    { start: start - 2 * DAY_MS },
    { end: end - DAY_MS, initialNav: 5000 },
  ];
  const lots = [ranges, richPatches().slice(0, 3), [], ranges.toReversed()];
  for (const lot of lots) deepStrictEqual(await finishedIn(crew, lot), inProcess(options, lot));
  crew.close();
});

Deno.test("FR-045 a crew takes workers that were started ahead, and replaces one that has fallen meanwhile", async () => {
  const patches = [crossing(2, 5), crossing(3, 7), crossing(4, 9)].map((model) => ({
    models: [model],
  }));
  const gone = new URL("data:text/javascript,throw new Error('gone')");
  const ready = [...startWorkers(1, gone), ...startWorkers(1, module)];
  await new Promise((done) => setTimeout(done, 300));
  const options = { base: singlePlan, data: single, workers: 3, ready };
  deepStrictEqual(await finishedBy(options, patches), inProcess(options, patches));
});

Deno.test("FR-045 without returns a crew hands over figures alone", async () => {
  const [found] = await finishedBy({ base: singlePlan, data: single, returns: false }, [{}]);
  const [expected] = inProcess({ base: singlePlan, data: single }, [{}]);
  deepStrictEqual(found, { ...expected, returns: null });
});
