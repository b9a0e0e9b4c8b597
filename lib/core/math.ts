// The language leaves the last bits of Math.exp, Math.log and ** to the engine. Results must be the same on every
// machine, so exp() and log() are built from + − × ÷ alone, within one unit in the last place.

// ln 2 in two parts: multiples of the high part by an exponent are exact.
const LN2_HIGH = 6.93147180369123816490e-1;
const LN2_LOW = 1.90821492927058770002e-10;
const INVERSE_LN2 = 1.44269504088896338700;

const TWO_TO_54 = 18014398509481984;

const LARGEST_EXPONENT = 7.09782712893383973096e2;
const SMALLEST_EXPONENT = -7.45133219101941108420e2;

/** e to the power of `x`; Infinity above 709.78, 0 below −745.13. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x > LARGEST_EXPONENT) return Infinity;
  if (x < SMALLEST_EXPONENT) return 0;
  // x = exponent · ln 2 + rest + lost, the rest at most ln 2 ÷ 2 in size.
  const exponent = Math.trunc(INVERSE_LN2 * x + (x < 0 ? -0.5 : 0.5));
  const high = x - exponent * LN2_HIGH;
  const low = exponent * LN2_LOW;
  const rest = high - low;
  const lost = high - rest - low;
  // Taylor: 1 + rest + rest²/2 · (1 + rest/3 · (1 + rest/4 · …)); what follows rest¹³ is below 2⁻⁵⁷.
  let series = 1;
  for (let k = 13; k > 2; k--) series = 1 + rest / k * series;
  const first = 1 + rest;
  const roundedOff = rest - (first - 1);
  const power = first + (rest * rest / 2 * series + (roundedOff + lost));
  return timesPowerOfTwo(power, exponent);
}

// Minimax coefficients of fdlibm's log (Sun Microsystems 1993), which this follows.
const LOG_ODD_COEFFICIENTS = [
  6.666666666666735130e-1,
  2.857142874366239149e-1,
  1.818357216161805012e-1,
  1.479819860511658591e-1,
];
const LOG_EVEN_COEFFICIENTS = [
  3.999999999940941908e-1,
  2.222219843214978396e-1,
  1.531383769920937332e-1,
];

/** Natural logarithm of `x`; −Infinity at 0, NaN below. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return Infinity;
  const { exponent, fraction } = split(x);
  const distance = fraction - 1;
  const ratio = distance / (2 + distance);
  const square = ratio * ratio;
  const fourth = square * square;
  const odd = square * polynomial(fourth, LOG_ODD_COEFFICIENTS);
  const even = fourth * polynomial(fourth, LOG_EVEN_COEFFICIENTS);
  const half = 0.5 * distance * distance;
  const tail = half - (ratio * (half + (odd + even)) + exponent * LN2_LOW);
  return exponent * LN2_HIGH - (tail - distance);
}

// Every power of ten that a number holds exactly; 10 ** 23 already depends on who computes it.
const POWERS_OF_TEN = [
  ...[1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7],
  ...[1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15],
  ...[1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22],
];

/** 10^`exponent` without any rounding. RangeError unless `exponent` is whole and from 0 to 22. */
export function powerOfTen(exponent: number): number {
  const power = POWERS_OF_TEN[exponent];
  if (power !== undefined) return power;
  throw new RangeError(`An exact power of ten is one from 0 to 22, found ${exponent}`);
}

/** c₀ + c₁x + c₂x² + …, by Horner's rule. */
function polynomial(x: number, coefficients: readonly number[]): number {
  return coefficients.reduceRight((sum, coefficient) => coefficient + x * sum, 0);
}

// Big-endian by explicit request, so the layout of the machine does not matter.
const bits = new DataView(new ArrayBuffer(8));

/** x = fraction · 2^exponent with √½ ≤ fraction < √2, for finite positive `x`. */
function split(x: number): { exponent: number; fraction: number } {
  const isSubnormal = x < 2.2250738585072014e-308;
  bits.setFloat64(0, isSubnormal ? x * TWO_TO_54 : x);
  const high = bits.getUint32(0);
  const exponent = (high >>> 20) - 1023 - (isSubnormal ? 54 : 0);
  bits.setUint32(0, (high & 0xf_ffff) | 0x3ff0_0000);
  const fraction = bits.getFloat64(0);
  return fraction < Math.SQRT2
    ? { exponent, fraction }
    : { exponent: exponent + 1, fraction: fraction / 2 };
}

/** value · 2^exponent, rounded once, for results that exp() can have. */
function timesPowerOfTwo(value: number, exponent: number): number {
  if (exponent > 1023) return value * 2 * powerOfTwo(exponent - 1);
  if (exponent >= -1022) return value * powerOfTwo(exponent);
  return value * powerOfTwo(exponent + 54) / TWO_TO_54;
}

/** 2^exponent for −1022 ≤ exponent ≤ 1023. */
function powerOfTwo(exponent: number): number {
  bits.setUint32(0, (exponent + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}
