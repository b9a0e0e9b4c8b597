import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import {
  alpacaOrder,
  isAlpacaDuplicate,
  isAlpacaMissing,
  isAlpacaRefusal,
} from "./alpaca_shapes.ts";
import { hear } from "./asking.ts";
import {
  binanceOrder,
  binanceRules,
  EXCHANGE_INFO,
  isBinanceDuplicate,
  isBinanceMissing,
  isBinanceRefusal,
} from "./binance_shapes.ts";
import { parseExactJson, plainDecimal } from "./exact_json.ts";

const answer = (status: number, body: Readonly<Record<string, string>>) => ({ status, body });

Deno.test("FR-041 every status that Alpaca has documented is known, and any other stops trading", () => {
  const statusOf = (status: string) =>
    alpacaOrder({
      ...{ id: "1", client_order_id: "q1-a", symbol: "SPY", side: "buy", qty: "1" },
      ...{ filled_qty: "0", status },
    }).status;
  const working = [
    ...["new", "partially_filled", "done_for_day", "pending_cancel", "pending_replace", "accepted"],
    ...["pending_new", "accepted_for_bidding", "stopped", "suspended", "calculated", "held"],
  ];
  for (const status of working) strictEqual(statusOf(status), "working");
  deepStrictEqual(
    ["filled", "canceled", "expired", "replaced", "rejected"].map(statusOf),
    ["filled", "canceled", "expired", "canceled", "rejected"],
  );
  for (const status of ["finished", "", "constructor", "__proto__", "FILLED"]) {
    throws(() => statusOf(status), /^Refusal: Cannot trade at alpaca: found an order status/);
  }
});

Deno.test("FR-042 every status that Binance has documented is known, and any other stops trading", () => {
  const statusOf = (status: string) =>
    binanceOrder({
      ...{ symbol: "BTCUSDT", orderId: "1", clientOrderId: "q1-a", side: "SELL" },
      ...{ origQty: "1.00000000", executedQty: "0.50000000", status },
    }).status;
  deepStrictEqual(
    ["NEW", "PENDING_NEW", "PARTIALLY_FILLED", "PENDING_CANCEL"].map(statusOf),
    Array(4).fill("working"),
  );
  deepStrictEqual(
    ["FILLED", "CANCELED", "REJECTED", "EXPIRED", "EXPIRED_IN_MATCH"].map(statusOf),
    ["filled", "canceled", "rejected", "expired", "expired"],
  );
  throws(() => statusOf("DONE"), /^Refusal: Cannot trade at binance: found an order status "DONE"/);
});

Deno.test("SC-007 only errors from the list are refusals for certain; the rest is unknown", () => {
  const words = { message: "words" };
  for (
    const [status, code] of [
      ...[[403, "40310000"], [422, "42210000"], [422, "40010001"], [429, "42910000"]],
      ...[[404, "40410000"], [401, "40110000"]],
    ] as const
  ) {
    strictEqual(isAlpacaRefusal(answer(status, { code, ...words })), true, `${status} ${code}`);
    strictEqual(isAlpacaRefusal(answer(status, { code })), false);
    strictEqual(isAlpacaRefusal(answer(500, { code, ...words })), false);
    strictEqual(isAlpacaRefusal(answer(status, { code: "99999999", ...words })), false);
  }
  strictEqual(isAlpacaRefusal(answer(401, words)), true, "a bad key has no code");
  for (const status of [400, 403, 404, 408, 409, 422, 425, 429, 500, 502, 503, 504]) {
    strictEqual(isAlpacaRefusal(answer(status, words)), false, `${status} without a code`);
  }
  for (const code of ["-1013", "-1111", "-1121", "-2010", "-1021", "-1003", "-2015"]) {
    strictEqual(isBinanceRefusal(answer(400, { code, msg: "words" })), true, code);
    strictEqual(isBinanceRefusal(answer(503, { code, msg: "words" })), false, code);
  }
  for (const code of ["-1000", "-1001", "-1006", "-1007", "-1008", "-1016", "-2011", "-2013", ""]) {
    strictEqual(isBinanceRefusal(answer(400, { code, msg: "words" })), false, code);
  }
});

Deno.test("SC-007 a used id is told from other bad input by its words, and a miss by its code", () => {
  const unique = { code: "40010001", message: "client_order_id must be unique" };
  strictEqual(isAlpacaDuplicate(answer(422, unique)), true);
  strictEqual(isAlpacaDuplicate(answer(422, { code: "40010001", message: "qty is bad" })), false);
  strictEqual(
    isBinanceDuplicate(answer(400, { code: "-2010", msg: "Duplicate order sent." })),
    true,
  );
  strictEqual(
    isBinanceDuplicate(answer(400, { code: "-2010", msg: "Account has insufficient" })),
    false,
  );
  strictEqual(isAlpacaMissing(answer(404, { code: "40410000", message: "order not found" })), true);
  strictEqual(isAlpacaMissing(answer(404, { message: "endpoint not found." })), false);
  strictEqual(isBinanceMissing(answer(400, { code: "-2013", msg: "Order does not exist." })), true);
  strictEqual(isBinanceMissing(answer(404, {})), false);
});

Deno.test("FR-042 of two filters of a market the stricter one holds", () => {
  const filters = [
    { filterType: "PRICE_FILTER", tickSize: 0.01 },
    { filterType: "LOT_SIZE", minQty: "0.00001000", stepSize: "0.00001000" },
    { filterType: "MARKET_LOT_SIZE", minQty: "0.00000000", stepSize: "0.00100000" },
    { filterType: "NOTIONAL", minNotional: "5.00000000" },
    { filterType: "ICEBERG_PARTS" },
  ];
  const info = (status: string) =>
    EXCHANGE_INFO.parse(
      parseExactJson(JSON.stringify({ symbols: [{ symbol: "BTCUSDT", status, filters }] })),
    );
  deepStrictEqual(binanceRules(info("TRADING"), "BTCUSDT"), {
    minQuantity: "0.00001",
    quantityStep: "0.001",
    priceStep: "0.01",
    minNotional: "5",
  });
  strictEqual(binanceRules(info("HALT"), "BTCUSDT"), undefined);
  strictEqual(binanceRules(info("TRADING"), "ETHUSDT"), undefined);
});

Deno.test("FR-041 numbers of JSON keep every digit", () => {
  deepStrictEqual(
    parseExactJson(
      '{"a":0.1234567890123456789,"b":[1e-8,12345678901234567890],"c":"1.50","d":null}',
    ),
    { a: "0.1234567890123456789", b: ["1e-8", "12345678901234567890"], c: "1.50", d: null },
  );
  deepStrictEqual(
    ["1.50", "1e-8", "-0", "-0.00", "12345678901234567890", "+.5".replace("+.", "0.")]
      .map(plainDecimal),
    ["1.5", "0.00000001", "0", "0", "12345678901234567890", "0.5"],
  );
  for (const text of ["", "NaN", "Infinity", "0x10", "1,5", " 1", "1e999", "1".repeat(41)]) {
    throws(() => plainDecimal(text), RangeError, text);
  }
  fc.assert(
    fc.property(fc.double({ noNaN: true, min: 1e-12, max: 1e15 }), (value) => {
      const text = plainDecimal(String(value));
      ok(/^\d+(\.\d+)?$/.test(text), text);
      strictEqual(Number(text), value);
    }),
    { seed: 1, examples: [[1e-7], [123456.789]] },
  );
});

Deno.test("SC-007 what is no JSON is a lost answer, however it is made", async () => {
  for (
    const text of [
      ...["", "<!DOCTYPE html><html></html>", '{"a":1', "null x", "NaN"],
      "[".repeat(1_000_000) + "]".repeat(1_000_000),
    ]
  ) {
    const heard = await hear(() => Promise.resolve({ kind: "answer", status: 200, text }));
    strictEqual(heard.kind, "lost", text.slice(0, 40));
  }
});
