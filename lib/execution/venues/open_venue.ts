import type { Asset, AssetClass } from "../../core/asset.ts";
import type { CorporateAction } from "../../core/bars.ts";
import type { Clock } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import type { Venue } from "../../core/trading.ts";
import { type AlpacaVenue, alpacaVenue } from "./alpaca.ts";
import { binanceVenue } from "./binance.ts";
import { bookQuotes } from "./book_quotes.ts";
import { plainDecimal } from "./exact_json.ts";
import { keysFrom, type Mode } from "./hosts.ts";
import { krakenMarket } from "./kraken.ts";
import type { Wait } from "./line.ts";
import { quotesByClass, sessionQuotes } from "./live_quotes.ts";
import { openPaperVenue, type PaperAsset, paperRules, type PaperSettings } from "./paper_venue.ts";
import type { Quotes } from "./quotes.ts";
import { type ReplayedBars, replayQuotes } from "./replay_quotes.ts";
import type { Guard } from "./through_library.ts";

/** How brokers are reached, spelled as `brokers` in the configuration. */
export interface BrokerSettings {
  readonly alpaca: {
    readonly trading_url: string | null;
    readonly data_url: string | null;
    readonly timeout_ms: number;
  };
  readonly binance: { readonly base_url: string | null; readonly timeout_ms: number };
  readonly kraken: { readonly base_url: string | null; readonly timeout_ms: number };
}

/** One asset with what trading it costs where fills are simulated. */
export interface VenueAsset extends Asset, PaperAsset {}

/** Which venue is opened, and with what. */
export interface OpenVenueOptions {
  readonly venue: "paper" | "alpaca" | "binance" | "kraken";
  readonly mode: Mode;
  readonly brokers: BrokerSettings;
  /** `trading.clock`. */
  readonly stamps: "system" | "broker";
  /** `data.live_feed`. */
  readonly feed: "iex" | "sip";
  readonly assets: readonly VenueAsset[];
  /** Reads the environment: the only place that keys come from. */
  environment(name: string): string | undefined;
  readonly clock: Clock;
  readonly wait?: Wait | undefined;
  readonly fetch?: typeof fetch | undefined;
  /** Asked directly before an order leaves. */
  readonly guard?: Guard | undefined;
  /** Where fills are simulated. */
  readonly paper: {
    readonly account: string;
    /** The venue's own books, as in state/paper.paper.db. */
    readonly file: string;
    readonly initialCash: number;
    /** Stored bars to fill on; live prices without them. */
    readonly stored?: readonly ReplayedBars[] | undefined;
    /** Dividends and splits of what is traded; no splits that the prices have applied. May grow. */
    readonly actions?: readonly CorporateAction[] | undefined;
  };
}

/** A venue that holds what has to be given back. */
export interface OpenedVenue extends Venue, Partial<Pick<AlpacaVenue, "sessions">> {
  close(): void;
}

const CLASSES: Readonly<Record<OpenVenueOptions["venue"], readonly AssetClass[]>> = {
  paper: ["equity", "crypto"],
  alpaca: ["equity"],
  binance: ["crypto"],
  kraken: ["crypto"],
};

/** Opens a venue. Refuses real money where fills are simulated, assets it does not trade, hosts and keys of another mode. */
export async function openVenue(options: OpenVenueOptions): Promise<OpenedVenue> {
  const { venue, mode, assets } = options;
  if (mode === "live" && (venue === "paper" || venue === "kraken")) {
    throw new Refusal(
      `Cannot trade live at ${venue}: found simulated fills, expected trading.venue alpaca or binance`,
    );
  }
  const stranger = assets.find(({ assetClass }) => !CLASSES[venue].includes(assetClass));
  if (stranger) {
    throw new Refusal(
      `Cannot trade ${stranger.symbol} at ${venue}: found an asset of class ${stranger.assetClass}, ` +
        `expected ${CLASSES[venue].join(" or ")}`,
    );
  }
  if (venue === "alpaca") return { ...alpacaOf(options), close: () => {} };
  if (venue === "binance") return { ...binanceOf(options), close: () => {} };
  const kraken = krakenMarket({ ...options, ...reachOf(options.brokers.kraken) });
  const bySymbol = new Map(assets.map((asset) => [asset.symbol, asset]));
  if (venue === "kraken") {
    return await openPaperVenue({
      ...paperOf(options, "kraken", bookQuotes(kraken.book)),
      rules: kraken.rules,
    });
  }
  const quotes = options.paper.stored
    ? replayQuotes(options.paper.stored, options.paper.actions)
    : quotesByClass((symbol) => bySymbol.get(symbol)?.assetClass, {
      equity: alpacaQuotes(options),
      crypto: bookQuotes(kraken.book),
    });
  return await openPaperVenue({
    ...paperOf(options, "paper", quotes),
    rules: (symbol) => paperRules(bySymbol.get(symbol)!),
  });
}

function reachOf({ base_url, timeout_ms }: { base_url: string | null; timeout_ms: number }) {
  return { baseUrl: base_url, timeoutMs: timeout_ms };
}

function alpacaOf(options: OpenVenueOptions) {
  const { mode, brokers: { alpaca } } = options;
  return alpacaVenue({
    ...options,
    keys: keysFrom("alpaca", mode, options.environment),
    tradingUrl: alpaca.trading_url,
    dataUrl: alpaca.data_url,
    timeoutMs: alpaca.timeout_ms,
  });
}

function binanceOf(options: OpenVenueOptions) {
  return binanceVenue({
    ...options,
    ...reachOf(options.brokers.binance),
    keys: keysFrom("binance", options.mode, options.environment),
  });
}

/** Live prices of equities, from keys that nobody is asked for before an equity needs a price. */
function alpacaQuotes(options: OpenVenueOptions): Quotes {
  let alpaca: Venue | undefined;
  return sessionQuotes(async (symbol) =>
    (await (alpaca ??= alpacaOf(options)).prices([symbol]))[symbol]!
  );
}

function paperOf(
  { paper, assets, clock, guard }: OpenVenueOptions,
  name: PaperSettings["name"],
  quotes: Quotes,
): Omit<PaperSettings, "rules"> {
  return {
    name,
    file: paper.file,
    accountNumber: `${name}-${paper.account}`,
    initialCash: plainDecimal(String(paper.initialCash)),
    assets,
    quotes,
    actions: paper.actions,
    clock,
    guard,
  };
}
