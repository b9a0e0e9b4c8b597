import { deepStrictEqual, notDeepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { type Bars, DAY_MS, H4_MS, PRICE_COLUMNS, type Series } from "../../core/bars.ts";
import { plantedRegimes } from "../leaks/market.ts";
import type { RunRequest } from "../simulate.ts";
import { end, market, planUntil, start } from "../test_rich_market.ts";
import { cutFuture, garbageFuture } from "./futures.ts";

const data = market(1);
const request: RunRequest = { plan: planUntil(end), data, regimes: plantedRegimes(data) };
const garbage = garbageFuture(1);
const place = fc.integer({ min: 0, max: 107 });

const barsOf = ({ data, regimes }: RunRequest): Bars[] => [
  ...data.flatMap(({ bars }) => [bars.h4!, bars.daily!]),
  regimes!.equity!.bars,
  regimes!.crypto!.bars,
];
const seriesOf = ({ regimes }: RunRequest): Series[] => [
  regimes!.vix!,
  regimes!.tenYear!,
  regimes!.twoYear!,
  regimes!.pmi!,
];

Deno.test("SC-002 property: the cut keeps what was available by then, and not a row more", () => {
  fc.assert(
    fc.property(place, (t) => {
      const time = start + t * H4_MS;
      const cut = cutFuture(request, time);
      const sources = [...barsOf(request), ...seriesOf(request)];
      for (const [i, kept] of [...barsOf(cut), ...seriesOf(cut)].entries()) {
        const whole = sources[i]!;
        const known = whole.availableAt.filter((at) => at <= time).length;
        strictEqual(kept.availableAt.length, known);
        const values = (one: Bars | Series) => "close" in one ? one.close : one.value;
        deepStrictEqual(values(kept).slice(), values(whole).slice(0, known));
      }
      for (const [i, { actions }] of cut.data.entries()) {
        deepStrictEqual(actions, data[i]!.actions.filter(({ exDate }) => exDate < time));
      }
      ok(cut.regimes!.equity!.splits.every(({ exDate }) => exDate < time));
    }),
    { seed: 1, numRuns: 30 },
  );
});

Deno.test("SC-002 property: garbage leaves times and all that was known, and every other value changes", () => {
  fc.assert(
    fc.property(place, (t) => {
      const time = start + t * H4_MS;
      const noisy = garbage(request, time);
      for (const [i, after] of barsOf(noisy).entries()) {
        const before = barsOf(request)[i]!;
        deepStrictEqual(after.openTime, before.openTime);
        deepStrictEqual(after.availableAt, before.availableAt);
        for (const [row, at] of before.availableAt.entries()) {
          const same = PRICE_COLUMNS.filter((name) =>
            Object.is(before[name][row], after[name][row])
          );
          if (at <= time) strictEqual(same.length, PRICE_COLUMNS.length);
          else deepStrictEqual(same.filter((name) => name !== "open"), []);
        }
      }
      for (const [i, after] of seriesOf(noisy).entries()) {
        const before = seriesOf(request)[i]!;
        deepStrictEqual(after.availableAt, before.availableAt);
        for (const [row, at] of before.availableAt.entries()) {
          strictEqual(Object.is(before.value[row], after.value[row]), at <= time);
        }
      }
    }),
    { seed: 1, numRuns: 20 },
  );
});

Deno.test("SC-002 of the bar that fills the order garbage keeps the open, and of no other bar to come", () => {
  const time = start + 7 * H4_MS;
  const { h4 } = garbage(request, time).data[0]!.bars;
  const before = data[0]!.bars.h4!;
  const fills = before.openTime.indexOf(time);
  strictEqual(h4!.open[fills], before.open[fills]);
  for (const name of ["high", "low", "close", "volume"] as const) {
    ok(h4![name][fills] !== before[name][fills], name);
  }
  for (let row = fills + 1; row < before.open.length; row++) {
    ok(h4!.open[row] !== before.open[row], `row ${row}`);
  }
});

Deno.test("SC-002 on daily bars it is the day's open that stays, and no open of the H4 bars", () => {
  const time = start + 3 * DAY_MS;
  const plan = planUntil(end, { timeframe: "daily" });
  const { h4, daily } = garbage({ ...request, plan }, time).data[0]!.bars;
  const before = data[0]!.bars;
  const [day, bar] = [before.daily!.openTime.indexOf(time), before.h4!.openTime.indexOf(time)];
  strictEqual(daily!.open[day], before.daily!.open[day]);
  ok(daily!.open[day + 1] !== before.daily!.open[day + 1]);
  ok(h4!.open[bar] !== before.h4!.open[bar]);
});

Deno.test("SC-002 an action counts from its ex-date: garbage spoils later ones only", () => {
  const { actions } = data[2]!;
  const middle = actions[1]!.exDate;
  const values = (time: number) =>
    garbage(request, time).data[2]!.actions.map(({ value }) => value);
  // The day whose open fills the order is known with that open, and so are its actions.
  const kept = values(middle).filter((value, i) => value === actions[i]!.value).length;
  strictEqual(kept, actions.filter(({ exDate }) => exDate < middle + H4_MS).length);
  strictEqual(
    cutFuture(request, middle).data[2]!.actions.some(({ exDate }) => exDate >= middle),
    false,
  );
});

Deno.test("SC-002 garbage comes from the seed, and no future touches what it is made from", () => {
  const copy = structuredClone(request);
  const time = start + 9 * H4_MS;
  deepStrictEqual(garbageFuture(4)(request, time), garbageFuture(4)(request, time));
  notDeepStrictEqual(garbageFuture(4)(request, time), garbageFuture(5)(request, time));
  cutFuture(request, time);
  deepStrictEqual(request, copy);
});
