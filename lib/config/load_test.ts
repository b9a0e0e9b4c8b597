import { deepStrictEqual, notStrictEqual, strictEqual, throws } from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import fc from "fast-check";
import { inTestFolder } from "../core/test_folder.ts";
import { configFingerprint, loadConfig } from "./load.ts";
import {
  loadTexts,
  refusal,
  refusalOf,
  TEST_BASE,
  TEST_MODELS,
  TEST_REGIME_KEYS,
} from "./test_config.ts";

Deno.test("FR-050 what no file says has its default", async () => {
  const config = await loadTexts([TEST_BASE]);
  deepStrictEqual(config, {
    system: {
      mode: "backtest",
      timeframe: "h4",
      backtest_initial_nav: 100_000,
      start: "2020-01-01",
      end: "2020-12-31",
      seed: 1,
      model_timeout_ms: 5_000,
      model_memory_mb: 2_048,
    },
    assets: {
      BTC: {
        asset_class: "crypto",
        venue: "binance",
        min_order_size: 0,
        quantity_precision: null,
        price_precision: 2,
      },
      SPY: {
        asset_class: "equity",
        venue: "alpaca",
        min_order_size: 0.001,
        quantity_precision: 3,
        price_precision: 2,
      },
    },
    models: {
      CrossModel_v1: {
        version: "1.2.0",
        lifecycle_stage: "research",
        budget_fraction: 0.6,
        universe: ["SPY", "BTC"],
        parameters: { fast_ma: 50, slow_ma: 200 },
      },
    },
    risk: {
      per_asset_cap: 0.4,
      class_caps: { equity: null, crypto: 0.2 },
      max_leverage: 1.2,
      max_net_leverage: null,
      allow_short: false,
      per_trade_risk: null,
      drawdown_trigger: 0.15,
      derisking_factor: 0.5,
      drawdown_recover: 0.1,
      drawdown_halt: 0.2,
      halt_resume_days: 30,
    },
    execution: {
      fill: "next_open",
      sizing: "decision_price",
      rebalance_threshold: 0.01,
      allow_borrowing: false,
      cash_rate: 0,
      costs: {
        equity: { fee_bps: 1, slippage_bps: 2 },
        crypto: { fee_bps: 10, slippage_bps: 5 },
      },
    },
    data: {
      root: "data",
      missing: "ffill",
      max_gap_bars: 5,
      live_feed: "iex",
      validation: {
        max_zero_volume_run: 6,
        max_stale_run: 5,
        outlier_deviations: 20,
        outlier_window: 250,
        h4_against_daily_bps: 50,
        h4_extremes_bps: 400,
        second_source_bps: 100,
      },
      sources: {
        alpaca: { base_url: null },
        yahoo: { base_url: null },
        binance: { base_url: null },
        kraken: { base_url: null },
        fred: { base_url: null },
      },
    },
    brokers: {
      alpaca: { trading_url: null, data_url: null, timeout_ms: 10_000 },
      binance: { base_url: null, timeout_ms: 10_000 },
      kraken: { base_url: null, timeout_ms: 10_000 },
    },
    trading: {
      venue: "paper",
      account: "paper",
      clock: "system",
      deadline_ms: 60_000,
      paper_initial_cash: 100_000,
      paper_prices: "stored",
    },
    regime_budgets: {},
    regime_limits: {},
    lifecycle: {
      candidate: {
        min_sharpe: 1,
        max_drawdown: 0.2,
        min_cagr: 0.1,
        min_trades: 20,
        min_years: 2,
        min_deflated_sharpe: 0.95,
      },
      paper: { account: "paper", budget_of_live_nav: 0.1 },
      live: {
        min_days: 30,
        min_trades: 10,
        min_sharpe: 0.8,
        max_drawdown: 0.3,
        account: null,
        max_notional: null,
      },
      approvals: { candidate: 1, paper: 1, live: 2, expiry_hours: 24, operators: null },
      demotion: {
        kill_switch: true,
        max_drawdown: 0.15,
        max_broker_failures: 3,
        model_error: true,
      },
    },
  });
});

Deno.test("FR-052 files merge left to right: mappings by key, lists and scalars replace, null is a value", async () => {
  const config = await loadTexts([
    TEST_BASE,
    "risk: { per_asset_cap: 0.3, max_leverage: 1, class_caps: { equity: 0.7 } }",
    "models: { CrossModel_v1: { universe: [BTC], parameters: { slow_ma: 99 } } }\n" +
    "risk: { max_leverage: null }\nassets: { SPY: { venue: ibkr } }",
    "# nothing but this comment",
  ]);
  strictEqual(config.risk.per_asset_cap, 0.3);
  strictEqual(config.risk.max_leverage, null);
  deepStrictEqual(config.risk.class_caps, { equity: 0.7, crypto: 0.2 });
  deepStrictEqual(config.models.CrossModel_v1!.universe, ["BTC"]);
  deepStrictEqual(config.models.CrossModel_v1!.parameters, { fast_ma: 50, slow_ma: 99 });
  strictEqual(config.models.CrossModel_v1!.budget_fraction, 0.6);
  strictEqual(config.assets.SPY!.venue, "ibkr");
  strictEqual(config.assets.SPY!.quantity_precision, 3);
});

Deno.test("FR-052 replace: [assets, models] forgets what earlier files said of these, and nothing else", async () => {
  const config = await loadTexts([
    `${TEST_BASE}risk: { max_leverage: 1 }\n`,
    "replace: [assets, models]\n" +
    "assets: { CR1: { asset_class: crypto, venue: x, min_order_size: 0, quantity_precision: null, price_precision: null } }\n" +
    "models: { DipModel_v1: { budget_fraction: 1, universe: [CR1] } }\n",
    "models: { DipModel_v1: { parameters: { weight: 0.5 } } }\n",
  ]);
  deepStrictEqual(Object.keys(config.assets), ["CR1"]);
  deepStrictEqual(Object.keys(config.models), ["DipModel_v1"]);
  deepStrictEqual(config.models.DipModel_v1!.parameters, { weight: 0.5 });
  strictEqual(config.risk.max_leverage, 1);
  strictEqual("replace" in config, false);
});

Deno.test("FR-052 replace names a section that the file has", async () => {
  strictEqual(
    await refusal("system: {}\nreplace: [models]\n"),
    '1.yaml:2: replace: found "models", expected sections that this file has',
  );
  strictEqual(
    await refusal("replace: [risk]\n"),
    '1.yaml:1: replace[0]: found "risk", expected one of "assets", "models", "regime_budgets", "regime_limits"',
  );
});

Deno.test("FR-060 the order of keys in the files changes neither result nor fingerprint", async () => {
  const lines = TEST_BASE.split("\n");
  const turned = [...lines.slice(4, 6), lines[1], lines[3], lines[2], lines[0]].join("\n");
  const [config, same] = [await loadTexts([TEST_BASE]), await loadTexts([turned])];
  strictEqual(JSON.stringify(same), JSON.stringify(config));
  strictEqual(configFingerprint(same), configFingerprint(config));
  strictEqual(/^[0-9a-f]{64}$/.test(configFingerprint(config)), true);
  const other = await loadTexts([TEST_BASE], { sets: ["system.seed=2"] });
  notStrictEqual(configFingerprint(other), configFingerprint(config));
});

Deno.test("FR-060 a configuration cannot be changed, at any depth", async () => {
  const config = await loadTexts([TEST_BASE]);
  const frozen = (value: unknown): boolean =>
    typeof value !== "object" || value === null ||
    (Object.isFrozen(value) && Object.values(value).every(frozen));
  strictEqual(frozen(config), true);
  throws(() => (config.models.CrossModel_v1!.universe as string[]).push("ETH"), TypeError);
  deepStrictEqual(structuredClone(config), config);
});

Deno.test("FR-050 files that cannot be read are refused in one line", () =>
  inTestFolder(async (folder) => {
    const load = (...names: string[]) =>
      refusalOf(() =>
        loadConfig(names.map((name) => folder + name), {
          models: TEST_MODELS,
          regimeKeys: TEST_REGIME_KEYS,
          base: [],
        })
      ).then((error) => error.message.replaceAll(folder, ""));
    await mkdir(`${folder}configs`);
    strictEqual(await load("none.yaml"), "none.yaml: found no such file, expected a YAML file");
    strictEqual(await load("configs"), "configs: found a directory, expected a YAML file");
  }));

Deno.test("FR-050 a file of a hundred thousand keys is refused by its size, before it is parsed", async () => {
  const keys = Array.from({ length: 100_000 }, (_, i) => `k${i}: 1\n`).join("");
  strictEqual(
    await refusal(keys),
    `1.yaml: found ${keys.length} bytes, expected at most 65536`,
  );
});

Deno.test("FR-050 a file that is not UTF-8 is refused", async () => {
  strictEqual(
    await refusal(Uint8Array.of(0x61, 0x3a, 0x20, 0xff)),
    "1.yaml: found bytes that are not UTF-8, expected UTF-8 text",
  );
});

Deno.test("FR-050 an unreadable base or text without sections is refused with its name", async () => {
  strictEqual(
    await refusal("- a\n"),
    "1.yaml:1: found no mapping at the top, expected sections such as system:",
  );
  strictEqual(
    (await refusalOf(() =>
      loadConfig([], { models: TEST_MODELS, regimeKeys: TEST_REGIME_KEYS, base: [] })
    )).message,
    "configuration: system.start is missing, expected a date like 2020-01-01",
  );
});

Deno.test("FR-060 merging depends on what the files say, not on how many files say it", async () => {
  const parts = [
    "risk: { per_asset_cap: 0.3 }",
    "system: { seed: 7 }",
    "execution: { costs: { crypto: { fee_bps: 3 } } }",
    "models: { CrossModel_v1: { parameters: { fast_ma: 10 } } }",
  ];
  const expected = configFingerprint(await loadTexts([TEST_BASE, parts.join("\n")]));
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(parts, { minLength: 4 }), async (order) => {
      strictEqual(configFingerprint(await loadTexts([TEST_BASE, ...order])), expected);
    }),
    { seed: 1, numRuns: 8 },
  );
});
