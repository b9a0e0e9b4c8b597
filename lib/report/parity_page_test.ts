import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { ParityReport } from "../core/parity_report.ts";
import { decisionLines, expectationLine } from "./parity_page.ts";

const HOUR = { time: Date.UTC(2026, 0, 2, 4), text: "NAV was 1, is 2" };

type Differing = ParityReport["decisions"]["differing"];

function decisions(differing: Differing, missed = 0) {
  const compared = 3;
  const identical = compared - differing.length;
  return decisionLines({
    decisions: { compared, identical, missed, differing, first: undefined },
  } as unknown as ParityReport);
}

Deno.test("decisions that are not made again are told with their cause, and those without one are counted", () => {
  const same = "The backtest wants the same weights at every close";
  deepStrictEqual(decisions([]), ["Decisions: 3 of 3 made again bit by bit", same]);
  deepStrictEqual(decisions([{ ...HOUR, cause: "code version changed" }], 2), [
    "Decisions: 2 of 3 made again bit by bit, 2 missed",
    same,
    "First decision that is not made again: 2026-01-02 04:00, code version changed: NAV was 1, is 2",
  ]);
  const odd = { ...HOUR, cause: undefined };
  deepStrictEqual(decisions([odd]).slice(2), [
    "First decision that is not made again: 2026-01-02 04:00, NO NAMED CAUSE: NAV was 1, is 2",
    "Without a named cause: 1 decision",
  ]);
  strictEqual(decisions([odd, odd]).at(-1), "Without a named cause: 2 decisions");
});

Deno.test("an account is placed among what its backtest's own days could have brought", () => {
  const line = (nav: string, band: Partial<ParityReport["review"]["band"]> = {}) =>
    expectationLine({
      closing: { nav },
      review: { band: { low: [90], middle: [100], high: [110], rank: 0.25, days: 7, ...band } },
    } as unknown as ParityReport);
  const range = "90 to 110, middle 100; the account is";
  strictEqual(
    line("95"),
    `Expectation after 7 days: ${range} inside it, higher than 25.0% of the drawn histories`,
  );
  strictEqual(line("89").includes(`${range} below it`), true);
  strictEqual(line("111").includes(`${range} above it`), true);
  strictEqual(line("95", { days: 1 }).startsWith("Expectation after 1 day: "), true);
});
