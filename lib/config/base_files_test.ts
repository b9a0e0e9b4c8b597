import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { loadConfig } from "./load.ts";
import type { ModelSchema } from "./schema.ts";

// The declaration itself lives in a house to the right; what its YAML may say is repeated here.
const CROSS: ModelSchema = {
  name: "MovingAverageCrossModel_v1",
  version: "1.0.0",
  universe: ["SPY"],
  parameters: z.strictObject({ fast_ma: z.int(), slow_ma: z.int() }),
};

const ORACLE = fileURLToPath(new URL("../../configs/experiments/oracle_w1.yaml", import.meta.url));

Deno.test("FR-050 the base configuration is complete and is found from any folder", async () => {
  const config = await loadConfig([], { models: [CROSS] });
  strictEqual(config.system.start, "2020-01-01");
  strictEqual(config.system.end, "2024-12-31");
  deepStrictEqual(Object.keys(config.assets), ["BTC", "ETH", "QQQ", "SPY"]);
  deepStrictEqual(config.models.MovingAverageCrossModel_v1, {
    version: "1.0.0",
    lifecycle_stage: "research",
    budget_fraction: 1,
    universe: ["SPY", "QQQ", "BTC", "ETH"],
    parameters: { fast_ma: 50, slow_ma: 200 },
  });
});

Deno.test("FR-050 what the base says of limits, execution and data is what holds without it", async () => {
  const base = await loadConfig([], { models: [CROSS] });
  const bare = await loadConfig([], {
    models: [CROSS],
    base: [],
    start: base.system.start,
    end: base.system.end,
  });
  for (const section of ["system", "risk", "execution", "data"] as const) {
    deepStrictEqual(base[section], bare[section]);
  }
});

Deno.test("FR-052 oracle_w1 leaves one asset, one model and no limit of the base", async () => {
  const { assets, models, risk, execution, data } = await loadConfig([ORACLE], { models: [CROSS] });
  deepStrictEqual(Object.keys(assets), ["CR1"]);
  deepStrictEqual(Object.values(models).map((model) => model.universe), [["CR1"]]);
  const { allow_short, derisking_factor, halt_resume_days, class_caps, ...limits } = risk;
  deepStrictEqual([...new Set(Object.values(limits))], [null]);
  deepStrictEqual(class_caps, { equity: null, crypto: null });
  deepStrictEqual([allow_short, derisking_factor, halt_resume_days], [false, 0.5, 30]);
  deepStrictEqual(execution.costs.crypto, { fee_bps: 5, slippage_bps: 5 });
  strictEqual(execution.sizing, "fill_price");
  strictEqual(data.root, "lib/engine/testdata/oracle");
});
