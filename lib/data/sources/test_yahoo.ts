import { DAY_MS, HOUR_MS, type Millis } from "../../core/bars.ts";
import { newYorkOffsetMs } from "../../core/new_york.ts";
import type { Candle } from "./candles.ts";
import { sessionAt, type TestAsset } from "./test_market.ts";
import { type Asked, json, type Reply, rowsOf, spoilt } from "./test_replies.ts";

// Shapes: the answers of Yahoo's chart API (v8/finance/chart) as the yfinance project and its issues describe them.

const STEPS: Readonly<Record<string, Millis>> = {
  "30m": HOUR_MS / 2,
  "60m": HOUR_MS,
  "1d": DAY_MS,
};
const EMPTY_ROW_EVERY = 50;

/** Answers `/v8/finance/chart/{symbol}`. */
export function yahooReply(asked: Asked): Reply | undefined {
  const name = /^\/v8\/finance\/chart\/([^/]+)$/.exec(asked.path)?.[1];
  if (name === undefined) return undefined;
  if (!/^Mozilla/.test(asked.headers.get("user-agent") ?? "") || asked.faults.has("revoked")) {
    return { status: 429, body: "Too Many Requests\r\n", type: "text/html" };
  }
  const ours = decodeURIComponent(name).replace(/-USD$/, "").replace("-", ".");
  const asset = asked.market.find(ours);
  if (!asset) return error(404, "Not Found", "No data found, symbol may be delisted");
  return chart(asked, asset, decodeURIComponent(name));
}

function chart({ query, market, now, faults }: Asked, asset: TestAsset, name: string): Reply {
  const interval = query.get("interval") ?? "";
  const stepMs = STEPS[interval];
  const from = Number(query.get("period1")) * 1_000;
  const to = Number(query.get("period2")) * 1_000;
  if (stepMs === undefined) {
    return error(422, "Unprocessable Entity", `Invalid interval ${interval}`);
  }
  if (stepMs < DAY_MS && from < now - 60 * DAY_MS) {
    const range = `startTime=${from / 1_000} and endTime=${to / 1_000}`;
    const description = `${interval} data not available for ${range}. ` +
      "The requested range must be within the last 60 days.";
    return error(422, "Unprocessable Entity", description);
  }
  const { symbol } = asset;
  const all = rowsOf(market.bars(symbol, stepMs, { from, to, now })).map((row) => applied(row));
  const rows = spoilt(all, faults).map((row) => stamped(row));
  const last = all.at(-1);
  // The last trade comes as a row of its own: of the running day, or of the moment of the close.
  const live = last && stepMs < DAY_MS && asset.assetClass === "equity"
    ? [[sessionAt(last[0])!.close, last[4], last[4], last[4], last[4], 0] as const]
    : [];
  const times = [...rows, ...live.filter(([time]) => time <= now)];
  const empty = (row: number) => row % EMPTY_ROW_EVERY === EMPTY_ROW_EVERY - 1 && stepMs === DAY_MS;
  const column = (index: number) =>
    times.map((row, i) => (empty(i) && i < times.length - 1 ? null : row[index]!));
  const result = {
    meta: {
      currency: "USD",
      symbol: name,
      exchangeName: asset.assetClass === "equity" ? "PCX" : "CCC",
      instrumentType: asset.assetClass === "equity" ? "ETF" : "CRYPTOCURRENCY",
      gmtoffset: asset.assetClass === "equity" ? newYorkOffsetMs(now) / 1_000 : 0,
      exchangeTimezoneName: asset.assetClass === "equity" ? "America/New_York" : "UTC",
      dataGranularity: interval,
      range: "",
      validRanges: ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"],
    },
    ...(times.length === 0 ? {} : { timestamp: times.map(([time]) => time / 1_000) }),
    ...events(),
    indicators: {
      quote: [
        times.length === 0 ? {} : {
          open: column(1),
          high: column(2),
          low: column(3),
          close: column(4),
          volume: faults.has("lost_row") ? column(5).slice(1) : column(5),
        },
      ],
      ...(stepMs === DAY_MS ? { adjclose: [{ adjclose: adjusted(column(4)) }] } : {}),
    },
  };
  return json({ chart: { result: [result], error: null } });

  function applied([time, open, high, low, close, volume]: Candle): Candle {
    const ratio = market.laterSplits(symbol, time);
    return [time, open / ratio, high / ratio, low / ratio, close / ratio, volume * ratio];
  }

  /** A day carries its session's open, the running one its newest second. */
  function stamped([day, ...rest]: Candle): Candle {
    if (stepMs! < DAY_MS || asset.assetClass === "crypto") return [day, ...rest];
    const { open, close } = sessionAt(day)!;
    return [now < close ? Math.floor(now / 1_000) * 1_000 : open, ...rest];
  }

  function events() {
    const inside = asset.actions.filter(({ exDate }) =>
      exDate >= from && exDate < to && exDate < now
    )
      .map((action) => ({ ...action, date: sessionAt(action.exDate)!.open / 1_000 }));
    const dividends = inside.filter(({ kind }) => kind === "dividend")
      .map(({ date, value, exDate }) => [date, {
        amount: value / market.laterSplits(symbol, exDate),
        date,
      }]);
    const splits = inside.filter(({ kind }) => kind === "split" && !faults.has("lost_row"))
      .map(({ date, value }) => [date, {
        date,
        numerator: value,
        denominator: 1,
        splitRatio: `${value}:1`,
      }]);
    if (dividends.length + splits.length === 0 || stepMs! < DAY_MS) return {};
    return {
      events: {
        ...(dividends.length > 0 ? { dividends: Object.fromEntries(dividends) } : {}),
        ...(splits.length > 0 ? { splits: Object.fromEntries(splits) } : {}),
      },
    };
  }

  /** Closes times all later (1 − dividend ÷ close before its ex-date). */
  function adjusted(closes: readonly (number | null)[]): readonly (number | null)[] {
    let factor = 1;
    const result = [...closes];
    for (let row = closes.length - 1; row >= 0; row--) {
      result[row] = closes[row] === null ? null : closes[row]! * factor;
      const day = Math.floor(times[row]![0] / DAY_MS) * DAY_MS;
      const before = closes.slice(0, row).findLast((close) => close !== null);
      for (const { kind, exDate, value } of asset.actions) {
        if (kind !== "dividend" || exDate !== day || before === undefined || before === null) {
          continue;
        }
        factor *= 1 - value / market.laterSplits(symbol, exDate) / before;
      }
    }
    return result;
  }
}

function error(status: number, code: string, description: string): Reply {
  return json({ chart: { result: null, error: { code, description } } }, status);
}
