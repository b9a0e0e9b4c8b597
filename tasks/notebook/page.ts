import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../lib/mod.ts";
import { type Executed, publishedBy } from "./execute.ts";
import { escaped, highlighted } from "./highlight.ts";
import { type Cell, type Output, textOf } from "./notebook_file.ts";
import { parametersOf } from "./parameters.ts";

/** What of the code stands on the page: behind a fold, or nothing. */
export interface PageOptions {
  readonly code: "folded" | "none";
}

// Nothing may be fetched and nothing may run: whatever a notebook put out, the page stays a page.
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** An executed notebook as one HTML file that needs nothing beside it. */
export async function notebookPage(
  { name, notebook, markdown }: Executed,
  { code }: PageOptions,
): Promise<string> {
  const css = await readFile(join(PROJECT_ROOT, "tasks/notebook/page.css"), "utf8");
  const cells = notebook.cells.map((cell, place) =>
    cell.cell_type === "markdown"
      ? `<section class="prose">${markdown[String(place)] ?? ""}</section>`
      : cell.cell_type === "code"
      ? codeCell(cell, code)
      : ""
  ).filter((html) => html !== "");
  const title = titleOf(notebook.cells) ?? name;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Assay">
<title>${escaped(title)}</title>
<style>
${css.trim()}
</style>
</head>
<body>
<main>
${cells.join("\n")}
</main>
${footer({ name, notebook, markdown })}
</body>
</html>
`;
}

function codeCell(cell: Cell, code: PageOptions["code"]): string {
  const source = textOf(cell.source).trim();
  const outputs = (cell.outputs ?? []).map(outputHtml).filter((html) => html !== "");
  const shown = code === "none" || source === "" ? [] : [
    `<details><summary>${summaryOf(cell)}</summary><pre><code>${
      highlighted(source)
    }</code></pre></details>`,
  ];
  return [...shown, ...outputs].join("\n");
}

function summaryOf({ metadata: { tags = [] } }: Cell): string {
  if (tags.includes("parameters")) return "Parameters";
  return tags.includes("injected-parameters") ? "Parameters given" : "Code";
}

/** The richest form of an output that a page without scripts can show. */
function outputHtml({ output_type, data, text }: Output): string {
  if (output_type === "stream") return block(`<pre>${escaped(plain(text ?? ""))}</pre>`);
  if (!data) return "";
  const of = (type: string) => {
    const value = data[type];
    return value === undefined ? undefined : textOf(value as string | string[]);
  };
  const rich = of("text/html") ?? of("image/svg+xml");
  if (rich !== undefined) return block(rich);
  const png = of("image/png");
  if (png !== undefined) return block(`<img alt="" src="data:image/png;base64,${png.trim()}">`);
  const words = of("text/plain");
  return words === undefined ? "" : block(`<pre>${escaped(plain(words))}</pre>`);
}

function block(html: string): string {
  return `<div class="output">${html}</div>`;
}

/** Text without a terminal's colours. */
function plain(text: string | readonly string[]): string {
  // deno-lint-ignore no-control-regex
  return textOf(text).replace(/\x1b\[[0-9;]*m/g, "").trimEnd();
}

function titleOf(cells: readonly Cell[]): string | undefined {
  const first = cells.find(({ cell_type }) => cell_type === "markdown");
  return /^# (.+)$/m.exec(first ? textOf(first.source) : "")?.[1]?.trim();
}

/** Which runs the page tells of, and the command that makes them again. */
function footer(executed: Executed): string {
  const { name, notebook } = executed;
  const { runs } = publishedBy(notebook);
  const given = notebook.cells.find(({ metadata }) =>
    metadata.tags?.includes("injected-parameters")
  );
  const declared = parametersOf(executed).map(({ name: key, code }) => `${key} = ${code}`);
  const changed = given ? textOf(given.source).replace(/;$/gm, "").split("\n") : [];
  const ids = runs.map(({ run_id }) => `<code>${escaped(run_id)}</code>`).join(", ");
  const parameters = [...declared, ...changed.map((line) => `${line} (given)`)].join(", ");
  return `<footer>
<p>${ids === "" ? "No run was published" : `Runs: ${ids}`}</p>
${parameters === "" ? "" : `<p>Parameters: ${escaped(parameters)}</p>`}
<p>Made by <code>deno task notebook export ${
    escaped(name)
  }</code>; <code>deno task verify RUN</code> computes a run again.</p>
</footer>`;
}
