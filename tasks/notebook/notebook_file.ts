import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { didYouMean, PROJECT_ROOT, Refusal } from "../../lib/mod.ts";

/** Folder of the notebooks; their kernels work in it. */
export const NOTEBOOKS: string = join(PROJECT_ROOT, "notebooks");

/** One cell, as far as tasks look at it; everything else in it is kept. */
export interface Cell {
  readonly cell_type: "code" | "markdown" | "raw";
  readonly id?: string;
  readonly source: string | readonly string[];
  readonly metadata: { readonly tags?: readonly string[] };
  readonly outputs?: readonly Output[];
  readonly execution_count?: number | null;
}

/** What a cell left behind, by media type, as a stream or as an error. */
export interface Output {
  readonly output_type: "display_data" | "execute_result" | "stream" | "error";
  readonly data?: Readonly<Record<string, unknown>>;
  readonly name?: string;
  readonly text?: string | readonly string[];
}

/** A notebook of format 4. */
export interface Notebook {
  readonly cells: readonly Cell[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly nbformat: number;
  readonly nbformat_minor: number;
}

/** A notebook with its name, which is that of its file without the ending. */
export interface NamedNotebook {
  readonly name: string;
  readonly notebook: Notebook;
}

/** Reads a notebook by its name, the beginning of it if that is unique, or its path in `notebooks/`. */
export async function readNotebook(asked: string): Promise<NamedNotebook> {
  const names = await notebookNames();
  const wanted = basename(asked).replace(/\.ipynb$/, "");
  const matches = names.filter((name) => name === wanted);
  const [name, ...others] = matches.length > 0
    ? matches
    : names.filter((name) => wanted !== "" && name.startsWith(wanted));
  if (name === undefined || others.length > 0) {
    throw new Refusal(
      `No notebook "${asked}"${didYouMean(wanted, names)}, expected one of ${names.join(", ")}`,
    );
  }
  const file = join(NOTEBOOKS, `${name}.ipynb`);
  const notebook = parse(await readFile(file, "utf8"), `notebooks/${name}.ipynb`);
  return { name, notebook };
}

/** The names of all notebooks, sorted. */
export async function notebookNames(): Promise<readonly string[]> {
  const files = await readdir(NOTEBOOKS).catch(() => []);
  return files.filter((name) => name.endsWith(".ipynb")).map((name) => name.slice(0, -6)).sort();
}

/** The text of a cell or an output, which the format keeps whole or in lines. */
export function textOf(text: string | readonly string[]): string {
  return typeof text === "string" ? text : text.join("");
}

/** How a notebook is kept: without what its cells put out, keys in order, so that a change is seen as what it is. */
export function storedText(notebook: Notebook): string {
  const cells = notebook.cells.map((cell) =>
    cell.cell_type === "code" ? { ...cell, outputs: [], execution_count: null } : cell
  );
  return `${JSON.stringify(inKeyOrder({ ...notebook, cells }), null, 1)}\n`;
}

function inKeyOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inKeyOrder);
  if (value === null || typeof value !== "object") return value;
  const record = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.keys(record).sort().map((key) => [key, inKeyOrder(record[key])]),
  );
}

function parse(text: string, file: string): Notebook {
  let notebook: Partial<Notebook> | null;
  try {
    notebook = JSON.parse(text);
  } catch (cause) {
    throw new Refusal(`${file}: found broken JSON, expected a notebook`, { cause });
  }
  if (notebook?.nbformat !== 4 || !Array.isArray(notebook.cells)) {
    throw new Refusal(`${file}: found no notebook of format 4`);
  }
  return notebook as Notebook;
}
