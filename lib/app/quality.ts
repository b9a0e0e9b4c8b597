import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../config/mod.ts";
import { type Disk, localDisk, writeFileAtomically } from "../core/atomic_file.ts";
import { canonicalJson, sha256 } from "../core/hash.ts";
import type { QualityCertificate } from "../data/validate/quality.ts";
import type { Thresholds } from "../data/validate/report.ts";
import type { LoadedPlan } from "./load_plan.ts";

/** What validation says of the files behind a run, by the thresholds of its configuration. */
export interface DataQuality extends QualityCertificate {
  /** Fingerprint of the rows that the run could read; equal data share one certificate. */
  readonly data: string;
  /** SHA-256 over the thresholds. */
  readonly thresholds: string;
}

// What the regimes are told from, whatever a plan trades.
const REGIME_FILES = ["SPY", "BTC", "vix", "yield_curve", "pmi"];

/** From where on validation counts what it finds. */
export function thresholdsOf({ data }: Config): Thresholds {
  return { max_gap_bars: data.max_gap_bars, ...data.validation };
}

/**
 * Validates the files that a run uses and keeps the answer under `quality/` in the results, by the fingerprint of the
 * data: the next run on the same data finds it. A data folder that cannot be read has been refused before.
 */
export async function dataQuality(
  { plan, config, dataRoot }: LoadedPlan,
  { root, fingerprint, disk = localDisk }: {
    readonly root: string;
    readonly fingerprint: string;
    readonly disk?: Disk | undefined;
  },
): Promise<DataQuality> {
  const limits = thresholdsOf(config);
  const thresholds = sha256(canonicalJson(limits));
  const known = await storedQuality(root, fingerprint);
  if (known?.thresholds === thresholds) return known;
  const [{ validateData }, { qualityOf }] = await Promise.all([
    import("../data/validate/validate_data.ts"),
    import("../data/validate/quality.ts"),
  ]);
  const only = [...new Set([...plan.assets.map(({ symbol }) => symbol), ...REGIME_FILES])];
  const report = await validateData(dataRoot, { thresholds: limits, only });
  const certificate = qualityOf(report, report.files.map(({ file }) => file));
  const quality = { data: fingerprint, thresholds, ...certificate };
  const bytes = new TextEncoder().encode(`${JSON.stringify(quality, null, 2)}\n`);
  await writeFileAtomically(fileOf(root, fingerprint), bytes, disk);
  return quality;
}

/** The answer that is on file for these data; undefined where there is none, or none that can be read. */
export async function storedQuality(
  root: string,
  fingerprint: string,
): Promise<DataQuality | undefined> {
  try {
    const quality = JSON.parse(await readFile(fileOf(root, fingerprint), "utf8")) as DataQuality;
    return quality.data === fingerprint && Array.isArray(quality.files) ? quality : undefined;
  } catch {
    return undefined;
  }
}

function fileOf(root: string, fingerprint: string): string {
  return join(root, "quality", `${fingerprint.slice(0, 16)}.json`);
}
