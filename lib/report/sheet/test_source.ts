import type { Proofs } from "../../core/proofs.ts";
import type { RunRecord } from "../../core/run_record.ts";
import { type CardParts, cardText, deriveRun } from "../../results/mod.ts";
import { cardParts, FIXTURE_ID, tablesOf } from "../../results/record_fixture.ts";
import { runCard } from "../../results/run_card.ts";
import { openRun } from "./client/run_data.js";
import type { PageClient } from "./page.ts";
import type { SheetSource } from "./sheet.ts";
import { sheetData } from "./sheet_data.ts";

/** A client that draws nothing, for tests of the page itself. */
export const STILL_CLIENT: PageClient = { script: "void 0;\n", style: "p { margin: 0; }\n" };

/** What a tear sheet of this record is made of. */
export function sourceOf(
  record: RunRecord,
  { proofs = {}, parts = {} }: { proofs?: Proofs; parts?: Partial<CardParts> } = {},
): SheetSource {
  const derived = deriveRun(record);
  const names = record.regimes ? ["regimes.parquet"] : [];
  const benchmarks = record.benchmarks ? ["benchmarks.parquet"] : [];
  const made = runCard({
    ...{ id: FIXTURE_ID, record, derived },
    parts: cardParts({ plan: { timeframe: record.timeframe, fill: "next_open" }, ...parts }),
    artefacts: Object.fromEntries([...names, ...benchmarks].map((name) => [name, "hash"])),
  });
  const text = cardText(made);
  const { regimes, benchmarks: yardsticks, ...tables } = tablesOf(record);
  return {
    card: JSON.parse(text),
    cardText: text,
    tables: {
      ...tables,
      ...(record.regimes ? { regimes } : {}),
      ...(record.benchmarks ? { benchmarks: yardsticks } : {}),
    },
    proofs,
  };
}

/** A column of a table in the page: numbers unless said. */
type PageTable = <Column = Float64Array>(name: string) => Column;

/** A run as the page's script sees it. */
export interface PageRun {
  readonly dayNav: Float64Array;
  readonly orderOfFill: readonly number[];
  readonly marks: PageTable;
  readonly days: PageTable;
  readonly holdings: PageTable;
  readonly wishes: PageTable;
  readonly features: PageTable;
  readonly risk: PageTable;
  readonly orders: PageTable;
  readonly fills: PageTable;
  readonly bookings: PageTable;
  readonly regimes: PageTable;
}

/** What the page's script makes of a source. */
export function pageRun({ card, tables }: SheetSource): PageRun {
  return openRun(JSON.parse(sheetData(card, tables)), card, {}) as unknown as PageRun;
}
