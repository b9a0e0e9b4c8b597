import type { Asset } from "../core/asset.ts";
import type { Timeframe } from "../core/bars.ts";
import { CHUNK_ROWS, firstChangedChunk } from "../core/merkle.ts";
import { actionsFile, barFile, seriesFile } from "../data/mod.ts";
import type { DataParts } from "./load_data.ts";
import { REGIME_ASSETS } from "./load_regimes.ts";
import type { VerifiedCard } from "./verify_card.ts";
import type { Finding } from "./verify_finding.ts";

type CardData = VerifiedCard["data"];

/** Data as they are now, and where they lie. */
interface FoundData extends DataParts {
  readonly fingerprint: string;
  readonly dataRoot: string;
  /** Those of the plan. */
  readonly assets: readonly Asset[];
}

/** How the rows that a run could read differ from what they were; empty when their fingerprint is the same. */
export function dataFindings(expected: CardData, found: FoundData): readonly Finding[] {
  if (found.fingerprint === expected.fingerprint) return [];
  const { dataRoot, assets } = found;
  const fileOf = filesUnder(dataRoot, [...assets, ...REGIME_ASSETS]);
  const findings = [
    ...tableFindings(barTables(expected, fileOf), barTables(found, fileOf)),
    ...adjustmentFindings(expected, found),
    ...tableFindings(regimeTables(expected, fileOf), regimeTables(found, fileOf)),
    ...textFindings(expected.regimes.splits, found.regimes.splits, actionsFile(dataRoot)),
  ];
  // One file may serve the assets and the regimes; it is told of once.
  const told = new Set<string>();
  const once = findings.filter(({ message }) => !told.has(message) && told.add(message));
  if (once.length > 0) return once;
  return [dataFinding({
    message: `the data in ${dataRoot} have another fingerprint, though every part is the same`,
    expected: expected.fingerprint,
    found: found.fingerprint,
  })];
}

/** One line about data that cannot even be read any more. */
export function unreadableData(message: string): Finding {
  return dataFinding({ message });
}

/** Rows of one file, or of one column of a series, as a card keeps them. */
interface SeenTable {
  readonly file: string;
  readonly rows: number;
  readonly last: string;
  readonly hash: string;
  readonly leaves: Readonly<Record<string, string>>;
}

type FileOf = (name: string) => string;

function barTables({ files }: DataParts | CardData, fileOf: FileOf): readonly SeenTable[] {
  return files.map((seen) => ({ ...seen, file: fileOf(`${seen.symbol}_${seen.timeframe}`) }));
}

function regimeTables(
  { regimes: { files } }: DataParts | CardData,
  fileOf: FileOf,
): readonly SeenTable[] {
  return files.map((seen) => ({ ...seen, file: fileOf(seen.name) }));
}

/** `BTC_h4` and `vix.close` as the files they are in, the column of a series behind its file. */
function filesUnder(dataRoot: string, assets: readonly Asset[]): FileOf {
  const timeframes: readonly Timeframe[] = ["h4", "daily"];
  const files = assets.flatMap((asset) =>
    timeframes.map((timeframe) =>
      [`${asset.symbol}_${timeframe}`, barFile(dataRoot, asset, timeframe)] as const
    )
  );
  const known = new Map<string, string>(files);
  return (name) => {
    const [series, column] = name.split(".");
    return known.get(name) ?? `${seriesFile(dataRoot, series!)} (${column})`;
  };
}

function tableFindings(
  expected: readonly SeenTable[],
  found: readonly SeenTable[],
): readonly Finding[] {
  const [then, now] = [expected, found].map((tables) =>
    new Map(tables.map((table) => [table.file, table]))
  );
  const files = [...new Set([...then!.keys(), ...now!.keys()])];
  return files.flatMap((file) => {
    const [was, is] = [then!.get(file), now!.get(file)];
    if (was === undefined) {
      return [dataFinding({ file, message: `${file} would be read now and was not by the run` })];
    }
    if (is === undefined) return [dataFinding({ file, message: `${file} is missing` })];
    if (was.hash === is.hash) return [];
    return was.rows === is.rows ? columnFindings(was, is) : [rowsFinding(was, is)];
  });
}

/** The first changed stretch of each column that differs. */
function columnFindings(was: SeenTable, is: SeenTable): readonly Finding[] {
  const { file, rows } = was;
  return Object.keys(was.leaves).flatMap((column) => {
    const chunk = firstChangedChunk(was.leaves[column]!, is.leaves[column] ?? "");
    if (chunk < 0) return [];
    const [row, last] = chunkRows(chunk, rows);
    const message = `${file}: column ${column} was changed between rows ${row} and ${last}`;
    const [expected, found] = [was, is].map(({ leaves }) =>
      leaves[column]!.split(" ")[chunk] ?? ""
    );
    return [dataFinding({ file, column, row, message, expected: expected!, found: found! })];
  });
}

/** Rows that went or came in the middle move all that follow: the first stretch that moved is near the place. */
function rowsFinding(was: SeenTable, is: SeenTable): Finding {
  const { file } = was;
  const [column] = Object.keys(was.leaves);
  const chunk = firstChangedChunk(was.leaves[column!]!, is.leaves[column!] ?? "");
  const [row, last] = chunkRows(Math.max(chunk, 0), Math.max(was.rows, is.rows));
  const count = Math.abs(was.rows - is.rows);
  const what = is.rows < was.rows
    ? `${count} of the rows that the run read are missing`
    : `${count} rows before the end of the run were not there when it was made`;
  const message = `${file}: found ${is.rows} rows up to ${is.last}, expected ${was.rows} up to ` +
    `${was.last}: ${what}; the first change is between rows ${row} and ${last}`;
  const [expected, found] = [String(was.rows), String(is.rows)];
  return dataFinding({ file, row, message, expected, found });
}

function chunkRows(chunk: number, rows: number): readonly [first: number, last: number] {
  return [chunk * CHUNK_ROWS, Math.min((chunk + 1) * CHUNK_ROWS, rows) - 1];
}

function adjustmentFindings(expected: CardData, found: FoundData): readonly Finding[] {
  const file = actionsFile(found.dataRoot);
  const now = new Map(found.adjustments.map((one) => [one.symbol, one]));
  return expected.adjustments.flatMap(({ symbol, splits_applied, actions }) => {
    const is = now.get(symbol);
    if (is === undefined) return [];
    const splits = is.splits_applied === splits_applied ? [] : [dataFinding({
      message: `the files of ${symbol} say that splits are ${
        is.splits_applied ? "applied" : "raw"
      }, expected ${splits_applied ? "applied" : "raw"}`,
      expected: String(splits_applied),
      found: String(is.splits_applied),
    })];
    return [...splits, ...textFindings(actions, is.actions, file, `${symbol} `)];
  });
}

/** Dividends and splits that went or came; one whose value alone changed is told of as one. */
function textFindings(
  expected: readonly string[],
  found: readonly string[],
  file: string,
  prefix = "",
): readonly Finding[] {
  const gone = expected.filter((text) => !found.includes(text));
  const come = found.filter((text) => !expected.includes(text));
  const nameOf = (text: string) => text.slice(0, text.lastIndexOf(" "));
  const changed = gone.map((text) => ({
    text,
    now: come.find((other) => nameOf(other) === nameOf(text)),
  }));
  const replaced = new Set(changed.map(({ now }) => now));
  return [
    ...changed.map(({ text, now }) =>
      dataFinding({
        file,
        expected: text,
        ...(now === undefined ? {} : { found: now }),
        message: now === undefined
          ? `${file}: ${prefix}${text} is missing`
          : `${file}: ${prefix}found ${now}, expected ${text}`,
      })
    ),
    ...come.filter((text) => !replaced.has(text)).map((text) =>
      dataFinding({
        file,
        found: text,
        message: `${file}: ${prefix}${text} was not there when the run was made`,
      })
    ),
  ];
}

function dataFinding(parts: Omit<Finding, "kind">): Finding {
  return { kind: "data", ...parts };
}
