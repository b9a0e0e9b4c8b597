import { formatTime } from "../../core/clock.ts";
import type { Fill } from "../../core/orders.ts";
import { slippedPrice } from "../../execution/costs.ts";
import { fillPrice, fillRow, type TradedAsset } from "../../execution/simulated_market.ts";
import { buildMarket, type Market } from "../market.ts";
import type { Rehearsable } from "../simulate.ts";
import { type BareFinding, shown } from "./compare.ts";

/**
 * Whether every fill is one that the plan declares: at a moment not before its decision, on the bar and at the price that
 * the rule names, inside the bar for stops and limits, at the plan's own costs. The first that is not, else none.
 */
export function fillRuleFindings({ request, record }: Rehearsable): BareFinding[] {
  const market = buildMarket(request.plan, request.data);
  for (const fill of record.outcomes) {
    if (fill.status !== "filled") continue;
    const odd = oddity(fill, market);
    if (!odd) continue;
    const { name, expected, found } = odd;
    return [{
      what: "fill",
      where: `${record.assets[fill.asset]!.symbol} ${name}`,
      time: formatTime(market.decisionTimes[fill.index]!),
      expected: shown(expected),
      found: shown(found),
    }];
  }
  return [];
}

interface Oddity {
  readonly name: string;
  readonly expected: unknown;
  readonly found: unknown;
}

function oddity(fill: Fill, market: Market): Oddity | undefined {
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
    : legFacts(fill, traded, market);
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

/** A leg triggers inside the first bar after its decision, at a price that traded there. */
function legFacts(
  { index, row, referencePrice }: Fill,
  { bars, rowAt }: TradedAsset,
  _: Market,
): Oddity[] {
  const [low, high] = [bars.low[row]!, bars.high[row]!];
  const traded = referencePrice >= low && referencePrice <= high;
  return [
    { name: "row", expected: rowAt[index]!, found: row },
    {
      name: "referencePrice",
      expected: traded ? referencePrice : `between ${low} and ${high}`,
      found: referencePrice,
    },
  ];
}
