import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import {
  atr,
  bollinger,
  ema,
  type KernelOptions,
  momentum,
  rollingStd,
  rsi,
  sma,
  trueRange,
} from "./kernels.ts";

interface Prices {
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

type Run = (prices: Prices, n: number, options?: KernelOptions) => Float64Array;

const kernels: Readonly<Record<string, Run>> = {
  sma: ({ close }, n, options) => sma(close, n, options),
  ema: ({ close }, n, options) => ema(close, n, options),
  rsi: ({ close }, n, options) => rsi(close, n, options),
  atr: ({ high, low, close }, n, options) => atr(high, low, close, n, options),
  rollingStd: ({ close }, n, options) => rollingStd(close, n, options),
  momentum: ({ close }, n, options) => momentum(close, n, options),
};
const everyKernel: Readonly<Record<string, Run>> = {
  ...kernels,
  trueRange: ({ high, low, close }) => trueRange(high, low, close),
  sampleStd: ({ close }, n) => rollingStd(close, n + 1, { sample: true }),
  bollingerUpper: ({ close }, n) => bollinger(close, n, 2).upper,
  bollingerMiddle: ({ close }, n) => bollinger(close, n, 2).middle,
  bollingerLower: ({ close }, n) => bollinger(close, n, 2).lower,
};

const price = fc.oneof(
  { weight: 12, arbitrary: fc.double({ min: 1, max: 1000, noNaN: true }) },
  { weight: 1, arbitrary: fc.constant(NaN) },
);
const prices = fc.array(fc.tuple(price, price, price), { maxLength: 70 }).map((rows): Prices => ({
  high: Float64Array.from(rows, ([a, b]) => Math.max(a, b)),
  low: Float64Array.from(rows, ([a, b]) => Math.min(a, b)),
  close: Float64Array.from(rows, ([, , c]) => c),
}));
const period = fc.integer({ min: 1, max: 15 });

/** The first `count` bars, in memory of their own. */
function cut({ high, low, close }: Prices, count: number): Prices {
  return { high: high.slice(0, count), low: low.slice(0, count), close: close.slice(0, count) };
}

for (const [name, run] of Object.entries(everyKernel)) {
  Deno.test(`FR-002 FR-003 ${name} of the first bars is the same bits whether or not later bars exist`, () => {
    fc.assert(
      fc.property(prices, period, (whole, n) => {
        const answer = run(whole, n);
        for (let count = 0; count <= whole.close.length; count++) {
          deepStrictEqual(run(cut(whole, count), n), answer.slice(0, count));
        }
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  Deno.test(`FR-002 ${name} writes one NaN only, whatever bits the NaNs of its input have`, () => {
    const column = Float64Array.from({ length: 40 }, (_, i) => 1 + i % 7);
    const bits = new BigUint64Array(column.buffer);
    for (const row of [5, 20, 21]) bits[row] = 0xfff8_0000_0000_0001n;
    column[33] = Infinity;
    const answer = run({ high: column, low: column, close: column }, 3);
    const written = new BigUint64Array(answer.buffer).filter((_, row) => Number.isNaN(answer[row]));
    ok(written.length > 3 && written.every((pattern) => pattern === 0x7ff8_0000_0000_0000n));
  });
}

for (const [name, run] of Object.entries(kernels)) {
  Deno.test(`FR-002 ${name} into a column of one's own gives the same bits as into a new one`, () => {
    fc.assert(
      fc.property(prices, period, (whole, n) => {
        const out = new Float64Array(whole.close.length).fill(42);
        strictEqual(run(whole, n, { out }), out);
        deepStrictEqual(out, run(whole, n));
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  Deno.test(`FR-002 ${name} refuses a period that is no number of bars and a column that does not fit`, () => {
    const column = Float64Array.of(1, 2, 3);
    const bars = { high: column, low: column, close: column };
    for (const n of [0, -1, 1.5, NaN, Infinity]) {
      const message = `Cannot compute ${name}: period must be a whole number from 1, found ${n}`;
      throws(() => run(bars, n), new RangeError(message));
    }
    const short = new Float64Array(2);
    throws(() => run(bars, 1, { out: short }), /"out" has 2 rows, expected 3 as in the input/);
    throws(() => run(bars, 1, { out: column }), /"out" shares memory with another column/);
  });
}

Deno.test("FR-002 rollingStd() of a sample refuses a period of one bar", () => {
  throws(
    () => rollingStd(Float64Array.of(1), 1, { sample: true }),
    /period must be a whole number from 2, found 1/,
  );
});

Deno.test("FR-002 atr() and trueRange() refuse columns of unequal length", () => {
  const three = new Float64Array(3);
  const two = new Float64Array(2);
  throws(
    () => atr(three, two, three, 1),
    new RangeError('Cannot compute atr: "low" has 2 rows, expected 3 as in "high"'),
  );
  throws(() => trueRange(three, three, two), /"close" has 2 rows, expected 3 as in "high"/);
});

for (const [name, run] of Object.entries({ ema, rsi })) {
  Deno.test(`FR-002 ${name}() behind a NaN answers as if history began there`, () => {
    fc.assert(
      fc.property(prices, prices, period, (before, after, n) => {
        const joined = Float64Array.of(...before.close, NaN, ...after.close);
        const tail = run(joined, n).slice(before.close.length + 1);
        deepStrictEqual(tail, run(after.close, n));
      }),
      { seed: 1 },
    );
  });
}

// Computed with TA-Lib 0.8.1 through its Python wrapper 0.8.2, on a seeded random walk in cents with a flat
// stretch; the sample deviation, which TA-Lib lacks, with NumPy 2.4.6.
Deno.test("FR-002 every kernel gives the numbers of TA-Lib", () => {
  const reference = readTable(new URL("kernels/testdata/talib_reference.csv", import.meta.url));
  const { high, low, close } = reference as unknown as Prices;
  const bands = bollinger(close, 20, 2);
  const ours: Record<string, Float64Array> = {
    sma_10: sma(close, 10),
    ema_10: ema(close, 10),
    rsi_2: rsi(close, 2),
    rsi_14: rsi(close, 14),
    true_range: trueRange(high, low, close),
    atr_14: atr(high, low, close, 14),
    bollinger_upper: bands.upper,
    bollinger_middle: bands.middle,
    bollinger_lower: bands.lower,
    std_20: rollingStd(close, 20),
    std_sample_20: rollingStd(close, 20, { sample: true }),
    momentum_10: momentum(close, 10),
  };
  deepStrictEqual(Object.keys(reference), ["high", "low", "close", ...Object.keys(ours)]);
  for (const [name, column] of Object.entries(ours)) {
    for (const [row, expected] of reference[name]!.entries()) {
      const found = column[row]!;
      if (Number.isNaN(expected)) ok(Number.isNaN(found), `${name}, row ${row}`);
      // TA-Lib's own deviation is good to about 3e-13; momentum is rounded where 1 is taken off.
      else {ok(
          Math.abs(found - expected) <= 1e-12 * Math.abs(expected) + 1e-15,
          `${name}, row ${row}`,
        );}
    }
  }
});

function readTable(file: URL): Record<string, Float64Array> {
  const [header, ...lines] = readFileSync(file, "utf8").trimEnd().split("\n");
  const rows = lines.map((line) => line.split(",").map(Number));
  return Object.fromEntries(
    header!.split(",").map((name, i) => [name, Float64Array.from(rows, (row) => row[i]!)]),
  );
}
