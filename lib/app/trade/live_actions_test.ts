import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { adjustmentFactors } from "../../core/adjustment.ts";
import { H4_MS } from "../../core/bars.ts";
import { formatDate, formatTime, parseTime } from "../../core/clock.ts";
import type { KnownData } from "./market_feed.ts";
import { minuteOf, onLiveStage } from "./test_live.ts";

function actionsOf({ assets }: KnownData): readonly string[] {
  return assets[0]!.actions.map(({ exDate, kind, value }) =>
    `${formatDate(exDate)} ${kind} ${value}`
  );
}

function newestBar({ assets }: KnownData): string {
  return minuteOf(assets[0]!.bars.h4!.openTime.at(-1));
}

/** Symbols that nothing is to be traded of. */
function doubted({ doubtful = [] }: KnownData): readonly string[] {
  return doubtful.map(({ symbol }) => symbol);
}

const DIVIDEND = "2020-08-07 dividend 0.82";
const SPLIT = "2020-08-31 split 4";

Deno.test("a dividend of which nothing is on file is seen once its ex-date has begun, not before", () =>
  onLiveStage("2020-08-05T21:30:00Z", async ({ at, open }) => {
    const { feed } = await open();
    const before = await at(feed, "2020-08-06T20:00:00Z");
    deepStrictEqual([actionsOf(before), before.troubles], [[], []]);
    const after = await at(feed, "2020-08-07T00:00:00Z");
    deepStrictEqual(actionsOf(after), [DIVIDEND]);
    ok(before.inputsHash !== after.inputsHash);
    deepStrictEqual(feed.actions.map(({ value }) => value), [0.82]);
  }));

Deno.test("a split is seen with the first bar that shows it, and its symbol is held back until then", () =>
  onLiveStage("2020-08-27T21:30:00Z", async ({ at, open }) => {
    const { feed } = await open();
    await at(feed, "2020-08-28T20:00:00Z");
    const morning = await at(feed, "2020-08-31T12:00:00Z");
    deepStrictEqual([actionsOf(morning), doubted(morning)], [[DIVIDEND], ["AAPL"]]);
    deepStrictEqual(morning.troubles, [
      "AAPL: the split of 4 of 2020-08-31 is not shown by any bar yet; nothing is traded of it",
    ]);
    deepStrictEqual(feed.actions.map(({ kind }) => kind), ["dividend"]);
    const close = await at(feed, "2020-08-31T16:00:00Z");
    deepStrictEqual([actionsOf(close), doubted(close)], [[DIVIDEND, SPLIT], []]);
    deepStrictEqual([close.arrived, close.troubles], [["AAPL"], []]);
    deepStrictEqual(feed.actions.map(({ kind }) => kind), ["dividend", "split"]);
  }));

Deno.test("across a dividend and a split adjusted prices go on as if nothing had happened", () =>
  onLiveStage("2020-08-05T21:30:00Z", async ({ at, open }) => {
    const { feed } = await open();
    const { assets } = await at(feed, "2020-09-01T20:00:00Z");
    const { bars: { daily }, actions } = assets[0]!;
    const factors = adjustmentFactors(daily!.openTime, daily!.close, actions, false);
    const adjusted = daily!.close.map((close, row) => close * factors[row]!);
    const moves = adjusted.slice(1).map((price, row) => Math.abs(price / adjusted[row]! - 1));
    const raw = daily!.close.slice(1).map((price, row) => Math.abs(price / daily!.close[row]! - 1));
    ok(Math.max(...raw) > 0.7, "the raw price was divided by four");
    ok(Math.max(...moves) < 0.1, `adjusted prices moved by ${Math.max(...moves)}`);
  }));

Deno.test("a split that the bars do not show is told, and what comes after its day is not seen", () =>
  onLiveStage("2020-08-10T21:30:00Z", async ({ at, open, server }) => {
    const { feed } = await open();
    const before = await at(feed, "2020-08-11T20:00:00Z");
    server.fail({ kind: "body", body: wrongSplit("2020-08-12"), on: /corporate/, times: 2 });
    for (const close of ["2020-08-12T16:00:00Z", "2020-08-12T20:00:00Z"]) {
      const known = await at(feed, close);
      deepStrictEqual([newestBar(known), actionsOf(known)], ["2020-08-11 16:00", [DIVIDEND]]);
      deepStrictEqual([known.arrived, known.late, doubted(known)], [[], ["AAPL"], ["AAPL"]]);
      strictEqual(known.inputsHash, before.inputsHash);
      ok(
        /^AAPL: the split of 2 of 2020-08-12 is not shown by the bars: .* nothing is traded of it$/
          .test(known.troubles!.join("; ")),
        known.troubles!.join("; "),
      );
    }
    const after = await at(feed, "2020-08-13T16:00:00Z");
    deepStrictEqual([newestBar(after), doubted(after)], ["2020-08-13 12:00", []]);
    deepStrictEqual(actionsOf(after), [DIVIDEND]);
  }));

function wrongSplit(ex_date: string): string {
  const forward_splits = [{ symbol: "AAPL", ex_date, new_rate: 2, old_rate: 1 }];
  return JSON.stringify({ corporate_actions: { forward_splits }, next_page_token: null });
}

Deno.test("a price that falls like a split of which nobody tells is held back until somebody does", () =>
  onLiveStage("2020-08-27T21:30:00Z", async ({ at, open, server }) => {
    const { feed } = await open();
    server.fail({ kind: "lost_row", on: /corporate/, times: 2 });
    await at(feed, "2020-08-28T20:00:00Z");
    const alone = await at(feed, "2020-08-31T16:00:00Z");
    deepStrictEqual([newestBar(alone), doubted(alone)], ["2020-08-28 16:00", ["AAPL"]]);
    ok(alone.troubles![0]!.includes("like a split of 4 that nobody tells of"), alone.troubles![0]);
    const told = await at(feed, "2020-08-31T20:00:00Z");
    deepStrictEqual([newestBar(told), actionsOf(told)], ["2020-08-31 16:00", [DIVIDEND, SPLIT]]);
    deepStrictEqual([doubted(told), told.troubles], [[], []]);
  }));

Deno.test("where actions cannot be asked for it is told, and bars and what is known go on", () =>
  onLiveStage("2020-08-05T21:30:00Z", async ({ at, open, server }) => {
    const { feed } = await open();
    await at(feed, "2020-08-07T16:00:00Z");
    server.fail({ kind: "status", status: 401, on: /corporate/, times: Infinity });
    const known = await at(feed, "2020-08-07T20:00:00Z");
    deepStrictEqual([known.arrived, actionsOf(known)], [["AAPL"], [DIVIDEND]]);
    strictEqual(known.troubles!.length, 1);
    ok(known.troubles![0]!.startsWith("AAPL actions: "), known.troubles![0]);
  }));

Deno.test("a dividend that is told days late is taken, and told as late once", () =>
  onLiveStage("2020-08-05T21:30:00Z", async ({ at, open, server }) => {
    const { feed } = await open();
    server.fail({ kind: "status", status: 401, on: /corporate/ });
    await at(feed, "2020-08-07T20:00:00Z");
    const late = await at(feed, "2020-08-10T16:00:00Z");
    deepStrictEqual([actionsOf(late), late.troubles], [[DIVIDEND], [
      "AAPL: 2020-08-07 dividend of 0.82 was not known before; decisions since its day were made without it",
    ]]);
    deepStrictEqual((await at(feed, "2020-08-10T20:00:00Z")).troubles, []);
  }));

Deno.test("a dividend that the source changes afterwards stays as it was seen, and is told", () =>
  onLiveStage("2020-08-05T21:30:00Z", async ({ at, open, server }) => {
    const { feed } = await open();
    await at(feed, "2020-08-07T20:00:00Z");
    const cash_dividends = [{ symbol: "AAPL", ex_date: "2020-08-07", rate: 0.9 }];
    const body = JSON.stringify({ corporate_actions: { cash_dividends }, next_page_token: null });
    server.fail({ kind: "body", body, on: /corporate/ });
    const known = await at(feed, "2020-08-10T16:00:00Z");
    deepStrictEqual([actionsOf(known), known.troubles], [[DIVIDEND], [
      "AAPL: 2020-08-07 dividend is 0.82 here and 0.9 at the source",
    ]]);
  }));

Deno.test("a dividend that is not less than the price is left out and told", () =>
  onLiveStage("2020-08-05T21:30:00Z", async ({ at, open, server }) => {
    const cash_dividends = [{ symbol: "AAPL", ex_date: "2020-08-06", rate: 1e6 }];
    const body = JSON.stringify({ corporate_actions: { cash_dividends }, next_page_token: null });
    server.fail({ kind: "body", body, on: /corporate/ });
    const known = await at((await open()).feed, "2020-08-06T20:00:00Z");
    deepStrictEqual([actionsOf(known), known.arrived], [[], ["AAPL"]]);
    ok(/^AAPL: 2020-08-06 dividend of 1000000 is left out: /.test(known.troubles![0]!));
  }));

Deno.test("property: what is known at a close is the same whatever has happened since, bit by bit", () =>
  onLiveStage("2020-08-05T21:30:00Z", async ({ at, open, server }) => {
    const closes = Array.from(
      { length: 6 * 30 },
      (_, i) => parseTime("2020-08-06T00:00:00Z") + i * H4_MS,
    ).filter((_, i) => i % 7 === 3 || i > 145 && i < 160);
    const { feed: then } = await open();
    const known: KnownData[] = [];
    for (const close of closes) known.push(await at(then, formatTime(close)));
    server.now = parseTime("2020-11-20T21:00:00Z");
    const { feed: now } = await open();
    for (const [place, close] of closes.entries()) {
      const { troubles: _, ...again } = await now.at(close, { deadlineMs: 0 });
      const { troubles: __, ...before } = known[place]!;
      deepStrictEqual(again, before);
    }
  }));
