import type { AssetClass } from "../../core/asset.ts";
import { Refusal } from "../../core/errors.ts";
import { readBarColumns } from "../bar_columns.ts";
import { hashBars, type KnownOutage, readBarMetadata } from "../bar_metadata.ts";
import { openParquet } from "../parquet_read.ts";
import type { RawBars } from "../validate_bars.ts";
import type { BarFileName, Finding } from "./report.ts";

/** A bar file read as far as it can be, with what stood in the way. */
export interface LooseBars {
  readonly bars: RawBars | undefined;
  readonly splits: "raw" | "applied";
  readonly knownOutages: readonly KnownOutage[];
  readonly contentHash: string;
  readonly findings: readonly Finding[];
}

/** Reads what can be read; nothing is refused, every obstacle is a finding. */
export async function readLooseBars(
  file: string,
  { symbol, timeframe }: BarFileName,
  assetClass: AssetClass,
): Promise<LooseBars> {
  const findings: Finding[] = [];
  const attempt = async <Value>(
    check: Finding["check"],
    read: () => Promise<Value> | Value,
  ): Promise<Value | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      findings.push({ check, count: 1, beyond: true, detail: error.message });
      return undefined;
    }
  };
  const parquet = await attempt("unreadable", () => openParquet(file));
  const metadata = parquet && await attempt(
    "metadata",
    () => readBarMetadata(file, parquet.metadata, { symbol, timeframe, assetClass }),
  );
  const bars = parquet &&
    await attempt("unreadable", () => readBarColumns(parquet, { symbol, timeframe }));
  const contentHash = bars ? hashBars(bars) : "";
  const stored = metadata?.contentHash;
  if (stored !== undefined && bars && stored !== contentHash) {
    findings.push({
      check: "content_hash",
      count: 1,
      beyond: true,
      detail: "the data are not those that the file was written with: damaged or edited",
    });
  }
  if (bars?.openTime.length === 0) {
    findings.push({ check: "unreadable", count: 1, beyond: true, detail: "no row" });
  }
  return {
    bars: bars && bars.openTime.length > 0 ? bars : undefined,
    splits: metadata?.splits ?? "raw",
    knownOutages: metadata?.knownOutages ?? [],
    contentHash,
    findings,
  };
}
