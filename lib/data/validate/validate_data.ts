import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { AssetClass } from "../../core/asset.ts";
import { type CorporateAction, DAY_MS } from "../../core/bars.ts";
import type { ExpectedBars } from "../../core/calendar.ts";
import { formatTime } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import { canonicalJson, sha256 } from "../../core/hash.ts";
import { readActions } from "../actions.ts";
import { suspiciousJumps } from "../check_adjustment.ts";
import { fileExists } from "../file_version.ts";
import { actionsFile, BAR_FOLDERS, placeOf } from "../places.ts";
import { timeText } from "../refusals.ts";
import { readSeriesFile } from "../series.ts";
import {
  expectationOf,
  gapFindings,
  orderFindings,
  priceFindings,
  runFindings,
  sessionFindings,
} from "./bar_checks.ts";
import { againstSecondSource, h4AgainstDaily } from "./cross_checks.ts";
import { type LooseBars, readLooseBars } from "./loose_bars.ts";
import { outlierFindings } from "./outliers.ts";
import {
  type BarFileName,
  barFileName,
  type DataReport,
  DEFAULT_THRESHOLDS,
  type FileReport,
  type Finding,
  type Thresholds,
} from "./report.ts";

/**
 * Looks at every bar, series and action file under a data root and tells all that it finds, where reading would refuse
 * the first fault. Files are in order of their places. A root without a file is clean and empty.
 */
export async function validateData(
  root: string,
  options: {
    thresholds?: Thresholds;
    /** Symbols and names of macro files to look at; all of them when left out. */
    only?: readonly string[];
  } = {},
): Promise<DataReport> {
  const { thresholds = DEFAULT_THRESHOLDS, only } = options;
  const wanted = (name: string) => only === undefined || only.includes(name);
  const { report: actionsReport, actions } = await actionsOf(root);
  const bars: FileReport[] = [];
  for (const assetClass of ["crypto", "equity"] as const) {
    bars.push(...await barReports(root, assetClass, actions, { thresholds, wanted }));
  }
  const files = [...bars, ...actionsReport, ...await seriesReports(root, wanted)]
    .sort((a, b) => a.file < b.file ? -1 : 1);
  const found = files.some(({ findings }) => findings.some(({ beyond }) => beyond));
  return { verdict: found ? "found" : "clean", thresholds, files };
}

interface Opened extends LooseBars {
  readonly name: BarFileName;
  readonly file: string;
  readonly expected: ExpectedBars | undefined;
}

async function barReports(
  root: string,
  assetClass: AssetClass,
  actions: readonly CorporateAction[],
  { thresholds, wanted }: { thresholds: Thresholds; wanted: (name: string) => boolean },
): Promise<readonly FileReport[]> {
  const folder = join(root, BAR_FOLDERS[assetClass]);
  const opened: Opened[] = [];
  for (const entry of await parquetFiles(folder)) {
    const name = barFileName(entry);
    if (!name || !wanted(name.symbol)) continue;
    const file = join(folder, entry);
    const loose = await readLooseBars(file, name, assetClass);
    const expected = loose.bars && expectationOf(loose.bars, assetClass);
    opened.push({ ...loose, name, file, expected });
  }
  return opened.map((one) => {
    const own = one.bars
      ? [
        ...ownFindings(one, thresholds),
        ...crossFindings(one, opened, thresholds),
        ...(assetClass === "equity" ? jumpFindings(one, actions) : []),
      ]
      : [];
    return barReport(root, one, [...one.findings, ...own]);
  });
}

function ownFindings(one: Opened, thresholds: Thresholds): readonly Finding[] {
  const bars = one.bars!;
  return [
    ...orderFindings(bars),
    ...priceFindings(bars),
    ...sessionFindings(bars, one.expected),
    ...gapFindings(bars, one.expected, one.knownOutages, thresholds),
    ...runFindings(bars, thresholds),
    ...outlierFindings(bars, thresholds),
  ];
}

/** What other files of the same asset say of this one. */
function crossFindings(
  { name, bars, expected }: Opened,
  all: readonly Opened[],
  thresholds: Thresholds,
): readonly Finding[] {
  const other = all.filter((one) => one.bars && one.name.symbol === name.symbol);
  if (name.second !== undefined) {
    const main = other.find((one) =>
      one.name.second === undefined && one.name.timeframe === name.timeframe
    );
    return main ? againstSecondSource(main.bars!, bars!, name.second, thresholds) : [];
  }
  const daily = other.find((one) =>
    one.name.second === undefined && one.name.timeframe === "daily"
  );
  if (name.timeframe !== "h4" || !daily) return [];
  return h4AgainstDaily(bars!, expected, daily.bars!, thresholds);
}

function jumpFindings(
  { name, bars, splits }: Opened,
  actions: readonly CorporateAction[],
): readonly Finding[] {
  if (name.timeframe !== "daily") return [];
  const own = actions.filter(({ symbol }) => symbol === name.symbol);
  const jumps = suspiciousJumps(bars!, own, splits === "applied");
  const [first] = jumps;
  if (!first) return [];
  return [{ check: "adjustment", count: jumps.length, beyond: true, detail: first }];
}

function barReport(
  root: string,
  { file, bars, contentHash }: Opened,
  findings: readonly Finding[],
): FileReport {
  return {
    file: placeOf(root, file),
    kind: "bars",
    rows: bars?.openTime.length ?? 0,
    first: bars ? timeText(bars.openTime[0]!) : "",
    last: bars ? timeText(bars.openTime.at(-1)!) : "",
    content_hash: contentHash,
    findings,
  };
}

async function actionsOf(
  root: string,
): Promise<{ report: readonly FileReport[]; actions: readonly CorporateAction[] }> {
  const file = actionsFile(root);
  if (!await fileExists(file)) return { report: [], actions: [] };
  const parts = { file: placeOf(root, file), kind: "actions" as const };
  try {
    const actions = await readActions(root);
    const dates = actions.map(({ exDate }) => exDate).sort((a, b) => a - b);
    const report: FileReport = {
      ...parts,
      rows: actions.length,
      first: dates.length === 0 ? "" : formatTime(dates[0]!),
      last: dates.length === 0 ? "" : formatTime(dates.at(-1)!),
      content_hash: sha256(canonicalJson(actions)),
      findings: [],
    };
    return { report: [report], actions };
  } catch (error) {
    return { report: [broken(parts, error)], actions: [] };
  }
}

async function seriesReports(
  root: string,
  wanted: (name: string) => boolean,
): Promise<readonly FileReport[]> {
  const reports: FileReport[] = [];
  for (const entry of await parquetFiles(join(root, "macro"))) {
    const name = entry.replace(/\.parquet$/, "");
    if (!wanted(name)) continue;
    const parts = { file: `macro/${entry}`, kind: "series" as const };
    try {
      const stored = (await readSeriesFile(root, name))!;
      const { date } = stored.publications;
      reports.push({
        ...parts,
        rows: date.length,
        first: formatTime(date[0]!),
        last: formatTime(date.reduce((most, day) => Math.max(most, day), -Infinity)),
        content_hash: stored.contentHash,
        findings: pauseFindings(date),
      });
    } catch (error) {
      reports.push(broken(parts, error));
    }
  }
  return reports;
}

/** Pauses between reference dates of more than three times the usual one, beyond two weeks. */
function pauseFindings(date: Float64Array): readonly Finding[] {
  const days = [...new Set(date)].sort((a, b) => a - b);
  const pauses = days.slice(1).map((day, i) => day - days[i]!);
  const usual = pauses.toSorted((a, b) => a - b)[Math.floor(pauses.length / 2)] ?? DAY_MS;
  const long = pauses.flatMap((pause, i) =>
    pause > Math.max(3 * usual, 14 * DAY_MS) ? [{ pause, from: days[i]! }] : []
  );
  const [worst] = long.toSorted((a, b) => b.pause - a.pause);
  if (!worst) return [];
  return [{
    check: "gaps",
    count: long.length,
    beyond: true,
    detail: `pauses between observations, the longest of ${worst.pause / DAY_MS} days from ${
      formatTime(worst.from).slice(0, 10)
    }`,
  }];
}

function broken(parts: Pick<FileReport, "file" | "kind">, error: unknown): FileReport {
  if (!(error instanceof Refusal)) throw error;
  const finding: Finding = { check: "unreadable", count: 1, beyond: true, detail: error.message };
  return { ...parts, rows: 0, first: "", last: "", content_hash: "", findings: [finding] };
}

async function parquetFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  });
  return names.filter((name) => name.endsWith(".parquet") && !name.startsWith(".")).sort();
}
