import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { RegimeLabels } from "../regime/mod.ts";
import { type AssetView, type Context, type Decide, each, type Targets } from "./model.ts";
import { columnOf, FLAT, inputsOf, modelThat, REGIME, smallProposer } from "./model_fixtures.ts";
import { proposer, type ProposerInputs } from "./proposer.ts";
import type { OwnState } from "./view.ts";

type View = AssetView<"price" | "calm">;
type Told = Context<unknown, "price" | "calm">;

/** Weights decision by decision, and at which decisions the model was asked. */
function follow(
  decide: (tell: () => void) => Decide<unknown, "price" | "calm">,
  columns: number[][],
) {
  let asked = 0;
  const model = modelThat(decide(() => asked++));
  const inputs = inputsOf(model, columns.map((values) => [columnOf(...values)]));
  const { propose, weights } = proposer(inputs);
  return columns[0]!.map((_, t) => {
    asked = 0;
    const changed = propose(t, FLAT);
    return { weights: Array.from(weights), changed, asked };
  });
}

Deno.test("FR-018 an asset that was seen and is not named means 0, one that was not seen means nothing", () => {
  const usable = [Uint8Array.of(1, 0, 1), Uint8Array.of(1, 1, 1)];
  const run = smallProposer(modelThat(() => ({ BTC: { weight: 0.5, stop: 9, limit: 8 } })), {
    usable,
  });
  const said = () => [...run.weights, ...run.stops, ...run.limits];
  deepStrictEqual(said(), [NaN, NaN, NaN, NaN, NaN, NaN]);
  strictEqual(run.propose(0, FLAT), true);
  deepStrictEqual(said(), [0.5, 0, 9, NaN, 8, NaN]);
  strictEqual(run.propose(1, FLAT), true);
  deepStrictEqual(said(), [NaN, 0, NaN, NaN, NaN, NaN]);
  deepStrictEqual(run.hints, [undefined, undefined]);
  strictEqual(run.propose(2, FLAT), true);
  deepStrictEqual(said(), [0.5, 0, 9, NaN, 8, NaN]);
});

Deno.test("FR-018 hints stand beside their asset until the next answer", () => {
  const hinted = { weight: 0.5, confidence: 1, urgency: "low", horizon_hours: 8 } as const;
  const model = modelThat(({ assets }) => ({
    BTC: 0.5,
    ETH: assets[1]!.price < 22 ? hinted : 0.5,
  }));
  const run = smallProposer(model);
  run.propose(0, FLAT);
  deepStrictEqual(run.hints, [undefined, hinted]);
  run.propose(2, FLAT);
  deepStrictEqual(run.hints, [undefined, undefined]);
});

Deno.test("FR-018 −0 is the same answer as 0", () => {
  const models = [modelThat(() => ({ BTC: -0 })), modelThat(each(() => -0))];
  for (const model of models) {
    const run = smallProposer(model);
    run.propose(0, FLAT);
    ok(Object.is(run.weights[0], 0));
  }
});

Deno.test("FR-013 a model of features alone is asked only when one of them moved", () => {
  const prices = [[1, 1, 2, 2], [5, 5, 5, 5]];
  const steps = follow((tell) => ({ assets }) => {
    tell();
    return { BTC: assets[0]!.price / 4 };
  }, prices);
  deepStrictEqual(steps, [
    { weights: [0.25, 0], changed: true, asked: 1 },
    { weights: [0.25, 0], changed: false, asked: 0 },
    { weights: [0.5, 0], changed: true, asked: 1 },
    { weights: [0.5, 0], changed: false, asked: 0 },
  ]);
  const apart = follow((tell) =>
    each(({ price }) => {
      tell();
      return price / 10;
    }), prices);
  deepStrictEqual(apart.map(({ asked }) => asked), [2, 0, 1, 0]);
  deepStrictEqual(apart.map(({ weights }) => weights[0]), [0.1, 0.1, 0.2, 0.2]);
});

Deno.test("FR-013 a model that once looked at its holdings is asked at every decision from then on", () => {
  const steps = follow((tell) => ({ assets }) => {
    tell();
    const [first] = assets;
    return { BTC: first!.price === 2 && first!.barsHeld === 0 ? 1 : 0 };
  }, [[1, 1, 2, 2, 2]]);
  deepStrictEqual(steps.map(({ asked }) => asked), [1, 0, 1, 1, 1]);
});

Deno.test("FR-013 a rule of one asset that looks at the others is asked whenever they may have moved", () => {
  const steps = follow(
    () => each((_, { assets }) => assets.reduce((sum, { price }) => sum + price, 0) / 100),
    [[1, 1, 1], [5, 6, 6]],
  );
  deepStrictEqual(steps.map(({ weights }) => weights), [[0.06, 0.06], [0.07, 0.07], [0.07, 0.07]]);
});

const VOLATILITY = ["LOW", "NORMAL", "HIGH"] as const;

/** What a random model may look at: what only features move, and what always moves. */
const READS: Readonly<Record<string, (asset: View, context: Told) => number>> = {
  two: () => 2,
  price: ({ price }) => price,
  calm: ({ calm }) => calm,
  weight: ({ weight }) => weight,
  barsHeld: ({ barsHeld }) => barsHeld,
  history: (asset) => asset.history("price", 2)[0]!,
  time: (_, { time }) => time / 3_600_000,
  money: (_, { budget }) => budget.money,
  others: (_, { assets }) => assets.reduce((sum, { calm }) => sum + calm, 0),
  seen: (_, { assets }) => assets.length,
  universe: (_, { universe }) => universe.length,
  crypto: (_, { regime }) => regime.crypto === "RISK_ON" ? 1 : 0,
  volatility: (_, { regime }) => VOLATILITY.indexOf(regime.volatility),
};

/** A pure function, as a value: it reads, adds, or asks a question and looks no further than the answer wants. */
type Thought =
  | { kind: "read"; what: string }
  | { kind: "sum"; of: Thought[] }
  | { kind: "choice"; question: Thought; even: Thought; odd: Thought };

function think(thought: Thought, asset: View, context: Told): number {
  const on = (part: Thought) => think(part, asset, context);
  if (thought.kind === "read") return READS[thought.what]!(asset, context);
  if (thought.kind === "sum") return thought.of.reduce((sum, part) => sum + on(part), 0);
  return on(on(thought.question) % 2 === 0 ? thought.even : thought.odd);
}

const { thought } = fc.letrec<{ thought: Thought }>((tie) => {
  const featuresFirst = fc.constantFrom("price", "calm", "two", ...Object.keys(READS));
  return {
    thought: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.record({ kind: fc.constant("read" as const), what: featuresFirst }),
      fc.record({
        kind: fc.constant("choice" as const),
        question: tie("thought"),
        even: tie("thought"),
        odd: tie("thought"),
      }),
      fc.record({
        kind: fc.constant("sum" as const),
        of: fc.array(tie("thought"), { maxLength: 2 }),
      }),
    ),
  };
});

const SIZE = 3;
const LENGTH = 16;
/** A fraction that two assets more can be added to. */
const weightOf = (value: number) => Number.isNaN(value) ? 0 : (Math.abs(value) % 5) / 5 / SIZE;

/** Numbers that rarely move, one per decision. */
const slow = fc.array(fc.constantFrom(0, 0, 0, 0, 1, 2, NaN), {
  minLength: LENGTH,
  maxLength: LENGTH,
})
  .map((steps) => {
    let level = 1;
    return steps.map((step) => Number.isNaN(step) ? NaN : level += step);
  });
const flags = fc.array(fc.constantFrom(true, true, true, false), {
  minLength: LENGTH,
  maxLength: LENGTH,
});
/** Labels that rarely change, one set per decision. */
const labels = fc.array(fc.constantFrom(0, 0, 0, 0, 1, 2), {
  minLength: LENGTH,
  maxLength: LENGTH,
}).map((steps) => {
  let level = 0;
  return steps.map((step): RegimeLabels => {
    level += step;
    const crypto = level % 2 === 0 ? "RISK_ON" : "RISK_OFF";
    return { ...REGIME, crypto, volatility: VOLATILITY[level % 3]! };
  });
});
const holdings = fc.array(fc.nat(3), { minLength: LENGTH, maxLength: LENGTH });
const world = fc.record({
  assets: fc.array(
    fc.record({ price: slow, calm: slow, traded: flags, held: holdings }),
    { minLength: SIZE, maxLength: SIZE },
  ),
  labels,
  due: flags,
  thought,
});
type World = typeof world extends fc.Arbitrary<infer Value> ? Value : never;

function inputsIn(
  { assets, labels }: World,
  decide: Decide<unknown, "price" | "calm">,
): ProposerInputs {
  return inputsOf(
    modelThat(decide),
    assets.map(({ price, calm }) => [columnOf(...price), columnOf(...calm)]),
    {
      usable: assets.map(({ price, calm, traded }) =>
        Uint8Array.from(traded, (flag, t) => flag && !Number.isNaN(price[t]! + calm[t]!) ? 1 : 0)
      ),
      regimeAt: (t) => labels[t]!,
      regimeChanged: Uint8Array.from(labels, (now, t) => equal(now, labels[t - 1]) ? 0 : 1),
    },
  );
}

/** Holdings at decision `t`, the same for whoever asks. */
function stateAt({ assets }: World, t: number): OwnState {
  return {
    weight: (asset) => assets[asset]!.held[t]! / 4,
    barsHeld: (asset) => assets[asset]!.held[t]!,
    budget: () => ({ fraction: 1, money: assets[0]!.held[t]! }),
  };
}

/** What the model answers at `t` when it is simply asked, on a context built from nothing but arrays. */
function askedNaively(inputs: ProposerInputs, world: World, t: number): Targets {
  const state = stateAt(world, t);
  const views = inputs.universe.map((symbol, place): View => ({
    symbol,
    price: world.assets[place]!.price[t]!,
    calm: world.assets[place]!.calm[t]!,
    weight: state.weight(place),
    barsHeld: state.barsHeld(place),
    history: (name, n) =>
      Float64Array.from({ length: n }, (_, i) => world.assets[place]![name][t + 1 - n + i] ?? NaN),
  }));
  return inputs.model.decide({
    time: inputs.times[t]!,
    assets: views.filter((_, place) => inputs.usable[place]![t] === 1),
    parameters: {},
    universe: inputs.universe,
    regime: world.labels[t]!,
    budget: state.budget(),
  } as unknown as Context<unknown, string>);
}

function sameAsNaive(world: World, decide: Decide<unknown, "price" | "calm">): void {
  const inputs = inputsIn(world, decide);
  const run = proposer(inputs);
  let before: unknown;
  let quietUntil = 0;
  for (let t = 0; t < LENGTH; t++) {
    if (!world.due[t]) continue;
    const quiet = t < quietUntil;
    const changed = run.propose(t, stateAt(world, t));
    ok(!(quiet && changed), `a change at decision ${t}, quiet until ${quietUntil}`);
    quietUntil = run.quietUntil(t);
    const targets = askedNaively(inputs, world, t);
    const expected = inputs.universe.map((symbol, place) => {
      if (inputs.usable[place]![t] === 0) return [NaN, NaN];
      const wish = targets[symbol] ?? 0;
      return typeof wish === "number" ? [wish, NaN] : [wish.weight, wish.stop ?? NaN];
    });
    const found = expected.map((_, place) => [run.weights[place]!, run.stops[place]!]);
    deepStrictEqual(found, expected, `at decision ${t}`);
    const nothing = expected.map(() => [NaN, NaN]);
    strictEqual(changed, !equal(found, before ?? nothing), `change at decision ${t}`);
    before = found;
  }
}

function equal(a: unknown, b: unknown): boolean {
  try {
    deepStrictEqual(a, b);
    return true;
  } catch {
    return false;
  }
}

Deno.test("FR-013 property: skipping decisions without news gives what asking at every decision gives", () => {
  fc.assert(
    fc.property(world, (world) => {
      sameAsNaive(world, (context) => {
        const wishes = context.assets.map((asset) => {
          const value = think(world.thought, asset, context);
          const weight = weightOf(value);
          return [asset.symbol, value % 3 === 0 ? { weight, stop: 1 + weight } : weight] as const;
        });
        return Object.fromEntries(wishes.filter(([, wish]) => wish !== 0));
      });
    }),
    { seed: 1, numRuns: 500 },
  );
});

Deno.test("FR-013 property: each() gives asset by asset what the decide function it makes gives at once", () => {
  fc.assert(
    fc.property(world, (world) => {
      sameAsNaive(world, each((asset, context) => weightOf(think(world.thought, asset, context))));
    }),
    { seed: 1, numRuns: 500 },
  );
});
