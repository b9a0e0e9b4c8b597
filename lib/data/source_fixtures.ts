import { DAY_MS, HOUR_MS, type Millis } from "../core/bars.ts";
import type { BarDownload, SourceBars } from "./sources/source.ts";

/** A source made by hand: what it knows, and how it answers. */
export interface FakeSource {
  readonly stepMs?: Millis;
  readonly splits?: "raw" | "applied";
  readonly rowsPerPage?: number;
  /** What the source tells of a bar, undefined when it has none; prices of `priceAt` by default. */
  readonly bar?: (time: Millis) => Partial<Candle> | undefined;
  /** Called before each page; throws, or waits. */
  readonly beforePage?: (page: number) => Promise<void> | void;
}

/** One bar of a source. */
export interface Candle {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** The close of the bar that opens at `time`: never the same twice within a year, and far from zero. */
export function priceAt(time: Millis): number {
  return 100 + Math.round(time / 60_000) % 525_600 / 1_000;
}

/** A candle that closes at `priceAt`, a quarter above its open, half a dollar wide on each side. */
export function candleAt(time: Millis): Candle {
  const close = priceAt(time);
  return { open: close - 0.25, high: close + 0.5, low: close - 0.5, close, volume: 10 };
}

/** Bars of [from, to), one a step. */
export function candles(
  from: Millis,
  to: Millis,
  step: Millis,
  bar: (time: Millis) => Partial<Candle> | undefined = candleAt,
): SourceBars {
  const count = Math.max(0, Math.ceil((to - from) / step));
  const times = Array.from({ length: count }, (_, i) => from + i * step);
  const rows = times.flatMap((time) => {
    const one = bar(time);
    return one ? [{ time, ...candleAt(time), ...one }] : [];
  });
  return {
    stepMs: step,
    openTime: Float64Array.from(rows, ({ time }) => time),
    open: Float64Array.from(rows, ({ open }) => open),
    high: Float64Array.from(rows, ({ high }) => high),
    low: Float64Array.from(rows, ({ low }) => low),
    close: Float64Array.from(rows, ({ close }) => close),
    volume: Float64Array.from(rows, ({ volume }) => volume),
  };
}

/** The source as a download; it answers at once and knows everything that is asked. */
export function fakeSource(fake: FakeSource = {}): BarDownload {
  const { rowsPerPage = 500 } = fake;
  return {
    name: "binance",
    description: "made by hand",
    licence: "none",
    splits: fake.splits ?? "raw",
    check() {},
    async *pages({ timeframe, from, to }) {
      const step = fake.stepMs ?? (timeframe === "daily" ? DAY_MS : HOUR_MS);
      const first = Math.ceil(from / step) * step;
      for (let start = first, page = 0; start < to; start += rowsPerPage * step, page++) {
        await fake.beforePage?.(page);
        const end = Math.min(to, start + rowsPerPage * step);
        yield { bars: candles(start, end, step, fake.bar), doneUntil: end };
      }
    },
    actions: () => Promise.resolve([]),
  };
}
