import { formatNumber } from "./format.ts";
import { formatTable } from "./table.ts";

/** What the page needs of a validation of the data folder. */
export interface DataReportFacts {
  readonly verdict: "clean" | "found";
  readonly files: readonly {
    readonly file: string;
    readonly rows: number;
    readonly first: string;
    readonly last: string;
    readonly findings: readonly {
      readonly check: string;
      readonly count: number;
      readonly beyond: boolean;
      readonly detail: string;
    }[];
  }[];
}

/** One line a file, what was found below it, and the verdict at the end; what goes beyond the thresholds is marked with `!`. */
export function dataReportPage({ verdict, files }: DataReportFacts): string {
  if (files.length === 0) return "No data: deno task data download --symbols … brings some";
  const table = formatTable(
    files.map(({ file, rows, first, last, findings }) => [
      file,
      formatNumber(rows, 0),
      dayOf(first),
      dayOf(last),
      findings.some(({ beyond }) => beyond) ? "found" : findings.length > 0 ? "noted" : "clean",
    ]),
    {
      header: ["File", "Rows", "First", "Last", "Verdict"],
      align: ["left", "right", "left", "left", "left"],
    },
  );
  const details = files.filter(({ findings }) => findings.length > 0).flatMap((
    { file, findings },
  ) => [
    "",
    file,
    ...findings.map(({ check, count, beyond, detail }) =>
      `  ${beyond ? "!" : " "} ${check}: ${count} ${detail}`
    ),
  ]);
  const beyond = files.filter(({ findings }) => findings.some((one) => one.beyond)).length;
  const last = verdict === "clean"
    ? "clean: nothing beyond the thresholds (data.validation)"
    : `found: ${
      beyond === 1 ? "1 file goes" : `${beyond} files go`
    } beyond the thresholds, marked with !`;
  return [table, ...details, "", last].join("\n");
}

/** What the page needs of one stored file. */
export interface StoredFileFacts {
  readonly file: string;
  readonly rows: number;
  readonly first: string;
  readonly last: string;
  readonly source: string;
  readonly updated_at: string | null;
}

/** Files of the data folder, one line each. */
export function dataListTable(files: readonly StoredFileFacts[]): string {
  if (files.length === 0) return "No data: deno task data download --symbols … brings some";
  const rows = files.map(({ file, rows, first, last, source, updated_at }) => [
    file,
    formatNumber(rows, 0),
    dayOf(first),
    dayOf(last),
    updated_at === null ? "–" : dayOf(updated_at),
    source.length > 48 ? `${source.slice(0, 47)}…` : source,
  ]);
  return formatTable(rows, {
    header: ["File", "Rows", "First", "Last", "Updated", "Source"],
    align: ["left", "right", "left", "left", "left", "left"],
  });
}

/** What the page needs of one symbol's download. */
export interface DownloadFacts {
  readonly what: string;
  /** Absent where it failed. */
  readonly outcome?: string;
  readonly added?: number;
  readonly rows?: number;
  readonly last?: string;
  readonly failure?: string;
  /** Things to know, one line each. */
  readonly notes: readonly string[];
}

/** What became of each file that was to be brought up to date; failures stand at the end. */
export function downloadPage(items: readonly DownloadFacts[]): string {
  const done = items.filter(({ failure }) => failure === undefined);
  const failed = items.filter(({ failure }) => failure !== undefined);
  const table = done.length === 0 ? [] : [
    formatTable(
      done.map(({ what, outcome = "", added = 0, rows = 0, last = "" }) => [
        what,
        outcome,
        formatNumber(added, 0),
        formatNumber(rows, 0),
        last.slice(0, 16).replace("T", " "),
      ]),
      {
        header: ["What", "Outcome", "New", "Rows", "Last"],
        align: ["left", "left", "right", "right", "left"],
      },
    ),
  ];
  const notes = items.flatMap(({ what, notes }) => notes.map((note) => `${what}: ${note}`));
  return [
    ...table,
    ...(notes.length > 0 ? ["", ...notes] : []),
    ...(failed.length > 0
      ? ["", ...failed.map(({ what, failure }) => `failed: ${what}: ${failure}`)]
      : []),
  ].join("\n").trimStart();
}

function dayOf(time: string): string {
  return time === "" ? "–" : time.slice(0, 10);
}
