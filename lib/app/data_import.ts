import type { AssetClass } from "../core/asset.ts";
import type { Timeframe } from "../core/bars.ts";
import { Refusal } from "../core/errors.ts";
import { importBars, type ImportFormat, parseColumnMap, parseZone } from "../data/upkeep.ts";
import { type DataOptions, openDataFolder } from "./data_folder.ts";
import { itemOf, type UpdateItem } from "./data_item.ts";

/** A foreign file and what it is. */
export interface ImportRequest {
  readonly file: string;
  readonly symbol: string;
  readonly assetClass?: AssetClass;
  readonly timeframe: Timeframe;
  /** Pairs such as `open_time=Date,open=Open`; usual names are found without. */
  readonly map?: string;
  /** Of times that do not say it: `UTC`, `America/New_York` or `+02:00`. */
  readonly zone?: string;
  /** `.` when left out. */
  readonly decimal?: string;
  /** What stands between groups of three digits; nothing when left out. */
  readonly thousands?: string;
  readonly splits?: "raw" | "applied";
  readonly acceptRevisions?: boolean;
}

/** Takes the bars of a CSV or Parquet file of another program into the data folder. */
export async function importData(
  request: ImportRequest,
  options: DataOptions = {},
): Promise<UpdateItem> {
  const { file, symbol, assetClass, timeframe } = request;
  const format = formatOf(request);
  const folder = await openDataFolder(options);
  const asset = await folder.asset(symbol, assetClass);
  const report = await importBars(folder.root, file, asset, timeframe, {
    format,
    clock: folder.clock,
    splits: request.splits ?? "raw",
    acceptRevisions: request.acceptRevisions ?? false,
  });
  return itemOf(report);
}

function formatOf({ map = "", zone, decimal = ".", thousands }: ImportRequest): ImportFormat {
  if (decimal !== "." && decimal !== ",") {
    throw new Refusal(`--decimal: found "${decimal}", expected "." or ","`, { exitCode: 2 });
  }
  if (thousands !== undefined && (thousands === decimal || !/^[.,' _]$/.test(thousands))) {
    const found = `--thousands: found "${thousands}" beside the decimal "${decimal}"`;
    throw new Refusal(`${found}, expected another one of . , ' _ or a space`, { exitCode: 2 });
  }
  return {
    map: parseColumnMap(map),
    ...(zone === undefined ? {} : { zone: parseZone(zone) }),
    decimal,
    ...(thousands === undefined ? {} : { thousands }),
  };
}
