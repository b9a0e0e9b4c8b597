import type { Millis } from "../../core/bars.ts";
import { at, endless, MOST_PAGES } from "./alpaca_orders.ts";

const PAGE = 100;

/** What is asked of the account's activities beside their kind. */
export type ActivityQuery = Readonly<Record<string, unknown>>;

/** Activities of the account at or after a time, page after page, each once. */
export async function activitiesSince<Row extends { readonly id: string }>(
  since: Millis,
  what: string,
  ask: (query: ActivityQuery) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const rows = new Map<string, Row>();
  let pageToken: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const found = await ask({
      after: at(since - 1), // strict
      direction: "asc",
      pageSize: PAGE,
      ...(pageToken === undefined ? {} : { pageToken }),
    });
    const fresh = found.filter(({ id }) => !rows.has(id));
    for (const row of fresh) rows.set(row.id, row);
    if (fresh.length === 0 || found.length < PAGE) return [...rows.values()];
    pageToken = found.map(({ id }) => id).sort().at(-1); // they begin with their time
  }
  throw endless(what);
}
