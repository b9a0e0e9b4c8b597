import type { AssetClass } from "../../core/asset.ts";
import type { Timeframe } from "../../core/bars.ts";
import { didYouMean, Refusal } from "../../core/errors.ts";
import { ALPACA_KEYS, alpacaDownload } from "./alpaca.ts";
import { binanceDownload } from "./binance.ts";
import { FRED_KEYS, fredDownload } from "./fred.ts";
import { krakenDownload } from "./kraken.ts";
import {
  type BarDownload,
  type BarSourceName,
  type SeriesDownload,
  SOURCE_NAMES,
  type SourceName,
} from "./source.ts";
import type { Keys, SourceOptions } from "./source_options.ts";
import { yahooDownload } from "./yahoo.ts";

export type { Keys, SourceOptions } from "./source_options.ts";

/** Every environment variable that a key may come from. */
export const KEY_NAMES: readonly string[] = [...ALPACA_KEYS, ...FRED_KEYS];

const BAR_SOURCES: Readonly<Record<BarSourceName, (options: SourceOptions) => BarDownload>> = {
  alpaca: alpacaDownload,
  yahoo: yahooDownload,
  binance: binanceDownload,
  kraken: krakenDownload,
};

/** Opens a source; nothing is asked of it yet. Refuses a base URL that is neither its own nor loopback. */
export function openSource(name: BarSourceName, options: SourceOptions): BarDownload;
export function openSource(name: "fred", options: SourceOptions): SeriesDownload;
export function openSource(
  name: SourceName,
  options: SourceOptions,
): BarDownload | SeriesDownload;
export function openSource(
  name: SourceName,
  options: SourceOptions,
): BarDownload | SeriesDownload {
  return name === "fred" ? fredDownload(options) : BAR_SOURCES[name](options);
}

/** The source of a name as a user wrote it. Refuses another, with exit code 2. */
export function sourceNamed(name: string): SourceName {
  const found = SOURCE_NAMES.find((known) => known === name);
  if (found !== undefined) return found;
  throw new Refusal(
    `found the source "${name}"${didYouMean(name, SOURCE_NAMES)}, ` +
      `expected one of ${SOURCE_NAMES.join(", ")}`,
    { exitCode: 2 },
  );
}

/**
 * Where bars come from unless the user says otherwise: coins from Binance, which has all of their history; equities
 * from Alpaca when its keys are there, and without them days from Yahoo, which needs none.
 */
export function defaultSource(
  assetClass: AssetClass,
  timeframe: Timeframe,
  keys: Keys,
): BarSourceName {
  if (assetClass === "crypto") return "binance";
  return timeframe === "h4" || ALPACA_KEYS.every((name) => keys[name]) ? "alpaca" : "yahoo";
}
