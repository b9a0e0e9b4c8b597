import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { seededRandom } from "../../core/random.ts";
import { superiorPredictiveAbility } from "../../stats/superior_ability.ts";
import { dailySharpe, sweepStatistics } from "./sweep_statistics.ts";

const DAYS = 400;

function noise(seed: number, mean: number): Float64Array {
  const random = seededRandom(seed);
  return Float64Array.from({ length: DAYS }, () => mean + (random.next() - 0.5) / 50);
}

function statistics(matrix: readonly Float64Array[], hold?: Float64Array) {
  return sweepStatistics({
    ...{ places: matrix.map((_, place) => place), days: DAYS },
    read: (place) => matrix[place]!,
  }, { seed: 1, ...(hold && { hold: { returns: hold, sharpe: dailySharpe(hold) } }) });
}

Deno.test("FR-049 what only rides a rising market beats cash and does not beat holding", () => {
  const market = noise(9, 0.003);
  const riders = [1, 2, 3].map((seed) => {
    const own = noise(seed, 0);
    return market.map((value, day) => value + own[day]! / 10);
  });
  const { spa, hold } = statistics(riders, market);
  ok(spa!.consistent! < 0.01, `p ${spa!.consistent} against cash`);
  ok(hold!.consistent! > 0.05, `p ${hold!.consistent} against holding`);
  const skilled = riders.map((returns) => returns.map((value) => value + 0.002));
  ok(statistics(skilled, market).hold!.consistent! < 0.01);
});

Deno.test("FR-049 the test against holding is the public one on differences, on the draws of the other", () => {
  const matrix = [1, 2, 3].map((seed) => noise(seed, 0.0003 * seed));
  const market = noise(9, 0.0005);
  const { spa, hold } = statistics(matrix, market);
  const { consistent, lower, upper } = superiorPredictiveAbility(
    matrix.map((returns) => returns.map((value, day) => value - market[day]!)),
    { seed: 1, resamples: 1_000, blockLength: spa!.block_days },
  );
  deepStrictEqual([hold!.consistent, hold!.lower, hold!.upper], [consistent, lower, upper]);
  strictEqual(statistics(matrix).hold, null);
});
