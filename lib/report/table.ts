export type Align = "left" | "right";

/**
 * How a table is set. Columns without an entry in `align` are left for the first and right for the
 * others.
 */
export interface TableOptions {
  /** Titles of the columns; a line break inside one makes the header taller. */
  readonly header?: readonly string[];
  readonly align?: readonly Align[];
  /** Bold header and headings by ANSI codes; off by default. */
  readonly colour?: boolean;
}

const GAP = "  ";

/**
 * Text columns, two spaces apart, without a line break at the end. A row of one cell is a heading:
 * it may reach over the other columns. An empty row is an empty line.
 */
export function formatTable(
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): string {
  const head = headerRows(options.header ?? []);
  const widths = columnWidths([...head, ...rows.filter((row) => row.length !== 1)]);
  const set = (row: readonly string[]) => setRow(row, widths, options.align ?? []);
  const bold = (line: string) => options.colour ? `\x1b[1m${line}\x1b[22m` : line;
  const body = rows.map((row) => row.length === 1 ? bold(row[0]!) : set(row));
  if (head.length === 0) return body.join("\n");
  const width = widths.reduce((sum, columnWidth) => sum + columnWidth + GAP.length, -GAP.length);
  return [...head.map((row) => bold(set(row))), "-".repeat(width), ...body].join("\n");
}

/** Breaks a name where its words meet, so that no line is longer than `width` characters. */
export function wrapName(name: string, width: number): string {
  const words = name.split(/(?<=[a-z0-9])(?=[A-Z])|(?<=\s)|(?=[@(])/)
    .flatMap((word) => word.match(new RegExp(`.{1,${width}}`, "gu")) ?? []);
  const lines: string[] = [];
  for (const word of words) {
    const line = lines.at(-1);
    if (line !== undefined && textWidth(line + word.trimEnd()) <= width) {
      lines[lines.length - 1] = line + word;
    } else lines.push(word);
  }
  return lines.map((line) => line.trimEnd()).join("\n");
}

/** Header cells as rows of one line each, set at the bottom, next to what they name. */
function headerRows(header: readonly string[]): string[][] {
  const cells = header.map((title) => title.split("\n"));
  const height = Math.max(0, ...cells.map((lines) => lines.length));
  return Array.from(
    { length: height },
    (_, row) => cells.map((lines) => lines[row - (height - lines.length)] ?? ""),
  );
}

function columnWidths(rows: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, textWidth(cell));
    }
  }
  return widths;
}

function setRow(
  row: readonly string[],
  widths: readonly number[],
  align: readonly Align[],
): string {
  const cells = row.map((cell, column) => {
    const space = " ".repeat(widths[column]! - textWidth(cell));
    const side = align[column] ?? (column === 0 ? "left" : "right");
    return side === "left" ? cell + space : space + cell;
  });
  return cells.join(GAP).trimEnd();
}

function textWidth(text: string): number {
  return [...text].length;
}
