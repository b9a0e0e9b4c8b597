import { equal, throws } from "node:assert/strict";
import { amount, amountText, floorTo, over, readAmount, times } from "./test_decimal.ts";

Deno.test("the fault broker's amounts are exact decimals", () => {
  equal(amountText(amount("0.1") + amount("0.2")), "0.3");
  equal(amountText(times(amount("0.123456789"), amount("-12.5"))), "-1.5432098625");
  equal(amountText(over(amount("1"), amount("3")), 8), "0.33333333");
  equal(amountText(amount("-0.001"), 2), "0.00");
  equal(amountText(amount("007.50")), "7.5");
  equal(amountText(amount("2"), 8), "2.00000000");
  equal(amountText(floorTo(amount("0.0123456"), amount("0.00001"))), "0.01234");
  equal(readAmount("1e5"), undefined);
  equal(readAmount(""), undefined);
  equal(amountText(readAmount(".5")!), "0.5");
  throws(() => amount("NaN"), RangeError);
});
