/**
 * ω, the deviation of √n · mean under the stationary bootstrap: the root of γ₀ + 2·Σ κ(i)·γᵢ over all lags i from 1
 * to n − 1, κ(i) = (1 − i/n)·(1 − q)ⁱ + (i/n)·(1 − q)ⁿ⁻ⁱ, q = 1 ÷ block length (Politis and Romano 1994, Hansen 2005).
 * `distances` are the values less their mean. Every lag counts, in one pass.
 */
export function longRunDeviation(distances: Float64Array, blockLength: number): number {
  const count = distances.length;
  const stay = 1 - 1 / blockLength;
  // Swapping i for n − i in the second half of κ leaves (1 − i/n)·(1 − q)ⁱ on lags that run on from the last value to
  // the first. `near` and `far` are the sums of (1 − q)ⁱ and of i·(1 − q)ⁱ times the value i before, so each value
  // meets all of its lags in one product, and the next value's sums follow from these.
  let near = 0;
  let far = 0;
  let power = 1;
  for (let lag = 1; lag < count; lag++) {
    power *= stay;
    near += power * distances[count - lag]!;
    far += lag * power * distances[count - lag]!;
  }
  power *= stay;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const value = distances[i]!;
    sum += value * (value + 2 * (near - far / count));
    const oldest = i + 1 < count ? power * distances[i + 1]! : 0;
    far = stay * (far + near + value) - count * oldest;
    near = stay * (near + value) - oldest;
  }
  return Math.sqrt(Math.max(0, sum) / count);
}
