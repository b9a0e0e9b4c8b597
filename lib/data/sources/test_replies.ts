import type { Millis } from "../../core/bars.ts";
import type { Candle } from "./candles.ts";
import type { SourceBars } from "./source.ts";
import type { FaultKind } from "./test_faults.ts";
import type { TestMarket } from "./test_market.ts";
import type { TestSeriesTable } from "./test_series.ts";

/** A request as the routes of the test server see it. */
export interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  /** The server's clock. */
  readonly now: Millis;
  readonly faults: ReadonlySet<FaultKind>;
  readonly market: TestMarket;
  readonly series: TestSeriesTable;
  readonly keys: Readonly<Record<string, string>>;
}

/** What a route answers; JSON unless it says otherwise. */
export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
}

/** A reply of status 200, or another, with a value as JSON. */
export function json(value: unknown, status = 200): Reply {
  return { status, body: JSON.stringify(value) };
}

/** Row by row. */
export function rowsOf(bars: SourceBars): readonly Candle[] {
  return Array.from(bars.openTime, (time, row) => [
    time,
    bars.open[row]!,
    bars.high[row]!,
    bars.low[row]!,
    bars.close[row]!,
    bars.volume[row]!,
  ]);
}

/** The rows of a page with what the faults do to them. */
export function spoilt(
  page: readonly Candle[],
  faults: ReadonlySet<FaultKind>,
  before?: Candle,
): readonly Candle[] {
  if (faults.has("empty_page")) return [];
  const middle = Math.floor(page.length / 2);
  let rows = page;
  if (faults.has("lost_row")) rows = rows.toSpliced(middle, 1);
  if (faults.has("revised")) {
    rows = rows.map(([time, open, high, low, close, volume], row) =>
      row === middle
        ? [time, open * 1.01, high * 1.01, low * 1.01, close * 1.01, volume]
        : [time, open, high, low, close, volume]
    );
  }
  return faults.has("repeat_row") && before ? [before, ...rows] : rows;
}
