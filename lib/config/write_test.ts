import { deepStrictEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import type { Config } from "./schema.ts";
import { loadTexts, TEST_BASE } from "./test_config.ts";
import { configText } from "./write.ts";

const ABOUT = {
  name: "best",
  description: "Best of 3.",
  provenance: { trial: 2 },
  comment: ["one"],
};

/** A configuration as it is loaded back over a base. */
function over(base: string, text: string): Promise<Config> {
  return loadTexts([base, text]);
}

function without({ experiment: _, ...sections }: Config): Omit<Config, "experiment"> {
  return sections;
}

const OTHER_BASE = `\
system: { start: 2019-01-01, end: 2019-06-30, seed: 77, timeframe: daily }
assets:
  ETH: { asset_class: crypto, venue: kraken, min_order_size: 1, quantity_precision: 1, price_precision: 1 }
models:
  DipModel_v1: { budget_fraction: 0.3, universe: [ETH], parameters: { weight: 0.9 } }
risk: { max_leverage: 3, drawdown_trigger: null, drawdown_recover: null, drawdown_halt: null }
regime_budgets: { vol_high: { DipModel_v1: 0.1 } }
regime_limits: { vol_high: { max_leverage: 0.5 } }
execution: { cash_rate: 0.04 }
`;

const SETS: readonly string[] = [
  "",
  "models: { CrossModel_v1: { parameters: { fast_ma: 7, weights: { SPY: 0.25, BTC: 0.1 } } } }\n",
  "risk: { per_asset_cap: null, max_leverage: null, class_caps: { equity: 0.3 } }\n",
  "regime_budgets: { equity_bear: { CrossModel_v1: 0.1 } }\nregime_limits: { vol_high: { per_asset_cap: 0.1 } }\n",
  "system: { seed: 5, backtest_initial_nav: 12345.67 }\nexecution: { cash_rate: 0.1 }\n",
];

for (const [place, set] of SETS.entries()) {
  Deno.test(`FR-049 a configuration that is written says everything, whatever the base: ${place}`, async () => {
    const config = await loadTexts([TEST_BASE, set]);
    const text = configText(config, ABOUT);
    for (const base of [TEST_BASE, OTHER_BASE]) {
      const again = await over(base, text);
      deepStrictEqual(without(again), without(config));
      deepStrictEqual(again.experiment, {
        name: "best",
        description: "Best of 3.",
        provenance: { trial: 2 },
      });
    }
  });
}

Deno.test("FR-049 a written configuration begins with its comment, a line each", async () => {
  const config = await loadTexts([TEST_BASE]);
  const text = configText(config, { ...ABOUT, comment: ["Trial 2.", "", "  run it: so # and so"] });
  ok(text.startsWith("# Trial 2.\n#\n#   run it: so # and so\n\nreplace:\n"));
});

Deno.test("FR-049 provenance of any kind comes back as it was", async () => {
  const config = await loadTexts([TEST_BASE]);
  const fact = fc.oneof(
    fc.constantFrom(
      "true",
      "null",
      "1e3",
      "2024-01-01",
      "0x10",
      "~",
      "",
      " a ",
      "a: b",
      "# c",
      "0123456789123456",
      "1234567890123456",
    ),
    fc.stringMatching(/^[ -~]{0,40}$/),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number === 0 ? 0 : number),
    fc.boolean(),
    fc.constant(null),
  );
  await fc.assert(
    fc.asyncProperty(fact, fact, async (one, two) => {
      const provenance = { one, two };
      const { experiment } = await over(TEST_BASE, configText(config, { ...ABOUT, provenance }));
      deepStrictEqual(experiment!.provenance, provenance);
    }),
    { seed: 8, numRuns: 60 },
  );
});
