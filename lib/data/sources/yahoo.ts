import { DAY_MS, type Millis } from "../../core/bars.ts";
import { formatDate } from "../../core/clock.ts";
import type { BarPage, BarRequest, SourceCall } from "../../core/ports.ts";
import { actionsByDate } from "./action_rows.ts";
import { barsOf, firstRunning, inSession, isWithoutSession, within } from "./candles.ts";
import type { Ask } from "./http.ts";
import type { BarDownload } from "./source.ts";
import { callerOf, requireSpan, type SourceOptions } from "./source_options.ts";
import { refuseDownload } from "./source_refusal.ts";
import { symbolAt } from "./symbols.ts";
import {
  type Chart,
  chartActions,
  chartAdjusted,
  chartCandles,
  explainYahoo,
  readChart,
} from "./yahoo_chart.ts";

/** How far back half-hour bars reach. */
const HALF_HOURS_REACH_MS = 60 * DAY_MS;
const HALF_HOUR_MS = 30 * 60_000;
/** A bar still moves for a while after its end; a day's volume for longer. */
const DELAY_MS = 15 * 60_000;
const DAY_DELAY_MS = 60 * 60_000;

/**
 * Daily bars, dividends and splits from Yahoo's chart API, and half-hour bars of the last 60 days. Prices, volumes and
 * dividends before a split are already divided by its ratio.
 */
export function yahooDownload(options: SourceOptions): BarDownload {
  const ask = callerOf("yahoo", options, {
    baseUrl: "https://query1.finance.yahoo.com",
    limit: { perMinute: 30, burst: 30 },
    explain: explainYahoo,
  });
  const chart = (request: BarRequest, call: SourceCall) => askChart(ask, request, options, call);
  const daily = (request: Omit<BarRequest, "timeframe">) =>
    ({ ...request, timeframe: "daily" }) as const;

  function check({ asset, timeframe, from, to }: BarRequest): void {
    requireSpan({ from, to });
    symbolAt("yahoo", asset, options.symbols);
    const reach = options.clock.now() - HALF_HOURS_REACH_MS;
    if (timeframe === "daily" || from >= reach) return;
    const first = formatDate(Math.ceil(reach / DAY_MS) * DAY_MS);
    const other = asset.assetClass === "crypto" ? "--source binance" : "--source alpaca";
    throw refuseDownload(
      { source: "yahoo", symbol: asset.symbol, asked: "30-minute bars for h4" },
      {
        found: `a start on ${formatDate(from)}`,
        expected:
          `${first} or later, as they reach 60 days back; for more use ${other} or import a CSV`,
      },
    );
  }

  return {
    name: "yahoo",
    description: "Yahoo Finance chart API",
    licence: "Yahoo's terms: own use, not to be passed on",
    splits: "applied",
    check,
    async *pages(request, call) {
      check(request);
      const page = await onePage(chart, request, { options, call });
      if (page) yield page;
    },
    async actions(request, call) {
      const { value } = await chart(daily(request), call);
      return actionsByDate(chartActions(value, request.asset.symbol), request);
    },
    async adjustedCloses(request, call) {
      const { value, time } = await chart(daily(request), call);
      return chartAdjusted(value, request.from, Math.min(request.to, overAt(daily(request), time)));
    },
  };
}

/** The open time of the first bar that may still change. */
function overAt({ asset, timeframe }: BarRequest, now: Millis): Millis {
  return timeframe === "daily"
    ? firstRunning(asset.assetClass, DAY_MS, now - DAY_DELAY_MS)
    : firstRunning(asset.assetClass, HALF_HOUR_MS, now - DELAY_MS);
}

async function onePage(
  chart: (request: BarRequest, call: SourceCall) => Promise<{ value: Chart; time: Millis }>,
  request: BarRequest,
  { options, call }: { readonly options: SourceOptions; readonly call: SourceCall },
): Promise<BarPage | undefined> {
  const { timeframe, asset, from } = request;
  const asked = Math.min(request.to, overAt(request, options.clock.now()));
  if (asked <= from) return undefined;
  const daily = timeframe === "daily";
  const stepMs = daily ? DAY_MS : HALF_HOUR_MS;
  if (isWithoutSession(asset.assetClass, from, asked)) {
    return { bars: barsOf(stepMs, []), doneUntil: asked }; // asked for, it would be an error
  }
  const { value, time } = await chart(request, call);
  const until = Math.min(request.to, overAt(request, time));
  // Intraday answers end with a row for the moment of the close, which is no bar.
  const candles = within(chartCandles(value, daily), from, until)
    .filter(([open]) => daily || asset.assetClass === "crypto" || inSession(open));
  call.onRows?.(candles.length);
  return {
    bars: barsOf(stepMs, candles),
    doneUntil: Math.max(from, until),
  };
}

async function askChart(
  ask: Ask,
  request: BarRequest,
  options: SourceOptions,
  call: SourceCall,
): Promise<{ value: Chart; time: Millis }> {
  const { asset, from, to } = request;
  const interval = request.timeframe === "daily" ? "1d" : "30m";
  const question = {
    symbol: asset.symbol,
    path: `/v8/finance/chart/${encodeURIComponent(symbolAt("yahoo", asset, options.symbols))}`,
    query: {
      period1: String(Math.floor(from / 1_000)),
      period2: String(Math.ceil(to / 1_000)),
      interval,
      events: "div,splits",
      includePrePost: "false",
    },
    // Without one of a browser's kind the answer is 429.
    headers: { "user-agent": "Mozilla/5.0 (compatible; Assay)" },
    expected: "a chart as JSON",
    signal: call.signal,
  };
  const equity = asset.assetClass === "equity";
  return await ask(question, ({ text }) => readChart(text, interval, equity));
}
