import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { CorporateAction } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import { adjustedBars } from "./adjusted.ts";
import { execute } from "./execute.ts";
import {
  closingAt,
  constantly,
  dailyOf,
  dataOf,
  planWith,
  randomAsset,
  seat,
  tradable,
} from "./fixtures.ts";
import type { AssetData } from "./plan.ts";

const share = tradable("SHR", "equity");
const from = parseDate("2024-03-04");
const to = parseDate("2024-04-06");

function action(date: string, kind: "dividend" | "split", value: number): CorporateAction {
  return { symbol: "SHR", exDate: parseDate(date), kind, value };
}

/** Sessions of 4 to 7 March: 100, 100, then 50 after a dividend, a split or both. */
function fourDays(...actions: readonly CorporateAction[]): AssetData {
  return { ...dataOf(closingAt(share, "daily", from, [100, 100, 50, 50])), actions };
}

Deno.test("FR-003 a dividend of half the price leaves the total return where it was", () => {
  const data = fourDays(action("2024-03-06", "dividend", 50));
  const { bars, factors } = adjustedBars(data, "daily", to);
  deepStrictEqual([...factors], [1, 1, 2, 2]);
  deepStrictEqual([...bars.close], [100, 100, 100, 100]);
  deepStrictEqual([...bars.volume], [1, 1, 1, 1]);
});

Deno.test("FR-002 a split of two for one leaves it too, unless the file has splits applied", () => {
  const data = fourDays(action("2024-03-06", "split", 2));
  deepStrictEqual([...adjustedBars(data, "daily", to).bars.close], [100, 100, 100, 100]);
  const applied = { ...fourDays(action("2024-03-06", "split", 2)), splitsApplied: true };
  deepStrictEqual([...adjustedBars(applied, "daily", to).factors], [1, 1, 1, 1]);
});

Deno.test("FR-002 actions up to the first daily bar are before the story", () => {
  const data = fourDays(action("2024-03-04", "split", 4), action("2024-01-02", "dividend", 1));
  deepStrictEqual([...adjustedBars(data, "daily", to).factors], [1, 1, 1, 1]);
});

Deno.test("FR-002 H4 bars of an ex-date carry the new factor from the first of them on", () => {
  const h4 = closingAt(share, "h4", from, new Array(12).fill(100));
  const daily = closingAt(share, "daily", from, [100, 100, 100, 100]);
  const data = { ...dataOf(h4, daily), actions: [action("2024-03-06", "dividend", 20)] };
  // Three bars a session in winter.
  deepStrictEqual(
    [...adjustedBars(data, "h4", to).factors],
    [1, 1, 1, 1, 1, 1, 1.25, 1.25, 1.25, 1.25, 1.25, 1.25],
  );
});

Deno.test("FR-002 the adjusted series is the worth of a holding whose dividends are reinvested", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
      const data = randomAsset(share, { from, to, seed });
      const raw = data.bars.daily!;
      const { bars } = adjustedBars(data, "daily", to);
      let units = 1;
      raw.openTime.forEach((date, row) => {
        for (const { exDate, kind, value } of data.actions) {
          if (exDate !== date || row === 0) continue;
          // Reinvested at the close before, which the ex-date opens without the dividend.
          const close = raw.close[row - 1]!;
          units *= kind === "split" ? value : close / (close - value);
        }
        const worth = units * raw.close[row]!;
        ok(Math.abs(bars.close[row]! / worth - 1) < 1e-12, `row ${row}: ${bars.close[row]}`);
      });
    }),
    { seed: 1, numRuns: 50 },
  );
});

Deno.test("FR-003 a later action or a later bar never changes an earlier row", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 2, max: 20 }), (seed, row) => {
      const data = randomAsset(share, { from, to, seed });
      const until = data.bars.daily!.openTime[row]!;
      const earlier = {
        ...data,
        actions: data.actions.filter(({ exDate }) => exDate < until),
      };
      for (const timeframe of ["h4", "daily"] as const) {
        const whole = adjustedBars(data, timeframe, to);
        const cut = adjustedBars(earlier, timeframe, until);
        const rows = cut.factors.length;
        deepStrictEqual(cut.factors, whole.factors.slice(0, rows));
        deepStrictEqual(cut.bars.close, whole.bars.close.slice(0, rows));
        deepStrictEqual(cut.bars.open, whole.bars.open.slice(0, rows));
      }
    }),
    { seed: 1, numRuns: 50 },
  );
});

Deno.test("FR-060 daily data that were loaded anew are adjusted anew", () => {
  const h4 = closingAt(share, "h4", from, new Array(12).fill(100));
  const actions = [action("2024-03-06", "dividend", 20)];
  const factorsWith = (close: number) => {
    const daily = closingAt(share, "daily", from, new Array(4).fill(close));
    return [...adjustedBars({ ...dataOf(h4, daily), actions }, "h4", to).factors];
  };
  strictEqual(factorsWith(100).at(-1), 1 / (1 - 0.2));
  strictEqual(factorsWith(40).at(-1), 2);
});

Deno.test("FR-002 an asset without actions needs no daily bars and keeps its columns", () => {
  const h4 = closingAt(share, "h4", from, [1, 2, 3]);
  const { bars, factors } = adjustedBars(dataOf(h4), "h4", to);
  strictEqual(bars.close.buffer, h4.close.buffer);
  deepStrictEqual([...factors], [1, 1, 1]);
});

Deno.test("FR-002 a holder through a dividend earns it: NAV does not jump at the ex-date", () => {
  const h4 = closingAt(share, "h4", from, [100, 100, 100, 100, 100, 100, 80, 80, 80, 80, 80, 80]);
  const dropped = { ...h4, open: h4.close };
  const daily = dailyOf(share, dropped, parseDate("2024-03-08"));
  const data = { ...dataOf(dropped, daily), actions: [action("2024-03-06", "dividend", 20)] };
  const holder = constantly("Holder_v1", { SHR: 1 });
  const plan = planWith([share], [seat(holder)], {
    start: parseDate("2024-03-05"),
    end: parseDate("2024-03-08"),
  });
  const run = execute({ plan, data: [data] }, [holder]);
  ok(run.nav.every((nav) => Math.abs(nav - 1000) < 1e-9));
  ok(run.bookings.length > 0);
});
