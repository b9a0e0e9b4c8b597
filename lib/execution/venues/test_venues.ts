/** Venues on fault brokers, for suites that run where the libraries are: see libraries_test.ts. */
import { parseTime } from "../../core/clock.ts";
import { Secret } from "../../core/secret.ts";
import {
  type FaultBroker,
  type FaultBrokerOptions,
  openFaultBroker,
} from "../faults/test_fault_broker.ts";
import { type AlpacaSettings, type AlpacaVenue, alpacaVenue } from "./alpaca.ts";
import { type BinanceSettings, binanceVenue } from "./binance.ts";
import type { VenueStage } from "./venue_contract.ts";

/** A Monday, New York is open for another five hours. */
export const START = parseTime("2026-03-02T16:00:01Z");

type Broker = Partial<FaultBrokerOptions>;

/** A broker whose prices stand still at 100. */
export function brokerOf(kind: FaultBrokerOptions["kind"], options: Broker = {}): FaultBroker {
  return openFaultBroker({
    kind,
    seed: 7,
    now: START,
    prices: { [kind === "alpaca" ? "SPY" : "BTCUSDT"]: "100" },
    volatility: 0,
    halfSpread: "0",
    ...options,
  });
}

/** The adapter of Alpaca on a broker's own clock. */
export function alpacaOn(broker: FaultBroker, other: Partial<AlpacaSettings> = {}): AlpacaVenue {
  return alpacaVenue({
    mode: "paper",
    keys: keysOf(broker),
    tradingUrl: broker.url,
    dataUrl: broker.url,
    feed: "iex",
    timeoutMs: 5_000,
    clock: broker.clock,
    wait: broker.sleep,
    ...other,
  });
}

/** The adapter of Binance on a broker's own clock. */
export function binanceOn(broker: FaultBroker, other: Partial<BinanceSettings> = {}) {
  return binanceVenue({
    mode: "paper",
    keys: keysOf(broker),
    baseUrl: broker.url,
    stamps: "broker",
    timeoutMs: 5_000,
    clock: broker.clock,
    wait: broker.sleep,
    ...other,
  });
}

function keysOf({ keys }: FaultBroker) {
  return { id: new Secret(keys.id), secret: new Secret(keys.secret) };
}

/** What the contract asks of a stage, on a broker. */
export function stageOf(broker: FaultBroker, venue: VenueStage["venue"]): VenueStage {
  return {
    venue,
    symbol: venue.name === "alpaca" ? "SPY" : "BTC",
    start: START,
    secrets: [broker.keys.id, broker.keys.secret],
    pass: broker.advance,
    close: broker.close,
  };
}
