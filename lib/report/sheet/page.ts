import { createHash } from "node:crypto";
import { sha256 } from "../../core/hash.ts";
import { type Markup, markup, markupOf } from "./markup.ts";

/** What draws and dresses a page: the same for every run. */
export interface PageClient {
  readonly script: string;
  readonly style: string;
}

/** A page about to be written. */
export interface Page {
  readonly title: string;
  /** Facts about the page for whoever reads it with a program: `<meta name="assay:…">`. */
  readonly facts: Readonly<Record<string, string>>;
  readonly body: Markup;
  /** Blocks of JSON that the script reads. */
  readonly blocks: readonly Markup[];
  /** Without a script, an empty text, the page runs none at all. */
  readonly client: PageClient;
}

// An empty picture: a browser that finds no icon asks for one.
const NO_ICON = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

/** One file that holds all it needs. Its policy lets it run its own script and style and load nothing at all. */
export function pageText({ title, facts, body, blocks, client: { script, style } }: Page): string {
  if (/<\/script|<!--/i.test(script)) throw new RangeError("The script of a page would end early");
  const policy = [
    "default-src 'none'",
    `script-src '${script === "" ? "none" : integrity(script)}'`,
    `style-src '${integrity(style)}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  // order: as the caller lists them
  const metas = Object.entries(facts).map(([name, content]) =>
    markup`<meta name="assay:${name}" content="${content}">\n`
  );
  // The page starts at its first byte, and script and style are hashed as they stand between their tags.
  return markupOf(markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${raw(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
${metas}<link rel="icon" href="${NO_ICON}">
<style>${raw(style)}</style>
</head>
<body>
${body}
${blocks}${script !== "" && raw(`<script>${script}</script>\n`)}</body>
</html>
`);
}

/** What a page was drawn with: its script and its style. */
export function clientHash({ script, style }: PageClient): string {
  return sha256(`${sha256(script)} ${sha256(style)}`);
}

function raw(text: string): Markup {
  return { markup: text };
}

function integrity(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
