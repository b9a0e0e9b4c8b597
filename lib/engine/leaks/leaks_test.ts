import { deepStrictEqual, notDeepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { rehearsable } from "../simulate.ts";
import { certificateOf, examineLeaks } from "./examine.ts";
import type { Subject } from "./leak.ts";
import { LEAKS } from "./mod.ts";

function navOf({ request, models, steps }: Subject): Float64Array {
  return rehearsable(request, models, steps ? { steps } : {}).record.nav;
}

Deno.test("SC-002 the corpus holds at least 36 leaks of every kind, each by its own name", () => {
  ok(LEAKS.length >= 36, `found ${LEAKS.length}`);
  strictEqual(new Set(LEAKS.map(({ name }) => name)).size, LEAKS.length);
  strictEqual(new Set(LEAKS.map(({ what }) => what)).size, LEAKS.length);
  deepStrictEqual([...new Set(LEAKS.map(({ kind }) => kind))], [
    "feature",
    "join",
    "regime",
    "model",
    "execution",
    "selection",
  ]);
});

for (const { name, what, leaky, clean } of LEAKS) {
  Deno.test(`SC-002 the audit catches: ${name} – the researcher ${what}`, () => {
    strictEqual(certificateOf(leaky()).verdict, "failed");
    notDeepStrictEqual(navOf(leaky()), navOf(clean()), "the leak must matter to the result");
  });

  Deno.test(`SC-002 the audit does not accuse the clean twin of: ${name}`, () => {
    const { verdict, findings, compared } = certificateOf(clean());
    deepStrictEqual(findings, []);
    strictEqual(verdict, "passed");
    ok(compared.fills > 0 && compared.feature_values > 0, "there must be something to compare");
  });
}

Deno.test("SC-002 the examination tells what caught a leak, and is the same each time", () => {
  const leaks = LEAKS.filter(({ name }) => name === "shifted close" || name === "same close");
  const results = examineLeaks(leaks, { checkpoints: 3 });
  deepStrictEqual(results, examineLeaks(leaks, { checkpoints: 3 }));
  deepStrictEqual(results.map(({ caught, falseAlarm }) => ({ caught, falseAlarm })), [
    { caught: true, falseAlarm: false },
    { caught: true, falseAlarm: false },
  ]);
  ok(/^feature of Planted_v1 AAA signal, cut at 2024-\d\d-\d\d \d\d:00$/.test(results[0]!.how));
  ok(/^fill of [A-Z]{3} row, rule at 2024-\d\d-\d\d \d\d:00$/.test(results[1]!.how));
});

Deno.test("SC-002 a twin that is no better than its leak is a false alarm, told in words", () => {
  const leak = LEAKS[0]!;
  const [result] = examineLeaks([{ ...leak, leaky: leak.clean, clean: leak.leaky }]);
  strictEqual(result!.caught, false);
  strictEqual(result!.how, "");
  strictEqual(result!.falseAlarm, true);
  ok(result!.alarm!.startsWith("feature of Planted_v1"));
});
