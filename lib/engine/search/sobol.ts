import { Refusal } from "../../core/errors.ts";
import { SOBOL_DIRECTIONS } from "./sobol_directions.ts";

const BITS = 32;

/** Dimensions for which there are direction numbers. */
export const MOST_SOBOL_DIMENSIONS: number = SOBOL_DIRECTIONS.length + 1;

/**
 * Points of a Sobol sequence by their place, in Gray code order (Antonov and Saleev 1979): every 2ᵏ of them fill the unit
 * cube evenly. `shift` moves each coordinate by the same bits throughout, which keeps that. Throws Refusal for more
 * dimensions than there are direction numbers.
 */
export function sobolPoints(
  dimensions: number,
  shift: Uint32Array = new Uint32Array(dimensions),
): (place: number) => Float64Array {
  if (dimensions > MOST_SOBOL_DIMENSIONS) {
    throw new Refusal(
      `experiment.sampling: found sobol for ${dimensions} parameters, expected at most ` +
        `${MOST_SOBOL_DIMENSIONS}; latin_hypercube takes any number`,
    );
  }
  const directions = Array.from({ length: dimensions }, (_, i) => directionsOf(i));
  return (place) => {
    const gray = (place ^ (place >>> 1)) >>> 0;
    return Float64Array.from(directions, (numbers, i) => {
      let bits = shift[i]!;
      for (let bit = 0; bit < BITS; bit++) if ((gray >>> bit) & 1) bits ^= numbers[bit]!;
      return (bits >>> 0) / 0x1_0000_0000;
    });
  };
}

/** Bratley and Fox (1988): each number from those before it, by the recurrence of the polynomial. */
function directionsOf(dimension: number): Uint32Array {
  const numbers = new Uint32Array(BITS);
  if (dimension === 0) return numbers.map((_, i) => 1 << (BITS - 1 - i));
  const [bits, starts] = SOBOL_DIRECTIONS[dimension - 1]!;
  const degree = starts.length;
  for (const [i, start] of starts.entries()) numbers[i] = start << (BITS - 1 - i);
  for (let i = degree; i < BITS; i++) {
    let number = numbers[i - degree]! ^ (numbers[i - degree]! >>> degree);
    for (let k = 1; k < degree; k++) {
      if ((bits >>> (degree - 1 - k)) & 1) number ^= numbers[i - k]!;
    }
    numbers[i] = number;
  }
  return numbers;
}
