import { DAY_MS, type Millis, type Series } from "../../core/bars.ts";
import { formatDate } from "../../core/clock.ts";
import { didYouMean } from "../../core/errors.ts";
import type { SourceCall } from "../../core/ports.ts";
import { oneLine, readCsv, readJson, UnusableAnswer } from "./answers.ts";
import { checkedBaseUrl, isLoopback } from "./base_url.ts";
import { dateOf, type Observation, observed, type Span } from "./fred_rows.ts";
import { FRED_ERROR, readVintages } from "./fred_vintages.ts";
import { type Answer, type Ask, validKeys, type Verdict } from "./http.ts";
import { releaseRule } from "./release_rules.ts";
import type { SeriesDownload } from "./source.ts";
import { callerOf, requireSpan, type SourceOptions } from "./source_options.ts";
import { refuseDownload } from "./source_refusal.ts";

/** Where the key comes from; without it publication times follow the release rules. */
export const FRED_KEYS = ["FRED_API_KEY"] as const;

const API = "https://api.stlouisfed.org";
const SITE = "https://fred.stlouisfed.org";
/** Of the longest delay between a reference date and its publication by rule. */
const LOOK_BACK_MS = 500 * DAY_MS;
const KNOWN = ["VIXCLS", "DGS2", "DGS10", "CFNAI", "USREC", "T10Y2Y", "UNRATE", "INDPRO"];

/**
 * Series of FRED. With a key every publication and revision comes with the day it was made; without one, the newest
 * values are dated by the release rules, which flatters a backtest where a series is revised.
 */
export function fredDownload(options: SourceOptions): SeriesDownload {
  const limit = { perMinute: 60, burst: 60 }; // 120 calls a minute are allowed
  const given = options.baseUrl === undefined ? undefined : checkedBaseUrl("fred", options.baseUrl);
  // Its API and its site are two hosts; only loopback stands in for both.
  const place = given !== undefined && isLoopback(given)
    ? options
    : { ...options, baseUrl: undefined };
  const opened = (baseUrl: string, keyNames: readonly string[]) =>
    callerOf("fred", place, { baseUrl, limit, keyNames, explain });
  const api = opened(API, FRED_KEYS);
  const site = opened(SITE, []);
  const key = options.keys.FRED_API_KEY;

  function check(name: string): void {
    const wish = { source: "fred" as const, symbol: name, asked: "series" };
    if (!/^[A-Z0-9_]{1,40}$/.test(name)) {
      throw refuseDownload(wish, {
        found: `no name of a series${didYouMean(name, KNOWN)}`,
        expected: 'capital letters and digits such as "DGS10"',
      });
    }
    if (key || releaseRule(name)) return;
    throw refuseDownload(wish, {
      found: `no release rule for it${didYouMean(name, KNOWN)}`,
      expected: `one, or ${validKeys(FRED_KEYS)}, with which each publication comes with its day`,
    });
  }

  return {
    name: "fred",
    description: "Federal Reserve Economic Data, St. Louis",
    licence: "FRED's terms; each series keeps those of its owner",
    check,
    async series(name, range, call) {
      check(name);
      requireSpan(range);
      const now = options.clock.now();
      // What FRED has today counts as known at the hour of its rule, which may be yet to come.
      const span = { from: range.from, to: Math.min(range.to, now + 1) };
      const rows = key && !releaseRule(name)?.exact
        ? await readVintages(api, { name, key, range: span, call })
        : await newestValues(site, { name, range: span, call });
      call.onRows?.(rows.length);
      return seriesOf(name, rows);
    },
  };
}

/** The newest value of each reference date from the keyless CSV, dated by rule. */
async function newestValues(
  ask: Ask,
  { name, range, call }: {
    readonly name: string;
    readonly range: Span;
    readonly call: SourceCall;
  },
): Promise<readonly Observation[]> {
  const rule = releaseRule(name)!;
  const question = {
    symbol: name,
    path: "/graph/fredgraph.csv",
    query: {
      id: name,
      cosd: formatDate(range.from - LOOK_BACK_MS),
      coed: formatDate(range.to),
    },
    expected: "observations as CSV",
    signal: call.signal,
  };
  const { value, time } = await ask(question, ({ text }) => {
    const rows = readRows(text, name);
    const newest = rows.at(-1)?.date ?? -Infinity;
    const { staleAfterDays = Infinity } = rule;
    if (range.to - newest > staleAfterDays * DAY_MS) {
      const found = rows.length === 0 ? "no observation" : `none after ${formatDate(newest)}`;
      throw new UnusableAnswer(found, `observations until ${formatDate(range.to)}`);
    }
    return rows;
  });
  return value
    .map(({ date, value }) => ({ date, value, availableAt: rule.publishedAt(date) }))
    .filter(({ availableAt }) =>
      availableAt >= range.from && availableAt < range.to && availableAt <= time
    );
}

function readRows(text: string, name: string): readonly { date: Millis; value: number }[] {
  const [header = ""] = text.split(/\r?\n/, 1);
  const rows = readCsv(text, 2);
  if (!new RegExp(`^\\uFEFF?(?:observation_date|DATE),${name}$`).test(header)) {
    throw new UnusableAnswer(`a header "${oneLine(header)}"`, `"observation_date,${name}"`);
  }
  let before = -Infinity;
  return rows.flatMap(([day = "", number = ""]) => {
    const date = dateOf(day);
    if (date <= before) throw new UnusableAnswer(`dates out of order at ${day}`);
    before = date;
    const value = observed(number);
    return value === undefined ? [] : [{ date, value }];
  });
}

function seriesOf(name: string, rows: readonly Observation[]): Series {
  const sorted = rows.toSorted((a, b) => a.availableAt - b.availableAt || a.date - b.date);
  return {
    name,
    date: Float64Array.from(sorted, (row) => row.date),
    availableAt: Float64Array.from(sorted, (row) => row.availableAt),
    value: Float64Array.from(sorted, (row) => row.value),
  };
}

/** What FRED says besides the status: it answers 400 to a wrong key, too. */
function explain({ status, text }: Answer): Verdict | undefined {
  if (status !== 400 && status !== 404) return undefined;
  const unknown = { found: `an unknown series (status ${status})`, expected: "one that FRED has" };
  if (status === 404) return unknown;
  let message: string;
  try {
    message = oneLine(readJson(text, FRED_ERROR).error_message).replaceAll('"', "'");
  } catch {
    return undefined;
  }
  if (/api_key/.test(message)) {
    return { found: "a revoked or missing key (status 400)", expected: validKeys(FRED_KEYS) };
  }
  return /series does not exist/.test(message) ? unknown : { found: `"${message}" (status 400)` };
}
