import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import {
  type BrokerFault,
  faultBook,
  faultSchedule,
  OUTSIDE_FAULTS,
  scheduleText,
  shrinkSchedule,
  USUAL_FAULTS,
} from "./test_schedule.ts";

Deno.test("a fault schedule follows from its seed and can be printed and read back", () => {
  const options = { requests: 400, symbols: ["SPY"] };
  const frequencies = { ...USUAL_FAULTS, ...OUTSIDE_FAULTS };
  const faults = faultSchedule(7, { ...options, frequencies });
  deepStrictEqual(faultSchedule(7, { ...options, frequencies }), faults);
  deepStrictEqual(scheduleText(faults).split("\n").map((line) => JSON.parse(line)), faults);
  ok(scheduleText(faultSchedule(8, options)) !== scheduleText(faultSchedule(7, options)));
  const kinds = new Set(
    Array.from({ length: 40 }, (_, seed) => faultSchedule(seed, { ...options, frequencies }))
      .flat().map(({ kind }) => kind),
  );
  deepStrictEqual([...kinds].sort(), Object.keys(frequencies).sort());
});

Deno.test("a fault schedule without an owner never touches the account from outside", () => {
  const kinds = faultSchedule(1, { requests: 2_000, symbols: ["SPY"] }).map(({ kind }) => kind);
  deepStrictEqual(kinds.filter((kind) => kind in OUTSIDE_FAULTS), []);
});

Deno.test("a fault falls on its request, as often as it says", () => {
  const book = faultBook([
    { on: "submit", at: 1, times: 2, kind: "cut" },
    { on: "any", at: 0, kind: "reset" },
    { on: "order", at: 1, kind: "rejected" },
  ]);
  deepStrictEqual(book.onRequest("orders").map(({ kind }) => kind), ["reset"]);
  const submits = Array.from({ length: 4 }, () => book.onRequest("submit").map(({ kind }) => kind));
  deepStrictEqual(submits, [[], ["cut"], ["cut"], []]);
  equal(book.onOrder(), undefined);
  equal(book.onOrder()?.kind, "rejected");
});

Deno.test("shrinking leaves only the faults that matter", async () => {
  const faults: BrokerFault[] = Array.from({ length: 23 }, (_, at) => ({
    ...{ on: "submit", at },
    kind: "cut",
  }));
  const needs = (at: number) => (some: readonly BrokerFault[]) =>
    some.some((fault) => fault.at === at);
  const small = await shrinkSchedule(faults, (some) => needs(3)(some) && needs(17)(some));
  deepStrictEqual(small.map(({ at }) => at), [3, 17]);
  deepStrictEqual(await shrinkSchedule(faults, () => true), []);
  await rejects(shrinkSchedule(faults, () => false), RangeError);
});
