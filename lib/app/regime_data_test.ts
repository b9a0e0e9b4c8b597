import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { H4_MS } from "../core/bars.ts";
import { formatDate, formatTime, parseDate, parseTime } from "../core/clock.ts";
import { DEFAULT_REGIME_RULES, keysOf, regimeTimeline } from "../regime/mod.ts";
import { naiveLabeller } from "../regime/test_labels.ts";
import { loadRegimes } from "./load_regimes.ts";

const ROOT = fileURLToPath(new URL("../../data", import.meta.url));
const START = parseDate("2016-01-01");
const END = parseDate("2025-01-01");

const decisions = Float64Array.from(
  { length: (END - START) / H4_MS },
  (_, i) => START + i * H4_MS,
);
const { data } = await loadRegimes(ROOT, { end: END, maxGapBars: 5 });
const timeline = regimeTimeline(decisions, data);

/** The keys in force at a time of the H4 grid. */
function keysAt(time: string): string {
  return keysOf(timeline.labelsAt((parseTime(time) - START) / H4_MS)).join(" ");
}

/** How many of the decisions from `from` to `to`, both days included, bear the label. */
function share(label: string, from: string, to: string): number {
  const first = (parseDate(from) - START) / H4_MS;
  const count = (parseDate(to) - parseDate(from)) / H4_MS + 6;
  const indices = Array.from({ length: count }, (_, i) => first + i);
  const hits = indices.filter((i) => Object.values(timeline.labelsAt(i)).includes(label as never));
  return hits.length / count;
}

Deno.test("SC-005 every label of 2016 to 2024 is the one that an independent reading of the rules gives", () => {
  const answersAt = naiveLabeller(data, DEFAULT_REGIME_RULES);
  const differences: string[] = [];
  for (const [i, time] of decisions.entries()) {
    const labels = timeline.labelsAt(i);
    for (const [key, answer] of Object.entries(answersAt(time))) {
      const dimension = key as keyof typeof labels;
      const isDefault = timeline.defaults[dimension][i] === 1;
      if (labels[dimension] === answer.label && isDefault === answer.isDefault) continue;
      differences.push(`${formatTime(time)} ${key}: ${labels[dimension]}, not ${answer.label}`);
    }
  }
  deepStrictEqual(differences, []);
});

Deno.test("SC-005 famous days bear the labels that everybody remembers", () => {
  const found = Object.fromEntries([
    "2017-12-15T00:00:00Z",
    "2020-02-19T20:00:00Z",
    "2020-03-16T16:00:00Z",
    "2020-03-24T00:00:00Z",
    "2021-11-10T16:00:00Z",
    "2022-06-18T00:00:00Z",
    "2022-10-13T00:00:00Z",
    "2022-11-10T00:00:00Z",
    "2024-12-17T00:00:00Z",
  ].map((time) => [time.slice(0, 10), keysAt(time)]));
  deepStrictEqual(found, {
    "2017-12-15": "equity_bull vol_low crypto_risk_off macro_expansion", // too few days of BTC yet
    "2020-02-19": "equity_bull vol_low crypto_risk_on macro_slowdown",
    "2020-03-16": "equity_bear vol_high crypto_risk_off macro_slowdown",
    "2020-03-24": "equity_bear vol_high crypto_risk_off macro_slowdown",
    "2021-11-10": "equity_bull vol_normal crypto_risk_on macro_expansion",
    "2022-06-18": "equity_bear vol_high crypto_risk_off macro_expansion",
    "2022-10-13": "equity_bear vol_high crypto_risk_off macro_recession",
    "2022-11-10": "equity_bear vol_high crypto_risk_off macro_slowdown",
    "2024-12-17": "equity_bull vol_low crypto_risk_on macro_slowdown",
  });
});

Deno.test("SC-005 famous stretches bear their label throughout, or nearly so", () => {
  strictEqual(share("BEAR", "2020-03-07", "2020-05-26"), 1);
  strictEqual(share("HIGH", "2020-03-01", "2020-05-31"), 1);
  strictEqual(share("BULL", "2020-09-01", "2021-12-31"), 1);
  strictEqual(share("BEAR", "2022-04-15", "2022-11-10"), 1);
  strictEqual(share("RISK_OFF", "2021-12-05", "2023-01-13"), 1);
  strictEqual(share("BULL", "2023-12-01", "2024-12-31"), 1);
  ok(share("LOW", "2017-01-01", "2017-12-31") > 0.95);
  ok(share("BEAR", "2022-02-01", "2022-12-31") > 0.75);
  ok(share("RISK_ON", "2020-10-21", "2021-04-21") === 1);
});

Deno.test("FR-036 the yield curve, as known, was inverted from July 2022 until the end of August 2024", () => {
  const { slope, inverted_share } = timeline.inputs;
  const starts = decisions.filter((_, i) => slope[i]! < 0 && !(slope[i - 1]! < 0));
  deepStrictEqual(Array.from(starts, formatDate), [
    "2019-08-29", // for days only
    "2022-04-05",
    "2022-07-08",
    "2024-09-05",
    "2024-09-07",
  ]);
  const between = (i: number) =>
    decisions[i]! >= parseDate("2022-08-04") && decisions[i]! < parseDate("2024-08-29");
  // Twenty observations after the first; and a single slope of 0 ends it.
  ok(inverted_share.every((value, i) => (value === 1) === between(i)));
});

Deno.test("FR-034 the VIX of March 2020 never fell to 25 and peaked on the 16th, known after the close", () => {
  const { vix } = timeline.inputs;
  const march = Array.from(decisions.keys()).filter((i) =>
    decisions[i]! >= parseDate("2020-03-01") && decisions[i]! < parseDate("2020-04-01")
  );
  ok(march.every((i) => vix[i]! > 25));
  const peak = march.find((i) => vix[i] === 82.69)!;
  strictEqual(formatTime(decisions[peak]!), "2020-03-17T00:00:00Z");
  strictEqual(Math.max(...march.map((i) => vix[i]!)), 82.69);
});

Deno.test("FR-037 with the bundled data nothing is held, and after warm-up nothing is a default", () => {
  const late = timeline.notes.map(({ kind, dimension, to }) => [
    kind,
    dimension,
    formatDate(decisions[to - 1]!),
  ]);
  deepStrictEqual(late, [
    ["default", "equity", "2016-01-04"],
    ["default", "equity", "2016-10-17"],
    ["substitute", "volatility", "2016-01-04"],
    ["default", "volatility", "2016-01-04"],
    ["default", "crypto", "2017-08-17"],
    ["default", "crypto", "2018-03-04"],
    ["default", "macro", "2016-01-05"],
    ["default", "macro", "2016-02-02"],
    ["substitute", "macro", "2016-09-28"],
  ]);
});
