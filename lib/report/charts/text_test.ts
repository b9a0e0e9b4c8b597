import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { compact, plainTick, shortened, signedPercent, textWidth, wrapped } from "./text.ts";

Deno.test("compact() tells neighbouring ticks apart", () => {
  deepStrictEqual([0, 950, 100_000, 1_250_000].map((value) => compact(value, 50)), [
    ...["0", "950", "100k", "1.25M"],
  ]);
  deepStrictEqual([100_000, 100_050].map((value) => compact(value, 50)), ["100k", "100.05k"]);
  strictEqual(compact(-2_500_000, 500_000), "-2.5M");
  strictEqual(plainTick(100.25, 0.05), "100.25");
});

Deno.test("shortened() and wrapped() stay within their width and show where they cut", () => {
  const name = "AModelWithAVeryLongName_v12";
  const short = shortened(name, 60, 11);
  ok(short.endsWith("…") && textWidth(short, 11) <= 60, short);
  strictEqual(shortened("SPY", 60, 11), "SPY");
  const lines = wrapped(`one two three ${name} four`, 60, 11);
  ok(lines.every((line) => textWidth(line, 11) <= 60), lines.join("|"));
  strictEqual(wrapped("one two", 500, 11).join("|"), "one two");
});

Deno.test("signedPercent() gives gains a plus and nothing a dash", () => {
  deepStrictEqual([0.123, -0.05, 0, null].map((value) => signedPercent(value)), [
    ...["+12.3%", "-5.0%", "0.0%", "–"],
  ]);
});
