import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Asset, AssetClass } from "../../lib/core/asset.ts";
import { type Bars, type CorporateAction, gridMs, type Timeframe } from "../../lib/core/bars.ts";
import { expectedBars } from "../../lib/core/calendar.ts";
import { parseDate } from "../../lib/core/clock.ts";
import {
  barFile,
  type KnownOutage,
  readBars,
  writeActions,
  writeBars,
  writeSeries,
} from "../../lib/data/mod.ts";

// Makes the Parquet files of `data/` from a folder of CSV files: deno run --allow-read --allow-write tasks/dev/bundle.ts FOLDER
// The same folder gives the same bytes. `data/README.md` says where the CSV files came from.

/** One row of a CSV file by column name. */
type Row = Readonly<Record<string, string>>;

/** A bar file to make: what its footer says beside symbol and times. */
interface BarEntry {
  readonly symbol: string;
  readonly assetClass: AssetClass;
  readonly timeframe: Timeframe;
  readonly source: string;
  readonly licence: string;
}

const FACTS =
  "market prices as plain facts; terms of the exchange and of data vendors may limit redistribution";
const FEDERAL = "public domain (US government and Federal Reserve series on FRED)";

const EQUITY_H4 =
  "US exchange feeds, regular session, aggregated to H4 from intraday files; column source names the feed of each bar; see data/README.md";
const EQUITY_DAILY =
  "US consolidated tape through Yahoo Finance; split-adjusted, not dividend-adjusted; see data/README.md";
const BINANCE = "Binance spot, USDT pair; see data/README.md";

const bars: readonly BarEntry[] = [
  ...["SPY", "QQQ"].flatMap((symbol): BarEntry[] => [
    { symbol, assetClass: "equity", timeframe: "h4", source: EQUITY_H4, licence: FACTS },
    { symbol, assetClass: "equity", timeframe: "daily", source: EQUITY_DAILY, licence: FACTS },
  ]),
  ...["BTC", "ETH"].flatMap((symbol): BarEntry[] => [
    { symbol, assetClass: "crypto", timeframe: "h4", source: BINANCE, licence: FACTS },
    { symbol, assetClass: "crypto", timeframe: "daily", source: BINANCE, licence: FACTS },
  ]),
];

/** Days on which outage of Binance, no trading long enough to leave H4 bars out. */
const binanceOutages: ReadonlySet<string> = new Set([
  "2019-03-12",
  "2019-05-15",
  "2019-08-15",
  "2020-02-19",
]);

const [source] = Deno.args;
if (source === undefined) throw new TypeError("Name the folder of CSV files");
const root = fileURLToPath(new URL("../../data/", import.meta.url));

for (const entry of bars) await bundleBars(source, entry);
await bundleActions(source);
await bundleSeries(source);

async function bundleBars(folder: string, entry: BarEntry): Promise<void> {
  const { symbol, assetClass, timeframe } = entry;
  const rows = await readCsv(join(folder, `${symbol}_${timeframe}.csv`));
  const column = (name: string) => Float64Array.from(rows, (row) => number(row[name]));
  const openTime = Float64Array.from(rows, (row) => moment(row.time ?? row.date));
  const table: Bars = {
    symbol,
    timeframe,
    openTime,
    availableAt: new Float64Array(0), // not stored: it follows from the calendar
    open: column("open"),
    high: column("high"),
    low: column("low"),
    close: column("close"),
    volume: column("volume"),
  };
  const asset: Asset = {
    symbol,
    assetClass,
    venue: "",
    minOrderSize: 0,
    quantityPrecision: null,
    pricePrecision: null,
  };
  const description = {
    assetClass,
    splits: assetClass === "equity" ? "applied" as const : "raw" as const,
    source: entry.source,
    licence: entry.licence,
    knownOutages: outages(openTime, entry),
  };
  const extra = rows[0]?.source === undefined ? {} : { source: rows.map((row) => row.source!) };
  await writeBars(barFile(root, asset, timeframe), table, description, extra);
  const { bars } = await readBars(root, asset, timeframe, { maxGapBars: 0 });
  console.error(`${symbol}_${timeframe}: ${bars.openTime.length} bars`);
}

/** Missing bars, each run with its reason; a run without a known reason is an error of the source. */
function outages(openTime: Float64Array, { assetClass, timeframe }: BarEntry): KnownOutage[] {
  const step = gridMs(timeframe);
  const present = new Set(openTime);
  const runs: { from: number; to: number; reason: string }[] = [];
  for (
    const time of expectedBars(assetClass, timeframe, openTime[0]!, openTime.at(-1)! + step)
      .openTime
  ) {
    if (present.has(time)) continue;
    const day = new Date(time).toISOString().slice(0, 10);
    if (assetClass !== "crypto" || !binanceOutages.has(day)) {
      throw new RangeError(`No bar of ${day} and no known reason`);
    }
    const last = runs.at(-1);
    if (last?.to === time - step) last.to = time;
    else runs.push({ from: time, to: time, reason: "outage of Binance, no trading" });
  }
  return runs;
}

async function bundleActions(folder: string): Promise<void> {
  const dividends = await readCsv(join(folder, "dividends.csv"));
  const splits = await readCsv(join(folder, "splits.csv"));
  const action = (kind: CorporateAction["kind"], row: Row, value: string | undefined) => ({
    symbol: row.symbol!,
    exDate: parseDate(row.date!),
    kind,
    value: number(value),
  });
  await writeActions(
    root,
    [
      ...dividends.map((row) => action("dividend", row, row.dividend)),
      ...splits.map((row) => action("split", row, row.ratio)),
    ],
    { source: "fund distributions by ex-date; see data/README.md", licence: FACTS },
  );
}

async function bundleSeries(folder: string): Promise<void> {
  const vix = await readCsv(join(folder, "VIX_daily.csv"));
  await writeSeries(root, "vix", {
    date: dates(vix),
    values: values(vix, { open: "open", high: "high", low: "low", close: "close" }),
  }, {
    source: "Cboe Volatility Index (VIX), Cboe",
    licence: "ODC-PDDL-1.0 (this copy); upstream Cboe",
  });

  const [two, ten] = [
    await readCsv(join(folder, "DGS2.csv")),
    await readCsv(join(folder, "DGS10.csv")),
  ];
  if (JSON.stringify(two.map(publication)) !== JSON.stringify(ten.map(publication))) {
    throw new RangeError("DGS2 and DGS10 were not published on the same days");
  }
  await writeSeries(root, "yield_curve", {
    date: dates(two),
    availableAt: published(two),
    values: { ...values(two, { DGS2: "value" }), ...values(ten, { DGS10: "value" }) },
  }, { source: "US Treasury constant-maturity yields DGS2 and DGS10, FRED", licence: FEDERAL });

  const activity = await readCsv(join(folder, "CFNAI_pmi_like.csv"));
  await writeSeries(root, "pmi", {
    date: dates(activity),
    availableAt: published(activity),
    values: values(activity, { value: "pmi_like", cfnai: "value" }),
  }, {
    source:
      "stand-in for a PMI: 50 + 10 x 3-month mean of CFNAI, Chicago Fed through FRED, latest vintage",
    licence: FEDERAL,
  });

  const recessions = await readCsv(join(folder, "USREC.csv"));
  await writeSeries(root, "usrec", {
    date: dates(recessions),
    availableAt: published(recessions),
    values: values(recessions, { value: "value" }),
  }, { source: "NBER recession indicator USREC, FRED; for checking only", licence: FEDERAL });
}

function dates(rows: readonly Row[]): Float64Array {
  return Float64Array.from(rows, (row) => parseDate(row.date!));
}

function published(rows: readonly Row[]): Float64Array {
  return Float64Array.from(rows, (row) => moment(row.available_at));
}

function publication({ date, available_at }: Row): readonly (string | undefined)[] {
  return [date, available_at];
}

/** Value columns, each named as stored and taken from the CSV column it is mapped to. */
function values(
  rows: readonly Row[],
  names: Readonly<Record<string, string>>,
): Record<string, Float64Array> {
  return Object.fromEntries(
    Object.entries(names).map(([stored, name]) => [
      stored,
      Float64Array.from(rows, (row) => row[name] === "" ? NaN : number(row[name])),
    ]),
  );
}

async function readCsv(file: string): Promise<readonly Row[]> {
  const [header, ...lines] = (await readFile(file, "utf8")).trim().split(/\r?\n/);
  const names = header!.split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? ""]));
  });
}

function moment(text: string | undefined): number {
  const time = Date.parse(text!); // ISO 8601 with Z, or a date, which is UTC too
  if (!Number.isFinite(time)) throw new RangeError(`"${text}" is no time`);
  return time;
}

function number(text: string | undefined): number {
  if (text === undefined || text === "" || !Number.isFinite(Number(text))) {
    throw new RangeError(`"${text}" is no number`);
  }
  return Number(text);
}
