import { match, ok, strictEqual } from "node:assert/strict";
import { highlighted } from "./highlight.ts";
import type { Cell, Output } from "./notebook_file.ts";
import { notebookPage } from "./page.ts";

const code = (source: string, outputs: readonly Output[] = [], tags: readonly string[] = []) =>
  ({ cell_type: "code", source, metadata: { tags }, outputs }) satisfies Cell;

const RUN = { "application/vnd.assay.run+json": { runs: [{ run_id: "0123456789abcdef" }] } };

function page(cells: readonly Cell[], shown: "folded" | "none" = "folded"): Promise<string> {
  const title: Cell = { cell_type: "markdown", source: "# Risk & <script>", metadata: {} };
  const notebook = { cells: [title, ...cells], metadata: {}, nbformat: 4, nbformat_minor: 5 };
  const markdown = { "0": "<h1>Risk &amp; &lt;script&gt;</h1>" };
  return notebookPage({ name: "page", notebook, markdown }, { code: shown });
}

Deno.test("a page has its title, its text, the code behind a fold and what the code put out", async () => {
  const html = await page([
    code("let period = 200;", [], ["parameters"]),
    code('period = 150;\nstart = "2021";', [], ["injected-parameters"]),
    code("chart(period)", [{
      output_type: "execute_result",
      data: { "image/svg+xml": ["<svg>", "</svg>"], "text/plain": "a chart" },
    }]),
    code("publish(run)", [{
      output_type: "execute_result",
      data: { ...RUN, "text/html": "<table></table>", "text/plain": "Run" },
    }]),
  ]);
  match(html, /<title>Risk &amp; &lt;script&gt;<\/title>/);
  match(html, /<h1>Risk &amp; &lt;script&gt;<\/h1>/);
  match(html, /<details><summary>Parameters<\/summary>/);
  match(html, /<summary>Parameters given<\/summary>/);
  match(html, /<div class="output"><svg><\/svg><\/div>/);
  ok(!html.includes("a chart"), "the richest form is enough");
  match(html, /Runs: <code>0123456789abcdef<\/code>/);
  match(
    html,
    /Parameters: period = 200, period = 150 \(given\), start = &quot;2021&quot; \(given\)/,
  );
});

Deno.test("a page runs nothing and fetches nothing, whatever was printed", async () => {
  const printed = "\x1b[31m<script src='https://example.org/x.js'></script>\x1b[0m\n";
  const html = await page([
    code("print()", [{ output_type: "stream", name: "stdout", text: [printed] }]),
    code("show()", [{ output_type: "display_data", data: { "text/plain": "<b>" } }]),
  ]);
  match(html, /content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"/);
  match(html, /<pre>&lt;script src='https:\/\/example\.org\/x\.js'&gt;&lt;\/script&gt;<\/pre>/);
  match(html, /<pre>&lt;b&gt;<\/pre>/);
  match(html, /No run was published/);
});

Deno.test("without code a page has neither folds nor parameters' cells", async () => {
  const html = await page(
    [code("let period = 200;", [], ["parameters"]), code("secret()")],
    "none",
  );
  ok(!/<details>|secret|let period/.test(html));
  match(html, /Parameters: period = 200</);
});

Deno.test("highlighting marks words and keeps every character", () => {
  const source = 'const a = f("x<y", 1_000); // `why` & "so"\nconst t = `${a}`;';
  const html = highlighted(source);
  match(html, /<span class="w">const<\/span> a = f\(<span class="t">&quot;x&lt;y&quot;<\/span>/);
  match(html, /<span class="n">1_000<\/span>/);
  match(html, /<span class="c">\/\/ `why` &amp; &quot;so&quot;<\/span>/);
  const text = html.replace(/<[^>]*>/g, "").replaceAll("&lt;", "<").replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"').replaceAll("&amp;", "&");
  strictEqual(text, source);
});
