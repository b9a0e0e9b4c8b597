import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { z } from "zod";
import type { Bars } from "../../core/bars.ts";
import { parseDate } from "../../core/clock.ts";
import type { Feature } from "../../features/feature.ts";
import { trading } from "../../features/mod.ts";
import { defineModel, type Model } from "../../models/model.ts";
import { planWith, randomAsset, seat, tradable } from "../fixtures.ts";
import { type Rehearsable, rehearsable } from "../simulate.ts";
import { audit } from "./audit.ts";
import { nothingCompared } from "./compare.ts";
import { featureCuts } from "./feature_cuts.ts";

const asset = { ...tradable("AAA"), feeBps: 5, slippageBps: 2 };
const start = parseDate("2023-06-01");
const end = parseDate("2024-06-01");

function feature(name: string, value: (bars: Bars, row: number) => number): Feature {
  const compute = (bars: Bars) => bars.close.map((_, row) => value(bars, row));
  return { name, timeframe: "trading", warmUp: 1, compute };
}

/** Holds while its signal is 1. */
function holding(signal: Feature): Model {
  return defineModel({
    name: "Signal_v1",
    version: "1.0.0",
    universe: ["AAA"],
    parameters: z.strictObject({}),
    features: () => ({ close: trading.close(), signal }),
    decide: ({ assets }) =>
      Object.fromEntries(assets.map(({ symbol, signal }) => [symbol, signal])),
  });
}

function runOf(model: Model, seed: number): Rehearsable {
  const plan = planWith([asset], [seat(model)], { start, end, seed });
  const data = [randomAsset(asset, { from: parseDate("2023-03-01"), to: end, seed: 1 })];
  return rehearsable({ plan, data }, [model]);
}

/** Out of the market before the rare bar that falls hard, if it looks like a bar at all. */
const rare = feature("rare", ({ open, high, low, close }, row) => {
  const [next, last] = [row + 1, close[row]!];
  const plausible = low[next]! <= open[next]! && close[next]! <= high[next]! &&
    Math.abs(open[next]! / last - 1) < 0.02;
  return plausible && close[next]! < last * 0.98 ? 0 : 1;
});

/** Out before an open far below the close. */
const gap = feature(
  "gap",
  ({ open, close }, row) => (open[row + 1] ?? close[row]!) < close[row]! * 0.9995 ? 0 : 1,
);

for (const leak of [rare, gap]) {
  Deno.test(`SC-002 a look ahead that seldom matters is found wherever the checkpoints lie: ${leak.name}`, () => {
    for (let seed = 0; seed < 8; seed++) {
      const { verdict, findings } = audit(runOf(holding(leak), seed), [holding(leak)]);
      strictEqual(verdict, "failed", `seed ${seed}`);
      strictEqual(
        findings.some(({ what, where }) => what === "feature" && /signal$/.test(where)),
        true,
      );
    }
  });
}

Deno.test("SC-002 who checks what he is given is not accused", () => {
  const careful = feature("careful", ({ open, high, low, close, volume }, row) => {
    const [o, h, l, c] = [open[row]!, high[row]!, low[row]!, close[row]!];
    if (!(l <= Math.min(o, c) && Math.max(o, c) <= h && volume[row]! >= 0 && l > 0)) {
      throw new RangeError(`broken bar ${row}`);
    }
    if (row > 0 && Math.abs(c / close[row - 1]! - 1) > 0.5) throw new RangeError("unbelievable");
    return c > o ? 1 : 0;
  });
  const model = holding(careful);
  for (let seed = 0; seed < 8; seed++) {
    const { verdict, findings } = audit(runOf(model, seed), [model]);
    deepStrictEqual([verdict, findings], ["passed", []], `seed ${seed}`);
  }
});

Deno.test("SC-002 cuts are made where models changed their minds, the same ones for the same seed", () => {
  const model = holding(feature("up", ({ open, close }, row) => close[row]! > open[row]! ? 1 : 0));
  const compared = nothingCompared();
  const { count, findings } = featureCuts(runOf(model, 3), compared);
  ok(count > 100 && count <= 128, `${count} cuts`);
  deepStrictEqual(findings, []);
  // The last 64 rows of two columns at each.
  ok(compared.feature_values > 100 * 2 * 60, `${compared.feature_values} values`);
  const again = nothingCompared();
  featureCuts(runOf(model, 3), again);
  deepStrictEqual(again, compared);
});
