import { didYouMean, Refusal } from "../../core/errors.ts";
import { namesIn } from "./statement.ts";
import { columnNames, VIEWS } from "./views.ts";

/** What the engine said about a statement, as one line with the place and what there is instead. */
export function sqlRefusal(cause: unknown, text: string): Refusal {
  if (cause instanceof Refusal) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new Refusal(`SQL${placeIn(message, text)}: ${meaning(message, text)}`, { cause });
}

const TABLE = /Table with name "?([^"\s!]+)"? does not exist|Referenced table "([^"]+)" not found/;
const COLUMN =
  /Referenced column "([^"]+)" (?:was )?not found|does not have a column named "([^"]+)"|Cannot extract field '([^']+)' from/;
const FUNCTION = /Function with name "?([^"\s!]+)"? (?:does not exist|is not in the catalog)/;

function meaning(message: string, text: string): string {
  const table = firstGroup(TABLE, message);
  if (table !== undefined) {
    const names = VIEWS.map(({ name }) => name);
    return `no table "${table}"${didYouMean(table, names)}, expected one of ${names.join(", ")}`;
  }
  const column = firstGroup(COLUMN, message);
  if (column !== undefined) return noColumn(column, text);
  const unknown = firstGroup(FUNCTION, message);
  if (unknown !== undefined) {
    const near = /Did you mean "([^"]+)"/.exec(message)?.[1];
    return `no function "${unknown}"${near === undefined ? "" : ` (did you mean "${near}"?)`}`;
  }
  if (message.includes("multiple statements")) {
    // The engine makes several statements of a pivot, to find its columns first.
    return namesIn(text).has("pivot")
      ? "pivot is not to be had, expected group by, or sum(…) filter (where …) for each column"
      : "found several statements, expected one";
  }
  // `Binder Error: …`: which part of the engine noticed is of no use to who asked.
  const said = message.split("\n", 1)[0]!.replace(/^[A-Z]\w*(?: [A-Z]\w*)* Error: /, "");
  return said.replace(/[.!:]?\s*$/, "");
}

function noColumn(column: string, text: string): string {
  const names = namesIn(text);
  const views = VIEWS.filter(({ name }) => names.has(name));
  const known = views.flatMap(columnNames);
  const near = known.includes(column) ? "" : didYouMean(column, known);
  const lists = views.map((view) => `${view.name} has ${columnNames(view).join(", ")}`);
  return [`no column "${column}"${near}`, ...lists].join("; ");
}

function firstGroup(form: RegExp, text: string): string | undefined {
  return form.exec(text)?.slice(1).find((group) => group !== undefined);
}

/** ` at line 1, column 5` where the engine drew a caret under a part of the statement, else nothing. */
function placeIn(message: string, text: string): string {
  const found = /^LINE (\d+): (.*)\n( *)\^/m.exec(message);
  if (!found) return message.includes("at end of input") ? " at its end" : "";
  const [, number = "", excerpt = "", indent = ""] = found;
  const inExcerpt = indent.length - `LINE ${number}: `.length;
  const line = text.split("\n")[Number(number) - 1] ?? "";
  // Of a long line the engine shows the part around the caret.
  const cut = excerpt.startsWith("...") ? 3 : 0;
  const part = excerpt.slice(cut).replace(/\.\.\.$/, "");
  const start = line.indexOf(part);
  return start < 0
    ? ` at line ${number}`
    : ` at line ${number}, column ${start + inExcerpt - cut + 1}`;
}
