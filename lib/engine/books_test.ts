import { deepStrictEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { type Random, seededRandom } from "../core/random.ts";
import type { Fill, OrderOutcome, TargetWeights } from "../core/orders.ts";
import { type SimulatedBroker, simulatedBroker } from "../execution/simulated_broker.ts";
import { fillPrice, fillRow, type SimulatedMarket } from "../execution/simulated_market.ts";
import { type TestAsset, testMarket } from "../execution/test_market.ts";
import { combine, type Matrix, matrix, shareReduction } from "../portfolio/combine.ts";
import { chooseTrades, type ExposureLimits } from "../portfolio/instructions.ts";
import { emptyLedgers, type Ledgers, settle } from "../portfolio/ledger.ts";
import { applyRules } from "../risk/apply_rules.ts";
import { modeRule } from "../risk/drawdown.ts";
import { assetCap, classCap, leverageCap, netCap, type Rule } from "../risk/rules.ts";

const STEPS = 12;
const INITIAL_NAV = 10_000;

/** Random models on a random market under random limits. */
interface Book {
  readonly market: SimulatedMarket;
  readonly limits: ExposureLimits;
  readonly threshold: number;
  /** By step: budget × weight of every model, in sixty-fourths, so that sums are exact in any order. */
  readonly wishes: readonly Matrix[];
  /** Steps at which risk halts or reduces. */
  readonly modes: readonly ("NORMAL" | "REDUCED" | "HALT")[];
}

/** What one decision of a book came to. */
interface Step {
  readonly t: number;
  readonly targets: TargetWeights;
  readonly outcomes: readonly OrderOutcome[];
  readonly broker: SimulatedBroker;
  readonly ledgers: Ledgers;
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[random.integer(items.length)]!;
}

function randomBook(seed: number): Book {
  const random = seededRandom(seed);
  const size = 1 + random.integer(4);
  const shorts = random.integer(3) === 0;
  const models = 1 + random.integer(4);
  const assets = Array.from({ length: size }, (_, place) => randomAsset(random, place));
  const cap = (...choices: number[]) => pick(random, [Infinity, ...choices]);
  return {
    market: testMarket(assets, {
      fill: pick(random, ["next_open", "same_close"]),
      sizing: pick(random, ["decision_price", "fill_price"]),
      allowBorrowing: random.integer(3) === 0,
      allowShort: shorts,
    }),
    limits: {
      asset: cap(0.4, 0.25),
      classes: [cap(0.2, 0.5), cap(0.6)],
      classOf: Int32Array.from(assets, ({ lateMs }) => lateMs === 0 ? 0 : 1),
      gross: cap(1.2, 0.8),
      net: cap(0.5),
    },
    threshold: pick(random, [0, 0.01, 0.1]),
    wishes: Array.from({ length: STEPS }, () => randomWishes(random, { models, size, shorts })),
    modes: Array.from(
      { length: STEPS },
      () => pick(random, ["NORMAL", "NORMAL", "NORMAL", "REDUCED", "HALT"]),
    ),
  };
}

function randomAsset(random: Random, place: number): TestAsset {
  const isEquity = place % 2 === 1;
  let price = 5 + random.integer(200);
  const step = (width: number) => price *= 1 + (random.next() - 0.5) * width;
  const bars = Array.from({ length: STEPS + 1 }, (_, i) => {
    if (i > 0 && isEquity && random.integer(2) === 0) return undefined;
    const open = step(0.1);
    const close = step(0.2);
    return [open, Math.max(open, close), Math.min(open, close), close] as const;
  });
  return {
    bars,
    lateMs: isEquity ? 5_400_000 : 0,
    feeBps: random.integer(30),
    slippageBps: random.integer(30),
    minOrderSize: pick(random, [0, 0.01, 2]),
    quantityPrecision: pick(random, [null, 0, 3]),
  };
}

function randomWishes(
  random: Random,
  { models, size, shorts }: { models: number; size: number; shorts: boolean },
): Matrix {
  const wishes = matrix(models, size);
  for (let at = 0; at < wishes.values.length; at++) {
    const sign = shorts && random.integer(3) === 0 ? -1 : 1;
    wishes.values[at] = pick(random, [0, 0, 1, 1, 1]) * sign * random.integer(40) / 64;
  }
  return wishes;
}

function rulesOf({ limits }: Book, mode: "NORMAL" | "REDUCED" | "HALT"): readonly Rule[] {
  const members = (place: number) =>
    [...limits.classOf.keys()].filter((asset) => limits.classOf[asset] === place);
  const last = modeRule(mode, 0.5);
  return [
    assetCap(limits.asset),
    ...limits.classes.map((cap, place) => classCap(String(place), members(place), cap)),
    leverageCap(limits.gross),
    netCap(limits.net),
    ...(last ? [last] : []),
  ];
}

/** Decides, trades and settles every step; `inspect` sees each. Stops when nothing is left. */
function run(book: Book, inspect: (step: Step) => void): { nav: number[]; ledgers: Ledgers } {
  const { market, wishes } = book;
  const { models, assets } = wishes[0]!;
  const broker = simulatedBroker(market, INITIAL_NAV);
  const ledgers = emptyLedgers(models, assets);
  const nav: number[] = [];
  const net = new Float64Array(assets);
  const trade = new Uint8Array(assets);
  for (let t = 0; t < STEPS; t++) {
    const value = navAt(broker, market, t);
    nav.push(value);
    if (value < INITIAL_NAV / 10) break;
    combine(wishes[t]!, net);
    const weights = net.slice();
    applyRules(weights, rulesOf(book, book.modes[t]!));
    const shares = matrix(models, assets);
    shareReduction(wishes[t]!, net, weights, shares);
    const drifted = broker.account.quantity.map((units, asset) =>
      units === 0 ? 0 : units * market.assets[asset]!.closeAt[t]! / value
    );
    chooseTrades(
      { targets: weights, drifted, threshold: book.threshold, limits: book.limits },
      trade,
    );
    const targets: TargetWeights = {
      index: t,
      decisionTime: market.decisionTimes[t]!,
      nav: value,
      weights,
      trade,
      limits: [],
      stops: [],
    };
    const outcomes = broker.submitTargetWeights(targets);
    settleStep(market, ledgers, { t, shares, targets, outcomes });
    inspect({ t, targets, outcomes, broker, ledgers });
  }
  return { nav, ledgers };
}

function navAt({ account }: SimulatedBroker, market: SimulatedMarket, t: number): number {
  return account.quantity.reduce(
    (sum, units, asset) => units === 0 ? sum : sum + units * market.assets[asset]!.closeAt[t]!,
    account.cash,
  );
}

/** Books fills, and crosses what the account left alone, as the loop does. */
function settleStep(
  market: SimulatedMarket,
  ledgers: Ledgers,
  { t, shares, targets, outcomes }: {
    t: number;
    shares: Matrix;
    targets: TargetWeights;
    outcomes: readonly OrderOutcome[];
  },
): void {
  const { models, assets, values } = shares;
  const wanted = (asset: number, nav: number, price: number) =>
    Float64Array.from(
      { length: models },
      (_, model) => values[model * assets + asset]! * nav / price,
    );
  const fills = outcomes.filter((outcome) => outcome.status === "filled");
  for (const [fill, { asset, quantity, ...order }] of fills.entries()) {
    settle(ledgers, {
      index: t,
      asset,
      change: quantity,
      price: order.referencePrice,
      fee: order.fee,
      slippage: order.slippage,
      wanted: wanted(asset, order.sizingNav, order.sizingPrice),
      row: order.row,
      time: order.time,
      fill,
    });
  }
  for (const [asset, traded] of market.assets.entries()) {
    const row = fillRow(market, traded, t);
    if (row < 0 || fills.some((fill) => fill.asset === asset)) continue;
    settle(ledgers, {
      index: t,
      asset,
      change: 0,
      price: fillPrice(market, traded, row),
      fee: 0,
      slippage: 0,
      wanted: wanted(asset, targets.nav, traded.closeAt[t]!),
      row,
      time: traded.bars.openTime[row]!,
      fill: -1,
    });
  }
}

const ROUNDING = 1e-9;
const books = fc.integer({ min: 0, max: 1_000_000 });

Deno.test("SC-011 ledgers add up to the account through lots, fees, crosses and halts", () => {
  fc.assert(
    fc.property(books, (seed) => {
      const book = randomBook(seed);
      run(book, ({ t, broker, ledgers }) => {
        const { models, assets, values } = ledgers.quantity;
        const near = (found: number, expected: number, what: string) =>
          ok(
            Math.abs(found - expected) <= ROUNDING * INITIAL_NAV,
            `${what} at ${t}: ledgers ${found}, account ${expected}`,
          );
        for (let asset = 0; asset < assets; asset++) {
          const close = book.market.assets[asset]!.closeAt[t]!;
          let units = 0;
          for (let model = 0; model < models; model++) units += values[model * assets + asset]!;
          near(units * close, broker.account.quantity[asset]! * close, `asset ${asset}`);
        }
        const cash = ledgers.cash.reduce((sum, part) => sum + part, INITIAL_NAV);
        near(cash, broker.account.cash, "cash");
      });
    }),
    { seed: 1, numRuns: 1000 },
  );
});

Deno.test("FR-039 cash is never negative without borrowing", () => {
  fc.assert(
    fc.property(books, (seed) => {
      const book = randomBook(seed);
      run(book, ({ broker }) => {
        ok(book.market.allowBorrowing || broker.account.cash >= 0, `cash ${broker.account.cash}`);
      });
    }),
    { seed: 2, numRuns: 600 },
  );
});

/** Weight of an asset at the price and NAV that sized its order; undefined when its order has not filled whole. */
function sizedWeight(
  { targets, outcomes, broker, t }: Step,
  market: SimulatedMarket,
  asset: number,
) {
  const units = broker.account.quantity[asset]!;
  if (targets.trade[asset] === 0) {
    return units * (units === 0 ? 0 : market.assets[asset]!.closeAt[t]!) / targets.nav;
  }
  const fill = outcomes.find((outcome): outcome is Fill =>
    outcome.status === "filled" && outcome.asset === asset
  );
  if (!fill || Math.abs(units - fill.target) > ROUNDING * (1 + Math.abs(units))) return undefined;
  return units * fill.sizingPrice / fill.sizingNav;
}

Deno.test("SC-004 after risk, and just after fills at sizing prices, no weight is over a cap", () => {
  let compared = 0;
  fc.assert(
    fc.property(books, (seed) => {
      const book = randomBook(seed);
      const { limits, market } = book;
      run(book, (step) => {
        const keeps = (weights: readonly (number | undefined)[], what: string) => {
          const over = (found: number, cap: number) =>
            ok(found <= cap + ROUNDING, `${what} at ${step.t}: ${found} is over ${cap}`);
          for (const weight of weights) over(Math.abs(weight ?? 0), limits.asset);
          for (const [place, cap] of limits.classes.entries()) {
            const members = weights.filter((_, asset) => limits.classOf[asset] === place);
            if (!members.includes(undefined)) over(gross(members), cap);
          }
          if (weights.includes(undefined)) return;
          over(gross(weights), limits.gross);
          compared++;
        };
        const weights = [...step.targets.weights];
        keeps(weights, "targets");
        const net = weights.reduce((sum, weight) => sum + weight, 0);
        ok(Math.abs(net) <= limits.net + ROUNDING, `net ${net} at ${step.t}`);
        // Sized at the fill, each moment has a NAV of its own, and weights of different moments do not add up.
        if (market.sizing === "decision_price") {
          // Not the net cap: lots that shorten a short widen the net.
          keeps(market.assets.map((_, asset) => sizedWeight(step, market, asset)), "after fills");
        } else {
          market.assets.forEach((_, asset) => {
            const weight = Math.abs(sizedWeight(step, market, asset) ?? 0);
            ok(weight <= limits.asset + ROUNDING, `asset ${asset} at ${step.t}: ${weight}`);
          });
        }
      });
    }),
    { seed: 3, numRuns: 1000 },
  );
  ok(compared > 2000, `only ${compared} whole portfolios were compared`);
});

function gross(weights: readonly (number | undefined)[]): number {
  return weights.reduce<number>((sum, weight) => sum + Math.abs(weight!), 0);
}

function withModels(book: Book, rows: (wishes: Matrix) => readonly (readonly number[])[]): Book {
  const wishes = book.wishes.map((matrix) => {
    const list = rows(matrix);
    return { models: list.length, assets: matrix.assets, values: Float64Array.from(list.flat()) };
  });
  return { ...book, wishes };
}

function rowsOf({ models, assets, values }: Matrix): number[][] {
  return Array.from({ length: models }, (_, model) => [
    ...values.subarray(model * assets, (model + 1) * assets),
  ]);
}

Deno.test("FR-024 the order of models changes neither the account nor any model's ledger", () => {
  fc.assert(
    fc.property(books, (seed) => {
      const book = randomBook(seed);
      const turned = withModels(book, (wishes) => rowsOf(wishes).toReversed());
      const given = run(book, () => {});
      const other = run(turned, () => {});
      deepStrictEqual(other.nav, given.nav);
      other.ledgers.cash.toReversed().forEach((cash, model) => {
        ok(Math.abs(cash - given.ledgers.cash[model]!) <= ROUNDING * INITIAL_NAV);
      });
    }),
    { seed: 4, numRuns: 300 },
  );
});

Deno.test("FR-024 a model that wants nothing changes nothing", () => {
  fc.assert(
    fc.property(books, (seed) => {
      const book = randomBook(seed);
      const idle = withModels(book, (wishes) => [
        ...rowsOf(wishes),
        Array.from({ length: wishes.assets }, () => 0),
      ]);
      const given = run(book, () => {});
      const other = run(idle, () => {});
      deepStrictEqual(other.nav, given.nav);
      deepStrictEqual([...other.ledgers.cash], [...given.ledgers.cash, 0]);
      deepStrictEqual(other.ledgers.bookings, given.ledgers.bookings);
    }),
    { seed: 5, numRuns: 300 },
  );
});
