import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS, H4_MS } from "../core/bars.ts";
import type { EnvelopeName } from "../core/proofs.ts";
import type { RunRecord } from "../core/run_record.ts";
import { fillsOf, MODELS, RANDOM_START, randomEnvelope } from "./envelope_fixtures.ts";
import { NO_LIMITS, tradable } from "./fixtures.ts";
import type { Plan } from "./plan.ts";

const seeds = fc.integer({ min: 0, max: 1e6 });
const fills = fc.constantFrom("next_open" as const, "same_close" as const);
const sizings = fc.constantFrom("decision_price" as const, "fill_price" as const);
const rules = fc.record({ fill: fills, sizing: sizings, allowBorrowing: fc.boolean() });

/** Trades at every decision, and interest on what cash is left. */
const busy: Partial<Plan> = { rebalanceThreshold: 0, cashRate: 0.05 };

Deno.test("FR-039 the random runs of these tests fill and miss in every way there is", () => {
  const kinds = new Set<string>();
  for (let seed = 0; seed < 12; seed++) {
    const { run, members } = randomEnvelope(seed);
    for (const { name } of members) kinds.add(name);
    for (const outcome of run.outcomes) {
      kinds.add(outcome.status === "filled" ? outcome.kind : outcome.reason);
      if (outcome.status !== "filled") continue;
      if (outcome.asset === 2) kinds.add("equity");
      if (Math.abs(outcome.target - outcome.held - outcome.quantity) > 1) kinds.add("cut");
    }
    if (run.fillFactors.some((factor) => factor > 2)) kinds.add("split");
  }
  for (
    const kind of [
      "market",
      "limit",
      "stop",
      "below_minimum",
      "equity",
      "cut",
      "split",
      "high_first",
    ]
  ) ok(kinds.has(kind), `${kind} is missing among ${[...kinds].join(", ")}`);
});

Deno.test("FR-039 the run's own fills repriced give the run, to the last bit", () => {
  fc.assert(
    fc.property(seeds, rules, (seed, changes) => {
      const { run, members } = randomEnvelope(seed, changes);
      const own = members[0]!;
      strictEqual(own.name, changes.fill);
      deepStrictEqual(own.record.nav, run.nav);
      deepStrictEqual(own.record.cash, run.cash);
      deepStrictEqual(own.record.outcomes, fillsOf(run));
      deepStrictEqual(own.record.fillFactors, run.fillFactors);
    }),
    { seed: 1, numRuns: 40 },
  );
});

Deno.test("FR-039 with interest they give it to a billionth", () => {
  fc.assert(
    fc.property(seeds, rules, (seed, changes) => {
      const { run, members } = randomEnvelope(seed, { ...busy, ...changes });
      for (const [mark, nav] of run.nav.entries()) {
        const found = members[0]!.record.nav[mark]!;
        ok(Math.abs(found / nav - 1) < 1e-9, `mark ${mark}: found ${found}, expected ${nav}`);
      }
    }),
    { seed: 1, numRuns: 15 },
  );
});

/** Members all whose fills are on bars that open after the decision, whatever the run's own rule. */
const LATER: readonly EnvelopeName[] = ["next_open", "next_close", "next_worst", "bar_later"];

Deno.test("FR-039 no member spends cash that it has not, trades before its moment or leaves a rest of what it sells", () => {
  fc.assert(
    fc.property(seeds, fills, (seed, fill) => {
      const { run, members } = randomEnvelope(seed, { fill });
      for (const { name, record } of members) {
        for (const [mark, cash] of record.cash.entries()) {
          ok(cash >= -1e-9 * record.nav[mark]!, `${name}: ${cash} of cash at mark ${mark}`);
        }
        for (const { index, executedAt, time, kind, target, held, quantity } of fillsOf(record)) {
          if (kind === "market" && target === 0) strictEqual(quantity, -held);
          ok(executedAt >= run.markTimes[index]!, `${name}: decision ${index} came later`);
          ok(executedAt <= run.markTimes[index + 1]!, `${name}: held before it was bought`);
          if (LATER.includes(name)) ok(time >= run.markTimes[index]!, `${name}: bar has opened`);
        }
        ok([...record.nav].every((nav) => nav >= 0));
      }
    }),
    { seed: 1, numRuns: 25 },
  );
});

Deno.test("FR-003 cutting the future leaves the past of every member as it was, bit for bit", () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 17 }), rules, (seed, days, changes) => {
      const whole = randomEnvelope(seed, { ...busy, ...changes });
      const cut = randomEnvelope(seed, { ...busy, ...changes, end: RANDOM_START + days * DAY_MS });
      const marks = cut.run.markTimes.length;
      for (const { name, record } of cut.members) {
        const other = whole.member(name);
        deepStrictEqual(other.nav.slice(0, marks), record.nav, name);
        deepStrictEqual(other.cash.slice(0, marks), record.cash, name);
        const before = (run: RunRecord) => fillsOf(run).filter(({ index }) => index < marks - 1);
        deepStrictEqual(before(other), before(record), name);
      }
    }),
    { seed: 1, numRuns: 25 },
  );
});

Deno.test("FR-003 a garbled future leaves the past of every member as it was, bit for bit", () => {
  fc.assert(
    fc.property(
      seeds,
      fc.integer({ min: 1, max: 107 }),
      fills,
      sizings,
      (seed, t, fill, sizing) => {
        const changes = { fill, sizing };
        const noiseFrom = RANDOM_START + t * H4_MS;
        const clean = randomEnvelope(seed, changes);
        const noisy = randomEnvelope(seed, changes, { noiseFrom });
        for (const { name, record } of clean.members) {
          // What the future brings may decide whether there is an exit to be ordered at all.
          const other = noisy.members.find((member) => member.name === name)?.record;
          if (!other) continue;
          deepStrictEqual(other.nav.slice(0, t + 1), record.nav.slice(0, t + 1), name);
          const before = (run: RunRecord) => fillsOf(run).filter(({ index }) => index < t);
          deepStrictEqual(before(other), before(record), name);
        }
      },
    ),
    { seed: 1, numRuns: 25 },
  );
});

/** One coin with one model and money to borrow: each order of the run becomes one order of the member. */
const alone: Partial<Plan> = {
  assets: [{ ...tradable("AAA"), feeBps: 10, slippageBps: 5 }],
  risk: NO_LIMITS,
  allowBorrowing: true,
};

for (const name of ["next_worst", "double_costs"] as const) {
  Deno.test(`FR-039 ${name} is never better for an account of one asset whose purchases are not cut`, () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { run, member } = randomEnvelope(seed, alone, { models: MODELS.market });
        for (const [mark, nav] of member(name).nav.entries()) {
          ok(nav <= run.nav[mark]! * (1 + 1e-12), `mark ${mark}: ${nav} against ${run.nav[mark]}`);
        }
      }),
      { seed: 1, numRuns: 25 },
    );
  });
}

Deno.test("FR-039 no fill of the worst price or of double costs is better than the run's", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { run, member } = randomEnvelope(seed, alone, { models: MODELS.market });
      const own = fillsOf(run);
      for (const name of ["next_worst", "double_costs"] as const) {
        const others = fillsOf(member(name));
        strictEqual(others.length, own.length);
        for (const [place, { quantity, price, fee }] of others.entries()) {
          const { price: base, quantity: units } = own[place]!;
          // A member that has drifted further from its target may even trade the other way: then its price is its own.
          if (quantity > 0 !== units > 0) continue;
          ok(quantity > 0 ? price >= base : price <= base);
          ok(fee >= 0);
        }
      }
    }),
    { seed: 1, numRuns: 25 },
  );
});
