import { DAY_MS, HOUR_MS, type Millis } from "../../core/bars.ts";
import type { DecimalText } from "../../core/ports.ts";
import { seededRandom } from "../../core/random.ts";
import { type Amount, amount, floorTo, times } from "./test_decimal.ts";

/** One bar, as decimal text; it is known from `time + stepMs` on. */
export interface FaultBar {
  readonly time: Millis;
  readonly open: DecimalText;
  readonly high: DecimalText;
  readonly low: DecimalText;
  readonly close: DecimalText;
  readonly volume: DecimalText;
}

/** Bars handed in, oldest first, all of one length. */
export interface GivenBars {
  readonly stepMs: Millis;
  readonly bars: readonly FaultBar[];
}

/** Where prices come from, per symbol: about which price a seeded path wanders, or bars that were handed in. */
export type PriceBook = Readonly<Record<string, DecimalText | GivenBars>>;

/** What one unit costs at a moment, and how it got there. */
export interface Prices {
  readonly symbols: readonly string[];
  /** Above 0, on the price step. */
  at(symbol: string, time: Millis): Amount;
  /** The bar that opens at `time` and lasts `stepMs`, cut off at `now`; undefined when handed-in bars lack it. */
  bar(symbol: string, time: Millis, stepMs: Millis, now: Millis): FaultPrices | undefined;
  /** Pins a price from now on; undefined sets it free again. */
  pin(symbol: string, price: Amount | undefined): void;
  /** From `time` on prices are divided by `ratio`. */
  split(symbol: string, ratio: number, time: Millis): void;
}

/** Prices of one bar. */
export interface FaultPrices {
  readonly open: Amount;
  readonly high: Amount;
  readonly low: Amount;
  readonly close: Amount;
  readonly volume: Amount;
}

/** Waves of a seeded path: how long, how high. */
const WAVES = [[HOUR_MS, 0.004], [4 * HOUR_MS, 0.01], [5 * DAY_MS, 0.05]] as const;
const STEP = amount("0.01");

/** Prices of a market from a seed and a price book; `volatility` scales the waves, 0 stands still. */
export function faultPrices(
  book: PriceBook,
  { seed, volatility = 1 }: { readonly seed: number | string; readonly volatility?: number },
): Prices {
  const pinned = new Map<string, Amount>();
  const splits: { symbol: string; ratio: number; time: Millis }[] = [];
  const knots = new Map<string, number>();
  const knot = (key: string) => {
    const known = knots.get(key) ?? seededRandom(`${seed}/price/${key}`).next() * 2 - 1;
    knots.set(key, known);
    return known;
  };
  const wander = (symbol: string, time: Millis) =>
    WAVES.reduce((sum, [length, height]) => {
      const cell = Math.floor(time / length);
      const share = time / length - cell;
      const [from, to] = [
        knot(`${symbol}/${length}/${cell}`),
        knot(`${symbol}/${length}/${cell + 1}`),
      ];
      return sum + height * (from + (to - from) * share);
    }, 0);
  const source = (symbol: string) => {
    const found = book[symbol];
    if (found === undefined) throw new RangeError(`the fault broker has no price of "${symbol}"`);
    return found;
  };
  const raw = (symbol: string, time: Millis): Amount => {
    const from = source(symbol);
    if (typeof from !== "string") return lastKnown(from, time);
    const factor = 1 + volatility * wander(symbol, time);
    return times(amount(from), amount(factor.toFixed(9)));
  };
  const divided = (symbol: string, price: Amount, time: Millis) => {
    const factor = splits.filter((split) => split.symbol === symbol && split.time <= time)
      .reduce((product, { ratio }) => product * ratio, 1);
    const exact = price * 1_000_000n / BigInt(Math.round(factor * 1_000_000));
    const onStep = floorTo(exact, STEP);
    return onStep > 0n ? onStep : STEP;
  };
  const at = (symbol: string, time: Millis) =>
    pinned.get(symbol) ?? divided(symbol, raw(symbol, time), time);
  return {
    symbols: Object.keys(book).sort(),
    at,
    bar(symbol, time, stepMs, now) {
      const from = source(symbol);
      if (typeof from !== "string") return joined(from, time, stepMs, now);
      const last = Math.min(time + stepMs, now);
      const seen = [0, 0.25, 0.5, 0.75, 1].map((share) => at(symbol, time + share * (last - time)));
      return {
        open: seen[0]!,
        high: seen.reduce((a, b) => a > b ? a : b),
        low: seen.reduce((a, b) => a < b ? a : b),
        close: seen.at(-1)!,
        volume: amount("1000"),
      };
    },
    pin(symbol, price) {
      if (price === undefined) pinned.delete(symbol);
      else pinned.set(symbol, price);
    },
    split(symbol, ratio, time) {
      splits.push({ symbol, ratio, time });
      const pin = pinned.get(symbol);
      if (pin !== undefined) {
        pinned.set(symbol, pin * 1_000_000n / BigInt(Math.round(ratio * 1_000_000)));
      }
    },
  };
}

/** The close of the last bar that was complete; before that, the first open. */
function lastKnown({ stepMs, bars }: GivenBars, time: Millis): Amount {
  const known = bars.findLast((bar) => bar.time + stepMs <= time);
  const text = known?.close ?? bars[0]?.open;
  if (text === undefined) throw new RangeError("the fault broker was handed no bars");
  return amount(text);
}

function joined(
  { bars, stepMs: own }: GivenBars,
  time: Millis,
  stepMs: Millis,
  now: Millis,
): FaultPrices | undefined {
  const parts = bars.filter((bar) =>
    bar.time >= time && bar.time < time + stepMs && bar.time + own <= now
  );
  const [first] = parts;
  if (first === undefined) return undefined;
  return {
    open: amount(first.open),
    high: parts.map(({ high }) => amount(high)).reduce((a, b) => a > b ? a : b),
    low: parts.map(({ low }) => amount(low)).reduce((a, b) => a < b ? a : b),
    close: amount(parts.at(-1)!.close),
    volume: parts.map(({ volume }) => amount(volume)).reduce((a, b) => a + b),
  };
}
