import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS } from "../core/bars.ts";
import { drawdownCurve, drawdownDetail, maxDrawdown } from "./drawdown.ts";

const days = (count: number) => Float64Array.from({ length: count }, (_, i) => i * DAY_MS);

Deno.test("FR-031 the first value counts as a peak", () => {
  strictEqual(maxDrawdown(Float64Array.of(100, 75, 90)), 0.25);
});

Deno.test("FR-031 a drawdown is measured from the highest value so far", () => {
  strictEqual(maxDrawdown(Float64Array.of(100, 90, 200, 150, 180, 120)), 0.4);
  strictEqual(maxDrawdown(Float64Array.of(1, 2, 3)), 0);
  strictEqual(maxDrawdown(Float64Array.of(5)), 0);
  strictEqual(maxDrawdown(Float64Array.of(5, 0)), 1);
});

Deno.test("FR-031 without a positive first value, or with a hole, there is no drawdown", () => {
  for (const nav of [[], [0, 1], [-5, 5], [100, NaN, 50], [NaN], [100, Infinity, 50]]) {
    strictEqual(maxDrawdown(Float64Array.from(nav)), null);
    strictEqual(drawdownDetail(Float64Array.from(nav), days(nav.length)), null);
  }
});

Deno.test("FR-059 the deepest drawdown is told with its peak, trough, recovery and length", () => {
  const nav = Float64Array.of(100, 100, 80, 90, 110, 99, 105, 108, 109, 111);
  deepStrictEqual(drawdownDetail(nav, days(10)), {
    depth: 1 - 80 / 100,
    peakTime: 1 * DAY_MS,
    troughTime: 2 * DAY_MS,
    recoveryTime: 4 * DAY_MS,
    lengthDays: 3,
    longestDays: 5,
  });
});

Deno.test("FR-059 a drawdown that has not recovered runs to the end", () => {
  const detail = drawdownDetail(Float64Array.of(100, 90, 101, 50, 60), days(5));
  deepStrictEqual(detail, {
    depth: 1 - 50 / 101,
    peakTime: 2 * DAY_MS,
    troughTime: 3 * DAY_MS,
    recoveryTime: null,
    lengthDays: 2,
    longestDays: 2,
  });
});

Deno.test("FR-059 a NAV that never falls has no drawdown to tell", () => {
  strictEqual(drawdownDetail(Float64Array.of(1, 1, 2), days(3)), null);
});

Deno.test("FR-059 the drawdown curve is 0 at peaks", () => {
  deepStrictEqual(
    drawdownCurve(Float64Array.of(100, 50, 200, 150)),
    Float64Array.of(0, 0.5, 0, 0.25),
  );
});

Deno.test("FR-031 max drawdown is the worst of all pairs of an earlier and a later value", () => {
  const navs = fc.array(fc.double({ min: 1, max: 1000, noNaN: true }), {
    minLength: 1,
    maxLength: 30,
  });
  fc.assert(
    fc.property(navs, (values) => {
      const nav = Float64Array.from(values);
      const falls = values.flatMap((peak, i) => values.slice(i).map((later) => 1 - later / peak));
      const worst = Math.max(...falls);
      strictEqual(maxDrawdown(nav), worst);
      strictEqual(Math.max(...drawdownCurve(nav)), worst);
      const detail = drawdownDetail(nav, days(values.length));
      strictEqual(detail?.depth ?? 0, worst);
      if (detail === null) return;
      const { peakTime, troughTime, recoveryTime } = detail;
      const at = (time: number) => values[time / DAY_MS]!;
      strictEqual(1 - at(troughTime) / at(peakTime), worst);
      const after = values.findIndex((value, i) =>
        i > troughTime / DAY_MS && value >= at(peakTime)
      );
      strictEqual(recoveryTime, after < 0 ? null : after * DAY_MS);
      strictEqual(detail.longestDays >= detail.lengthDays, true);
    }),
    { seed: 1 },
  );
});
