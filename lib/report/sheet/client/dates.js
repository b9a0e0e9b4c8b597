/** Dates of the page, all in UTC. */

export const DAY = 86_400_000;

/** Year, month and day of a moment. */
export function civil(time) {
  // Days are counted from the first of March of year 0, so that leap days come last (H. Hinnant, chrono algorithms).
  const days = Math.floor(time / DAY) + 719_468;
  const era = Math.floor(days / 146_097);
  const ofEra = days - era * 146_097;
  const leaps = Math.floor(ofEra / 1_460) - Math.floor(ofEra / 36_524) +
    Math.floor(ofEra / 146_096);
  const yearOfEra = Math.floor((ofEra - leaps) / 365);
  const ofYear = ofEra -
    (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * ofYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {
    year: yearOfEra + 400 * era + (month <= 2 ? 1 : 0),
    month,
    day: ofYear - Math.floor((153 * shifted + 2) / 5) + 1,
  };
}

/** `2024-03-01`. */
export function dateText(time) {
  const { year, month, day } = civil(time);
  return `${padded(year, 4)}-${padded(month)}-${padded(day)}`;
}

/** `2024-03-01 16:00`. */
export function minuteText(time) {
  const minutes = Math.floor(time / 60_000) % 1_440;
  return `${dateText(time)} ${padded(Math.floor(minutes / 60))}:${padded(minutes % 60)}`;
}

/** The date of the day that ended at a mark. */
export function dayText(markTime) {
  return dateText(markTime - 1);
}

/** The start of the month a moment lies in, or of one so many months later. */
export function monthStart(time, later = 0) {
  const { year, month } = civil(time);
  return Date.UTC(year, month - 1 + later, 1);
}

function padded(number, width = 2) {
  return String(number).padStart(width, "0");
}
