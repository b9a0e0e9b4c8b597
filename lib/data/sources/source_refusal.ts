import { Refusal } from "../../core/errors.ts";
import type { SourceName } from "./source.ts";

/** What could not be had: of which source, for which symbol, by asking what. */
export interface Wish {
  readonly source: SourceName;
  /** As the user calls it. */
  readonly symbol: string;
  /** Host and path, or words; never a query string, which may hold a key. */
  readonly asked: string;
}

/** The refusal of a download, in the one form that every source uses. */
export function refuseDownload(
  { source, symbol, asked }: Wish,
  { found, expected }: { readonly found: string; readonly expected: string },
): Refusal {
  return new Refusal(
    `Cannot download "${symbol}" from ${source} (${asked}): found ${found}, expected ${expected}`,
  );
}
