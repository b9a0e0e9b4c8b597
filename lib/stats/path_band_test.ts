import { deepStrictEqual, ok, throws } from "node:assert/strict";
import { seededRandom } from "../core/random.ts";
import { pathBand } from "./path_band.ts";

const options = { random: seededRandom(1), blockLength: 5, levels: [0.05, 0.5, 0.95] };

Deno.test("a band of equal returns is one line", () => {
  const { levels } = pathBand(new Float64Array(50).fill(0.01), { ...options, days: 2 });
  for (const level of levels) {
    deepStrictEqual([...level].map((growth) => growth.toFixed(6)), [
      "1.000000",
      "1.010000",
      "1.020100",
    ]);
  }
});

Deno.test("a band is ordered, begins at 1 and widens", () => {
  const random = seededRandom(2);
  const returns = Float64Array.from({ length: 300 }, () => (random.next() - 0.5) * 0.02);
  const { levels: [low, middle, high], growths } = pathBand(returns, { ...options, days: 30 });
  for (let day = 0; day <= 30; day++) {
    ok(low![day]! <= middle![day]! && middle![day]! <= high![day]!);
  }
  ok(high![30]! - low![30]! > 2 * (high![1]! - low![1]!));
  ok(growths.every((growth, at) => at === 0 || growth >= growths[at - 1]!));
});

Deno.test("a band without returns is a wrong argument", () => {
  throws(() => pathBand(new Float64Array(0), { ...options, days: 2 }), RangeError);
});
