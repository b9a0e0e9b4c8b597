import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { loadConfig } from "./load.ts";
import type { ModelSchema } from "./schema.ts";
import { TEST_REGIME_KEYS } from "./test_config.ts";

/** The declarations live in a house to the right; what their YAML must say is repeated here. */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  EquityTrendModel_v1: [
    "slow_ma_period",
    "momentum_lookback_days",
    "exit_ma_period",
    "max_positions",
    "equal_weight",
  ],
  IndexMeanReversionModel_v1: [
    "rsi_period",
    "rsi_oversold",
    "rsi_overbought",
    "bb_period",
    "bb_std",
    "max_bars_held",
    "weight",
  ],
  CryptoMomentumModel_v1: ["short_lookback", "long_lookback", "top_n", "rebalance_days"],
  MovingAverageCrossModel_v1: ["fast_ma", "slow_ma"],
};

// Without defaults, a parameter that a file leaves out is refused.
const MODELS: readonly ModelSchema[] = Object.entries(PARAMETERS).map(([name, parameters]) => ({
  name,
  version: "1.0.0",
  universe: ["SPY"],
  parameters: z.strictObject(
    Object.fromEntries(parameters.map((key) => [key, z.union([z.number(), z.boolean()])])),
  ),
}));

const known = { models: MODELS, regimeKeys: TEST_REGIME_KEYS };

const experiment = (name: string) =>
  fileURLToPath(new URL(`../../configs/experiments/${name}.yaml`, import.meta.url));

Deno.test("FR-050 the base configuration is complete and is found from any folder", async () => {
  const config = await loadConfig([], known);
  strictEqual(config.system.start, "2020-01-01");
  strictEqual(config.system.end, "2024-12-31");
  deepStrictEqual(Object.keys(config.assets), ["BTC", "ETH", "QQQ", "SPY"]);
  deepStrictEqual(
    Object.entries(config.models).map(([name, { budget_fraction, universe }]) => [
      name,
      budget_fraction,
      universe,
    ]),
    [
      ["CryptoMomentumModel_v1", 0.15, ["BTC", "ETH"]],
      ["EquityTrendModel_v1", 0.6, ["SPY", "QQQ"]],
      ["IndexMeanReversionModel_v1", 0.25, ["SPY", "QQQ"]],
    ],
  );
});

Deno.test("FR-053 the base moves budgets in a bear market and lowers leverage when volatility is high", async () => {
  const { regime_budgets, regime_limits } = await loadConfig([], known);
  deepStrictEqual(regime_budgets, {
    equity_bear: {
      CryptoMomentumModel_v1: 0.05,
      EquityTrendModel_v1: 0.2,
      IndexMeanReversionModel_v1: 0.4,
    },
  });
  deepStrictEqual(regime_limits, { vol_high: { max_leverage: 0.8 } });
});

Deno.test("FR-032 the base can be run with tighter limits than those of its regimes, and with others", async () => {
  const tight = await loadConfig([], { ...known, sets: ["risk.max_leverage=0.5"] });
  strictEqual(tight.risk.max_leverage, 0.5);
  const sets = ["regime_budgets.equity_bear.EquityTrendModel_v1=0.3"];
  const { regime_budgets } = await loadConfig([], { ...known, sets });
  strictEqual(regime_budgets.equity_bear!.EquityTrendModel_v1, 0.3);
});

Deno.test("FR-050 what the base says of limits, execution, data and stages is what holds without it", async () => {
  const base = await loadConfig([], known);
  const bare = await loadConfig([], {
    ...known,
    base: [],
    start: base.system.start,
    end: base.system.end,
  });
  const sections = [
    ...["system", "risk", "execution", "data"] as const,
    ...["brokers", "trading", "lifecycle"] as const,
  ];
  for (const section of sections) {
    deepStrictEqual(base[section], bare[section]);
  }
});

Deno.test("FR-052 oracle_w1 leaves one asset, one model and no limit of the base", async () => {
  const config = await loadConfig([experiment("oracle_w1")], known);
  const { assets, models, risk, execution, data } = config;
  deepStrictEqual(Object.keys(assets), ["CR1"]);
  deepStrictEqual(Object.values(models).map((model) => model.universe), [["CR1"]]);
  const { allow_short, derisking_factor, halt_resume_days, class_caps, ...limits } = risk;
  deepStrictEqual([...new Set(Object.values(limits))], [null]);
  deepStrictEqual(class_caps, { equity: null, crypto: null });
  deepStrictEqual([allow_short, derisking_factor, halt_resume_days], [false, 0.5, 30]);
  deepStrictEqual(execution.costs.crypto, { fee_bps: 5, slippage_bps: 5 });
  strictEqual(execution.sizing, "fill_price");
  strictEqual(data.root, "lib/engine/testdata/oracle");
  deepStrictEqual([config.regime_budgets, config.regime_limits], [{}, {}]);
});

Deno.test("FR-052 moving_average_cross runs one model on all four assets, alike in every regime", async () => {
  const { models, regime_budgets, regime_limits } = await loadConfig(
    [experiment("moving_average_cross")],
    known,
  );
  deepStrictEqual(models, {
    MovingAverageCrossModel_v1: {
      version: "1.0.0",
      lifecycle_stage: "research",
      budget_fraction: 1,
      universe: ["SPY", "QQQ", "BTC", "ETH"],
      parameters: { fast_ma: 50, slow_ma: 200 },
    },
  });
  deepStrictEqual([regime_budgets, regime_limits], [{}, {}]);
});
