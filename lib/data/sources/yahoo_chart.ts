import { z } from "zod";
import { type CorporateAction, DAY_MS, type Millis } from "../../core/bars.ts";
import { oneLine, readJson, UnusableAnswer } from "./answers.ts";
import { type Candle, inOrder } from "./candles.ts";
import type { Answer, Verdict } from "./http.ts";

const COLUMN = z.array(z.number().nullable());
const RESULT = z.object({
  meta: z.object({
    currency: z.string().nullish(),
    exchangeTimezoneName: z.string().nullish(),
    dataGranularity: z.string().nullish(),
  }),
  timestamp: z.array(z.int()).optional(),
  events: z.object({
    dividends: z.record(z.string(), z.object({ amount: z.number(), date: z.int() })).optional(),
    splits: z.record(
      z.string(),
      z.object({ date: z.int(), numerator: z.number(), denominator: z.number() }),
    ).optional(),
  }).nullish(),
  indicators: z.object({
    quote: z.array(z.object({
      open: COLUMN.optional(),
      high: COLUMN.optional(),
      low: COLUMN.optional(),
      close: COLUMN.optional(),
      volume: COLUMN.optional(),
    })),
    adjclose: z.array(z.object({ adjclose: COLUMN.optional() })).optional(),
  }),
});
/** A chart: times, columns with holes, and events. */
export type Chart = z.output<typeof RESULT>;
const CHART = z.object({ chart: z.object({ result: z.tuple([RESULT]) }) });
const ERROR = z.object({
  chart: z.object({ error: z.object({ code: z.string(), description: z.string() }) }),
});

/** A chart as it was asked for. Throws UnusableAnswer for halves, other lengths, currencies and exchanges. */
export function readChart(text: string, interval: "1d" | "30m", equity: boolean): Chart {
  const [chart] = readJson(text, CHART).chart.result;
  requireKind(chart, interval, equity);
  chartCandles(chart, interval === "1d");
  return chart;
}

/** Refuses a coarser answer than asked for, another currency, and an exchange with other sessions. */
function requireKind({ meta }: Chart, interval: string, equity: boolean): void {
  const { dataGranularity, currency, exchangeTimezoneName } = meta;
  if (dataGranularity && dataGranularity !== interval) {
    throw new UnusableAnswer(`bars of ${oneLine(dataGranularity)}`, `bars of ${interval}`);
  }
  if (currency && currency !== "USD") {
    throw new UnusableAnswer(`prices in ${oneLine(currency)}`, "prices in USD");
  }
  if (equity && exchangeTimezoneName && exchangeTimezoneName !== "America/New_York") {
    throw new UnusableAnswer(`an exchange in ${oneLine(exchangeTimezoneName)}`, "one in New York");
  }
}

/** The bars of a chart without its empty rows. Throws UnusableAnswer when columns differ in length. */
export function chartCandles(
  { timestamp = [], indicators }: Chart,
  daily: boolean,
): readonly Candle[] {
  const { open = [], high = [], low = [], close = [], volume = [] } = indicators.quote[0] ?? {};
  for (const column of [open, high, low, close, volume]) requireLength(column, timestamp.length);
  const candles = timestamp.map((seconds, row): Candle => [
    daily ? dayOf(seconds) : seconds * 1_000,
    open[row] ?? NaN,
    high[row] ?? NaN,
    low[row] ?? NaN,
    close[row] ?? NaN,
    volume[row] ?? NaN,
  ]);
  // The last trade comes as a row of its own, which on the newest day may be its second.
  const last = candles.length - 1;
  const twice = daily && last > 0 && candles[last]![0] === candles[last - 1]![0];
  const rows = twice ? candles.toSpliced(last - 1, 1) : candles;
  return inOrder(rows.filter(([, ...prices]) => !prices.slice(0, 4).every(Number.isNaN)));
}

/** Closes with later dividends and splits taken off, of days in [from, to). */
export function chartAdjusted({ timestamp = [], indicators }: Chart, from: Millis, to: Millis) {
  const adjusted = indicators.adjclose?.[0]?.adjclose ?? [];
  requireLength(adjusted, timestamp.length);
  const rows = timestamp.map((seconds, row) => [dayOf(seconds), adjusted[row] ?? NaN] as const)
    .filter(([day, close]) => day >= from && day < to && !Number.isNaN(close));
  return {
    openTime: Float64Array.from(rows, ([day]) => day),
    close: Float64Array.from(rows, ([, close]) => close),
  };
}

function requireLength({ length }: readonly unknown[], rows: number): void {
  if (length === rows) return;
  throw new UnusableAnswer(`${length} values for ${rows} times`, "columns of one length");
}

/** Dividends and splits of a chart, in no order. */
export function chartActions({ events }: Chart, symbol: string): readonly CorporateAction[] {
  const dividends = Object.values(events?.dividends ?? {}); // order: sorted by date later
  const splits = Object.values(events?.splits ?? {}); // order: sorted by date later
  return [
    ...dividends.map(({ date, amount }) => ({
      symbol,
      exDate: dayOf(date),
      kind: "dividend" as const,
      value: amount,
    })),
    ...splits.map(({ date, numerator, denominator }) => ({
      symbol,
      exDate: dayOf(date),
      kind: "split" as const,
      value: numerator / denominator,
    })),
  ];
}

/** A day's row carries the open of its session, or 00:00 UTC: both on its UTC date. */
function dayOf(seconds: number): Millis {
  return Math.floor(seconds * 1_000 / DAY_MS) * DAY_MS;
}

/** What Yahoo says besides the status. */
export function explainYahoo({ status, text }: Answer): Verdict | undefined {
  if (status < 400 || status >= 500 || status === 429) return undefined;
  let description: string;
  try {
    description = oneLine(readJson(text, ERROR).chart.error.description).replaceAll('"', "'");
  } catch {
    return undefined;
  }
  if (/No data found/i.test(description)) {
    return {
      found: `an unknown symbol ("${description}", status ${status})`,
      expected: "one that Yahoo knows",
    };
  }
  return { found: `"${description}" (status ${status})` };
}
