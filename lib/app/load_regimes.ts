import type { Asset, AssetClass } from "../core/asset.ts";
import { lowerBound, type Millis, type Series, sliceBars } from "../core/bars.ts";
import { formatDate, formatTime } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import { canonicalJson, sha256 } from "../core/hash.ts";
import { columnTree } from "../core/merkle.ts";
import { hasBars, readActions, readBars, readSeries, seriesFile } from "../data/mod.ts";
import type { DailyHistory, RegimeData } from "../regime/mod.ts";

/** One source of the regimes, and the rows of it that a run could see. */
export interface RegimeFile {
  /** `SPY_daily` or `vix.close`: the file, and the column where it has several. */
  readonly name: string;
  readonly rows: number;
  /** When the first and the last row were known; empty when there is none. */
  readonly first: string;
  readonly last: string;
  /** Root of the tree over times and values of those rows only, so that newer ones leave it as it is. */
  readonly hash: string;
  /** The leaves of that tree (`columnTree`), by column. */
  readonly leaves: Readonly<Record<string, string>>;
}

/** Exactly what can reach a label, as hashes and texts. */
export interface RegimeParts {
  readonly files: readonly RegimeFile[];
  /** Splits that are still to be applied, each as `SPY 2024-03-15 2`. */
  readonly splits: readonly string[];
}

/** Data of the regimes, with the fingerprint of exactly the rows that can reach a label. */
export interface LoadedRegimes extends RegimeParts {
  readonly data: RegimeData;
  readonly fingerprint: string;
}

const SPY = standard("SPY", "equity");
const BTC = standard("BTC", "crypto");

/** Assets whose daily bars tell regimes, whatever a plan trades. */
export const REGIME_ASSETS: readonly Asset[] = [SPY, BTC];

/**
 * Reads daily SPY and BTC, VIX, yield curve and PMI under a data root, whatever a plan trades, and keeps what was known
 * before `end`. A file that does not exist leaves its part absent; a broken one is refused.
 */
export async function loadRegimes(
  root: string,
  { end, maxGapBars }: { end: Millis; maxGapBars: number },
): Promise<LoadedRegimes> {
  const equity = await history(root, SPY, { end, maxGapBars });
  const crypto = await history(root, BTC, { end, maxGapBars });
  const vix = await column(root, "vix", "close", end);
  const tenYear = await column(root, "yield_curve", "DGS10", end);
  const twoYear = await column(root, "yield_curve", "DGS2", end);
  const pmi = await column(root, "pmi", "value", end);
  const data: RegimeData = {
    ...(equity && { equity }),
    ...(crypto && { crypto }),
    ...(vix && { vix }),
    ...(tenYear && { tenYear }),
    ...(twoYear && { twoYear }),
    ...(pmi && { pmi }),
  };
  return loadedRegimesOf(data);
}

/** Histories as data of the regimes, with the fingerprint of exactly their rows. */
export function loadedRegimesOf(data: RegimeData): LoadedRegimes {
  const { equity, crypto, vix, tenYear, twoYear, pmi } = data;
  const files = [
    ...[equity, crypto].flatMap((one) => one ? [barsFile(one)] : []),
    ...[vix, tenYear, twoYear, pmi].flatMap((one) => one ? [seriesRows(one)] : []),
  ];
  const splits = [...equity?.splits ?? [], ...crypto?.splits ?? []].map(
    ({ symbol, exDate, value }) => `${symbol} ${formatDate(exDate)} ${value}`,
  );
  return { data, files, splits, fingerprint: regimesRoot({ files, splits }) };
}

/** The root over all that can reach a label. */
export function regimesRoot({ files, splits }: RegimeParts): string {
  const roots = files.map(({ name, hash }) => ({ name, hash }));
  return sha256(canonicalJson({ files: roots, splits }));
}

/** The market's own asset; lots and venue do not matter to who only reads its bars. */
function standard(symbol: string, assetClass: AssetClass): Asset {
  const lots = { minOrderSize: 0, quantityPrecision: null, pricePrecision: null };
  return { symbol, assetClass, venue: "", ...lots };
}

async function history(
  root: string,
  asset: Asset,
  { end, maxGapBars }: { end: Millis; maxGapBars: number },
): Promise<DailyHistory | undefined> {
  if (!await hasBars(root, asset, "daily")) return undefined;
  const { bars, splits } = await readBars(root, asset, "daily", { maxGapBars });
  const splitsApplied = splits === "applied";
  const actions = splitsApplied ? [] : await readActions(root);
  return {
    bars: sliceBars(bars, 0, lowerBound(bars.availableAt, end)),
    splits: actions.filter(({ symbol, kind, exDate }) =>
      symbol === asset.symbol && kind === "split" && exDate < end
    ),
    splitsApplied,
  };
}

async function column(
  root: string,
  name: string,
  wanted: string,
  end: Millis,
): Promise<Series | undefined> {
  const columns = await readSeries(root, name);
  const found = Object.keys(columns);
  if (found.length === 0) return undefined;
  const series = columns[wanted];
  if (!series) {
    throw new Refusal(
      `${seriesFile(root, name)}: columns: found ${found.join(", ")}, expected "${wanted}"`,
    );
  }
  const rows = lowerBound(series.availableAt, end);
  return {
    name: series.name,
    date: series.date.subarray(0, rows),
    availableAt: series.availableAt.subarray(0, rows),
    value: series.value.subarray(0, rows),
  };
}

function barsFile({ bars }: DailyHistory): RegimeFile {
  const { symbol, timeframe, openTime, availableAt, close } = bars;
  return regimeFile(`${symbol}_${timeframe}`, availableAt, {
    open_time: openTime,
    available_at: availableAt,
    close,
  });
}

function seriesRows({ name, date, availableAt, value }: Series): RegimeFile {
  return regimeFile(name, availableAt, { date, available_at: availableAt, value });
}

function regimeFile(
  name: string,
  availableAt: Float64Array,
  columns: Readonly<Record<string, Float64Array>>,
): RegimeFile {
  const rows = availableAt.length;
  const { root, leaves } = columnTree(columns);
  return {
    name,
    rows,
    first: rows === 0 ? "" : formatTime(availableAt[0]!),
    last: rows === 0 ? "" : formatTime(availableAt[rows - 1]!),
    hash: root,
    leaves,
  };
}
