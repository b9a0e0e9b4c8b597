import type { AssetClass } from "../core/asset.ts";
import { type Bars, type Millis, PRICE_COLUMNS, type Timeframe } from "../core/bars.ts";
import { formatTime, parseTime } from "../core/clock.ts";
import { hashColumns } from "../core/hash.ts";
import { refuseFile } from "./refusals.ts";

/** Version of the layout that this house writes, in the metadata key `assay.format`. */
export const FORMAT_VERSION = "1";

/** Bars that are missing for a known reason, so that validation lets their gap pass. */
export interface KnownOutage {
  /** Open time of the first missing bar. */
  readonly from: Millis;
  /** Open time of the last missing bar. */
  readonly to: Millis;
  readonly reason: string;
}

/** What a bar file says about itself besides its data. */
export interface BarDescription {
  readonly assetClass: AssetClass;
  /** Whether the prices before a split are already divided by its ratio. */
  readonly splits: "raw" | "applied";
  /** Publisher, and where this copy came from. */
  readonly source: string;
  readonly licence: string;
  readonly knownOutages: readonly KnownOutage[];
}

/** Footer of a bar file as read; a file of another program has none of it. */
export interface BarMetadata {
  readonly splits: "raw" | "applied";
  readonly source: string;
  readonly knownOutages: readonly KnownOutage[];
  readonly contentHash: string | undefined;
}

/** SHA-256 over open_time, open, high, low, close and volume: equal data give equal hashes, whatever wrote the file. */
export function hashBars(bars: Omit<Bars, "availableAt">): string {
  return hashColumns([bars.openTime, ...PRICE_COLUMNS.map((name) => bars[name])]);
}

/** The key-value pairs of a bar file's footer. */
export function describeBars(bars: Bars, description: BarDescription): Record<string, string> {
  const outages = description.knownOutages.map(({ from, to, reason }) => ({
    from: formatTime(from),
    to: formatTime(to),
    reason,
  }));
  const [first, last] = [bars.openTime[0], bars.openTime[bars.openTime.length - 1]];
  return {
    "assay.format": FORMAT_VERSION,
    symbol: bars.symbol,
    timeframe: bars.timeframe,
    asset_class: description.assetClass,
    splits: description.splits,
    adjustment: "none",
    source: description.source,
    licence: description.licence,
    span: first === undefined ? "" : `${formatTime(first)}/${formatTime(last!)}`,
    known_outages: JSON.stringify(outages),
    content_hash: hashBars(bars),
  };
}

/** Reads the footer of a bar file and refuses one that is about something else than what was asked for. */
export function readBarMetadata(
  file: string,
  metadata: ReadonlyMap<string, string>,
  asked: { symbol: string; timeframe: Timeframe; assetClass: AssetClass },
): BarMetadata {
  const ours = metadata.has("assay.format");
  const require = (key: string, allowed: readonly string[]) => {
    const found = metadata.get(key);
    if (found === undefined ? !ours : allowed.includes(found)) return found;
    throw refuseFile(file, {
      where: `metadata ${key}`,
      found: found === undefined ? "nothing" : `"${found}"`,
      expected: allowed.map((value) => `"${value}"`).join(" or "),
    });
  };
  require("assay.format", [FORMAT_VERSION]);
  require("symbol", [asked.symbol]);
  require("timeframe", [asked.timeframe]);
  require("asset_class", [asked.assetClass]);
  require("adjustment", ["none"]); // adjusted with hindsight, prices would tell the future
  const splits = require("splits", ["raw", "applied"]) === "applied" ? "applied" : "raw";
  const contentHash = metadata.get("content_hash");
  if (ours && contentHash === undefined) {
    throw refuseFile(file, {
      where: "metadata content_hash",
      found: "nothing",
      expected: "a SHA-256",
    });
  }
  return {
    splits,
    source: metadata.get("source") ?? "",
    knownOutages: parseOutages(file, metadata.get("known_outages") ?? "[]"),
    contentHash,
  };
}

function parseOutages(file: string, text: string): readonly KnownOutage[] {
  try {
    const list = JSON.parse(text) as unknown;
    if (!Array.isArray(list)) throw new TypeError("no list");
    return list.map((entry: Record<string, unknown>) => {
      const outage = {
        from: parseTime(String(entry.from)),
        to: parseTime(String(entry.to)),
        reason: String(entry.reason ?? ""),
      };
      if (!(outage.from <= outage.to)) throw new RangeError("no span of time");
      return outage;
    });
  } catch {
    throw refuseFile(file, {
      where: "metadata known_outages",
      found: text.length > 60 ? `${text.slice(0, 60)}…` : text,
      expected: 'a JSON list of {"from", "to", "reason"} with times in UTC',
    });
  }
}
