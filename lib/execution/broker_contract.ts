import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { Millis } from "../core/bars.ts";
import type { OrderOutcome } from "../core/orders.ts";
import type { Broker } from "../core/ports.ts";

/** What a venue must bring about so that a broker can be tried on it: no costs, decisions one step apart. */
export interface Scenario {
  readonly cash: number;
  /** Assets in the order of targets. */
  readonly symbols: readonly string[];
  /** Smallest order of every asset; quantities have three decimal places. */
  readonly minOrderSize: number;
  /** By decision and symbol: the only price until the next decision, or undefined while the market is closed. */
  readonly prices: readonly (readonly (number | undefined)[])[];
}

/** A broker on a venue that plays a scenario. */
export interface Stage {
  readonly broker: Broker;
  /** Puts the venue at a decision, and tells its time; what has been sent before is filled or replaced by then. */
  at(decision: number): Millis | Promise<Millis>;
  /** Ends everything that the stage has started. */
  close?(): void | Promise<void>;
}

/** Registers what every adapter of the Broker port promises (FR-038), as tests named after `adapter`. */
export function brokerContract(
  adapter: string,
  mode: "backtest" | "paper" | "live",
  open: (scenario: Scenario) => Stage | Promise<Stage>,
): void {
  const promise = (sentence: string, scenario: Scenario, proof: (hand: Hand) => Promise<void>) =>
    Deno.test(`${sentence} (${adapter})`, async () => {
      const stage = await open(scenario);
      try {
        await proof(new Hand(stage, scenario));
      } finally {
        await stage.close?.();
      }
    });

  promise("FR-038 targets are reached as shares of NAV", calm, async (hand) => {
    await hand.submit(0, [0.5, 0.25]);
    deepStrictEqual(await hand.units(), { AAA: 50, BBB: 5 });
    strictEqual(Number(await hand.broker.getCash()), 250);
    await hand.submit(1, [0.1, 0.6]);
    deepStrictEqual(await hand.units(), { AAA: 10, BBB: 12 });
  });

  promise("FR-038 every fill says what was traded and at what price", calm, async (hand) => {
    const outcomes = await hand.submit(0, [0.5, undefined]);
    const fills = outcomes.filter((outcome) => outcome.status === "filled");
    strictEqual(fills.reduce((sum, { quantity }) => sum + quantity, 0), 50);
    ok(fills.every(({ asset, price, kind }) => asset === 0 && price === 10 && kind === "market"));
  });

  promise("FR-038 an asset that is not to be traded is left alone", calm, async (hand) => {
    await hand.submit(0, [0.5, 0.25]);
    await hand.submit(1, [undefined, 0.1]);
    deepStrictEqual(await hand.units(), { AAA: 50, BBB: 2 });
  });

  promise("FR-038 target 0 sells everything and leaves no position", calm, async (hand) => {
    await hand.submit(0, [0.333, 0.25]);
    await hand.submit(1, [0, 0]);
    deepStrictEqual(await hand.broker.getPositions(), []);
    strictEqual(Number(await hand.broker.getCash()), 1000);
  });

  promise("FR-011 a closed market is sent nothing", shut, async (hand) => {
    const outcomes = await hand.submit(0, [0.5, 0.25]);
    ok(outcomes.every(({ asset, status }) => asset !== 0 || status === "skipped"));
    deepStrictEqual(await hand.units(), { BBB: 5 });
    strictEqual(Number(await hand.broker.getCash()), 750);
  });

  promise("FR-011 the newest targets replace every unfilled order", shut, async (hand) => {
    await hand.submit(0, [0.5, 0.25]);
    await hand.submit(1, [0.2, 0.25]);
    deepStrictEqual(await hand.units(), { AAA: 20, BBB: 5 });
  });

  promise("FR-043 an order under the minimum is not sent, and says so", calm, async (hand) => {
    const [outcome] = await hand.submit(0, [0.009, undefined]);
    ok(outcome?.status === "skipped" && outcome.reason === "below_minimum");
    deepStrictEqual(await hand.units(), {});
  });

  promise(
    "FR-038 cash and market values add up to NAV, as decimal digits",
    moving,
    async (hand) => {
      await hand.submit(0, [0.123, 0.456]);
      await hand.submit(1, [0.3, 0.2]);
      const positions = await hand.broker.getPositions();
      const cash = await hand.broker.getCash();
      const nav = await hand.broker.getNav();
      const texts = positions.flatMap((position) => [
        position.quantity,
        position.averageEntryPrice,
        position.marketValue,
        position.unrealizedPnl,
      ]);
      for (const text of [...texts, cash, nav]) match(text, /^-?\d+(\.\d+)?$/);
      strictEqual(positions.length, 2);
      const total = positions.reduce(
        (sum, { marketValue }) => sum + Number(marketValue),
        Number(cash),
      );
      near(total, Number(nav));
      for (const { quantity, averageEntryPrice, marketValue, unrealizedPnl } of positions) {
        const cost = Number(quantity) * Number(averageEntryPrice);
        near(Number(marketValue) - cost, Number(unrealizedPnl));
      }
    },
  );

  promise("FR-038 metadata tell what the venue is and what it trades", calm, async (hand) => {
    const { name, symbols, orderKinds, ...metadata } = await hand.broker.getBrokerMetadata();
    ok(name.length > 0);
    strictEqual(metadata.mode, mode);
    deepStrictEqual([...symbols], ["AAA", "BBB"]);
    ok(orderKinds.includes("market"));
  });
}

const basis = { cash: 1000, symbols: ["AAA", "BBB"], minOrderSize: 1 };
const calm: Scenario = { ...basis, prices: [[10, 50], [10, 50]] };
const shut: Scenario = { ...basis, prices: [[undefined, 50], [10, 50]] };
const moving: Scenario = { ...basis, prices: [[10, 50], [13, 47], [13, 47]] };

function near(found: number, expected: number): void {
  ok(Math.abs(found - expected) <= 1e-9 * 1000, `found ${found}, expected ${expected}`);
}

/** Submits targets as the loop would: NAV as the broker itself tells it. */
class Hand {
  readonly broker: Broker;
  readonly #stage: Stage;
  readonly #scenario: Scenario;

  constructor(stage: Stage, scenario: Scenario) {
    this.broker = stage.broker;
    this.#stage = stage;
    this.#scenario = scenario;
  }

  /** Targets of a decision, one per symbol; undefined leaves it alone. */
  async submit(
    decision: number,
    weights: readonly (number | undefined)[],
  ): Promise<readonly OrderOutcome[]> {
    const decisionTime = await this.#stage.at(decision);
    return await this.broker.submitTargetWeights({
      index: decision,
      decisionTime,
      nav: Number(await this.broker.getNav()),
      weights: Float64Array.from(weights, (weight) => weight ?? 0),
      trade: Uint8Array.from(weights, (weight) => weight === undefined ? 0 : 1),
      limits: [],
      stops: [],
    });
  }

  /** Units held by symbol, in order of symbol. */
  async units(): Promise<Record<string, number>> {
    const positions = await this.broker.getPositions();
    const known = positions.every(({ symbol }) => this.#scenario.symbols.includes(symbol));
    ok(known, "a position in an asset that was never a target");
    return Object.fromEntries(
      positions.map(({ symbol, quantity }) => [symbol, Number(quantity)] as const)
        .toSorted(([a], [b]) => a < b ? -1 : 1),
    );
  }
}
