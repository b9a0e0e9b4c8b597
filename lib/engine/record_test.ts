import { deepStrictEqual } from "node:assert/strict";
import { DAY_MS, H4_MS } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import type { Target } from "../models/model.ts";
import { execute } from "./execute.ts";
import { dataOf, handBars, modelOf, planWith, seat, tradable } from "./fixtures.ts";

const start = parseDate("2024-03-01");
const coin = tradable("AAA");

/** What is written of the wishes of a model that gives these targets, one a decision, then the last for ever. */
function written(targets: readonly Target[]) {
  const closes = Array.from({ length: 8 }, () => ({ open: 100, close: 100 }));
  const bars = handBars(coin, "h4", start - H4_MS, closes);
  const hinting = modelOf(
    "Hinting_v1",
    ["AAA"],
    ({ time }) => ({ AAA: targets[Math.min((time - start) / H4_MS, targets.length - 1)]! }),
  );
  const plan = planWith([coin], [seat(hinting)], { end: start + DAY_MS });
  return execute({ plan, data: [dataOf(bars)] }, [hinting]).wishes.map((
    { index, raw, ...rest },
  ) => {
    const { confidence, urgency, horizonHours } = rest as typeof rest & Record<string, unknown>;
    return [index, raw, confidence, urgency, horizonHours];
  });
}

Deno.test("SC-010 confidence, urgency and horizon of a wish are written down with it", () => {
  deepStrictEqual(
    written([
      { weight: 0.5, confidence: 0.8, urgency: "high", horizon_hours: 24 },
      { weight: 0.4, confidence: 0.6 },
      { weight: 0.3 },
    ]),
    [
      [0, 0.5, 0.8, "high", 24],
      [1, 0.4, 0.6, undefined, undefined],
      [2, 0.3, undefined, undefined, undefined],
    ],
  );
});
