import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { parseHTML } from "linkedom";
import { type Chart, NOTEBOOK_DISPLAY } from "./chart.ts";

/** Says where text stops being XML: every tag closed in order, every value quoted, every & an entity. */
export function xmlFault(text: string): string | undefined {
  const token =
    /<\/([\w:-]+)>|<([\w:-]+)((?: [\w:-]+="(?:[^"<&]|&(?:amp|lt|gt|quot);)*")*)(\/?)>|(?:[^<>&]|&(?:amp|lt|gt|quot);)+/y;
  const open: string[] = [];
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const found = token.exec(text);
    if (!found) return text.slice(at, at + 80);
    if (found[1] !== undefined && open.pop() !== found[1]) return `${found[0]} at ${at}`;
    if (found[2] !== undefined && found[4] === "") open.push(found[2]);
  }
  return open.length === 0 ? undefined : `open: ${open.join()}`;
}

/** What makes any chart a good one, whatever it shows; its caption names `id`. */
export function checkChart(name: string, chart: Chart, id: string): void {
  const { svg, title, caption, alt } = chart;
  strictEqual(xmlFault(svg), undefined, name);
  match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" class="assay-chart" role="img"/, name);
  ok(!/NaN|Infinity|undefined"|null"|plot-clip/.test(svg), `${name} holds a value that is none`);
  ok(title.length > 5 && alt.length > 10, name);
  ok(!/NaN|Infinity|undefined,|null/.test(title + caption + alt), `${name}: ${title} ${alt}`);
  ok(caption.includes(id), `${name} does not name ${id}: ${caption}`);
  const { document } = parseHTML(svg) as unknown as {
    document: { querySelector(selector: string): { textContent: string } | null };
  };
  strictEqual(document.querySelector("svg > title")?.textContent, title, name);
  strictEqual(document.querySelector("svg > desc")?.textContent, alt, name);
  deepStrictEqual(chart[NOTEBOOK_DISPLAY]()["image/svg+xml"], svg);
}
