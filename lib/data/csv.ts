import { Refusal } from "../core/errors.ts";

/** One record of a CSV file and the line it begins on, counted from 1. */
export interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

const DELIMITERS = [",", ";", "\t", "|"] as const;

/**
 * Records of a CSV text (RFC 4180): quoted fields may hold delimiters, line breaks and doubled quotes. Lines may end in
 * any way, also mixed; a byte order mark and empty lines are passed over. The delimiter is the one that the first line
 * holds most of outside quotes. Refuses a quote that is never closed.
 */
export function parseCsv(text: string, file: string): readonly CsvRecord[] {
  const body = text.startsWith("\ufeff") ? text.slice(1) : text;
  const delimiter = delimiterOf(body);
  const records: CsvRecord[] = [];
  let cells: string[] = [];
  let [start, line, begun] = [0, 1, 1];
  const endRecord = () => {
    if (cells.length > 1 || cells[0] !== "") records.push({ line: begun, cells });
    cells = [];
    begun = line;
  };
  while (start <= body.length) {
    const field = body[start] === '"'
      ? quotedField(body, start, () => unclosed(file, line))
      : plainField(body, start, delimiter);
    cells.push(field.text);
    line += field.lines;
    const next = body[field.end];
    start = field.end + 1;
    if (next === delimiter) continue;
    line++;
    if (next === "\r" && body[start] === "\n") start++;
    endRecord();
  }
  return records;
}

interface Field {
  readonly text: string;
  /** Where the delimiter or line break after it stands. */
  readonly end: number;
  /** Line breaks inside. */
  readonly lines: number;
}

function plainField(body: string, start: number, delimiter: string): Field {
  let end = start;
  while (end < body.length) {
    const letter = body[end];
    if (letter === delimiter || letter === "\n" || letter === "\r") break;
    end++;
  }
  return { text: body.slice(start, end).trim(), end, lines: 0 };
}

function quotedField(body: string, start: number, refuse: () => Refusal): Field {
  let end = start + 1;
  for (;;) {
    const quote = body.indexOf('"', end);
    if (quote < 0) throw refuse();
    end = quote + 1;
    if (body[end] !== '"') break;
    end++;
  }
  const text = body.slice(start + 1, end - 1).replaceAll('""', '"');
  return { text, end, lines: text.match(/\r\n|\r|\n/g)?.length ?? 0 };
}

function unclosed(file: string, line: number): Refusal {
  return new Refusal(
    `Cannot use ${file}, line ${line}: found a quote that is never closed, expected a second one`,
  );
}

function delimiterOf(body: string): string {
  const [first = ""] = body.split(/\r\n|\r|\n/, 1);
  const bare = first.replace(/"[^"]*"/g, "");
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))]!;
}
