import { resolve } from "node:path";
import { type Config, loadConfig } from "../config/mod.ts";
import type { Asset, AssetClass } from "../core/asset.ts";
import type { Timeframe } from "../core/bars.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { didYouMean, Refusal } from "../core/errors.ts";
import { hasBars } from "../data/mod.ts";
import {
  type BarDownload,
  defaultSource,
  type Keys,
  MACRO_FILES,
  openSource,
  type SeriesDownload,
  type SourceName,
  type Thresholds,
} from "../data/upkeep.ts";
import { MODELS } from "../models/mod.ts";
import { REGIME_KEYS } from "../regime/mod.ts";
import { inProject } from "./project.ts";
import { thresholdsOf } from "./quality.ts";

/** How a data folder is found and its sources are opened. */
export interface DataOptions {
  /** Configuration files over the base. */
  readonly files?: readonly string[];
  /** Changes spelled `key.path=value`, as for `--set`. */
  readonly sets?: readonly string[];
  /** In place of `data.root`. */
  readonly dataRoot?: string;
  /** Keys of the sources, by the name of the environment variable that holds each. */
  readonly keys?: Keys;
  readonly clock?: Clock;
  /** How waiting between tries is done; tests pass one that takes no time. */
  readonly sleep?: (ms: number) => Promise<void>;
}

/** A data folder with what the configuration says of it. */
export interface DataFolder {
  /** Absolute. */
  readonly root: string;
  readonly thresholds: Thresholds;
  readonly clock: Clock;
  /** The asset of a symbol; refuses one of unknown class, with exit code 2. */
  asset(symbol: string, assetClass?: AssetClass): Promise<Asset>;
  /** The named source, or the usual one; each is opened once, so that its limits hold over all symbols. */
  bars(asset: Asset, timeframe: Timeframe, name?: SourceName): BarDownload;
  fred(): SeriesDownload;
}

/** Reads the configuration and stands ready; nothing is asked of a source yet. */
export async function openDataFolder(options: DataOptions = {}): Promise<DataFolder> {
  const config = await loadConfig(options.files ?? [], {
    models: MODELS,
    regimeKeys: REGIME_KEYS,
    ...(options.sets ? { sets: options.sets } : {}),
  });
  const clock = options.clock ?? systemClock;
  const keys = options.keys ?? {};
  const root = options.dataRoot === undefined
    ? inProject(config.data.root)
    : resolve(options.dataRoot);
  const opened = new Map<SourceName, unknown>();
  const settings = (name: SourceName) => {
    const { base_url } = config.data.sources[name];
    return {
      keys,
      clock,
      ...(base_url === null ? {} : { baseUrl: base_url }),
      ...(options.sleep ? { sleep: options.sleep } : {}),
    };
  };
  const once = <Source>(name: SourceName, open: () => Source): Source => {
    const source = (opened.get(name) ?? open()) as Source;
    opened.set(name, source);
    return source;
  };
  return {
    root,
    thresholds: thresholdsOf(config),
    clock,
    asset: (symbol, assetClass) => assetOf(config, root, symbol, assetClass),
    bars(asset, timeframe, name = defaultSource(asset.assetClass, timeframe, keys)) {
      if (name !== "fred") return once(name, () => openSource(name, settings(name)));
      throw new Refusal(
        `--source: found "fred" for "${asset.symbol}", expected a source of prices such as alpaca or binance`,
        { exitCode: 2 },
      );
    },
    fred: () => once("fred", () => openSource("fred", settings("fred"))),
  };
}

async function assetOf(
  config: Config,
  root: string,
  symbol: string,
  asked: AssetClass | undefined,
): Promise<Asset> {
  const known = config.assets[symbol];
  if (known && asked !== undefined && asked !== known.asset_class) {
    throw new Refusal(
      `--asset-class: found ${asked} for "${symbol}", expected ${known.asset_class} as in assets.${symbol}`,
      { exitCode: 2 },
    );
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(symbol)) {
    throw new Refusal(
      `--symbols: found "${symbol}", expected a symbol of letters, digits, dots and dashes`,
      {
        exitCode: 2,
      },
    );
  }
  const made = (assetClass: AssetClass): Asset => ({
    symbol,
    assetClass,
    venue: known?.venue ?? "",
    minOrderSize: known?.min_order_size ?? 0,
    quantityPrecision: known?.quantity_precision ?? null,
    pricePrecision: known?.price_precision ?? null,
  });
  const assetClass = asked ?? known?.asset_class;
  if (assetClass !== undefined) return made(assetClass);
  for (const candidate of ["equity", "crypto"] as const) {
    for (const timeframe of ["h4", "daily"] as const) {
      if (await hasBars(root, made(candidate), timeframe)) return made(candidate);
    }
  }
  const names = [...Object.keys(config.assets), ...Object.keys(MACRO_FILES)];
  throw new Refusal(
    `--symbols: found "${symbol}"${didYouMean(symbol, names)}, which no configuration names, ` +
      "expected --asset-class equity or crypto beside it",
    { exitCode: 2 },
  );
}
