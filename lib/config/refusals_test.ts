import { strictEqual } from "node:assert/strict";
import { loadTexts, refusal, refusalOf, TEST_BASE } from "./test_config.ts";

const DATE = "expected a date like 2020-01-01";

/** What is wrong, the file's text, and the line that says so. */
const REFUSALS: readonly (readonly [string, string, string])[] = [
  [
    "a misspelt key",
    "\nrisk:\n  per_asset_capp: 0.3\n",
    '1.yaml:3: risk.per_asset_capp is not a known key (did you mean "per_asset_cap"?)',
  ],
  [
    "a misspelt section",
    "sytem: {}\n",
    '1.yaml:1: sytem is not a known key (did you mean "system"?)',
  ],
  [
    "a key like no other",
    "data: { colour: red }\n",
    "1.yaml:1: data.colour is not a known key; expected one of root, missing, max_gap_bars, live_feed, validation, sources",
  ],
  [
    "a key with control characters",
    'data: { "a\\nb": 1 }\n',
    '1.yaml:1: data."a\\nb" is not a known key; expected one of root, missing, max_gap_bars, live_feed, validation, sources',
  ],
  [
    "a key of a broker, which belongs into the environment",
    "brokers:\n  alpaca: { key_id: PK0123456789 }\n",
    "1.yaml:2: brokers.alpaca.key_id is not a known key; expected one of trading_url, data_url, timeout_ms",
  ],
  [
    "a broker's time-out below 100 ms",
    "brokers: { binance: { timeout_ms: 99 } }\n",
    "1.yaml:1: brokers.binance.timeout_ms: found 99 (a number), expected a whole number from 100 to 120000",
  ],
  [
    "a name of an account that leads out of its folder",
    "trading: { account: ../other }\n",
    '1.yaml:1: trading.account: found "../other", expected a name of at most 64 letters, digits, "_", "-" and ".", without ".." and starting with a letter or digit',
  ],
  [
    "a misspelt key of an experiment",
    "experiment:\n  name: x\n  methd: grid\n",
    '1.yaml:3: experiment.methd is not a known key (did you mean "method"?)',
  ],
  [
    "a date that is a number",
    "system:\n  start: 20200101\n",
    `1.yaml:2: system.start: found 20200101 (a number), ${DATE}`,
  ],
  [
    "a date that does not exist",
    "system: { end: 2021-02-29 }\n",
    `1.yaml:1: system.end: found "2021-02-29", ${DATE}`,
  ],
  [
    "text for a number",
    'risk:\n  max_leverage: "1.2"\n',
    '1.yaml:2: risk.max_leverage: found "1.2", expected a number of at least 0 or null',
  ],
  [
    "true for a number",
    "system: { seed: true }\n",
    "1.yaml:1: system.seed: found true, expected a whole number of at least 0",
  ],
  [
    "a number out of range",
    "risk: { per_asset_cap: 40 }\n",
    "1.yaml:1: risk.per_asset_cap: found 40 (a number), expected a number from 0 to 1 or null",
  ],
  [
    "a precision that is no whole number",
    "assets:\n  SPY:\n    quantity_precision: 2.5\n",
    "1.yaml:3: assets.SPY.quantity_precision: found 2.5 (a number), expected a whole number from 0 to 12 or null",
  ],
  [
    "negative costs",
    "execution: { costs: { equity: { fee_bps: -1 } } }\n",
    "1.yaml:1: execution.costs.equity.fee_bps: found -1 (a number), expected a number from 0 to below 10000",
  ],
  [
    "null where nothing can be switched off",
    "execution:\n  rebalance_threshold:\n",
    "1.yaml:2: execution.rebalance_threshold: found null, expected a number from 0 to 1",
  ],
  ["a section without anything in it", "risk:\n", "1.yaml:1: risk: found null, expected a mapping"],
  [
    "an unknown choice",
    "execution: { fill: next_close }\n",
    '1.yaml:1: execution.fill: found "next_close", expected one of "next_open", "same_close"',
  ],
  [
    "a symbol that is no harmless name",
    "assets:\n  ../SPY: {}\n",
    '1.yaml:2: assets."../SPY": found "../SPY" as a key, expected a name of at most 64 letters, ' +
    'digits, "_", "-" and ".", without ".." and starting with a letter or digit',
  ],
  [
    "a new asset that is not complete",
    "assets:\n  XLK: { asset_class: equity }\n",
    "1.yaml:2: assets.XLK.venue is missing, expected a name of at most 64 letters, " +
    'digits, "_", "-" and ".", without ".." and starting with a letter or digit',
  ],
  [
    "an unknown model",
    "models:\n  CrosModel_v1: {}\n",
    '1.yaml:2: models.CrosModel_v1 is not a known model (did you mean "CrossModel_v1"?)',
  ],
  [
    "a model like no other",
    "models: { Magic: {} }\n",
    "1.yaml:1: models.Magic is not a known model; expected one of CrossModel_v1, DipModel_v1",
  ],
  [
    "a version that is not there",
    "models: { CrossModel_v1: { version: 2.0.0 } }\n",
    '1.yaml:1: models.CrossModel_v1.version: found "2.0.0", expected 1.2.0, the only version available',
  ],
  [
    "a model without a budget",
    "models:\n  DipModel_v1: {}\n",
    "1.yaml:2: models.DipModel_v1.budget_fraction is missing, expected a number from 0 to 1",
  ],
  [
    "an unknown parameter",
    "models:\n  CrossModel_v1:\n    parameters:\n      fast_mma: 3\n",
    '1.yaml:4: models.CrossModel_v1.parameters.fast_mma is not a known key (did you mean "fast_ma"?)',
  ],
  [
    "a parameter of the wrong type",
    "models: { CrossModel_v1: { parameters: { fast_ma: [10, 20] } } }\n",
    "1.yaml:1: models.CrossModel_v1.parameters.fast_ma: found a list, expected a whole number of at least 1 (deno task optimize run searches over lists)",
  ],
  [
    "parameters that contradict each other",
    "models:\n  CrossModel_v1:\n    parameters:\n      fast_ma: 300\n",
    "1.yaml:4: models.CrossModel_v1.parameters.fast_ma: found 300 (a number), must be below slow_ma",
  ],
  [
    "an empty universe",
    "models: { CrossModel_v1: { universe: [] } }\n",
    "1.yaml:1: models.CrossModel_v1.universe: found an empty list, expected a list, each item a name of at most " +
    '64 letters, digits, "_", "-" and ".", without ".." and starting with a letter or digit (at least 1)',
  ],
  [
    "a symbol twice",
    "models: { CrossModel_v1: { universe: [SPY, BTC, SPY] } }\n",
    '1.yaml:1: models.CrossModel_v1.universe: found a list, expected every symbol once, "SPY" is there twice',
  ],
  [
    "a symbol without an asset",
    "models:\n  CrossModel_v1:\n    universe:\n      - SPY\n      - ETH\n",
    '1.yaml:5: models.CrossModel_v1.universe[1]: found "ETH", expected a symbol in assets, of BTC, SPY',
  ],
  [
    "a range that ends before it starts",
    "system: { start: 2021-01-01 }\n",
    "1.yaml:1: system.start: found 2021-01-01, expected no later than system.end 2020-12-31",
  ],
  [
    "a halt before the trigger",
    "risk:\n  derisking_factor: 1\n  drawdown_halt: 0.15\n",
    "1.yaml:3: risk.drawdown_trigger: found 0.15, expected below risk.drawdown_halt 0.15",
  ],
  [
    "a recovery above the trigger",
    "risk: { drawdown_trigger: 0.05 }\n",
    "1.yaml:1: risk.drawdown_recover: found 0.1, expected below risk.drawdown_trigger 0.05",
  ],
  [
    "budgets of more than everything",
    "models:\n  DipModel_v1: { budget_fraction: 0.5 }\n",
    "1.yaml:2: models: found budget_fraction summing to 1.1 (CrossModel_v1, DipModel_v1), expected at most 1",
  ],
];

for (const [what, text, line] of REFUSALS) {
  Deno.test(`FR-050 ${what} is refused with its place and what is expected`, async () => {
    strictEqual(await refusal(text), line);
  });
}

Deno.test("FR-050 of several problems the one written first is told", async () => {
  strictEqual(
    await refusal("system:\n  seed: x\nrisk:\n  capp: 1\ndata: 5\n"),
    '1.yaml:2: system.seed: found "x", expected a whole number of at least 0',
  );
});

Deno.test("FR-052 an error that shows only after merging names the file and line that wrote the value", async () => {
  const load = (...texts: string[]) => refusalOf(() => loadTexts([TEST_BASE, ...texts]));
  const early = await load("risk:\n  drawdown_halt: 0.14\n", "risk: { max_leverage: 1 }\n");
  strictEqual(
    early.message,
    "1.yaml:2: risk.drawdown_trigger: found 0.15, expected below risk.drawdown_halt 0.14",
  );
  const late = await load("\n\nassets: { NEW: { venue: x } }\n", "assets:\n  NEW: { venue: y }\n");
  strictEqual(
    late.message,
    '2.yaml:2: assets.NEW.asset_class is missing, expected one of "equity", "crypto"',
  );
  strictEqual(early.exitCode, 1);
});

Deno.test("FR-050 limits that are off are not compared", async () => {
  const config = await loadTexts([
    TEST_BASE,
    "risk: { drawdown_trigger: null, drawdown_halt: 0.05 }\n",
  ]);
  strictEqual(config.risk.drawdown_halt, 0.05);
});

Deno.test("FR-050 budgets may sum to one in floating point", async () => {
  const config = await loadTexts([
    TEST_BASE,
    "models: { CrossModel_v1: { budget_fraction: 0.7 }, DipModel_v1: { budget_fraction: 0.3000000001 } }",
  ]);
  strictEqual(Object.keys(config.models).length, 2);
});
