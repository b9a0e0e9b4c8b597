import { type Millis } from "../../core/bars.ts";
import { type Asked, json, type Reply, rowsOf, spoilt } from "./test_replies.ts";

// Shapes: Binance, "Spot REST API": Exchange information, Kline data; Kraken, "REST API": Get Tradable Asset Pairs,
// Get OHLC Data.

const BINANCE_STEPS: Readonly<Record<string, Millis>> = {
  "30m": 1_800_000,
  "1h": 3_600_000,
  "4h": 14_400_000,
  "1d": 86_400_000,
};
const BINANCE_COINS: Readonly<Record<string, string>> = { BTCUSDT: "BTC", ETHUSDT: "ETH" };
const KRAKEN_PAIRS: Readonly<Record<string, readonly [string, string]>> = {
  XBTUSD: ["XXBTZUSD", "BTC"],
  XXBTZUSD: ["XXBTZUSD", "BTC"],
  ETHUSD: ["XETHZUSD", "ETH"],
  XETHZUSD: ["XETHZUSD", "ETH"],
};

/** Answers `/api/v3/exchangeInfo` and `/api/v3/klines`. */
export function binanceReply({ path, query, market, now, faults }: Asked): Reply | undefined {
  if (!path.startsWith("/api/v3/")) return undefined;
  if (faults.has("revoked")) return json({ code: 0, msg: "Service unavailable" }, 451);
  const id = query.get("symbol") ?? "";
  const coin = BINANCE_COINS[id];
  if (coin === undefined) return json({ code: -1121, msg: "Invalid symbol." }, 400);
  if (path === "/api/v3/exchangeInfo") return json(exchangeInfo(id, coin, now));
  const stepMs = BINANCE_STEPS[query.get("interval") ?? ""];
  if (path !== "/api/v3/klines" || stepMs === undefined) {
    return json({ code: -1120, msg: "Invalid interval." }, 400);
  }
  const from = Number(query.get("startTime") ?? 0);
  const to = Number(query.get("endTime") ?? now) + 1;
  const limit = Math.min(1_000, Number(query.get("limit") ?? 500));
  const all = rowsOf(market.bars(coin, stepMs, { from: from - stepMs, to, now }));
  const start = all.findIndex(([time]) => time >= from);
  const rows = start < 0 ? [] : all.slice(start, start + limit);
  return json(
    spoilt(rows, faults, all[start - 1]).map(([time, open, high, low, close, volume]) => [
      time,
      ...[open, high, low, close, volume].map((value) => value.toFixed(8)),
      time + stepMs - 1,
      (volume * close).toFixed(8),
      100,
      (volume / 2).toFixed(8),
      (volume * close / 2).toFixed(8),
      "0",
    ]),
  );
}

function exchangeInfo(id: string, coin: string, now: Millis) {
  return {
    timezone: "UTC",
    serverTime: now,
    rateLimits: [{
      rateLimitType: "REQUEST_WEIGHT",
      interval: "MINUTE",
      intervalNum: 1,
      limit: 6_000,
    }],
    exchangeFilters: [],
    symbols: [{
      symbol: id,
      status: "TRADING",
      baseAsset: coin,
      baseAssetPrecision: 8,
      quoteAsset: "USDT",
      quotePrecision: 8,
      quoteAssetPrecision: 8,
      orderTypes: ["LIMIT", "MARKET"],
      isSpotTradingAllowed: true,
      isMarginTradingAllowed: true,
      filters: [
        { filterType: "PRICE_FILTER", minPrice: "0.01", maxPrice: "1000000.00", tickSize: "0.01" },
        { filterType: "LOT_SIZE", minQty: "0.00001", maxQty: "9000.0", stepSize: "0.00001" },
        { filterType: "NOTIONAL", minNotional: "5.0", applyMinToMarket: true, avgPriceMins: 5 },
      ],
      permissions: [],
      permissionSets: [["SPOT", "MARGIN"]],
    }],
  };
}

/** Answers `/0/public/AssetPairs` and `/0/public/OHLC`. */
export function krakenReply({ path, query, market, now, faults }: Asked): Reply | undefined {
  if (!path.startsWith("/0/public/")) return undefined;
  if (faults.has("revoked")) return json({ error: ["EGeneral:Too many requests"] });
  const [pair, coin] = KRAKEN_PAIRS[query.get("pair") ?? ""] ?? [];
  if (pair === undefined || coin === undefined) {
    return json({ error: ["EQuery:Unknown asset pair"] });
  }
  if (path === "/0/public/AssetPairs") {
    return json({ error: [], result: { [pair]: assetPair(pair) } });
  }
  const stepMs = Number(query.get("interval") ?? 1) * 60_000;
  const since = Number(query.get("since") ?? 0) * 1_000;
  const running = Math.floor(now / stepMs) * stepMs;
  // The newest 720 whatever `since` says, the running one always among them.
  const kept = rowsOf(
    market.bars(coin, stepMs, { from: running - 719 * stepMs, to: running + stepMs, now }),
  );
  const rows = spoilt(kept, faults).filter(([time]) => time > since || time === running);
  return json({
    error: [],
    result: {
      [pair]: rows.map(([time, open, high, low, close, volume]) => [
        time / 1_000,
        ...[open, high, low, close].map((price) => price.toFixed(1)),
        close.toFixed(1),
        volume.toFixed(8),
        42,
      ]),
      last: (running - stepMs) / 1_000,
    },
  });
}

function assetPair(pair: string) {
  const base = pair.slice(0, 4);
  return {
    altname: `${base.slice(1)}USD`,
    wsname: `${base.slice(1)}/USD`,
    aclass_base: "currency",
    base,
    aclass_quote: "currency",
    quote: "ZUSD",
    lot: "unit",
    cost_decimals: 5,
    pair_decimals: 1,
    lot_decimals: 8,
    lot_multiplier: 1,
    leverage_buy: [2, 3],
    leverage_sell: [2, 3],
    fees: [[0, 0.4]],
    fees_maker: [[0, 0.25]],
    fee_volume_currency: "ZUSD",
    margin_call: 80,
    margin_stop: 40,
    ordermin: "0.0001",
    costmin: "0.5",
    tick_size: "0.1",
    status: "online",
  };
}
