import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { dataUrl, keyNames, keysFrom, TRADING_HOSTS, tradingUrl } from "./hosts.ts";

const VENUES = ["alpaca", "binance"] as const;
const MODES = ["paper", "live"] as const;

Deno.test("FR-041 each mode has hosts of its own, and only those are accepted beside loopback", () => {
  for (const venue of VENUES) {
    for (const mode of MODES) {
      const other = mode === "paper" ? "live" : "paper";
      const own = TRADING_HOSTS[venue][mode];
      strictEqual(tradingUrl(venue, mode, null), `https://${own[0]}`);
      for (const host of own) {
        strictEqual(tradingUrl(venue, mode, `https://${host}`), `https://${host}`);
        throws(
          () => tradingUrl(venue, other, `https://${host}`),
          new RegExp(`^Refusal: Cannot use the base URL of ${other} trading at ${venue}: found `),
        );
      }
      strictEqual(tradingUrl(venue, mode, "http://127.0.0.1:8080/"), "http://127.0.0.1:8080");
      strictEqual(tradingUrl(venue, mode, "http://localhost:8080"), "http://127.0.0.1:8080");
    }
    for (
      const url of [
        ...["https://example.org", "http://paper-api.alpaca.markets", "http://10.0.0.1"],
        ...["https://paper-api.alpaca.markets.example.org", "https://demo-api.binance.com:444"],
        ...["https://demo-api.binance.com/v1", "http://127.0.0.1:1/?key=x", "ftp://127.0.0.1"],
      ]
    ) {
      throws(() => tradingUrl(venue, "paper", url), { name: "Refusal" }, url);
    }
  }
  strictEqual(dataUrl("alpaca", null), "https://data.alpaca.markets");
  strictEqual(dataUrl("kraken", null), "https://api.kraken.com");
  throws(() => dataUrl("kraken", "https://api.binance.com"), { name: "Refusal" });
});

Deno.test("FR-041 keys are those of the venue and mode, from the environment alone", () => {
  deepStrictEqual(keyNames("alpaca", "paper"), [
    "ALPACA_PAPER_KEY_ID",
    "ALPACA_PAPER_SECRET_KEY",
  ]);
  deepStrictEqual(keyNames("binance", "paper"), ["BINANCE_DEMO_KEY_ID", "BINANCE_DEMO_SECRET_KEY"]);
  deepStrictEqual(keyNames("binance", "live"), ["BINANCE_LIVE_KEY_ID", "BINANCE_LIVE_SECRET_KEY"]);
  const environment: Readonly<Record<string, string>> = {
    ALPACA_PAPER_KEY_ID: "PKTEST",
    ALPACA_PAPER_SECRET_KEY: "secret-of-paper",
    ALPACA_LIVE_KEY_ID: "PKMIXEDUP",
    ALPACA_LIVE_SECRET_KEY: "secret-of-live",
  };
  const asked: string[] = [];
  const read = (name: string) => {
    asked.push(name);
    return environment[name];
  };
  const keys = keysFrom("alpaca", "paper", read);
  deepStrictEqual([keys.id.reveal(), keys.secret.reveal()], ["PKTEST", "secret-of-paper"]);
  deepStrictEqual(asked, ["ALPACA_PAPER_KEY_ID", "ALPACA_PAPER_SECRET_KEY"]);
  throws(
    () => keysFrom("alpaca", "live", read),
    (error: Error) =>
      /found a key of paper trading in ALPACA_LIVE_KEY_ID, expected one of live trading$/
        .test(error.message) && !error.message.includes("MIXED"),
  );
  throws(
    () => keysFrom("binance", "paper", read),
    /Cannot read BINANCE_DEMO_KEY_ID: found nothing/,
  );
  ok(!JSON.stringify(keys).includes("secret-of-paper"));
});
