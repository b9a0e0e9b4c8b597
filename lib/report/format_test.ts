import { strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { parseDate } from "../core/clock.ts";
import { formatDate, formatMinute, formatMoney, formatNumber, formatPercent } from "./format.ts";

Deno.test("FR-061 numbers have fixed decimals and thousands commas", () => {
  strictEqual(formatNumber(0), "0.00");
  strictEqual(formatNumber(999.995, 1), "1,000.0");
  strictEqual(formatNumber(1234567.891), "1,234,567.89");
  strictEqual(formatNumber(-100000, 0), "-100,000");
  strictEqual(formatNumber(0.12345678, 8), "0.12345678");
  strictEqual(formatNumber(-1.234e20), "-1.23e+20");
  strictEqual(formatMoney(100000), "100,000.00");
  strictEqual(formatPercent(0.12345), "12.35%");
  strictEqual(formatPercent(-12.5, 0), "-1,250%");
});

Deno.test("FR-061 nothing is negative zero", () => {
  strictEqual(formatNumber(-0.001), "0.00");
  strictEqual(formatPercent(-0), "0.00%");
});

Deno.test("FR-061 what is undefined is a dash", () => {
  for (const value of [null, NaN, Infinity, -Infinity]) {
    strictEqual(formatNumber(value), "–");
    strictEqual(formatPercent(value), "–");
    strictEqual(formatMoney(value), "–");
  }
  strictEqual(formatDate(null), "–");
  strictEqual(formatMinute(null), "–");
});

Deno.test("FR-010 times are shown in UTC", () => {
  const time = parseDate("2024-02-29") + 20 * 3_600_000;
  strictEqual(formatDate(time), "2024-02-29");
  strictEqual(formatMinute(time), "2024-02-29 20:00");
});

Deno.test("FR-061 a number without its commas is what toFixed() says", () => {
  fc.assert(
    fc.property(fc.double({ min: -1e14, max: 1e14, noNaN: true }), (value) => {
      const plain = value.toFixed(2);
      const shown = formatNumber(value).replaceAll(",", "");
      strictEqual(shown, Number(plain) === 0 ? "0.00" : plain);
    }),
    { seed: 1 },
  );
});
