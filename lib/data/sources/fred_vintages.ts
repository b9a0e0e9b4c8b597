import { z } from "zod";
import type { Millis } from "../../core/bars.ts";
import { formatDate } from "../../core/clock.ts";
import type { SourceCall } from "../../core/ports.ts";
import { readJson, UnusableAnswer } from "./answers.ts";
import { dateOf, type Observation, observed, type Span } from "./fred_rows.ts";
import type { Ask } from "./http.ts";
import { at, END_OF_DAY, releaseRule } from "./release_rules.ts";

/** What FRED's API answers instead of data. */
export const FRED_ERROR = z.object({ error_message: z.string() });

const VINTAGES = z.object({
  count: z.int(),
  offset: z.int(),
  vintage_dates: z.array(z.string()),
});
const OBSERVATIONS = z.object({
  count: z.int(),
  offset: z.int(),
  observations: z.array(
    z.object({ realtime_start: z.string(), date: z.string(), value: z.string() }),
  ),
});

const VINTAGE_ROWS = 10_000;
const OBSERVATION_ROWS = 100_000;
/** One call may span 2,000 days of publication; half of that keeps answers small. */
const VINTAGES_A_CALL = 1_000;

interface Job {
  readonly name: string;
  readonly key: string;
  readonly range: Span;
  readonly call: SourceCall;
}

/**
 * Every value as it was first published and each time it was revised, from the record of vintages. What the first
 * vintage already held is dated by the release rule where there is one: nobody recorded when it came out.
 */
export async function readVintages(ask: Ask, job: Job): Promise<readonly Observation[]> {
  const { name, range } = job;
  const rule = releaseRule(name);
  const days = await vintageDays(ask, job);
  const published = (day: Millis) => at(day, rule?.minutes ?? END_OF_DAY);
  const first = days.findIndex((day) => published(day) >= range.from);
  const wanted = first < 0 ? [] : days.slice(first).filter((day) => published(day) < range.to);
  const found: Observation[] = [];
  for (let start = 0; start < wanted.length; start += VINTAGES_A_CALL) {
    const stretch = wanted.slice(start, start + VINTAGES_A_CALL);
    // The vintage before tells what is no news, as rows begin with the stretch that is asked for.
    const before = days[first + start - 1];
    const rows = await vintageRows(ask, job, { from: before ?? stretch[0]!, to: stretch.at(-1)! });
    const known = new Map<Millis, string>();
    for (const { day, date, value } of rows) {
      const news = day !== before && known.get(date) !== value;
      known.set(date, value);
      const number = observed(value);
      if (!news || number === undefined) continue;
      const byRule = day === days[0] ? rule?.publishedAt(date) : undefined;
      const availableAt = Math.min(published(day), byRule ?? Infinity);
      found.push({ date, availableAt, value: number });
    }
  }
  return found.filter(({ availableAt }) => availableAt >= range.from && availableAt < range.to);
}

/** All days on which something of the series was published, oldest first. */
async function vintageDays(ask: Ask, { name, key, call }: Job): Promise<readonly Millis[]> {
  const days: Millis[] = [];
  for (let count = 1; days.length < count;) {
    const question = {
      symbol: name,
      path: "/fred/series/vintagedates",
      query: {
        series_id: name,
        api_key: key,
        file_type: "json",
        limit: String(VINTAGE_ROWS),
        offset: String(days.length),
      },
      expected: "days of publication as JSON",
      signal: call.signal,
    };
    const { value } = await ask(question, ({ text }) => {
      const answer = readJson(text, VINTAGES);
      requireWhole(answer, answer.vintage_dates.length, days.length, VINTAGE_ROWS);
      return { count: answer.count, days: answer.vintage_dates.map(dateOf) };
    });
    days.push(...value.days);
    count = value.count;
  }
  return days;
}

/** Rows of a stretch of vintages by day of publication and date. */
async function vintageRows(
  ask: Ask,
  { name, key, call }: Job,
  { from, to }: Span,
): Promise<readonly { day: Millis; date: Millis; value: string }[]> {
  const rows: { day: Millis; date: Millis; value: string }[] = [];
  for (let count = 1; rows.length < count;) {
    const question = {
      symbol: name,
      path: "/fred/series/observations",
      query: {
        series_id: name,
        api_key: key,
        file_type: "json",
        realtime_start: formatDate(from),
        realtime_end: formatDate(to),
        output_type: "1",
        sort_order: "asc",
        limit: String(OBSERVATION_ROWS),
        offset: String(rows.length),
      },
      expected: "observations as JSON",
      signal: call.signal,
    };
    const { value } = await ask(question, ({ text }) => {
      const answer = readJson(text, OBSERVATIONS);
      requireWhole(answer, answer.observations.length, rows.length, OBSERVATION_ROWS);
      return {
        count: answer.count,
        rows: answer.observations.map((row) => ({
          day: dateOf(row.realtime_start),
          date: dateOf(row.date),
          value: row.value,
        })),
      };
    });
    rows.push(...value.rows);
    count = value.count;
  }
  return rows.sort((a, b) => a.day - b.day || a.date - b.date);
}

/** Answers say how many rows there are, so a half one shows. */
function requireWhole(
  { count, offset }: { readonly count: number; readonly offset: number },
  rows: number,
  asked: number,
  limit: number,
): void {
  const expected = Math.min(limit, count - asked);
  if (offset === asked && rows === expected) return;
  throw new UnusableAnswer(`${rows} rows from ${offset} on`, `${expected} from ${asked} on`);
}
