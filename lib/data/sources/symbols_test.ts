import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { symbolAt } from "./symbols.ts";

const coin = (symbol: string) => ({ symbol, assetClass: "crypto" }) as const;
const stock = (symbol: string) => ({ symbol, assetClass: "equity" }) as const;

Deno.test("FR-042 each source has its own name for a symbol", () => {
  deepStrictEqual(
    (["binance", "kraken", "yahoo"] as const).map((source) => symbolAt(source, coin("BTC"))),
    ["BTC/USDT", "BTC/USD", "BTC-USD"],
  );
  deepStrictEqual(
    (["alpaca", "yahoo"] as const).map((source) => symbolAt(source, stock("BRK.B"))),
    ["BRK.B", "BRK-B"],
  );
});

Deno.test("FR-042 names of one's own win over the table, for one source at a time", () => {
  const overrides = { kraken: { BTC: "BTC/EUR", PEPE: "PEPE/USD" } };
  strictEqual(symbolAt("kraken", coin("BTC"), overrides), "BTC/EUR");
  strictEqual(symbolAt("kraken", coin("PEPE"), overrides), "PEPE/USD");
  strictEqual(symbolAt("binance", coin("BTC"), overrides), "BTC/USDT");
});

Deno.test("FR-042 unknown coins, words that are no tickers, and the wrong class are refused", () => {
  throws(
    () => symbolAt("binance", coin("BTX")),
    /^Refusal: Cannot download "BTX" from binance: found an unknown coin \(did you mean "BTC"\?\), expected one of ADA, .*, or a name for it in the table of symbols$/,
  );
  throws(
    () => symbolAt("alpaca", stock("spy")),
    /found no ticker, expected capital letters such as "SPY" or "BRK.B"/,
  );
  throws(() => symbolAt("alpaca", stock("../SPY")), /found no ticker/);
  throws(
    () => symbolAt("alpaca", coin("BTC")),
    /found a symbol of class crypto, expected one that it trades: use binance, kraken or yahoo/,
  );
  throws(() => symbolAt("kraken", stock("SPY")), /class equity, .*: use alpaca or yahoo/);
});
