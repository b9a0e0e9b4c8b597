import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { fixedClock } from "../../core/clock.ts";
import { SOURCE_NAMES } from "./source.ts";
import { defaultSource, KEY_NAMES, openSource, sourceNamed } from "./sources.ts";

const KEYS = { ALPACA_KEY_ID: "a", ALPACA_SECRET_KEY: "b" };

Deno.test("FR-006 every source opens by its name, and nothing is asked of it", () => {
  for (const name of SOURCE_NAMES) {
    const source = openSource(sourceNamed(name), { keys: {}, clock: fixedClock(0) });
    strictEqual(source.name, name);
  }
  deepStrictEqual(KEY_NAMES, ["ALPACA_KEY_ID", "ALPACA_SECRET_KEY", "FRED_API_KEY"]);
});

Deno.test("FR-006 a name that is no source is wrong usage, and what was meant is named", () => {
  throws(() => sourceNamed("yaho"), {
    name: "Refusal",
    exitCode: 2,
    message:
      'found the source "yaho" (did you mean "yahoo"?), expected one of alpaca, yahoo, binance, kraken, fred',
  });
});

Deno.test("FR-006 without a source, coins come from binance, equities from alpaca or, days without keys, yahoo", () => {
  strictEqual(defaultSource("crypto", "h4", {}), "binance");
  strictEqual(defaultSource("equity", "daily", {}), "yahoo");
  strictEqual(defaultSource("equity", "daily", { ALPACA_KEY_ID: "a" }), "yahoo");
  strictEqual(defaultSource("equity", "daily", KEYS), "alpaca");
  strictEqual(defaultSource("equity", "h4", {}), "alpaca");
});

Deno.test("FR-006 no source is opened at a place that is not its own", () => {
  for (const name of SOURCE_NAMES) {
    const options = { keys: KEYS, clock: fixedClock(0), baseUrl: "https://example.org" };
    throws(() => openSource(name, options), /^Refusal: Cannot use the base URL of /);
  }
  const fred = { keys: {}, clock: fixedClock(0), baseUrl: "https://api.stlouisfed.org" };
  strictEqual(openSource("fred", fred).name, "fred");
});

Deno.test("FR-006 a span that does not end after it begins is a mistake of the caller", () => {
  const source = openSource("yahoo", { keys: {}, clock: fixedClock(0) });
  const asset = {
    symbol: "SPY",
    assetClass: "equity",
    venue: "test",
    minOrderSize: 0,
    quantityPrecision: null,
    pricePrecision: null,
  } as const;
  for (const [from, to] of [[5, 5], [5, 4], [NaN, 5], [5, Infinity]] as const) {
    throws(() => source.check({ asset, timeframe: "daily", from, to }), RangeError);
  }
});
