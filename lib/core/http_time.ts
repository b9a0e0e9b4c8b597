import { HOUR_MS, type Millis } from "./bars.ts";
import { utcDate } from "./weekdays.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DATE = /^\w{3}, (\d{2}) (\w{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:Z|([+-])(\d{2}):(\d{2}))$/;

/** Milliseconds of a `Date` header (RFC 9110, IMF-fixdate); undefined for anything else. */
export function parseHttpDate(text: string | null | undefined): Millis | undefined {
  const match = DATE.exec(text?.trim() ?? "");
  const month = match ? MONTHS.indexOf(match[2]!) : -1;
  if (!match || month < 0) return undefined;
  const [day, year, hours, minutes, seconds] = [1, 3, 4, 5, 6].map((i) => Number(match[i]));
  return utcDate(year!, month + 1, day!) + hours! * HOUR_MS + minutes! * 60_000 + seconds! * 1_000;
}

/** How long a `Retry-After` header asks to wait; a date counts from the server's own time. Undefined without one. */
export function retryAfterMs(headers: Headers, serverTime: Millis): number | undefined {
  const text = headers.get("retry-after")?.trim();
  if (text === undefined || text === "") return undefined;
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1_000;
  const until = parseHttpDate(text);
  return until === undefined ? undefined : Math.max(0, until - serverTime);
}

/** Milliseconds of an RFC 3339 time, cut off below; NaN for anything else, such as a time without a zone. */
export function parseRfc3339(text: string): Millis {
  const match = RFC_3339.exec(text);
  if (!match) return NaN;
  const part = (index: number) => Number(match[index] ?? 0);
  const local = utcDate(part(1), part(2), part(3)) + part(4) * HOUR_MS + part(5) * 60_000 +
    part(6) * 1_000 + Number((match[7] ?? "").slice(0, 3).padEnd(3, "0"));
  const ahead = part(9) * HOUR_MS + part(10) * 60_000;
  return match[8] === "-" ? local + ahead : local - ahead;
}
