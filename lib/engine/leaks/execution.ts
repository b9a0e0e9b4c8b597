import { h4 } from "../../features/mod.ts";
import type { Market, MarketAsset } from "../market.ts";
import { deviationOf, meanOf, returnsOf, shifted } from "./columns.ts";
import { type Leak, planted } from "./leak.ts";
import { ownFeature, subject } from "./subject.ts";

/** Orders that fill where, when or at what nobody could have filled them. */
export const EXECUTION: readonly Leak[] = [
  venue(
    "same close",
    "filled at the close it decided on, under fill: next_open",
    (asset) => asset,
    {
      market: (market) => ({ ...market, fill: "same_close" }),
    },
  ),
  venue("best price", "filled at the low of the next bar", ({ bars, ...asset }) => ({
    ...asset,
    bars: { ...bars, open: bars.low.slice() },
  })),
  venue(
    "middle of the bar",
    "filled halfway between the next bar's high and low",
    ({ bars, ...asset }) => ({
      ...asset,
      bars: { ...bars, open: bars.open.map((_, row) => (bars.high[row]! + bars.low[row]!) / 2) },
    }),
  ),
  venue("bar earlier", "filled at the open of the bar that had just closed", (asset) => ({
    ...asset,
    rowAt: asset.rowAt.map((row) => Math.max(-1, row - 1)),
  })),
  venue("picky fills", "filled only where the next bar rose", ({ rowAt, ...asset }) => ({
    ...asset,
    rowAt: rowAt.map((row) =>
      row >= 0 && asset.bars.close[row]! < asset.bars.open[row]! ? -1 : row
    ),
  })),
  venue("early mark", "marked and sized positions at the next close", ({ closeAt, ...asset }) => ({
    ...asset,
    closeAt: closeAt.map((close, t) => closeAt[t + 1] ?? close),
  })),
  venue(
    "slippage by range",
    "took slippage from the range of the bar that fills",
    ({ bars, ...asset }) => ({
      ...asset,
      bars: {
        ...bars,
        open: bars.open.map((open, row) => open + 0.05 * (bars.high[row]! - bars.low[row]!)),
      },
    }),
  ),
  venue(
    "slippage by later volatility",
    "took slippage from the volatility of the whole run",
    (asset) => ({
      ...asset,
      rates: { ...asset.rates, slippage: deviationOf(returnsOf(asset.bars.close)) / 20 },
    }),
  ),
  venue("fee tier", "paid the fee that the volume of the whole run would earn", (asset) => ({
    ...asset,
    rates: { ...asset.rates, fee: 1 / meanOf(asset.bars.volume) },
  })),
  planted(
    "execution",
    "stop under the low",
    "put stops just under the low of the bar to come",
    (peek) =>
      legs(peek, (low, price) => ({ weight: 0.3, stop: Math.min(low * 0.999, price * 0.995) })),
  ),
  planted(
    "execution",
    "limit at the low",
    "put limits just above the low of the bar to come",
    (peek) =>
      legs(peek, (low, price) => ({ weight: 0.3, limit: Math.min(low * 1.001, price * 1.01) })),
  ),
];

/** A venue of another kind for the leak; for the twin one made of copies. */
function venue(
  name: string,
  what: string,
  change: (asset: MarketAsset) => MarketAsset,
  { market: changeMarket = (market: Market) => market }: { market?(market: Market): Market } = {},
): Leak {
  const honest = ({ bars, rowAt, closeAt, rates, ...asset }: MarketAsset): MarketAsset => ({
    ...asset,
    bars: { ...bars, open: bars.open.slice() },
    rowAt: rowAt.slice(),
    closeAt: closeAt.slice(),
    rates: { ...rates },
  });
  return planted("execution", name, what, (peek) =>
    subject({
      steps: {
        venue(market) {
          const assets = market.assets.map(peek ? change : honest);
          return peek ? changeMarket({ ...market, assets }) : { ...market, assets };
        },
      },
    }));
}

type Leg = { weight: number; stop?: number; limit?: number };

/** Holds at two of three whole prices, with stops or limits by the last bar's low or the next one's. */
function legs(peek: boolean, leg: (low: number, price: number) => Leg) {
  const signal = ownFeature((_, column) => {
    const low = column(h4.low());
    return peek ? shifted(low, -1) : low;
  });
  return subject({
    signal,
    decide: ({ assets }) =>
      Object.fromEntries(assets.map(({ symbol, signal, price }) => [
        symbol,
        Math.floor(price) % 3 === 0 ? 0 : leg(signal, price),
      ])),
  });
}
