import { Refusal } from "../../core/errors.ts";

/**
 * What a statement is: one that a plan can be made for, an explanation of one, one over whole tables, or one about what
 * the tables are.
 */
export type StatementKind = "rows" | "explanation" | "summary" | "description";

const KINDS: Readonly<Record<string, StatementKind>> = {
  select: "rows",
  with: "rows",
  from: "rows",
  values: "rows",
  table: "rows",
  summarize: "summary",
  describe: "description",
  desc: "description",
  show: "description",
  explain: "explanation",
};

/** The kind of a statement by its first word. Refuses whatever is not a question. */
export function statementKind(text: string): StatementKind {
  const bare = withoutComments(text).replace(/^[\s(]+/, "");
  const word = /^\w+/.exec(bare)?.[0];
  const kind = word?.toLowerCase() ?? "";
  if (Object.hasOwn(KINDS, kind)) return KINDS[kind]!;
  throw noQuestion(bare.trim() === "" ? undefined : word ?? bare[0]!);
}

/** The statement that an explanation explains. */
export function explained(text: string): string {
  const bare = withoutComments(text).trimStart();
  return bare.replace(/^explain(?:\s+analyze\b)?(?:\s*\(\s*(?:format|analyze)\b[^)]*\))?/i, "");
}

/** Refuses a statement that begins otherwise than a question. */
export function noQuestion(word: string | undefined): Refusal {
  const found = word === undefined ? "nothing" : `"${word}"`;
  return new Refusal(
    `SQL: found ${found}, expected select, with, describe, show or explain: results are only read`,
  );
}

/** Words of a statement that may be names, in lower case; texts and comments hold none. */
export function namesIn(text: string): ReadonlySet<string> {
  const bare = withoutComments(text).replace(/'(?:[^']|'')*'/g, " ");
  return new Set(bare.toLowerCase().match(/\w+/g) ?? []);
}

function withoutComments(text: string): string {
  return text.replace(
    /('(?:[^']|'')*'|"(?:[^"]|"")*")|--[^\n]*|\/\*[^]*?\*\//g,
    (_, kept) => kept ?? " ",
  );
}
