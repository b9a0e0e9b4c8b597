import { match, ok, rejects } from "node:assert/strict";
import type { Asset, AssetClass } from "../../core/asset.ts";
import type { Millis, Timeframe } from "../../core/bars.ts";
import { parseDate } from "../../core/clock.ts";
import type { BarPage, BarRequest, BarSource, SourceCall } from "../../core/ports.ts";
import { type Candle } from "./candles.ts";
import { rowsOf } from "./test_replies.ts";
import { TEST_KEYS } from "./test_server.ts";

const COINS = ["BTC", "ETH"];

/** An asset of a test; BTC and ETH are coins. */
export function testAsset(symbol: string, assetClass?: AssetClass): Asset {
  return {
    symbol,
    assetClass: assetClass ?? (COINS.includes(symbol) ? "crypto" : "equity"),
    venue: "test",
    minOrderSize: 0,
    quantityPrecision: null,
    pricePrecision: null,
  };
}

/** A request for the bars of dates from `from` until before `to`. */
export function testRequest(
  symbol: string,
  timeframe: Timeframe,
  [from, to]: readonly [string, string],
): BarRequest {
  return { asset: testAsset(symbol), timeframe, from: parseDate(from), to: parseDate(to) };
}

/** All pages of a request. */
export async function allPages(
  source: Pick<BarSource, "pages">,
  request: BarRequest,
  call: SourceCall = {},
): Promise<readonly BarPage[]> {
  return await Array.fromAsync(source.pages(request, call));
}

/** All rows of a request; asserts that times ascend and pages do not overlap. */
export async function allRows(
  source: Pick<BarSource, "pages">,
  request: BarRequest,
  call: SourceCall = {},
): Promise<readonly Candle[]> {
  let done: Millis = request.from;
  const rows: Candle[] = [];
  for (const { bars, doneUntil } of await allPages(source, request, call)) {
    for (const row of rowsOf(bars)) {
      ok(row[0] >= done && row[0] < doneUntil && row[0] > (rows.at(-1)?.[0] ?? -Infinity));
      rows.push(row);
    }
    ok(doneUntil >= done && doneUntil <= Math.max(request.to, request.from));
    done = doneUntil;
  }
  return rows;
}

/** Asserts a refusal of one line that names what was asked, what was found and expected, and no secret. */
export async function refused(work: Promise<unknown>, message: RegExp): Promise<void> {
  await rejects(work, (error) => {
    ok(error instanceof Error);
    requireOneLine(error.message);
    match(error.message, message);
    return error.name === "Refusal";
  });
}

/** Asserts that a message is one line in the form of refusals, without query string and key. */
export function requireOneLine(message: string): void {
  match(message, /^Cannot [^\n]+: found [^\n]+, expected [^\n]+$/);
  ok(!message.includes("?"), message);
  for (const key of Object.values(TEST_KEYS).sort()) ok(!message.includes(key), message);
}
