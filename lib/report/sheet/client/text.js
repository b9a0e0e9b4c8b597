/** Numbers as the page shows them. */

export const NOTHING = "–";

/** `1,234.50`; a dash for what is not finite. */
export function numberText(value, digits = 2) {
  if (value === null || value === undefined || !Number.isFinite(value)) return NOTHING;
  if (Math.abs(value) >= 1e15) return value.toExponential(2);
  const [whole, decimals] = Math.abs(value).toFixed(digits).split(".");
  const grouped = whole.replace(/\d(?=(\d{3})+$)/g, "$&,");
  const shown = decimals === undefined ? grouped : `${grouped}.${decimals}`;
  return value < 0 && /[1-9]/.test(shown) ? `-${shown}` : shown;
}

/** `12.34%` of 0.1234. */
export function percentText(fraction, digits = 2) {
  const text = numberText(fraction === null ? null : fraction * 100, digits);
  return text === NOTHING ? text : `${text}%`;
}

/** Units, without zeros at the end. */
export function unitsText(quantity, digits = 6) {
  const text = numberText(quantity, digits);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** Five digits or two decimals, whichever shows more, for prices and shares alike. */
export function featureText(value) {
  const size = Math.abs(value);
  if (size > 0 && size < 1e-6) return value.toExponential(4);
  let digits = 2;
  for (let scaled = size; scaled > 0 && scaled < 100 && digits < 10; scaled *= 10) digits++;
  return unitsText(value, digits);
}

/** With the sign that it has. */
export function signedText(text) {
  return text === NOTHING || text.startsWith("-") || !/[1-9]/.test(text) ? text : `+${text}`;
}

/** `150k`, for axes. */
export function shortText(value) {
  const size = Math.abs(value);
  if (size >= 1e9) return `${trimmed(value / 1e9)}B`;
  if (size >= 1e6) return `${trimmed(value / 1e6)}M`;
  if (size >= 1e4) return `${trimmed(value / 1e3)}k`;
  return trimmed(value);
}

/** A share for axes: `12%`, `2.5%`. */
export function shortPercent(fraction) {
  return `${trimmed(fraction * 100)}%`;
}

/** As many decimals as there are, three at most. */
export function trimmed(value) {
  return unitsText(value, 3);
}

/** `EquityTrend` of `EquityTrendModel_v1`. */
export function shortName(model) {
  return model.replace(/Model_v\d+$/, "");
}
