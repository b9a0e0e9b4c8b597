/** The 97.5 % quantile of the standard normal distribution. */
const Z = 1.959963984540054;

/** 95 % interval of a share of which `count` of `of` were seen: the score interval (Wilson 1927); 0 to 1 of none. */
export function shareInterval(count: number, of: number): readonly [low: number, high: number] {
  if (!(count >= 0 && count <= of)) {
    throw new RangeError(`A share is ${count} of ${of}, expected a count from 0 to the whole`);
  }
  if (of === 0) return [0, 1];
  const share = count / of;
  const squared = Z * Z;
  const middle = (share + squared / (2 * of)) / (1 + squared / of);
  const reach = Z / (1 + squared / of) *
    Math.sqrt(share * (1 - share) / of + squared / (4 * of * of));
  // With none or all of them the bound is the end itself, which the subtraction would miss by a rounding.
  return [
    count === 0 ? 0 : Math.max(0, middle - reach),
    count === of ? 1 : Math.min(1, middle + reach),
  ];
}
