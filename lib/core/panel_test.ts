import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { Bars } from "./bars.ts";
import type { ExpectedBars } from "./calendar.ts";
import { type Join, joinBars, joinColumn } from "./panel.ts";

/** Bars known at these times; nothing else about them matters to a join. */
function barsKnownAt(times: readonly number[]): Bars {
  const column = Float64Array.from(times);
  return {
    symbol: "SPY",
    timeframe: "h4",
    openTime: column,
    availableAt: column,
    open: column,
    high: column,
    low: column,
    close: column,
    volume: column,
  };
}

function expectedAt(times: readonly number[]): ExpectedBars {
  const column = Float64Array.from(times);
  return { openTime: column, availableAt: column, tradableAt: column };
}

function join(
  decisions: readonly number[],
  known: readonly number[],
  options: { expected?: readonly number[]; maxMissing?: number } = {},
): Join {
  const { expected = decisions, maxMissing = Infinity } = options;
  return joinBars(Float64Array.from(decisions), barsKnownAt(known), {
    expected: () => expectedAt(expected),
    maxMissing,
  });
}

const rowsOf = (joined: Join) => [...joined.rows];
const hours = Array.from({ length: 8 }, (_, i) => i);

Deno.test("FR-003 a decision sees the newest bar known by then, equality included", () => {
  deepStrictEqual(rowsOf(join([10, 20, 30], [15, 20, 29, 31])), [-1, 1, 2]);
});

Deno.test("FR-003 bars that become known exactly at each decision need no search", () => {
  const joined = join([4, 5, 6], hours, { maxMissing: 0 });
  strictEqual(joined.offset, 4);
  deepStrictEqual(rowsOf(joined), [4, 5, 6]);
  deepStrictEqual(joined.gaps, []);
});

Deno.test("FR-003 bars that begin after the first decision are aligned too, and unseen before", () => {
  const joined = join([0, 1, 2, 3], [2, 3, 4]);
  strictEqual(joined.offset, -2);
  deepStrictEqual(rowsOf(joined), [-1, -1, 0, 1]);
});

Deno.test("FR-005 a value is carried over the missing bars allowed, then it is gone until the next", () => {
  const joined = join(hours, [0, 1, 5, 6, 7], { maxMissing: 2 });
  strictEqual(joined.offset, undefined);
  deepStrictEqual(rowsOf(joined), [0, 1, 1, 1, -1, 2, 3, 4]);
  deepStrictEqual(joined.gaps, [{ from: 2, to: 5, missing: 3 }]);
});

Deno.test("FR-005 with nothing allowed a missing bar is missing at once; without bound it is for ever", () => {
  deepStrictEqual(rowsOf(join(hours, [0, 1, 5, 6, 7], { maxMissing: 0 })), [
    0,
    1,
    -1,
    -1,
    -1,
    2,
    3,
    4,
  ]);
  const forEver = join(hours, [0, 1, 5, 6, 7]);
  deepStrictEqual(rowsOf(forEver), [0, 1, 1, 1, 1, 2, 3, 4]);
  deepStrictEqual(forEver.gaps, []);
});

Deno.test("FR-005 a closed market is no gap: only bars that were to be expected count", () => {
  const joined = join(hours, [0, 1, 6, 7], { expected: [0, 1, 6, 7], maxMissing: 0 });
  deepStrictEqual(rowsOf(joined), [0, 1, 1, 1, 1, 1, 2, 3]);
  deepStrictEqual(joined.gaps, []);
});

Deno.test("FR-005 every stretch of missing bars is told, the last one up to the end", () => {
  deepStrictEqual(join(hours, [0, 2, 3, 4], { maxMissing: 9 }).gaps, [
    { from: 1, to: 2, missing: 1 },
    { from: 5, to: 8, missing: 3 },
  ]);
});

Deno.test("FR-002 a column is laid onto the clock, NaN where nothing is known", () => {
  const column = Float64Array.of(10, 11, 12, 13);
  const aligned = joinColumn(column, join([1, 2], [0, 1, 2, 3]));
  deepStrictEqual([...aligned], [11, 12]);
  deepStrictEqual([...joinColumn(column, join([0, 1, 2, 3], [2, 3, 4, 5]))], [NaN, NaN, 10, 11]);
  deepStrictEqual([...joinColumn(column, join([0, 10, 25], [5, 20, 21, 30]))], [NaN, 10, 12]);
});

const times = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 20 })
  .map((values) => values.sort((a, b) => a - b));

Deno.test("FR-003 whatever is missing, a decision sees the newest bar by then or none", () => {
  fc.assert(
    fc.property(times, times, fc.integer({ min: 0, max: 4 }), (decisions, known, maxMissing) => {
      const expected = Array.from({ length: 31 }, (_, time) => time);
      const joined = join(decisions, known, { expected, maxMissing });
      const column = joinColumn(Float64Array.from(known), joined);
      decisions.forEach((time, i) => {
        const newest = known.filter((at) => at <= time).at(-1);
        const age = newest === undefined ? Infinity : time - newest;
        if (age > maxMissing) strictEqual(joined.rows[i], -1);
        else strictEqual(known[joined.rows[i]!], newest);
        ok(Number.isNaN(column[i]!) ? age > maxMissing : column[i] === newest);
        const told = joined.gaps.some(({ from, to }) => from <= i && i < to);
        strictEqual(told, newest !== undefined && age > 0);
      });
    }),
    { seed: 1, numRuns: 300 },
  );
});
