import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { parseDate } from "../core/clock.ts";
import { fullRecord, handMadeRecord, handMadeRegimes, tablesOf } from "./record_fixture.ts";
import { labelEntries, regimesTable, regimeWarnings } from "./regimes.ts";

const record = fullRecord();

Deno.test("FR-037 labels, default flags and inputs are written down when any of them changed", () => {
  const { regimes } = tablesOf(record);
  deepStrictEqual(regimes.equity, ["NEUTRAL", "BULL", "BEAR"]);
  deepStrictEqual(regimes.equity_default, [true, false, false]);
  deepStrictEqual(regimes.macro, ["SLOWDOWN", "SLOWDOWN", "SLOWDOWN"]);
  deepStrictEqual(regimes.spy_close, Float64Array.of(NaN, 470, 460));
  deepStrictEqual(regimes.pmi, new Float64Array(3).fill(NaN));
  strictEqual(regimes.time[2], parseDate("2024-01-03"));
});

Deno.test("FR-037 a decision that brings nothing new has no row, though a value stays unknown", () => {
  const still = {
    ...handMadeRegimes(),
    codes: { ...handMadeRegimes().codes, equity: Uint8Array.of(1, 1, 1) },
    defaults: { ...handMadeRegimes().defaults, equity: Uint8Array.of(1, 1, 0) },
    inputs: { pmi: Float64Array.of(NaN, NaN, NaN) },
  };
  const { time } = regimesTable(record.markTimes, still);
  deepStrictEqual(time, Float64Array.of(record.markTimes[0]!, record.markTimes[2]!));
});

Deno.test("FR-037 an input without a column is a broken promise", () => {
  const inputs = { mood: Float64Array.of(1, 2, 3) };
  throws(() => regimesTable(record.markTimes, { ...handMadeRegimes(), inputs }), RangeError);
});

Deno.test("FR-057 each label is told at the start and when it turns, with what it came from", () => {
  const entries = labelEntries(record);
  deepStrictEqual(entries.map(({ message }) => message), [
    "equity regime is NEUTRAL",
    "volatility regime is LOW",
    "crypto regime is RISK_ON",
    "macro regime is SLOWDOWN",
    "equity regime turns from NEUTRAL to BULL",
    "equity regime turns from BULL to BEAR",
  ]);
  deepStrictEqual(entries[0]!.context, {
    ...{ dimension: "equity", before: null, label: "NEUTRAL", default: true },
    ...{ spy_close: null, vix: 12 },
  });
  deepStrictEqual(labelEntries(handMadeRecord()), []);
});

Deno.test("FR-036 values held past their time and defaults are warned of", () => {
  deepStrictEqual(regimeWarnings(record).map(({ message }) => message), [
    "equity regime, 2024-01-01T00:00:00Z to 2024-01-02T00:00:00Z: " +
    "the history of the SPY close is too short; the default label stands in",
    "volatility regime, 2024-01-03T00:00:00Z to 2024-01-04T00:00:00Z: " +
    "a newer VIX close is overdue; the old value holds",
  ]);
  deepStrictEqual(regimeWarnings(handMadeRecord()), []);
});
