import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { parseDate, parseTime } from "../core/clock.ts";
import { type DailyHistory, EQUITY_LABELS, type RegimeData, regimeTimeline } from "./mod.ts";
import { dailyBars, decisionsOf, history, SHORT_RULES } from "./test_market.ts";

/** Sessions from Monday 2024-07-08 on close at 20:00 UTC. */
const MONDAY = "2024-07-08";

/** Labels at the given moments, under the short rules: average of 3, momentum over 2. */
function labels(data: RegimeData, ...times: readonly string[]) {
  const timeline = regimeTimeline(Float64Array.from(times, parseTime), data, SHORT_RULES);
  return times.map((_, i) => timeline.labelsAt(i));
}

/** The equity label once all closes are known. */
function equityOf(...closes: readonly number[]) {
  const days = ["08", "09", "10", "11", "12"];
  const data = { equity: history("equity", MONDAY, closes) };
  return labels(data, `2024-07-${days[closes.length - 1]}T20:00:00Z`)[0]!.equity;
}

Deno.test("FR-033 BULL is above the average with positive momentum, BEAR below with negative, else NEUTRAL", () => {
  strictEqual(equityOf(10, 11, 12), "BULL");
  strictEqual(equityOf(12, 11, 10), "BEAR");
  strictEqual(equityOf(10, 2, 9), "NEUTRAL"); // above its average of 7, but lower than before
  strictEqual(equityOf(9, 20, 10), "NEUTRAL"); // below its average of 13, but higher than before
});

Deno.test("FR-033 a momentum of zero is neither positive nor negative, nor is a close at its average above it", () => {
  strictEqual(equityOf(10, 7, 10), "NEUTRAL");
  strictEqual(equityOf(10, 13, 10), "NEUTRAL");
  strictEqual(equityOf(8, 12, 10), "NEUTRAL"); // at its average, and higher than before
  strictEqual(equityOf(12, 8, 10), "NEUTRAL");
  strictEqual(equityOf(10, 10, 10), "NEUTRAL");
});

Deno.test("FR-004 a session's close decides from the very moment of the close on", () => {
  const data = { equity: history("equity", MONDAY, [10, 11, 12, 1]) };
  const found = labels(
    data,
    "2024-07-10T19:59:59Z",
    "2024-07-10T20:00:00Z",
    "2024-07-11T16:00:00Z",
    "2024-07-11T20:00:00Z",
  );
  deepStrictEqual(found.map(({ equity }) => equity), ["NEUTRAL", "BULL", "BULL", "BEAR"]);
});

Deno.test("FR-033 a last close holds while one session is missed and gives way to the default at the second", () => {
  const data = { equity: history("equity", MONDAY, [12, 11, 10]) };
  const decisions = decisionsOf("2024-07-10", "2024-07-13");
  const { equity, defaults, notes, inputs } = regimeTimeline(decisions, data, SHORT_RULES);
  const at = (time: string) => decisions.indexOf(parseTime(time));
  const [known, late, tooOld] = [
    at("2024-07-10T20:00:00Z"),
    at("2024-07-11T20:00:00Z"),
    at("2024-07-12T20:00:00Z"),
  ];
  const bear = Array.from(equity, (code) => EQUITY_LABELS[code] === "BEAR");
  deepStrictEqual([bear.indexOf(true), bear.lastIndexOf(true)], [known, tooOld - 1]);
  deepStrictEqual([defaults.equity[tooOld - 1], defaults.equity[tooOld]], [0, 1]);
  deepStrictEqual([inputs.spy_close[tooOld - 1], inputs.spy_close[tooOld]], [10, NaN]);
  deepStrictEqual(notes.filter(({ dimension }) => dimension === "equity"), [
    {
      dimension: "equity",
      kind: "default",
      reason: "the history of the daily close of SPY is too short",
      from: 0,
      to: known,
    },
    {
      dimension: "equity",
      kind: "held",
      reason: "a newer daily close of SPY is overdue",
      from: late,
      to: tooOld,
    },
    {
      dimension: "equity",
      kind: "default",
      reason: "the last daily close of SPY is too old",
      from: tooOld,
      to: decisions.length,
    },
  ]);
});

Deno.test("FR-033 week-ends and holidays miss no session, and a missing close counts like a missing bar", () => {
  const friday = history("equity", "2024-08-28", [12, 11, 10]); // Labour Day follows on Monday
  const monday = labels({ equity: friday }, "2024-09-02T20:00:00Z", "2024-09-04T16:00:00Z");
  deepStrictEqual(monday.map(({ equity }) => equity), ["BEAR", "BEAR"]);
  const unknown: DailyHistory = {
    bars: dailyBars("equity", "2024-08-28", [12, 11, 10, NaN, NaN, 9]),
    splits: [],
    splitsApplied: true,
  };
  const missing = history("equity", "2024-08-28", [12, 11, 10, undefined, undefined, 9]);
  const decisions = decisionsOf("2024-08-28", "2024-09-08");
  deepStrictEqual(
    regimeTimeline(decisions, { equity: unknown }, SHORT_RULES).equity,
    regimeTimeline(decisions, { equity: missing }, SHORT_RULES).equity,
  );
});

Deno.test("FR-035 RISK_ON is above the average with positive momentum, all else RISK_OFF", () => {
  const cryptoOf = (...closes: readonly number[]) =>
    labels({ crypto: history("crypto", MONDAY, closes) }, "2024-07-11T00:00:00Z")[0]!.crypto;
  strictEqual(cryptoOf(10, 11, 12), "RISK_ON");
  strictEqual(cryptoOf(12, 11, 10), "RISK_OFF");
  strictEqual(cryptoOf(10, 7, 10), "RISK_OFF"); // a momentum of zero
  strictEqual(cryptoOf(8, 12, 10), "RISK_OFF"); // at its average
  strictEqual(cryptoOf(9, 20, 10), "RISK_OFF");
});

Deno.test("FR-035 a crypto day decides from midnight on, is held a day and gives way after 48 hours", () => {
  const data = { crypto: history("crypto", "2024-07-05", [10, 11, 12]) };
  const found = labels(
    data,
    "2024-07-07T20:00:00Z",
    "2024-07-08T00:00:00Z",
    "2024-07-09T20:00:00Z",
    "2024-07-10T00:00:00Z",
  );
  deepStrictEqual(found.map(({ crypto }) => crypto), [
    "RISK_OFF",
    "RISK_ON",
    "RISK_ON",
    "RISK_OFF",
  ]);
  const { notes } = regimeTimeline(decisionsOf("2024-07-08", "2024-07-11"), data, SHORT_RULES);
  deepStrictEqual(
    notes.filter(({ dimension }) => dimension === "crypto").map(({ kind, from, to }) => [
      kind,
      from,
      to,
    ]),
    [["held", 6, 12], ["default", 12, 18]],
  );
});

Deno.test("FR-033 a split moves no label, whether the file carries it or not, nor does a dividend", () => {
  const closes = [10, 11, 12, 13, 14];
  const applied = history("equity", MONDAY, closes);
  const raw: DailyHistory = {
    bars: dailyBars("equity", MONDAY, closes.map((close, i) => i < 3 ? close : close / 4)),
    splits: [
      { symbol: "SPY", exDate: parseDate("2024-07-11"), kind: "split", value: 4 },
      { symbol: "SPY", exDate: parseDate("2024-07-10"), kind: "dividend", value: 2 },
    ],
    splitsApplied: false,
  };
  const decisions = decisionsOf(MONDAY, "2024-07-13");
  const [withFile, withTable] = [applied, raw].map((equity) =>
    regimeTimeline(decisions, { equity }, SHORT_RULES)
  );
  deepStrictEqual(withTable!.inputs, withFile!.inputs);
  deepStrictEqual(withTable!.equity, withFile!.equity);
  strictEqual(withFile!.labelsAt(decisions.length - 1).equity, "BULL");
});

Deno.test("FR-033 the standard rules need 200 sessions, then look at 126 of them", () => {
  const rising = Array.from({ length: 201 }, (_, i) => 100 + i);
  const timeline = regimeTimeline(decisionsOf("2023-01-01", "2024-01-01"), {
    equity: history("equity", "2023-01-03", rising),
  });
  const first = timeline.defaults.equity.indexOf(0);
  strictEqual(timeline.times[first], parseTime("2023-10-18T20:00:00Z")); // the 200th session of 2023
  strictEqual(timeline.inputs.spy_sma[first], 199.5);
  strictEqual(timeline.inputs.spy_momentum[first], 299 / 173 - 1);
  strictEqual(timeline.labelsAt(first).equity, "BULL");
});
