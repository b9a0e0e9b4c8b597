import type { Millis } from "../core/bars.ts";
import { formatDate as dateOf, formatTime } from "../core/clock.ts";

/** What stands where there is no value. */
export const NOTHING = "–";

// From here on float64 has no decimals left to show.
const LARGEST_PLAIN = 1e15;

/**
 * Fixed decimals with thousands commas, `1,234.50`, from 1e15 on `1.23e+15`; "–" for null and for
 * what is not finite.
 */
export function formatNumber(value: number | null, digits = 2): string {
  if (value === null || !Number.isFinite(value)) return NOTHING;
  if (Math.abs(value) >= LARGEST_PLAIN) return value.toExponential(2);
  const [whole = "", decimals] = Math.abs(value).toFixed(digits).split(".");
  const grouped = whole.replace(/\d(?=(\d{3})+$)/g, "$&,");
  const shown = decimals === undefined ? grouped : `${grouped}.${decimals}`;
  return value < 0 && /[1-9]/.test(shown) ? `-${shown}` : shown;
}

/** A fraction as per cent: 0.1234 is `12.34%`. */
export function formatPercent(fraction: number | null, digits = 2): string {
  const shown = formatNumber(fraction === null ? null : fraction * 100, digits);
  return shown === NOTHING ? NOTHING : `${shown}%`;
}

/** Money with two decimals, `100,000.00`, without a currency sign. */
export function formatMoney(amount: number | null, digits = 2): string {
  return formatNumber(amount, digits);
}

/** `YYYY-MM-DD` in UTC. */
export function formatDate(time: Millis | null): string {
  return time === null ? NOTHING : dateOf(time);
}

/** `YYYY-MM-DD HH:MM` in UTC. */
export function formatMinute(time: Millis | null): string {
  return time === null ? NOTHING : formatTime(time).slice(0, 16).replace("T", " ");
}
