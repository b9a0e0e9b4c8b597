import { z } from "zod";

/** Thrown on an answer that is no use but may come right when asked again: cut off, a page of HTML, another shape. */
export class UnusableAnswer extends Error {
  override readonly name = "UnusableAnswer";

  constructor(readonly found: string, readonly expected?: string) {
    super(found);
  }
}

/** The value of a JSON text of the given shape. Throws UnusableAnswer for anything else. */
export function readJson<Schema extends z.ZodType>(text: string, shape: Schema): z.output<Schema> {
  const result = shape.safeParse(parseJson(text));
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  const where = path.length === 0 ? "the whole" : path.map(String).join(".");
  throw new UnusableAnswer(`JSON of another shape (${where}: ${oneLine(message)})`);
}

/** The value of a JSON text, whatever it is. Throws UnusableAnswer for HTML, nothing, and halves. */
export function parseJson(text: string): unknown {
  refuseHtml(text);
  try {
    return JSON.parse(text);
  } catch {
    const { length } = text;
    throw new UnusableAnswer(length === 0 ? "nothing" : `JSON cut off or damaged, ${length} bytes`);
  }
}

/** Rows of a CSV text below its header, each with `width` fields. Throws UnusableAnswer where one has not. */
export function readCsv(text: string, width: number): readonly (readonly string[])[] {
  refuseHtml(text);
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  const rows = lines.map((line) => line.split(","));
  const row = rows.findIndex((fields) => fields.length !== width);
  if (row >= 0 || rows.length === 0) {
    const found = rows.length === 0 ? "nothing" : `${rows[row]!.length} fields in line ${row + 1}`;
    throw new UnusableAnswer(found, `CSV of ${width} fields`);
  }
  return rows.slice(1);
}

/** One line of at most 160 characters. */
export function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 160 ? `${line.slice(0, 160)}…` : line;
}

/** Pages for people come with status 200, too: of proxies, of log-ins, of maintenance. */
function refuseHtml(text: string): void {
  if (/^\s*</.test(text)) throw new UnusableAnswer("a page of HTML");
}
