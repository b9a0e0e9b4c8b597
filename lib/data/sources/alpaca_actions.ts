import { z } from "zod";
import { type CorporateAction, DAY_MS } from "../../core/bars.ts";
import { formatDate, parseDate } from "../../core/clock.ts";
import type { BarRequest, SourceCall } from "../../core/ports.ts";
import { actionsByDate } from "./action_rows.ts";
import { oneLine, readJson, UnusableAnswer } from "./answers.ts";
import { type Ask, askedAt } from "./http.ts";
import type { SourceOptions } from "./source_options.ts";
import { refuseDownload } from "./source_refusal.ts";
import { symbolAt } from "./symbols.ts";

const PATH = "/v1/corporate-actions";

/** The window of the API is of days on which actions are processed: a dividend's is weeks after its ex-date. */
const PROCESSED_BEFORE_MS = 31 * DAY_MS;
const PROCESSED_AFTER_MS = 200 * DAY_MS;

const SPLITS = z.array(z.object({
  symbol: z.string().optional(),
  ex_date: z.string(),
  new_rate: z.number().positive(),
  old_rate: z.number().positive(),
}));
const PAYMENTS = z.array(z.object({
  symbol: z.string().optional(),
  ex_date: z.string(),
  rate: z.number().positive(),
  currency: z.string().optional(),
}));
const ACTIONS = z.object({
  corporate_actions: z.object({
    forward_splits: SPLITS.optional(),
    reverse_splits: SPLITS.optional(),
    cash_dividends: PAYMENTS.optional(),
    stock_dividends: PAYMENTS.optional(),
  }),
  next_page_token: z.string().nullish(),
});

/** Dividends and splits from Alpaca's corporate actions, ratios and amounts as they were on the day. */
export async function alpacaActions(
  ask: Ask,
  { asset, from, to, headers, options }: Omit<BarRequest, "timeframe"> & {
    readonly headers: Readonly<Record<string, string>>;
    readonly options: SourceOptions;
  },
  call: SourceCall,
): Promise<readonly CorporateAction[]> {
  const found: CorporateAction[] = [];
  const tokens = new Set<string>();
  let token: string | undefined;
  do {
    const question = {
      symbol: asset.symbol,
      path: PATH,
      query: {
        symbols: symbolAt("alpaca", asset, options.symbols),
        types: "forward_split,reverse_split,cash_dividend,stock_dividend",
        start: formatDate(from - PROCESSED_BEFORE_MS),
        end: formatDate(to + PROCESSED_AFTER_MS),
        limit: "1000",
        sort: "asc",
        ...(token === undefined ? {} : { page_token: token }),
      },
      headers,
      expected: "dividends and splits as JSON",
      signal: call.signal,
    };
    const { value } = await ask(question, ({ text }) => readActions(text, asset.symbol));
    found.push(...value.actions);
    token = value.token;
    if (token !== undefined && tokens.has(token)) {
      const asked = askedAt(options.baseUrl ?? "https://data.alpaca.markets", PATH);
      throw refuseDownload({ source: "alpaca", symbol: asset.symbol, asked }, {
        found: "a page token that came before",
        expected: "pages that go on",
      });
    }
    if (token !== undefined) tokens.add(token);
  } while (token !== undefined);
  return actionsByDate(found, { from, to });
}

function readActions(text: string, symbol: string) {
  const { corporate_actions: all, next_page_token } = readJson(text, ACTIONS);
  const splits = [...all.forward_splits ?? [], ...all.reverse_splits ?? []]
    .map(({ ex_date, new_rate, old_rate }): CorporateAction => ({
      symbol,
      exDate: dateOf(ex_date),
      kind: "split",
      value: new_rate / old_rate,
    }));
  const dividends = (all.cash_dividends ?? []).map(({ ex_date, rate, currency }) => {
    if (currency && currency !== "USD") {
      throw new UnusableAnswer(`a dividend in ${oneLine(currency)}`, "dividends in USD");
    }
    return { symbol, exDate: dateOf(ex_date), kind: "dividend" as const, value: rate };
  });
  // So many new shares for each old one, which stays: a split by another name.
  const shares = (all.stock_dividends ?? []).map(({ ex_date, rate }) => ({
    symbol,
    exDate: dateOf(ex_date),
    kind: "split" as const,
    value: 1 + rate,
  }));
  return { actions: [...splits, ...dividends, ...shares], token: next_page_token || undefined };
}

function dateOf(text: string): number {
  try {
    return parseDate(text);
  } catch {
    throw new UnusableAnswer(`an ex-date "${oneLine(text)}"`);
  }
}
