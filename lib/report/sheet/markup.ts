/** Text that may stand in a page as it is. Only `markup` makes it, so that no other text gets there unescaped. */
export interface Markup {
  readonly markup: string;
}

/** What a template may hold: texts are escaped, nothing leaves nothing. */
export type Piece = string | number | Markup | undefined | false | readonly Piece[];

/** A piece of a page; every value in it is escaped unless it is markup itself. */
export function markup(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  const markup = strings.map((text, place) =>
    place === 0 ? text : markupOf(pieces[place - 1]) + text
  );
  return { markup: markup.join("") };
}

/** The markup of a value. */
export function markupOf(piece: Piece): string {
  if (piece === undefined || piece === false) return "";
  if (typeof piece === "string") return escaped(piece);
  if (typeof piece === "number") return String(piece);
  if ("markup" in piece) return piece.markup;
  return piece.map(markupOf).join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

// Some readers see a line or a command where these stand; a page has no use for them.
// deno-lint-ignore no-control-regex
const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign]!).replace(UNSEEN, "\ufffd");
}

/** A block of JSON that no browser executes; the text comes back by `scriptText`, byte for byte. */
export function jsonBlock(id: string, text: string): Markup {
  return { markup: `<script type="application/json" id="${id}">${escapedJson(text)}</script>\n` };
}

function escapedJson(text: string): string {
  return text.replaceAll("<", "\\u003c");
}

/** The JSON that `jsonBlock` was given. An escape that JSON itself brought along, `\\u003c`, stays what it was. */
export function scriptText(escapedText: string): string {
  return escapedText.replace(
    /\\(u003c|[^])/g,
    (all, escape) => escape === "u003c" ? "<" : all,
  );
}
