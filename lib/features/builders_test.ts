import { deepStrictEqual, notDeepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { type Bars, H4_MS, sliceBars } from "../core/bars.ts";
import { daily, type FeatureBuilders, featureBuilders, h4, trading } from "./builders.ts";
import type { Feature } from "./feature.ts";
import { featureCache } from "./pipeline.ts";

/** Every builder in all its forms; the type and the first test keep a new one from being forgotten. */
const EXAMPLES: { readonly [Name in keyof FeatureBuilders]: readonly Feature[] } = {
  open: [h4.open()],
  high: [h4.high()],
  low: [h4.low()],
  close: [h4.close()],
  volume: [h4.volume()],
  returns: [h4.returns(1), h4.returns(20)],
  sma: [h4.sma(2), h4.sma(5), h4.sma(5, h4.volume()), h4.sma(3, h4.rsi(4, h4.high()))],
  ema: [h4.ema(2), h4.ema(5), h4.ema(5, h4.low()), h4.ema(3, h4.sma(5, h4.low()))],
  rsi: [h4.rsi(2), h4.rsi(5), h4.rsi(5, h4.open())],
  atr: [h4.atr(2), h4.atr(5)],
  bollingerLow: [h4.bollingerLow(5), h4.bollingerLow(5, 1.5), h4.bollingerLow(6)],
  bollingerMiddle: [h4.bollingerMiddle(7)],
  bollingerHigh: [h4.bollingerHigh(5), h4.bollingerHigh(5, 1.5), h4.bollingerHigh(6)],
  rollingStd: [
    h4.rollingStd(5),
    h4.rollingStd(5, { sample: true }),
    h4.rollingStd(5, { of: h4.volume() }),
    h4.rollingStd(5, { sample: true, of: h4.volume() }),
    h4.rollingStd(5, { of: h4.returns(1) }),
  ],
  momentum: [h4.momentum(3), h4.momentum(3, h4.high()), h4.momentum(3, h4.ema(4))],
  above: [
    h4.above(h4.close(), h4.sma(5)),
    h4.above(h4.sma(5), h4.close()),
    h4.above(h4.high(), h4.ema(3)),
  ],
};
const ALL = Object.values(EXAMPLES).flat();

type Row = readonly [open: number, close: number, reach: number, volume: number];

function barsOf(rows: readonly Row[]): Bars {
  const column = (value: (row: Row, i: number) => number) => Float64Array.from(rows, value);
  return {
    symbol: "SPY",
    timeframe: "h4",
    openTime: column((_, i) => i * H4_MS),
    availableAt: column((_, i) => (i + 1) * H4_MS),
    open: column(([open]) => open),
    high: column(([open, close, reach]) => Math.max(open, close) + reach),
    low: column(([open, close, reach]) => Math.min(open, close) - reach),
    close: column(([, close]) => close),
    volume: column(([, , , volume]) => volume),
  };
}

const price = fc.double({ min: 50, max: 200, noNaN: true });
const cleanRow: fc.Arbitrary<Row> = fc.tuple(
  price,
  price,
  fc.double({ min: 0.5, max: 40, noNaN: true }),
  fc.double({ min: 1, max: 1e6, noNaN: true }),
);
const brokenRow: fc.Arbitrary<Row> = fc.oneof(
  { weight: 8, arbitrary: cleanRow },
  { weight: 3, arbitrary: cleanRow.map(([a, b, c]): Row => [a, b, c, NaN]) },
  { weight: 1, arbitrary: cleanRow.map(([a, b, c]): Row => [a, b, c, 0]) },
  { weight: 1, arbitrary: cleanRow.map(([a, , c, d]): Row => [a, NaN, c, d]) },
);

const columnOf = (bars: Bars, feature: Feature) => featureCache().column(bars, feature);
/** The bytes, in which a NaN differs from another NaN and 0 from −0. */
const bitsOf = (column: Float64Array) => new BigUint64Array(column.slice().buffer);

Deno.test("FR-002 the examples below hold every builder, and only builders", () => {
  deepStrictEqual(Object.keys(EXAMPLES), Object.keys(h4));
  for (const examples of Object.values(EXAMPLES)) ok(examples.length > 0);
});

Deno.test("FR-003 property: cutting the future off changes no earlier value of any feature, bit for bit", () => {
  const history = fc.array(brokenRow, { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(history, fc.nat(), (rows, place) => {
      const bars = barsOf(rows);
      const cut = place % rows.length;
      const known = sliceBars(bars, 0, cut);
      for (const feature of ALL) {
        const whole = columnOf(bars, feature);
        deepStrictEqual(
          bitsOf(columnOf(known, feature)),
          bitsOf(whole.subarray(0, cut)),
          feature.name,
        );
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

Deno.test("FR-002 property: on clean bars each feature's first value stands exactly in row warmUp - 1", () => {
  fc.assert(
    fc.property(fc.array(cleanRow, { minLength: 30, maxLength: 40 }), (rows) => {
      const bars = barsOf(rows);
      for (const feature of ALL) {
        const missing = columnOf(bars, feature).findLastIndex(Number.isNaN) + 1;
        strictEqual(missing, feature.warmUp - 1, feature.name);
      }
    }),
    { seed: 1 },
  );
});

const waves = barsOf(
  Array.from({ length: 60 }, (_, i): Row => {
    const close = 100 + 20 * Math.sin(i) + 5 * Math.sin(i * i);
    return [close + 3 * Math.cos(3 * i), close, 2 + Math.sin(7 * i), 1000 + 100 * Math.cos(i)];
  }),
);

Deno.test("FR-002 no two different features share a name, and no two names share a column", () => {
  // Two spellings of one feature are meant to meet; all others are different.
  const features = ALL.filter(({ name }, i) => ALL.findIndex((one) => one.name === name) === i);
  strictEqual(features.length, ALL.length);
  const names = new Map(
    features.map((feature) => [bitsOf(columnOf(waves, feature)).join(), feature.name]),
  );
  strictEqual(names.size, features.length);
});

Deno.test("FR-002 two spellings of one feature are one name and one column", () => {
  const pairs: [Feature, Feature][] = [
    [h4.returns(4), h4.momentum(4)],
    [h4.bollingerMiddle(20), h4.sma(20)],
    [h4.bollingerMiddle(20, 3), h4.sma(20)],
    [h4.sma(5), h4.sma(5, h4.close())],
    [h4.ema(5), h4.ema(5, featureBuilders("h4").close())],
    [h4.bollingerLow(5), h4.bollingerLow(5, 2)],
    [h4.rollingStd(5), h4.rollingStd(5, { sample: false, of: h4.close() })],
  ];
  for (const [a, b] of pairs) {
    strictEqual(a.name, b.name);
    strictEqual(a.warmUp, b.warmUp);
    deepStrictEqual(columnOf(waves, a), columnOf(waves, b), a.name);
  }
});

Deno.test("FR-002 a name tells period, width, kind of deviation and source", () => {
  deepStrictEqual(
    [
      h4.volume(),
      h4.returns(4),
      h4.sma(5),
      h4.ema(5, h4.rsi(2, h4.high())),
      h4.atr(14),
      h4.bollingerHigh(20, 1.5),
      h4.rollingStd(20, { sample: true, of: h4.returns(1) }),
      h4.above(h4.close(), h4.sma(5)),
    ].map(({ name }) => name),
    [
      "volume()",
      "momentum(4)",
      "sma(5)",
      "ema(5, rsi(2, high()))",
      "atr(14)",
      "bollinger(20, 1.5).upper",
      "rollingStd(20, sample, momentum(1))",
      "above(close(), sma(5))",
    ],
  );
});

Deno.test("FR-002 each price builder gives its own column, each band its own side", () => {
  for (const name of ["open", "high", "low", "close", "volume"] as const) {
    deepStrictEqual(columnOf(waves, h4[name]()), waves[name]);
  }
  const [low, middle, high] = [h4.bollingerLow(5), h4.bollingerMiddle(5), h4.bollingerHigh(5)]
    .map((feature) => columnOf(waves, feature)[30]!);
  ok(low! < middle! && middle! < high!);
  notDeepStrictEqual(
    columnOf(waves, h4.rollingStd(5)),
    columnOf(waves, h4.rollingStd(5, { sample: true })),
  );
});

Deno.test("FR-002 above() is 1 or 0 where both exist, 0 where they are equal, NaN elsewhere", () => {
  const column = (name: string, ...values: number[]): Feature => ({
    name,
    timeframe: "h4",
    warmUp: 1,
    compute: () => Float64Array.from(values),
  });
  const a = column("a", 1, 3, 2, NaN, 1, Infinity);
  const b = column("b", 2, 2, 2, 1, NaN, Infinity);
  const six = sliceBars(waves, 0, 6);
  deepStrictEqual(columnOf(six, h4.above(a, b)), Float64Array.of(0, 1, 0, NaN, NaN, 0));
});

/** A made-up feature with these values. */
function made(name: string, values: readonly number[]): Feature {
  return { name, timeframe: "h4", warmUp: 1, compute: () => Float64Array.from(values) };
}

/** The rows at which `a` > `b` changes, the flag at the first, and how many there are. */
function flipsOf(a: readonly number[], b: readonly number[]) {
  const bars = sliceBars(waves, 0, a.length);
  const rows = new Int32Array(a.length);
  const cache = featureCache();
  const { count, first } = h4.above(made("a", a), made("b", b))
    .flips!(bars, (feature) => cache.column(bars, feature), rows);
  return count < 0 ? count : { first, rows: [...rows.subarray(0, count)] };
}

Deno.test("FR-045 a flag tells the rows at which it changes, the first row with a value first", () => {
  const zeros = [0, 0, 0, 0, 0, 0];
  deepStrictEqual(flipsOf([1, 2, -1, 0, 3, 3], zeros), { first: 1, rows: [0, 2, 4] });
  deepStrictEqual(flipsOf([NaN, NaN, 0, 1, 0, 1], zeros), { first: 0, rows: [2, 3, 4, 5] });
  deepStrictEqual(flipsOf(zeros, [NaN, 1, 1, -1, -1, -1]), { first: 0, rows: [1, 3] });
  deepStrictEqual(flipsOf([1, 1], [0, 0]), { first: 1, rows: [0] });
  deepStrictEqual(flipsOf([NaN, NaN], [0, 0]), { first: 0, rows: [] });
  deepStrictEqual(flipsOf([], []), { first: 0, rows: [] });
});

Deno.test("FR-045 a flag with a missing value in between tells no rows", () => {
  strictEqual(flipsOf([1, NaN, 1], [0, 0, 0]), -1);
  strictEqual(flipsOf([-1, -1, 1], [0, NaN, 0]), -1);
  strictEqual(flipsOf([NaN, 1, NaN], [0, 0, 0]), -1);
});

Deno.test("FR-045 property: where a flag changes follows from its column", () => {
  const value = fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: -2, max: 2 }) },
    { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -0) },
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value), { maxLength: 30 }), (pairs) => {
      const a = pairs.map(([left]) => left);
      const b = pairs.map(([, right]) => right);
      const column = [
        ...columnOf(sliceBars(waves, 0, a.length), h4.above(made("a", a), made("b", b))),
      ];
      const from = column.findIndex((flag) => flag === 0 || flag === 1);
      const flags = from < 0 ? [] : column.slice(from);
      const rows = flags.flatMap((flag, i) => flag === flags[i - 1] ? [] : [from + i]);
      const expected = flags.includes(NaN) ? -1 : { first: flags[0] ?? 0, rows };
      deepStrictEqual(flipsOf(a, b), expected);
    }),
    { seed: 2, numRuns: 500 },
  );
});

Deno.test("FR-004 features of different timeframes are not combined", () => {
  const combine: (() => Feature)[] = [
    () => h4.sma(5, daily.close()),
    () => daily.ema(5, h4.close()),
    () => h4.rsi(5, trading.close()),
    () => trading.momentum(5, h4.close()),
    () => h4.rollingStd(5, { of: daily.close() }),
    () => h4.above(h4.close(), daily.close()),
    () => h4.above(daily.close(), h4.close()),
  ];
  for (const make of combine) throws(make, RangeError);
  throws(combine[0]!, {
    message: "Cannot combine daily.close() with h4 features: " +
      "columns of different bars meet only on the decision clock",
  });
});

Deno.test("FR-013 builders and features cannot be changed under another model's feet", () => {
  throws(() => Object.assign(h4, { sma: h4.ema }), TypeError);
  throws(() => Object.assign(h4.close(), { compute: () => waves.open }), TypeError);
});
