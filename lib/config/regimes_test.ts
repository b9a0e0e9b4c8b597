import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { LoadOptions } from "./load.ts";
import { loadTexts, refusalOf, TEST_BASE, TEST_REGIME_KEYS } from "./test_config.ts";

const KEYS = TEST_REGIME_KEYS.join(", ");

/** Both test models, with budgets of 0.6 and 0.25. */
const BOTH = `${TEST_BASE}  DipModel_v1: { budget_fraction: 0.25 }\n`;

const load = (text: string, options: Partial<LoadOptions> = {}) => loadTexts([BOTH, text], options);

async function refused(text: string, options: Partial<LoadOptions> = {}): Promise<string> {
  return (await refusalOf(() => load(text, options))).message;
}

Deno.test("FR-053 budgets and limits by regime are kept as written, and files merge them key by key", async () => {
  const { regime_budgets, regime_limits } = await loadTexts([
    BOTH,
    "regime_budgets: { equity_bear: { CrossModel_v1: 0.2, DipModel_v1: 0.4 } }\n" +
    "regime_limits: { vol_high: { max_leverage: 0.8, class_caps: { crypto: 0.1 } } }\n",
    "regime_budgets: { equity_bear: { DipModel_v1: 0.3 }, vol_high: { DipModel_v1: 0 } }\n" +
    "regime_limits: { vol_high: { class_caps: { equity: 0.5 } } }\n",
  ]);
  deepStrictEqual(regime_budgets, {
    equity_bear: { CrossModel_v1: 0.2, DipModel_v1: 0.3 },
    vol_high: { DipModel_v1: 0 },
  });
  deepStrictEqual(regime_limits, {
    vol_high: { max_leverage: 0.8, class_caps: { equity: 0.5, crypto: 0.1 } },
  });
});

Deno.test("FR-053 --set reaches the budget of one model in one regime, and a limit", async () => {
  const sets = [
    "regime_budgets.equity_bear.CrossModel_v1=0.2",
    "regime_limits.crypto_risk_off.class_caps.crypto=0",
  ];
  const { regime_budgets, regime_limits } = await load("", { sets });
  deepStrictEqual(regime_budgets, { equity_bear: { CrossModel_v1: 0.2 } });
  deepStrictEqual(regime_limits, { crypto_risk_off: { class_caps: { crypto: 0 } } });
});

Deno.test("FR-052 replace forgets what earlier files said of regimes", async () => {
  const { regime_budgets, regime_limits } = await loadTexts([
    `${BOTH}regime_budgets: { equity_bear: { CrossModel_v1: 0.2 } }\n` +
    "regime_limits: { vol_high: { max_leverage: 0.8 } }\n",
    "replace: [regime_budgets, regime_limits]\n" +
    "regime_budgets: { equity_bull: { CrossModel_v1: 0.7 } }\nregime_limits: {}\n",
  ]);
  deepStrictEqual(regime_budgets, { equity_bull: { CrossModel_v1: 0.7 } });
  deepStrictEqual(regime_limits, {});
});

/** What is wrong, the file laid over the base, and the one line that says so. */
const REFUSALS: readonly [what: string, text: string, line: string][] = [
  [
    "a regime that does not exist, in budgets",
    "regime_budgets:\n  equity_bare: { CrossModel_v1: 0.2 }\n",
    '1.yaml:2: regime_budgets.equity_bare is not a known regime (did you mean "equity_bear"?)',
  ],
  [
    "a regime like no other, in limits",
    "regime_limits: { storm: { max_leverage: 1 } }\n",
    `1.yaml:1: regime_limits.storm is not a known regime; expected one of ${KEYS}`,
  ],
  [
    "a model that does not exist",
    "regime_budgets:\n  vol_high:\n    CrosModel_v1: 0.2\n",
    '1.yaml:3: regime_budgets.vol_high.CrosModel_v1 is not a known model (did you mean "CrossModel_v1"?)',
  ],
  [
    "a model like no other",
    "regime_budgets: { vol_high: { Magic: 0.2 } }\n",
    "1.yaml:1: regime_budgets.vol_high.Magic is not a known model; expected one of CrossModel_v1, DipModel_v1",
  ],
  [
    "a budget over 1",
    "regime_budgets: { vol_high: { DipModel_v1: 1.5 } }\n",
    "1.yaml:1: regime_budgets.vol_high.DipModel_v1: found 1.5 (a number), expected a number from 0 to 1",
  ],
  [
    "a negative budget",
    "regime_budgets: { vol_high: { DipModel_v1: -0.1 } }\n",
    "1.yaml:1: regime_budgets.vol_high.DipModel_v1: found -0.1 (a number), expected a number from 0 to 1",
  ],
  [
    "no budget at all",
    "regime_budgets: { vol_high: { DipModel_v1: null } }\n",
    "1.yaml:1: regime_budgets.vol_high.DipModel_v1: found null, expected a number from 0 to 1",
  ],
  [
    "a regime without its models",
    "regime_budgets:\n  vol_high: 0.5\n",
    "1.yaml:2: regime_budgets.vol_high: found 0.5 (a number), expected a mapping",
  ],
  [
    "a limit that does not exist",
    "regime_limits:\n  vol_high: { max_levrage: 0.8 }\n",
    '1.yaml:2: regime_limits.vol_high.max_levrage is not a known key (did you mean "max_leverage"?)',
  ],
  [
    "a drawdown by regime",
    "regime_limits: { vol_high: { drawdown_halt: 0.1 } }\n",
    "1.yaml:1: regime_limits.vol_high.drawdown_halt is not a known key; expected one of " +
    "per_asset_cap, class_caps, max_leverage, max_net_leverage, per_trade_risk",
  ],
  [
    "a limit for an unknown class, by regime",
    "regime_limits: { vol_high: { class_caps: { bond: 0.1 } } }\n",
    "1.yaml:1: regime_limits.vol_high.class_caps.bond is not a known asset class; expected one of equity, crypto",
  ],
  [
    "a limit for an unknown class",
    "risk: { class_caps: { cripto: 0.1 } }\n",
    '1.yaml:1: risk.class_caps.cripto is not a known asset class (did you mean "crypto"?)',
  ],
  [
    "a negative cap",
    "risk: { per_asset_cap: -0.4 }\n",
    "1.yaml:1: risk.per_asset_cap: found -0.4 (a number), expected a number from 0 to 1 or null",
  ],
  [
    "a negative class cap",
    "risk: { class_caps: { crypto: -0.2 } }\n",
    "1.yaml:1: risk.class_caps.crypto: found -0.2 (a number), expected a number from 0 to 1 or null",
  ],
  [
    "a negative cap by regime",
    "regime_limits: { vol_high: { max_leverage: -1 } }\n",
    "1.yaml:1: regime_limits.vol_high.max_leverage: found -1 (a number), expected a number of at least 0 or null",
  ],
  [
    "a trigger above the halt",
    "risk: { drawdown_trigger: 0.3 }\n",
    "1.yaml:1: risk.drawdown_trigger: found 0.3, expected below risk.drawdown_halt 0.2",
  ],
  [
    "a looser cap by regime",
    "regime_limits:\n  vol_high:\n    max_leverage: 1.5\n",
    "1.yaml:3: regime_limits.vol_high.max_leverage: found 1.5, expected at most risk.max_leverage 1.2",
  ],
  [
    "a cap switched off by regime",
    "regime_limits: { equity_bull: { per_asset_cap: null } }\n",
    "1.yaml:1: regime_limits.equity_bull.per_asset_cap: found null, expected at most risk.per_asset_cap 0.4",
  ],
  [
    "a looser class cap by regime",
    "regime_limits: { crypto_risk_on: { class_caps: { crypto: 0.3 } } }\n",
    "1.yaml:1: regime_limits.crypto_risk_on.class_caps.crypto: found 0.3, expected at most risk.class_caps.crypto 0.2",
  ],
  [
    "a limit looser than the one beside it",
    "regime_limits:\n  vol_high: { max_leverage: 0.9 }\nrisk:\n  max_leverage: 0.7\n",
    "1.yaml:4: regime_limits.vol_high.max_leverage: found 0.9, expected at most risk.max_leverage 0.7",
  ],
  [
    "a combination over 1",
    "regime_budgets:\n  equity_bear:\n    DipModel_v1: 0.5\n",
    "1.yaml:3: regime_budgets: found budgets summing to 1.1 under equity_bear, vol_low, crypto_risk_on, " +
    "macro_expansion (CrossModel_v1 0.6, DipModel_v1 0.5), expected at most 1",
  ],
  [
    "the one combination over 1 that no other regime lowers",
    "regime_budgets:\n" +
    "  equity_bear: { DipModel_v1: 0.5 }\n" +
    "  vol_low: { DipModel_v1: 0.4 }\n" +
    "  vol_normal: { CrossModel_v1: 0.5 }\n" +
    "  crypto_risk_off: { CrossModel_v1: 0 }\n" +
    "  macro_expansion: { DipModel_v1: 0.3 }\n" +
    "  macro_recession: { DipModel_v1: 0.1 }\n",
    "1.yaml:2: regime_budgets: found budgets summing to 1.1 under equity_bear, vol_high, crypto_risk_on, " +
    "macro_slowdown (CrossModel_v1 0.6, DipModel_v1 0.5), expected at most 1",
  ],
  [
    "budgets of more than everything, before any regime",
    "models: { DipModel_v1: { budget_fraction: 0.5 } }\nregime_budgets: { equity_bear: { DipModel_v1: 0.6 } }\n",
    "1.yaml:1: models: found budget_fraction summing to 1.1 (CrossModel_v1, DipModel_v1), expected at most 1",
  ],
];

for (const [what, text, line] of REFUSALS) {
  Deno.test(`FR-053 ${what} is refused with its place and what is expected`, async () => {
    strictEqual(await refused(text), line);
  });
}

Deno.test("FR-053 a flag that makes a combination sum over 1 is named", async () => {
  strictEqual(
    await refused("regime_budgets: { equity_bull: { DipModel_v1: 0.4 } }", {
      sets: ["models.CrossModel_v1.budget_fraction=0.7"],
    }),
    "--set models.CrossModel_v1.budget_fraction: regime_budgets: found budgets summing to 1.1 under " +
      "equity_bull, vol_low, crypto_risk_on, macro_expansion (CrossModel_v1 0.7, DipModel_v1 0.4), expected at most 1",
  );
});

Deno.test("FR-053 budgets that sum to less than 1 in a regime, or to 1 in floating point, are fine", async () => {
  const { regime_budgets } = await load(
    "regime_budgets: { equity_bear: { CrossModel_v1: 0, DipModel_v1: 0.1 }, " +
      "equity_bull: { CrossModel_v1: 0.7, DipModel_v1: 0.3000000001 } }",
  );
  strictEqual(regime_budgets.equity_bull!.DipModel_v1, 0.3000000001);
});

Deno.test("FR-053 a model that exists and is not configured may be named, and counts for nothing", async () => {
  const text = "regime_budgets: { equity_bear: { CrossModel_v1: 0.9, DipModel_v1: 0.9 } }\n";
  const { models, regime_budgets } = await loadTexts([TEST_BASE, text]);
  deepStrictEqual(Object.keys(models), ["CrossModel_v1"]);
  strictEqual(regime_budgets.equity_bear!.DipModel_v1, 0.9);
  const picked = await load(text, { pick: ["DipModel_v1"] });
  deepStrictEqual(Object.keys(picked.models), ["DipModel_v1"]);
});

Deno.test("FR-053 a picked model joins with what the others leave in every regime", async () => {
  const pick = ["CrossModel_v1", "DipModel_v1"];
  const joined = (budget: number) =>
    loadTexts([
      TEST_BASE,
      `regime_budgets: { equity_bull: { CrossModel_v1: ${budget} }, equity_bear: { CrossModel_v1: 0 } }\n`,
    ], { pick });
  strictEqual((await joined(0.75)).models.DipModel_v1!.budget_fraction, 0.25);
  strictEqual((await joined(0.5)).models.DipModel_v1!.budget_fraction, 0.4);
  strictEqual(
    (await refusalOf(() => joined(1))).message,
    "--models: found no budget left for DipModel_v1, expected a budget_fraction below 1 in all " +
      "for the others, in every regime (set models.NAME.budget_fraction)",
  );
});

Deno.test("FR-032 a regime may tighten what risk leaves open, and repeat what it says", async () => {
  const { regime_limits } = await load(
    "risk: { max_leverage: null }\nregime_limits: { vol_high: { max_leverage: 3, per_trade_risk: null, " +
      "per_asset_cap: 0.4, max_net_leverage: 0 } }\n",
  );
  deepStrictEqual(regime_limits.vol_high, {
    per_asset_cap: 0.4,
    max_leverage: 3,
    max_net_leverage: 0,
    per_trade_risk: null,
  });
});

Deno.test("FR-032 whoever tightens risk later need not know the limits of regimes", async () => {
  const base = `${BOTH}regime_limits: { vol_high: { max_leverage: 0.8 } }\n`;
  const later = await loadTexts([base, "risk: { max_leverage: 0.5 }\n"]);
  strictEqual(later.risk.max_leverage, 0.5);
  const flag = await loadTexts([base], { sets: ["risk.max_leverage=0.5"] });
  strictEqual(flag.regime_limits.vol_high!.max_leverage, 0.8);
  strictEqual(
    (await refusalOf(() =>
      loadTexts([base], {
        sets: ["risk.max_leverage=0.5", "regime_limits.vol_high.max_leverage=1"],
      })
    )).message,
    "--set regime_limits.vol_high.max_leverage: regime_limits.vol_high.max_leverage: found 1, " +
      "expected at most risk.max_leverage 0.5",
  );
});

/** Highest sum of the two budgets over 3 × 3 × 2 × 3 regimes, by trying all of them. */
function highestSum(
  plain: readonly [number, number],
  table: Readonly<Record<string, Readonly<Record<string, number>>>>,
): number {
  const places = [[0, 1, 2], [3, 4, 5], [6, 7], [8, 9, 10]] as const;
  const sums: number[] = [];
  for (const e of places[0]) {
    for (const v of places[1]) {
      for (const c of places[2]) {
        for (const m of places[3]) {
          const of = (place: number, name: string) => table[TEST_REGIME_KEYS[place]!]?.[name];
          const budget = (name: string, start: number) =>
            Math.min(of(e, name) ?? start, of(v, name) ?? 1, of(c, name) ?? 1, of(m, name) ?? 1);
          sums.push(budget("CrossModel_v1", plain[0]) + budget("DipModel_v1", plain[1]));
        }
      }
    }
  }
  return Math.max(...sums);
}

Deno.test("FR-053 property: a configuration loads exactly when none of the 54 combinations sums over 1", async () => {
  // Sixteenths are summed without rounding.
  const share = fc.integer({ min: 0, max: 16 }).map((sixteenths) => sixteenths / 16);
  const table = fc.dictionary(
    fc.constantFrom(...TEST_REGIME_KEYS),
    fc.dictionary(fc.constantFrom("CrossModel_v1", "DipModel_v1"), share),
  );
  const outcomes = { loaded: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(table, fc.integer({ min: 0, max: 16 }), async (regime_budgets, sixteenths) => {
      const plain = [sixteenths / 16, 1 - sixteenths / 16] as const;
      const text = JSON.stringify({
        models: {
          CrossModel_v1: { budget_fraction: plain[0] },
          DipModel_v1: { budget_fraction: plain[1] },
        },
        regime_budgets,
      });
      if (highestSum(plain, regime_budgets) <= 1) {
        deepStrictEqual(
          JSON.parse(JSON.stringify((await load(text)).regime_budgets)),
          JSON.parse(JSON.stringify(regime_budgets)),
        );
        outcomes.loaded++;
      } else {
        strictEqual(/regime_budgets: found budgets summing to/.test(await refused(text)), true);
        outcomes.refused++;
      }
    }),
    { seed: 1, numRuns: 200 },
  );
  strictEqual(Math.min(outcomes.loaded, outcomes.refused) > 30, true, JSON.stringify(outcomes));
});
