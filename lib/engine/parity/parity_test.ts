import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { H4_MS } from "../../core/bars.ts";
import { seededRandom } from "../../core/random.ts";
import { inTestFolder } from "../../core/test_folder.ts";
import { exact } from "../../execution/account/exact.ts";
import { explain, type Explanation } from "./explain.ts";
import { climbLadder, type Ladder } from "./ladder.ts";
import { type RungId, RUNGS } from "./rungs.ts";
import { sceneOf } from "./scene.ts";
import { type SessionJournal, sessionJournal } from "./session_journal.ts";
import {
  type Happening,
  nervous,
  playScript,
  type Script,
  type Stage,
  stageOf,
  withNewestBar,
} from "./test_scripted.ts";
import type { VenueScript } from "./test_venue.ts";

function played(stage: Stage, script: Script): Promise<SessionJournal> {
  return inTestFolder(async (folder) => sessionJournal(await playScript(folder, stage, script)));
}

async function climbed(stage: Stage, script: Script): Promise<Ladder & Explanation> {
  const journal = await played(stage, script);
  const { data: stored, models } = stage;
  const ladder = climbLadder({ journal, stored, models, isPaperVenue: false });
  return { ...ladder, ...explain(ladder, { journal, codeHash: "code-1", isPaperVenue: false }) };
}

/** The venue behaves as given from the close on. */
function venueIs(change: Partial<VenueScript>): Happening {
  return {
    before({ venue }) {
      Object.assign(venue.script, change);
    },
  };
}

/** Rungs that move anything, but for those between a backtest's account and any other. */
function movingRungs({ rungs }: Explanation): readonly RungId[] {
  return rungs.filter(({ amount }) => !exact(amount).isZero()).map(({ id }) => id)
    .filter((id) => id !== "units" && id !== "mark");
}

function namedRungs({ rungs }: Explanation): readonly RungId[] {
  return rungs.filter(({ instances }) => instances.length > 0).map(({ id }) => id);
}

/** Amounts and the remainder in exact decimals against the two NAVs that they lie between. */
function addsUp({ opening, closing, navs, rungs, remainder }: Ladder & Explanation): void {
  strictEqual(remainder, "0");
  const backtest = exact(navs[0]!).sub(exact(opening.nav));
  const total = rungs.reduce((sum, { amount }) => sum.add(exact(amount)), backtest);
  ok(exact(opening.nav).add(total).add(exact(remainder)).eq(exact(closing.nav)));
}

const stage = stageOf();
const { plan, models } = stage;
const fewer = { ...plan, models: plan.models.map((model) => ({ ...model, budgetFraction: 0.3 })) };
const others = models.map(({ name, universe }) => nervous(name, universe, 0.2));

/** A difference, and the only rungs that may speak of it. */
const KINDS: readonly (readonly [name: string, script: Script, rungs: readonly RungId[]])[] = [
  ["a missed decision", { 7: { isMissed: true } }, ["missed"]],
  ["a late bar", { 7: { before: ({ seen }) => withNewestBar(seen, "BTC", "missing") } }, ["late"]],
  [
    "a revised bar",
    { 7: { before: ({ seen }) => withNewestBar(seen, "BTC", (close) => close * 1.01) } },
    ["revised"],
  ],
  ["changed parameters", { 7: { plan: fewer } }, ["parameters"]],
  ["a changed code version", { 7: { models: others, codeHash: "code-2" } }, ["code"]],
  ["clock skew", { 7: venueIs({ aheadMs: 60_000 }), 9: venueIs({ aheadMs: 0 }) }, ["skew"]],
  ["orders never sent", { 7: venueIs({ isClosed: true }), 9: venueIs({ isClosed: false }) }, [
    "delay",
  ]],
  [
    "an order filled in a later bar",
    { 7: venueIs({ isClosed: true }), 8: { ...venueIs({ isClosed: false }), isMissed: true } },
    ["missed", "delay"],
  ],
  ["a quote against the bar price", { 7: venueIs({ quoteBps: 15 }) }, ["quote"]],
  ["slippage", { 7: venueIs({ slippageBps: 15 }) }, ["slippage"]],
  ["a reject", { 7: venueIs({ isRejecting: true }), 8: venueIs({ isRejecting: false }) }, [
    "rejects",
  ]],
  ["a partial fill", { 7: venueIs({ share: 0.4 }), 8: venueIs({ share: 1 }) }, ["partial"]],
  ["rounding", { 7: venueIs({ step: "1" }) }, ["rounding"]],
  ["a minimum size", { 7: venueIs({ minQuantity: "60" }) }, ["rounding"]],
  ["a fee", { 7: venueIs({ feeBps: { BTC: 40, ETH: 0 } }) }, ["fees"]],
  [
    "a manual trade",
    {
      7: {
        accepts: true,
        before({ venue, seen }) {
          const price = seen.assets[0]!.bars.h4!.close.at(-1)!;
          venue.byHand({ units: { BTC: "2.5" }, cash: `-${(price * 2.51).toFixed(2)}` });
        },
      },
    },
    ["manual"],
  ],
  [
    "a deposit",
    { 7: { accepts: true, before: ({ venue }) => venue.byHand({ cash: "2500.5" }) } },
    ["transfers"],
  ],
];

for (const [name, script, expected] of KINDS) {
  Deno.test(`parity names ${name}, and everything adds up to the last digit`, async () => {
    const climb = await climbed(stage, script);
    addsUp(climb);
    deepStrictEqual(movingRungs(climb), expected);
    deepStrictEqual(namedRungs(climb).filter((id) => expected.includes(id)), expected);
  });
}

Deno.test("a session ends with what last moved it, not with a kill switch thrown years later", async () => {
  const { events, decisions } = await played(stage, {});
  const last = decisions.at(-1)!.seq;
  const until = events.find(({ seq, event }) => seq > last && event.kind === "memory")!.seq;
  const whole = events.filter(({ seq }) => seq <= until);
  const kill = { kind: "kill_on", operator: "ada", reason: "later", flatten: false } as const;
  const closingTime = (all: typeof events) => {
    const journal = sessionJournal(all);
    return climbLadder({ journal, stored: stage.data, models, isPaperVenue: false }).closing.time;
  };
  const later = { ...whole.at(-1)!, seq: until + 1, time: Date.UTC(2040, 0, 1), event: kill };
  strictEqual(closingTime([...whole, later]), closingTime(whole));
});

Deno.test("a session that kept every assumption differs in lots and closing prices alone", async () => {
  const climb = await climbed(stage, {});
  addsUp(climb);
  deepStrictEqual(movingRungs(climb), []);
  deepStrictEqual(namedRungs(climb), []);
  const { compared, identical, missed, differing, first } = climb.decisions;
  deepStrictEqual({ compared, identical, missed, differing, first }, {
    ...{ compared: 30, identical: 30, missed: 0, differing: [], first: undefined },
  });
});

Deno.test("decisions of another code version are not made again, and the version is named", async () => {
  const { decisions } = await climbed(stage, { 7: { models: others, codeHash: "code-2" } });
  strictEqual(decisions.identical + decisions.differing.length, decisions.compared);
  ok(decisions.differing.length > 15, `${decisions.differing.length} differ`);
  strictEqual(decisions.differing[0]!.cause, "code version changed from code-2 to code-1");
  strictEqual(decisions.first!.rung, "code");
});

Deno.test("decisions of the same code version that cannot be made again have no named cause", async () => {
  const { decisions } = await climbed(stage, { 7: { models: others } });
  strictEqual(decisions.differing[0]!.cause, undefined);
});

Deno.test("the first close at which the backtest wants something else is named with its cause", async () => {
  const script = { 7: KINDS[2]![1][7]!, 12: { isMissed: true } };
  const { decisions, closes } = await climbed(stage, script);
  deepStrictEqual([decisions.first!.rung, decisions.first!.time], ["revised", closes[7]!.time]);
});

Deno.test("dividends that the venue pays are booked as it paid them", async () => {
  const paying = stageOf({ dividends: true, days: 8 });
  const climb = await climbed(paying, {});
  addsUp(climb);
  const actions = climb.rungs.find(({ id }) => id === "actions")!;
  ok(actions.instances.length > 0);
});

Deno.test("property: whatever mixture of differences, all amounts add up and the remainder is 0", async () => {
  const random = seededRandom("parity/mixtures");
  for (let round = 0; round < 12; round++) {
    const mixed = stageOf({ seed: round + 2, days: 4, dividends: round % 2 === 0 });
    const script: Record<number, Happening> = {};
    for (let count = 0; count < 6; count++) {
      const [, kind] = KINDS[random.integer(KINDS.length)]!;
      const shift = random.integer(14);
      for (const place of Object.keys(kind).map(Number).sort((a, b) => a - b)) {
        script[place - 7 + 1 + shift] = kind[place]!;
      }
    }
    const climb = await climbed(mixed, script);
    addsUp(climb);
  }
});

Deno.test("a range of a session begins with what was held and still adds up", async () => {
  const journal = await played(stage, { 12: { isMissed: true } });
  const { data: stored, models } = stage;
  const from = stage.start + 10 * H4_MS;
  const late = climbLadder({ journal, stored, models, isPaperVenue: false, from });
  deepStrictEqual([late.beginsFlat, late.remainder], [false, "0"]);
  strictEqual(late.navs[0], late.navs[1]);
  const early = climbLadder({ journal, stored, models, isPaperVenue: false, until: from });
  strictEqual(early.remainder, "0");
});

Deno.test("without stored data the ladder stands on what the session saw", async () => {
  const journal = await played(stage, {});
  const ladder = climbLadder({ journal, models: stage.models, isPaperVenue: false });
  strictEqual(ladder.remainder, "0");
  strictEqual(ladder.navs.length, RUNGS.length + 1);
});

Deno.test("a session whose bars come from elsewhere half way has simulated fills where they were stored, and no others", async () => {
  const journal = await played(stage, { 0: { feed: "stored" }, 7: { feed: "live" } });
  const simulated = (isPaperVenue: boolean) => {
    const { tools, decisions } = sceneOf({ journal, stored: stage.data, models, isPaperVenue });
    return decisions.filter(({ time }) => tools.isSimulated(time)).length;
  };
  deepStrictEqual([simulated(true), simulated(false)], [7, 0]);
});
