import type { Millis } from "../../core/bars.ts";
import { seededRandom } from "../../core/random.ts";
import { ALPACA_PER_MINUTE, alpacaProtocol } from "./test_alpaca.ts";
import { alpacaFillId } from "./test_alpaca_shapes.ts";
import { BINANCE_PER_MINUTE, binanceProtocol } from "./test_binance.ts";
import { BINANCE_FEE, BINANCE_FILTERS, coinsOf } from "./test_binance_shapes.ts";
import { amount, floorTo, times } from "./test_decimal.ts";
import type { FaultBrokerOptions } from "./test_fault_broker.ts";
import { type BookFill, isOpen, type LedgerRules, openLedger } from "./test_ledger.ts";
import { openMatching } from "./test_matching.ts";
import { faultPrices } from "./test_prices.ts";
import type { OrderFate } from "./test_schedule.ts";
import { type Activity, newYorkHours, type Protocol, uuid, type World } from "./test_venue.ts";

/** One market with one account, and the protocol in which it is spoken to. */
export interface Market {
  readonly world: World;
  readonly protocol: Protocol;
  /** Weight of requests that a minute takes. */
  readonly perMinute: number;
  tradeId(fill: BookFill): string;
  /** Open orders of the symbol are cancelled, units multiplied, prices divided. */
  split(symbol: string, ratio: number, now: Millis): void;
  /** Money for each unit held, less the share of it that is withheld as tax. */
  dividend(symbol: string, perShare: string, withheld: string, now: Millis): void;
}

const ONE = amount("1");
const CENT = amount("0.01");
const NO_FEE: Pick<LedgerRules, "feeShare" | "feeStep"> = { feeShare: 0n, feeStep: 1n };

const VENUES = {
  alpaca: {
    rules: { cashAsset: "USD", assetOf: (symbol: string) => symbol, ...NO_FEE },
    keys: { id: "PKFAULTBROKER0000001", secret: "fault-broker-alpaca-secret-000000000000" },
    hours: newYorkHours,
    perMinute: ALPACA_PER_MINUTE,
  },
  binance: {
    rules: {
      cashAsset: "USDT",
      assetOf: (symbol: string) => coinsOf(symbol).base,
      feeShare: BINANCE_FEE,
      feeStep: amount("0.00000001"),
    },
    keys: {
      id: "fault-broker-binance-key-0000000001",
      secret: "fault-broker-binance-secret-0000000",
    },
    hours: undefined,
    perMinute: BINANCE_PER_MINUTE,
  },
} as const;

/** Opens the market of a broker. */
export function openMarket(
  options: FaultBrokerOptions,
  nextFate: () => OrderFate | undefined,
): Market {
  const { kind, seed, now, cash = "100000", holdings = {}, halfSpread = "0.0001" } = options;
  const { rules, keys, hours, perMinute } = VENUES[kind];
  const isAlpaca = kind === "alpaca";
  const random = seededRandom(`${seed}/account`);
  const prices = faultPrices(options.prices, options);
  const units = Object.entries(holdings)
    .map(([symbol, text]) => [rules.assetOf(symbol), amount(text)] as const);
  const start = { [rules.cashAsset]: amount(cash), ...Object.fromEntries(units) };
  const ledger = openLedger(rules, start, now);
  const filters = (symbol: string) => ({ ...BINANCE_FILTERS, ...options.filters?.[symbol] });
  const matching = openMatching({
    ledger,
    prices,
    hours,
    halfSpread: amount(halfSpread),
    credit: isAlpaca,
    quantityStep: ({ symbol, quantity }) =>
      isAlpaca ? quantity % ONE === 0n ? ONE : amount("0.000000001") : amount(filters(symbol).step),
    venueId: (number) => isAlpaca ? uuid(seed, `order/${number}`) : String(7_000_000 + number),
    nextFate,
  });
  const digits = String(100_000_000 + random.integer(800_000_000));
  const splits: World["splits"][number][] = [];
  const activities: Activity[] = [];
  const tell = (activity: Omit<Activity, "number">) =>
    activities.push({ ...activity, number: activities.length + 1 });
  const accountNumber = isAlpaca ? `PA${digits}` : digits;
  const world: World = { ledger, matching, prices, keys, accountNumber, seed, splits, activities };
  return {
    world,
    protocol: isAlpaca ? alpacaProtocol(world) : binanceProtocol(world, filters),
    perMinute,
    tradeId: (fill) => isAlpaca ? alpacaFillId(world, fill) : String(fill.number),
    split(symbol, ratio, at) {
      const open = ledger.book.orders.filter((order) => isOpen(order) && order.symbol === symbol);
      for (const { number } of open) ledger.move(number, "canceled", at);
      const asset = rules.assetOf(symbol);
      const before = ledger.book.balances[asset] ?? 0n;
      const after = before * BigInt(Math.round(ratio * 1_000_000)) / 1_000_000n;
      if (after !== before) {
        ledger.adjust(asset, after - before, "split", at);
        tell({ type: "SPLIT", symbol, cash: 0n, units: -before, time: at });
        tell({ type: "SPLIT", symbol, cash: 0n, units: after, time: at });
      }
      prices.split(symbol, ratio, at);
      splits.push({ symbol, ratio, time: at });
    },
    dividend(symbol, perShare, withheld, at) {
      const units = ledger.book.balances[rules.assetOf(symbol)] ?? 0n;
      const paid = floorTo(times(units, amount(perShare)), CENT);
      const tax = floorTo(times(paid, amount(withheld)), CENT);
      if (paid === 0n) return;
      ledger.adjust(rules.cashAsset, paid, "dividend", at);
      const common = { symbol, units, time: at };
      tell({ ...common, type: "DIV", cash: paid, perShare: amount(perShare) });
      if (tax === 0n) return;
      ledger.adjust(rules.cashAsset, -tax, "tax", at);
      tell({ ...common, type: "DIVNRA", cash: -tax });
    },
  };
}
