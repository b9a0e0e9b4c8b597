/** A whole number with its digits in groups of three: 1,000,000. */
export function groupDigits(value: number | bigint): string {
  return BigInt(value).toString().replace(/\B(?=(\d{3})+$)/g, ",");
}
