import type { Asset } from "../core/asset.ts";
import { H4_MS } from "../core/bars.ts";
import type { Fill, LimitLeg, OrderOutcome, StopLeg, TargetWeights } from "../core/orders.ts";
import { costRates } from "./costs.ts";
import type { SimulatedBroker } from "./simulated_broker.ts";
import type { SimulatedMarket, TradedAsset } from "./simulated_market.ts";

/** Open, high, low and close of one bar; undefined while the market is closed; a number stands still. */
export type TestBar = readonly [number, number, number, number] | number | undefined;

/** One asset by hand: `bars[0]` closes at the first decision, `bars[t + 1]` opens at decision `t`. */
export interface TestAsset {
  readonly bars: readonly TestBar[];
  /** How long after the grid trading begins. */
  readonly lateMs?: number;
  readonly feeBps?: number;
  readonly slippageBps?: number;
  readonly minOrderSize?: number;
  readonly quantityPrecision?: number | null;
  readonly symbol?: string;
}

type MarketRules = Pick<SimulatedMarket, "fill" | "sizing" | "allowBorrowing" | "allowShort">;

/** A market of hand-made bars, decisions four hours apart from time 0; no costs and no lots unless told. */
export function testMarket(
  assets: readonly TestAsset[],
  rules: Partial<MarketRules> = {},
): SimulatedMarket {
  const decisions = Math.max(...assets.map(({ bars }) => bars.length)) - 1;
  return {
    assets: assets.map(tradedAsset),
    decisionTimes: Float64Array.from({ length: decisions }, (_, t) => t * H4_MS),
    fill: "next_open",
    sizing: "decision_price",
    allowBorrowing: false,
    allowShort: false,
    ...rules,
  };
}

function tradedAsset(given: TestAsset, place: number): TradedAsset {
  const { bars, lateMs = 0, feeBps = 0, slippageBps = 0 } = given;
  const asset: Asset = {
    symbol: given.symbol ?? "ABCDEFGH"[place]!,
    assetClass: lateMs === 0 ? "crypto" : "equity",
    venue: "test",
    minOrderSize: given.minOrderSize ?? 0,
    quantityPrecision: given.quantityPrecision ?? null,
    pricePrecision: null,
  };
  const places = [...bars.keys()].filter((i) => bars[i] !== undefined);
  const prices = places.map((i) => pricesOf(bars[i]!));
  const column = (part: number) => Float64Array.from(prices, (bar) => bar[part]!);
  const openTime = Float64Array.from(places, (i) => (i - 1) * H4_MS);
  const knownRow = [...bars.keys()].map((i) => places.filter((other) => other <= i).length - 1);
  return {
    asset,
    bars: {
      symbol: asset.symbol,
      timeframe: "h4",
      openTime,
      availableAt: openTime.map((time) => time + H4_MS),
      open: column(0),
      high: column(1),
      low: column(2),
      close: column(3),
      volume: openTime.map(() => 1),
    },
    tradableAt: openTime.map((time) => time + lateMs),
    rowAt: Int32Array.from(bars.slice(1), (_, t) => places.indexOf(t + 1)),
    closeAt: Float64Array.from(knownRow, (row) => prices[row]?.[3] ?? NaN),
    rates: costRates({ fee_bps: feeBps, slippage_bps: slippageBps }),
  };
}

function pricesOf(bar: NonNullable<TestBar>): readonly number[] {
  return typeof bar === "number" ? [bar, bar, bar, bar] : bar;
}

/** Targets of decision `t` at the broker's NAV there; undefined weights are left alone. */
export function targetsAt(
  broker: SimulatedBroker,
  market: SimulatedMarket,
  t: number,
  given: {
    weights: readonly (number | undefined)[];
    limits?: readonly LimitLeg[];
    stops?: readonly StopLeg[];
  },
): TargetWeights {
  const { weights, limits = [], stops = [] } = given;
  const { cash, quantity } = broker.account;
  let nav = cash;
  for (const [asset, units] of quantity.entries()) {
    if (units !== 0) nav += units * market.assets[asset]!.closeAt[t]!;
  }
  return {
    index: t,
    decisionTime: market.decisionTimes[t]!,
    nav,
    weights: Float64Array.from(weights, (weight) => weight ?? 0),
    trade: Uint8Array.from(weights, (weight) => weight === undefined ? 0 : 1),
    limits,
    stops,
  };
}

/** The fills among outcomes. */
export function fillsOf(outcomes: readonly OrderOutcome[]): readonly Fill[] {
  return outcomes.filter((outcome) => outcome.status === "filled");
}
