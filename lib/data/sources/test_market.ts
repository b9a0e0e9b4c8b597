import type { AssetClass } from "../../core/asset.ts";
import { type CorporateAction, DAY_MS, lowerBound, type Millis } from "../../core/bars.ts";
import { sessionOn, sessionsBetween } from "../../core/calendar.ts";
import { parseDate } from "../../core/clock.ts";
import { seededRandom } from "../../core/random.ts";
import { barsOf, type Candle } from "./candles.ts";
import type { SourceBars } from "./source.ts";

const HALF_HOUR_MS = 30 * 60_000;

/** What the test market trades. */
export interface TestAsset {
  readonly symbol: string;
  readonly assetClass: AssetClass;
  /** 00:00 UTC of its first day. */
  readonly since: Millis;
  readonly firstPrice: number;
  /** In amounts and ratios of the day itself, oldest first. */
  readonly actions: readonly CorporateAction[];
}

/** Made-up prices that agree with each other: days are made of the same half hours as everything shorter. */
export interface TestMarket {
  readonly assets: readonly TestAsset[];
  find(symbol: string): TestAsset | undefined;
  /** Bars of one length that open in [from, to); the last one is cut off at `now`. Prices as on the day (raw). */
  bars(
    symbol: string,
    stepMs: Millis,
    span: { readonly from: Millis; readonly to: Millis; readonly now: Millis },
  ): SourceBars;
  /** What a share of that moment has become by splits: raw prices divided by it are applied ones. */
  laterSplits(symbol: string, time: Millis): number;
}

/** SPY (dividends), AAPL (a split of 4 for 1 on 2020-08-31), QQQ, BRK.B, BTC, ETH, and equities of further names. */
export function testMarket(
  { seed = "market", since = "2016-01-04", until, equities = [] }: {
    readonly seed?: string;
    readonly since?: string;
    readonly until: Millis;
    readonly equities?: readonly string[];
  },
): TestMarket {
  const from = parseDate(since);
  const equity = (symbol: string, firstPrice: number, actions: readonly CorporateAction[] = []) =>
    ({ symbol, assetClass: "equity", since: from, firstPrice, actions }) as const;
  const coin = (symbol: string, firstPrice: number) =>
    ({ symbol, assetClass: "crypto", since: from, firstPrice, actions: [] }) as const;
  const assets: readonly TestAsset[] = [
    equity("SPY", 200, dividends("SPY", since, until)),
    equity("QQQ", 110),
    equity("AAPL", 400, [
      { symbol: "AAPL", exDate: parseDate("2020-08-07"), kind: "dividend", value: 0.82 },
      { symbol: "AAPL", exDate: parseDate("2020-08-31"), kind: "split", value: 4 },
      { symbol: "AAPL", exDate: parseDate("2020-11-06"), kind: "dividend", value: 0.205 },
    ]),
    equity("BRK.B", 130),
    coin("BTC", 4_000),
    coin("ETH", 300),
    ...equities.map((symbol) => equity(symbol, 50)),
  ];
  const find = (symbol: string) => assets.find((asset) => asset.symbol === symbol);
  const made = new Map<string, SourceBars>();
  const halfHours = (asset: TestAsset) => {
    const known = made.get(asset.symbol) ?? makeHalfHours(asset, until, seed);
    made.set(asset.symbol, known);
    return known;
  };
  return {
    assets,
    find,
    bars(symbol, stepMs, { from, to, now }) {
      const asset = find(symbol)!;
      return aggregate(halfHours(asset), stepMs, { from, to: Math.min(to, now), now });
    },
    laterSplits(symbol, time) {
      const splits = (find(symbol)?.actions ?? []).filter(({ kind }) => kind === "split");
      return splits.filter(({ exDate }) => exDate > time)
        .reduce((ratio, { value }) => ratio * value, 1);
    },
  };
}

/** A dividend in the middle of each third month. */
function dividends(symbol: string, since: string, until: Millis): readonly CorporateAction[] {
  const first = Number(since.slice(0, 4));
  const days = Array.from(
    { length: 20 * 4 },
    (_, i) => parseDate(`${first + Math.floor(i / 4)}-${["03", "06", "09", "12"][i % 4]}-18`),
  );
  return days.filter((day) => day < until).map((day, i) => ({
    symbol,
    exDate: sessionsBetween(day, day + 5 * DAY_MS)[0]!.date,
    kind: "dividend",
    value: 1 + i / 100,
  }));
}

function makeHalfHours(asset: TestAsset, until: Millis, seed: string): SourceBars {
  const chance = seededRandom(`${seed}/${asset.symbol}`);
  const times = asset.assetClass === "crypto"
    ? spanTimes(asset.since, until)
    : sessionsBetween(asset.since, until).flatMap(({ open, close }) => spanTimes(open, close));
  let last = asset.firstPrice;
  let day = -Infinity;
  const candles = times.map((time): Candle => {
    for (const { exDate, kind, value } of asset.actions) {
      if (exDate > day && exDate <= time && day > 0) {
        last = kind === "split" ? last / value : last - value;
      }
    }
    day = time;
    const move = () => 1 + (chance.next() - 0.5) / 100;
    const open = cents(last * (1 + (chance.next() - 0.5) / 500));
    const close = cents(open * move());
    const high = cents(Math.max(open, close) * (1 + chance.next() / 400));
    const low = cents(Math.min(open, close) * (1 - chance.next() / 400));
    last = close;
    return [time, open, high, low, close, 1_000 + chance.integer(100_000)];
  });
  return barsOf(HALF_HOUR_MS, candles);
}

function spanTimes(from: Millis, to: Millis): readonly Millis[] {
  return Array.from(
    { length: Math.max(0, Math.ceil((to - from) / HALF_HOUR_MS)) },
    (_, i) => from + i * HALF_HOUR_MS,
  );
}

function cents(price: number): number {
  return Math.round(Math.max(price, 1) * 100) / 100;
}

/** Half hours put together on a grid; half hours that begin at or after `now` are not known yet. */
function aggregate(
  halves: SourceBars,
  stepMs: Millis,
  { from, to, now }: { readonly from: Millis; readonly to: Millis; readonly now: Millis },
): SourceBars {
  const candles: [Millis, number, number, number, number, number][] = [];
  const first = lowerBound(halves.openTime, Math.ceil(from / stepMs) * stepMs);
  for (let row = first; row < halves.openTime.length; row++) {
    const time = Math.floor(halves.openTime[row]! / stepMs) * stepMs;
    if (time >= to || halves.openTime[row]! >= now) break;
    const current = candles.at(-1);
    if (current?.[0] !== time) {
      candles.push([
        time,
        halves.open[row]!,
        halves.high[row]!,
        halves.low[row]!,
        halves.close[row]!,
        halves.volume[row]!,
      ]);
    } else {
      current[2] = Math.max(current[2], halves.high[row]!);
      current[3] = Math.min(current[3], halves.low[row]!);
      current[4] = halves.close[row]!;
      current[5] += halves.volume[row]!;
    }
  }
  return barsOf(stepMs, candles);
}

/** The session of a moment of trading, in the market's calendar. */
export function sessionAt(time: Millis) {
  return sessionOn(Math.floor(time / DAY_MS) * DAY_MS);
}
