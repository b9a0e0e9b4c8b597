import { z } from "zod";
import { DAY_MS } from "../../core/bars.ts";
import { oneLine, readJson, UnusableAnswer } from "./answers.ts";
import { type Candle, inOrder } from "./candles.ts";
import type { Answer, Verdict } from "./http.ts";
import { parseRfc3339 } from "../../core/http_time.ts";

const BARS = z.object({
  symbol: z.string().optional(),
  bars: z.array(z.object({
    t: z.string(),
    o: z.number(),
    h: z.number(),
    l: z.number(),
    c: z.number(),
    v: z.number(),
  })).nullish(),
  next_page_token: z.string().nullish(),
});
const MESSAGE = z.object({ message: z.string() });

/** Rows of one answer, and the token that asks for the next. */
export interface AlpacaPage {
  readonly candles: readonly Candle[];
  readonly token: string | undefined;
}

/** The bars of an answer. Throws UnusableAnswer for another shape, order or symbol. */
export function readAlpacaBars(text: string, symbol: string, daily: boolean): AlpacaPage {
  const answer = readJson(text, BARS);
  if (answer.symbol !== undefined && answer.symbol !== symbol) {
    throw new UnusableAnswer(`bars of "${oneLine(answer.symbol)}"`);
  }
  const candles = (answer.bars ?? []).map(({ t, o, h, l, c, v }): Candle => {
    const time = parseRfc3339(t);
    if (Number.isNaN(time)) throw new UnusableAnswer(`a bar at "${oneLine(t)}"`);
    // A day's bar is named by New York's midnight, 04:00 or 05:00 UTC.
    return [daily ? Math.floor(time / DAY_MS) * DAY_MS : time, o, h, l, c, v];
  });
  return { candles: inOrder(candles), token: answer.next_page_token || undefined };
}

/** What Alpaca says besides the status. */
export function explainAlpaca({ status, text }: Answer): Verdict | undefined {
  if (status < 400 || status >= 500) return undefined;
  const message = messageOf(text);
  if (/subscription|recent SIP/i.test(message)) {
    return {
      found: `"${message}" (status ${status})`,
      expected: "a plan with these data, and a clock that is right",
    };
  }
  if (/invalid symbol|asset not found|could not find/i.test(message)) {
    return { found: `an unknown symbol (status ${status})`, expected: "one that Alpaca knows" };
  }
  if (status === 400 || status === 422) return { found: `"${message}" (status ${status})` };
  return undefined;
}

function messageOf(text: string): string {
  try {
    return oneLine(readJson(text, MESSAGE).message).replaceAll('"', "'");
  } catch {
    return "";
  }
}
