import { formatTime } from "../../core/clock.ts";
import type { Fill } from "../../core/orders.ts";
import { limitFill, slippedPrice, stopFill } from "../../execution/costs.ts";
import { fillPrice, fillRow, type TradedAsset } from "../../execution/simulated_market.ts";
import { buildMarket, type Market } from "../market.ts";
import type { Rehearsable } from "../simulate.ts";
import { accountOddity } from "./account_rule.ts";
import { type BareFinding, shown } from "./compare.ts";
import { type Legs, legsInForce, missedStop } from "./stop_rule.ts";

/** Something that is not as the plan declares it. */
export interface Oddity {
  /** What exactly, after the asset. */
  readonly name: string;
  readonly expected: unknown;
  readonly found: unknown;
}

/**
 * Whether every fill is one that the plan declares: at a moment not before its decision, on the bar and at the price that
 * the rule names, stops and limits at the prices that were set for them, at the plan's own costs; whether every stop that
 * was reached has filled; and whether cash and NAV are what the fills make of them. The first that is not, of each kind.
 */
export function fillRuleFindings(run: Rehearsable): BareFinding[] {
  const { request, record } = run;
  const market = buildMarket(request.plan, request.data);
  return [
    ...oddFill(run, market),
    ...missedStop(record, market).map(({ asset, index, ...odd }) =>
      finding("fill", `${record.assets[asset]!.symbol} ${odd.name}`, market, index, odd)
    ),
    ...accountOddity(record, request.plan.cashRate).map(({ index, ...odd }) =>
      finding("account", odd.name, market, index, odd)
    ),
  ];
}

function finding(
  what: "fill" | "account",
  where: string,
  market: Market,
  index: number,
  { expected, found }: Omit<Oddity, "name">,
): BareFinding {
  const time = formatTime(market.markTimes[index]!);
  return { what, where, time, expected: shown(expected), found: shown(found) };
}

function oddFill({ record }: Rehearsable, market: Market): BareFinding[] {
  const legs = legsInForce(record);
  for (const fill of record.outcomes) {
    if (fill.status !== "filled") continue;
    const odd = oddity(fill, market, legs);
    if (!odd) continue;
    const where = `${record.assets[fill.asset]!.symbol} ${odd.name}`;
    return [finding("fill", where, market, fill.index, odd)];
  }
  return [];
}

function oddity(fill: Fill, market: Market, legs: Legs): Oddity | undefined {
  const traded = market.assets[fill.asset]!;
  const decided = market.decisionTimes[fill.index]!;
  if (!(fill.executedAt >= decided)) {
    return {
      name: "executedAt",
      expected: `${formatTime(decided)} or later`,
      found: fill.executedAt,
    };
  }
  const facts = fill.kind === "market"
    ? marketFacts(fill, traded, market)
    : legFacts(fill, traded, legs);
  const { fee } = traded.rates;
  const price = fill.kind === "limit"
    ? fill.referencePrice
    : slippedPrice(fill.referencePrice, fill.quantity, traded.rates);
  const costs: Oddity[] = [
    { name: "price", expected: price, found: fill.price },
    { name: "fee", expected: Math.abs(fill.quantity) * price * fee, found: fill.fee },
  ];
  return [...facts, ...costs].find(({ expected, found }) => !Object.is(expected, found));
}

function marketFacts(
  { index, row, referencePrice }: Fill,
  traded: TradedAsset,
  market: Market,
): Oddity[] {
  const declared = fillRow(market, traded, index);
  return [
    { name: "row", expected: declared, found: row },
    {
      name: "referencePrice",
      expected: fillPrice(market, traded, declared),
      found: referencePrice,
    },
  ];
}

/** A leg triggers inside the first bar after its decision, at the price that its model had set. */
function legFacts(fill: Fill, { bars, rowAt }: TradedAsset, legs: Legs): Oddity[] {
  const { index, row, quantity, referencePrice } = fill;
  const { stop, limit } = legs(fill.model, fill.asset, index);
  const bar = { open: bars.open[row]!, high: bars.high[row]!, low: bars.low[row]! };
  const expected = fill.kind === "stop"
    ? stopFill(stop, bar.open, quantity)
    : limitFill(limit, bar, quantity);
  return [
    { name: "row", expected: rowAt[index]!, found: row },
    { name: "referencePrice", expected, found: referencePrice },
  ];
}
