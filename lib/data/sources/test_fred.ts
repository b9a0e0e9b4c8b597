import { DAY_MS, type Millis } from "../../core/bars.ts";
import { formatDate, parseDate } from "../../core/clock.ts";
import { type Asked, json, type Reply } from "./test_replies.ts";
import type { TestPublication } from "./test_series.ts";

// Shapes: St. Louis Fed, "FRED API": fred/series/observations, fred/series/vintagedates; the CSV that graphs offer.

const END_OF_TIME = "9999-12-31";

/** Answers `/fred/series/observations`, `/fred/series/vintagedates` and `/graph/fredgraph.csv`. */
export function fredReply(asked: Asked): Reply | undefined {
  if (asked.path === "/graph/fredgraph.csv") return csv(asked);
  if (!asked.path.startsWith("/fred/series/")) return undefined;
  const { query, keys, faults, series, now } = asked;
  if (query.get("api_key") !== keys.FRED_API_KEY || faults.has("revoked")) {
    return refusal("The value for variable api_key is not registered.");
  }
  const rows = series[query.get("series_id") ?? ""]?.filter(({ vintage }) => vintage <= now);
  if (!rows) return refusal("The series does not exist.");
  const days = [...new Set(rows.map(({ vintage }) => vintage))].sort((a, b) => a - b);
  return asked.path === "/fred/series/vintagedates"
    ? vintageDates(asked, days)
    : observations(asked, { rows, days });
}

function vintageDates({ query, faults }: Asked, days: readonly Millis[]): Reply {
  const offset = Number(query.get("offset") ?? 0);
  const limit = Number(query.get("limit") ?? 10_000);
  const page = days.slice(offset, offset + limit).map(formatDate);
  return json({
    realtime_start: "1776-07-04",
    realtime_end: END_OF_TIME,
    order_by: "vintage_date",
    sort_order: "asc",
    count: days.length,
    offset,
    limit,
    vintage_dates: faults.has("lost_row") ? page.slice(1) : page,
  });
}

function observations(
  { query, faults }: Asked,
  { rows, days }: { readonly rows: readonly TestPublication[]; readonly days: readonly Millis[] },
): Reply {
  const start = parseDate(query.get("realtime_start") ?? "");
  const end = parseDate(query.get("realtime_end") ?? "");
  const spanned = days.filter((day) => day >= start && day <= end).length;
  if (spanned > 2_000) {
    return refusal(
      `There are ${spanned} vintage dates in the specified real-time period. ` +
        "This exceeds the maximum number of vintage dates allowed (2000).",
    );
  }
  // Each value holds from its vintage to the day before the next one; the ends are those that were asked for.
  const byDate = Map.groupBy(rows, ({ date }) => date);
  const all = [...byDate.values()].flatMap((values) =>
    values.map(({ date, vintage, value }, i) => ({
      date,
      value,
      from: Math.max(vintage, start),
      to: Math.min((values[i + 1]?.vintage ?? Infinity) - DAY_MS, end),
    }))
  ).filter(({ from, to }) => from <= to).sort((a, b) => a.date - b.date || a.from - b.from);
  const offset = Number(query.get("offset") ?? 0);
  const limit = Number(query.get("limit") ?? 100_000);
  const page = all.slice(offset, offset + limit).map(({ date, value, from, to }) => ({
    realtime_start: formatDate(from),
    realtime_end: formatDate(to),
    date: formatDate(date),
    value,
  }));
  return json({
    realtime_start: formatDate(start),
    realtime_end: formatDate(end),
    observation_start: "1600-01-01",
    observation_end: END_OF_TIME,
    units: "lin",
    output_type: 1,
    file_type: "json",
    order_by: "observation_date",
    sort_order: "asc",
    count: all.length,
    offset,
    limit,
    observations: faults.has("lost_row") ? page.slice(1) : page,
  });
}

function csv({ query, series, now }: Asked): Reply {
  const name = query.get("id") ?? "";
  const rows = series[name]?.filter(({ vintage }) => vintage <= now);
  if (!rows) return { status: 404, body: "<html>Not Found</html>", type: "text/html" };
  const newest = new Map(rows.map(({ date, value }) => [date, value]));
  const from = parseDate(query.get("cosd") ?? "1776-07-04");
  const to = parseDate(query.get("coed") ?? END_OF_TIME);
  const lines = [...newest].filter(([date]) => date >= from && date <= to)
    .map(([date, value]) => `${formatDate(date)},${value === "." ? "" : value}`);
  const body = [`observation_date,${name}`, ...lines, ""].join("\n");
  return { status: 200, body, type: "application/csv" };
}

function refusal(message: string): Reply {
  return json({ error_code: 400, error_message: `Bad Request.  ${message}` }, 400);
}
