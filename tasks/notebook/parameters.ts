import { didYouMean, Refusal } from "../../lib/mod.ts";
import { type Cell, type NamedNotebook, type Notebook, textOf } from "./notebook_file.ts";

/** A parameter as its notebook declares it. */
export interface Parameter {
  readonly name: string;
  /** Its value in TypeScript. */
  readonly code: string;
}

/** One parameter a line, nothing else. */
const DECLARATION = /^let ([A-Za-z_$][\w$]*) = (.+);(?:\s*\/\/.*)?$/;

/** What the cell tagged `parameters` declares. Refuses a line that is something else. */
export function parametersOf({ name, notebook }: NamedNotebook): readonly Parameter[] {
  const cell = notebook.cells[parametersPlace(notebook)];
  if (!cell) return [];
  const lines = textOf(cell.source).split("\n");
  return lines.filter((line) => !/^\s*(\/\/.*)?$/.test(line)).map((line) => {
    const found = DECLARATION.exec(line.trim());
    if (found) return { name: found[1]!, code: found[2]! };
    throw new Refusal(
      `notebooks/${name}.ipynb: parameters: found "${line}", expected let name = value;`,
    );
  });
}

/** The notebook with a cell after its parameters that sets those given, each spelled `name=value`. */
export function withParameters(named: NamedNotebook, given: readonly string[]): Notebook {
  const { notebook } = named;
  if (given.length === 0) return notebook;
  const known = parametersOf(named);
  const lines = given.map((text) => assignment(text, known, named.name));
  const place = parametersPlace(notebook) + 1;
  const cell: Cell = {
    cell_type: "code",
    id: "given-parameters",
    metadata: { tags: ["injected-parameters"] },
    source: lines.join("\n"),
    outputs: [],
    execution_count: null,
  };
  return { ...notebook, cells: notebook.cells.toSpliced(place, 0, cell) };
}

function parametersPlace({ cells }: Notebook): number {
  return cells.findIndex(({ cell_type, metadata }) =>
    cell_type === "code" && metadata.tags?.includes("parameters")
  );
}

function assignment(text: string, known: readonly Parameter[], notebook: string): string {
  const equals = text.indexOf("=");
  if (equals < 1) {
    throw new Refusal(`-p: found "${text}", expected name=value`, { exitCode: 2 });
  }
  const name = text.slice(0, equals).trim();
  const parameter = known.find((candidate) => candidate.name === name);
  if (!parameter) {
    const names = known.map((candidate) => candidate.name);
    throw new Refusal(
      `-p: found "${name}"${didYouMean(name, names)}, expected a parameter of ${notebook}: ${
        names.join(", ") || "it has none"
      }`,
      { exitCode: 2 },
    );
  }
  return `${name} = ${valueLike(parameter, text.slice(equals + 1).trim())};`;
}

/** A value of the same kind as the one declared, so that no notebook meets a text where it computes with a number. */
function valueLike({ name, code }: Parameter, text: string): string {
  const value = jsonOf(text);
  const refuse = (expected: string): never => {
    throw new Refusal(`-p ${name}: found "${text}", expected ${expected}, like ${code}`, {
      exitCode: 2,
    });
  };
  if (/^["'`]/.test(code)) return JSON.stringify(typeof value === "string" ? value : text);
  if (code === "true" || code === "false") {
    return typeof value === "boolean" ? text : refuse("true or false");
  }
  if (/^-?[\d._]+(e-?\d+)?$/i.test(code)) {
    return typeof value === "number" ? String(value) : refuse("a number");
  }
  if (value === undefined) return refuse("JSON");
  if (code.startsWith("[") !== Array.isArray(value)) return refuse("a list in JSON");
  return JSON.stringify(value);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
