/** An exact amount: a whole number of 10⁻¹⁸. The fault broker counts apart from the arithmetic of what it tests. */
export type Amount = bigint;

const DIGITS = 18;
const ONE = 10n ** 18n;

/** Reads plain decimal text; undefined for anything else, or for more than 18 decimals. */
export function readAmount(text: string): Amount | undefined {
  const match = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(text) ?? /^([+-]?)()\.(\d+)$/.exec(text);
  const decimals = match?.[3] ?? "";
  if (!match || decimals.length > DIGITS) return undefined;
  const units = BigInt(match[2] || "0") * ONE + BigInt(decimals.padEnd(DIGITS, "0"));
  return match[1] === "-" ? -units : units;
}

/** Reads plain decimal text; RangeError for anything else. */
export function amount(text: string): Amount {
  const value = readAmount(text);
  if (value === undefined) throw new RangeError(`"${text}" is not plain decimal text`);
  return value;
}

/** Decimal text without needless zeros; with `decimals`, exactly so many, cut off below. */
export function amountText(value: Amount, decimals?: number): string {
  const sign = value < 0n ? "-" : "";
  const digits = (value < 0n ? -value : value).toString().padStart(DIGITS + 1, "0");
  const whole = digits.slice(0, -DIGITS);
  const rest = digits.slice(-DIGITS);
  const shown = decimals === undefined ? rest.replace(/0+$/, "") : rest.slice(0, decimals);
  const text = shown === "" ? whole : `${whole}.${shown}`;
  return /[1-9]/.test(text) ? sign + text : text;
}

/** Product, cut off after 18 decimals. */
export function times(a: Amount, b: Amount): Amount {
  return a * b / ONE;
}

/** Quotient, cut off after 18 decimals. */
export function over(a: Amount, b: Amount): Amount {
  return a * ONE / b;
}

/** The largest multiple of `step` that is not above a value of 0 or more. */
export function floorTo(value: Amount, step: Amount): Amount {
  return value - value % step;
}

/** The nearest float: for answers that carry numbers, never for the ledger. */
export function amountNumber(value: Amount): number {
  return Number(amountText(value));
}
