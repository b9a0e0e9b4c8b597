import { writeFile } from "node:fs/promises";
import { z } from "zod";
import { Refusal } from "../core/errors.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { loadConfig, type LoadOptions } from "./load.ts";
import type { Config, ModelSchema } from "./schema.ts";
import { type LoadedSearch, loadSearch } from "./search.ts";

/** Two models for tests, so that no test depends on what a real model is told. */
export const TEST_MODELS: readonly ModelSchema[] = [
  {
    name: "CrossModel_v1",
    version: "1.2.0",
    universe: ["SPY", "BTC"],
    parameters: z.strictObject({
      fast_ma: z.int().min(1).default(50).describe("Bars of the fast average."),
      slow_ma: z.int().min(2).default(200).describe("Bars of the slow average."),
      weights: z.record(z.string(), z.number().min(0).max(1)).optional()
        .describe("Weight of each symbol."),
    }).refine(({ fast_ma, slow_ma }) => fast_ma < slow_ma, {
      path: ["fast_ma"],
      error: "must be below slow_ma",
    }),
  },
  {
    name: "DipModel_v1",
    version: "1.0.0",
    universe: ["SPY"],
    parameters: z.strictObject({
      weight: z.number().min(0).max(1).default(0.25).describe("Weight of one dip."),
    }),
  },
];

/** The keys of the four regimes; the labels themselves live in a house to the right. */
export const TEST_REGIME_KEYS: readonly string[] = [
  ...["equity_bull", "equity_neutral", "equity_bear"],
  ...["vol_low", "vol_normal", "vol_high"],
  ...["crypto_risk_on", "crypto_risk_off"],
  ...["macro_expansion", "macro_slowdown", "macro_recession"],
];

/** A complete small configuration, the base of the tests. */
export const TEST_BASE = `\
system: { start: 2020-01-01, end: 2020-12-31 }
assets:
  SPY: { asset_class: equity, venue: alpaca, min_order_size: 0.001, quantity_precision: 3, price_precision: 2 }
  BTC: { asset_class: crypto, venue: binance, min_order_size: 0, quantity_precision: null, price_precision: 2 }
models:
  CrossModel_v1: { budget_fraction: 0.6 }
`;

/** The configuration of `texts` as files base.yaml, 1.yaml, 2.yaml …, the first being the whole base. */
export function loadTexts(
  texts: readonly (string | Uint8Array)[],
  options: Partial<LoadOptions> = {},
): Promise<Config> {
  return withTexts(texts, options, loadConfig);
}

/** The search of `text`, laid over the test base as 1.yaml. */
export function searchText(
  text: string,
  options: Partial<LoadOptions> = {},
): Promise<LoadedSearch> {
  return withTexts([TEST_BASE, text], options, loadSearch);
}

async function withTexts<Loaded>(
  texts: readonly (string | Uint8Array)[],
  options: Partial<LoadOptions>,
  load: (files: readonly string[], options: LoadOptions) => Promise<Loaded>,
): Promise<Loaded> {
  let loaded: Loaded | undefined;
  await inTestFolder(async (folder) => {
    const names = texts.map((_, i) => `${folder}${i === 0 ? "base" : i}.yaml`);
    for (const [i, text] of texts.entries()) await writeFile(names[i]!, text);
    loaded = await load(names.slice(1), {
      models: TEST_MODELS,
      regimeKeys: TEST_REGIME_KEYS,
      base: names.slice(0, 1),
      ...options,
    }).catch((error) => {
      if (!(error instanceof Refusal)) throw error;
      throw new Refusal(error.message.replaceAll(folder, ""), { exitCode: error.exitCode });
    });
  });
  return loaded!;
}

/** The one line with which `text`, laid over the test base, is refused. */
export async function refusal(text: string | Uint8Array, options: Partial<LoadOptions> = {}) {
  return (await refusalOf(() => loadTexts([TEST_BASE, text], options))).message;
}

/** The refusal that `action` ends in. Throws when it ends well or in another way. */
export async function refusalOf(action: () => Promise<unknown>): Promise<Refusal> {
  try {
    await action();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error("expected a refusal, but nothing was refused");
}
