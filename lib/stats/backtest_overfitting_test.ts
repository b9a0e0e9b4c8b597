import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { seededRandom } from "../core/random.ts";
import {
  blockMoments,
  logitQuartiles,
  overfittingFromBlocks,
  probabilityOfBacktestOverfitting,
} from "./backtest_overfitting.ts";

/** The definition read aloud: every choice of blocks, their rows copied out in time order and scored afresh. */
function bruteForce(matrix: readonly Float64Array[], blocks: number): number[] {
  const rows = Math.floor(matrix[0]!.length / blocks);
  const dropped = matrix[0]!.length - rows * blocks;
  const ratio = (column: Float64Array, chosen: (block: number) => boolean) => {
    const kept = [...column.slice(dropped)].filter((_, row) => chosen(Math.floor(row / rows)));
    const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length;
    const squares = kept.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const deviation = Math.sqrt(squares / (kept.length - 1));
    return deviation === 0 ? 0 : mean / deviation;
  };
  return choicesOf(blocks, blocks / 2).map((choice) => {
    const inSample = matrix.map((column) => ratio(column, (block) => choice.includes(block)));
    const outside = matrix.map((column) => ratio(column, (block) => !choice.includes(block)));
    const own = outside[inSample.indexOf(Math.max(...inSample))]!;
    const below = outside.filter((other) => other < own).length;
    const equal = outside.filter((other) => other === own).length;
    const rank = (below + below + equal + 1) / 2;
    const share = rank / (matrix.length + 1);
    return Math.log(share / (1 - share));
  });
}

function choicesOf(count: number, size: number, from = 0): number[][] {
  if (size === 0) return [[]];
  const choices: number[][] = [];
  for (let first = from; first <= count - size; first++) {
    for (const rest of choicesOf(count, size - 1, first + 1)) choices.push([first, ...rest]);
  }
  return choices;
}

Deno.test("FR-049 probabilityOfBacktestOverfitting() is 0 when one trial is best everywhere", () => {
  const winner = Float64Array.of(3, 2, 3, 2, 3, 2, 3, 2);
  const loser = winner.map((value) => -value);
  const { pbo, logits } = probabilityOfBacktestOverfitting([loser, winner], { blocks: 4 });
  strictEqual(pbo, 0);
  strictEqual(logits.length, 6);
  // Rank 2 of 2: ω = 2/3, and ln 2 to the last place.
  deepStrictEqual(new Set(logits), new Set([0.6931471805599453]));
});

Deno.test("FR-049 probabilityOfBacktestOverfitting() is 1 when the best half is always the worst other half", () => {
  const early = Float64Array.of(2, 3, -2, -3);
  const late = Float64Array.of(-2, -3, 2, 3);
  const { pbo, logits } = probabilityOfBacktestOverfitting([early, late], { blocks: 2 });
  strictEqual(pbo, 1);
  deepStrictEqual(logits, [-0.6931471805599453, -0.6931471805599453]);
});

Deno.test("FR-049 probabilityOfBacktestOverfitting() counts a middle rank, a logit of exactly 0, as overfitted", () => {
  const flat = new Float64Array(8);
  const { pbo, logits } = probabilityOfBacktestOverfitting([flat, flat, flat], { blocks: 4 });
  deepStrictEqual(logits, [0, 0, 0, 0, 0, 0]);
  strictEqual(pbo, 1);
});

Deno.test("FR-049 probabilityOfBacktestOverfitting() gives a trial that never varies the score 0", () => {
  // 0.1 leaves rounding behind in a plain sum of squares; scored 1e15, the flat trial would win.
  const flat = new Float64Array(12).fill(0.1);
  const better = Float64Array.from({ length: 12 }, (_, i) => 0.2 + (i % 3) / 10);
  const { pbo } = probabilityOfBacktestOverfitting([flat, better], { blocks: 4 });
  strictEqual(pbo, 0);
});

Deno.test("FR-049 probabilityOfBacktestOverfitting() drops the oldest rows that fill no block", () => {
  const matrix = [[1, 2, -1, 3], [2, -1, 1, 1], [0, 1, 1, -3]].map((row) => Float64Array.from(row));
  const longer = matrix.map((column, trial) => Float64Array.of(1000 * trial, ...column));
  deepStrictEqual(
    probabilityOfBacktestOverfitting(longer, { blocks: 2 }),
    probabilityOfBacktestOverfitting(matrix, { blocks: 2 }),
  );
});

Deno.test("FR-049 probabilityOfBacktestOverfitting() is null without trials to compare or rows to score", () => {
  const column = Float64Array.of(1, 2, 3, 4);
  const nothing = { pbo: null, logits: [] };
  deepStrictEqual(probabilityOfBacktestOverfitting([], { blocks: 2 }), nothing);
  deepStrictEqual(probabilityOfBacktestOverfitting([column], { blocks: 2 }), nothing);
  deepStrictEqual(probabilityOfBacktestOverfitting([column, column], { blocks: 6 }), nothing);
});

Deno.test("FR-049 probabilityOfBacktestOverfitting() names the trial and row it cannot use", () => {
  const column = Float64Array.of(1, 2, 3, 4);
  const of = (other: Float64Array, blocks: number) => () =>
    probabilityOfBacktestOverfitting([column, other], { blocks });
  throws(of(column, 3), /an even number from 2 to 24, found 3/);
  throws(of(Float64Array.of(1), 2), /trial 1 has 1 returns, expected 4 as in trial 0/);
  throws(of(Float64Array.of(1, 2, NaN, 4), 2), /trial 1, row 2 is NaN, expected a finite return/);
});

Deno.test("FR-049 probabilityOfBacktestOverfitting() agrees with the definition carried out by brute force", () => {
  const shapes = fc.record({
    seed: fc.nat(),
    trials: fc.integer({ min: 2, max: 6 }),
    rows: fc.integer({ min: 12, max: 30 }),
    blocks: fc.constantFrom(2, 4, 6),
  });
  fc.assert(
    fc.property(shapes, ({ seed, trials, rows, blocks }) => {
      // Evenly drawn: near ties, where rounding decides the rank, do not occur.
      const random = seededRandom(seed);
      const column = () => Float64Array.from({ length: rows }, () => random.next() - 0.5);
      const matrix = Array.from({ length: trials }, column);
      const { pbo, logits } = probabilityOfBacktestOverfitting(matrix, { blocks });
      const expected = bruteForce(matrix, blocks);
      strictEqual(logits.length, expected.length);
      for (const [i, logit] of logits.entries()) ok(Math.abs(logit - expected[i]!) < 1e-12);
      ok(
        Math.abs(pbo! - expected.filter((logit) => logit <= 1e-12).length / expected.length) <
          1e-12,
      );
    }),
    { seed: 1 },
  );
});

Deno.test("FR-049 overfittingFromBlocks() says of block moments what is said of whole columns, to the last bit", () => {
  const shapes = fc.record({
    seed: fc.nat(),
    trials: fc.integer({ min: 1, max: 9 }),
    days: fc.integer({ min: 1, max: 70 }),
    blocks: fc.constantFrom(2, 6, 10),
  });
  fc.assert(
    fc.property(shapes, ({ seed, trials, days, blocks }) => {
      const random = seededRandom(seed);
      const column = () => Float64Array.from({ length: days }, () => random.integer(5) - 2);
      const matrix = Array.from({ length: trials }, column);
      const all = Float64Array.from(
        matrix.flatMap((returns) => [...blockMoments(returns, blocks)]),
      );
      deepStrictEqual(
        overfittingFromBlocks(all, { blocks, days }),
        probabilityOfBacktestOverfitting(matrix, { blocks }),
      );
    }),
    { seed: 1, numRuns: 50 },
  );
});

Deno.test("FR-049 blockMoments() keeps mean and squares of each block, the oldest rows left out", () => {
  const returns = Float64Array.of(100, 1, 3, -2, -2);
  deepStrictEqual(blockMoments(returns, 2), Float64Array.of(2, -2, 2, 0));
  throws(() => blockMoments(returns, 3), /an even number from 2 to 24, found 3/);
  throws(() => blockMoments(Float64Array.of(1, Infinity), 2), /row 1 is Infinity/);
  const options = { blocks: 2, days: 4 };
  throws(() => overfittingFromBlocks(new Float64Array(6), options), /6 moments are not 4 for each/);
});

Deno.test("FR-049 logitQuartiles() lie a quarter, a half and three quarters along the sorted logits", () => {
  deepStrictEqual(logitQuartiles([5, 1, 3, 2, 4]), [2, 3, 4]);
  deepStrictEqual(logitQuartiles([-10, 2]), [-7, -4, -1]);
  deepStrictEqual(logitQuartiles([7]), [7, 7, 7]);
  strictEqual(logitQuartiles([]), null);
});
