import { type Chart, NOTEBOOK_DISPLAY } from "./chart.ts";
import type { Drawing } from "./drawing.ts";
import { EDGE, type Label, LINE, TEXT_SIZE, textAt } from "./label.ts";
import { type LegendItem, legendRows } from "./legend.ts";
import { element, escaped } from "./markup.ts";
import { BORDER, darkStyle, INK, MUTED, PANEL } from "./palette.ts";
import { shortened, wrapped } from "./text.ts";

/** A plot and what is written around it. */
export interface Panel {
  /** What its axis counts, and in which unit. */
  readonly heading: string;
  readonly drawing: Drawing;
  readonly labels?: readonly Label[];
}

/** A whole picture: plots in rows, from left to right. */
export interface Picture {
  readonly title: string;
  readonly caption: string;
  readonly alt: string;
  readonly width: number;
  readonly legend?: readonly LegendItem[];
  readonly rows: readonly (readonly Panel[])[];
}

const TITLE_SIZE = 15;
const HEADING = 20;
// What a browser calls its own, then what is found where there is none.
const FONTS = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', Arial, sans-serif";
const SCOPE = "assay-chart";

/** The picture as one SVG with its own background, title, legend, text alternative and caption. */
export function framed(picture: Picture): Chart {
  const { title, caption, alt, width, legend = [], rows } = picture;
  const inner = width - 2 * EDGE;
  const parts: string[] = [];
  let y = EDGE;
  for (const line of wrapped(title, inner, TITLE_SIZE)) {
    parts.push(
      textAt(line, { x: EDGE, y: y + 13, color: INK }, { size: TITLE_SIZE, weight: 600 }),
    );
    y += 20;
  }
  y += 4;
  if (legend.length > 0) {
    const keys = legendRows(legend, { width: inner, y: y + 8 });
    parts.push(...keys);
    y += keys.length * LINE + 6;
  }
  for (const row of rows) {
    let x = 0;
    for (const panel of row) {
      parts.push(panelAt(panel, x, y));
      x += panel.drawing.width;
    }
    y += HEADING + Math.max(...row.map(({ drawing }) => drawing.height));
  }
  y += 4;
  for (const line of wrapped(caption, inner, TEXT_SIZE)) {
    parts.push(textAt(line, { x: EDGE, y: y + 10, color: MUTED }));
    y += LINE;
  }
  const svg = standalone(parts.join(""), {
    title,
    alt,
    width,
    height: Math.ceil(y + EDGE - 6),
  });
  return {
    ...{ title, caption, alt, svg },
    [NOTEBOOK_DISPLAY]: () => ({ "image/svg+xml": svg, "text/plain": `${title}\n${alt}` }),
  };
}

/** Names at the right end of lines, moved apart until none covers another. */
export function endLabels(
  ends: readonly { readonly text: string; readonly color: string; readonly y: number }[],
  place: { readonly x: number; readonly width: number; readonly bottom: number },
): readonly Label[] {
  const sorted = ends.filter(({ y }) => Number.isFinite(y)).sort((a, b) => a.y - b.y);
  const step = TEXT_SIZE + 2.5;
  const at = sorted.map(({ y }) => y);
  for (let row = 1; row < at.length; row++) at[row] = Math.max(at[row]!, at[row - 1]! + step);
  // What was pushed over the edge pushes back.
  let lowest = place.bottom;
  for (let row = at.length - 1; row >= 0; row--) {
    at[row] = Math.min(at[row]!, lowest);
    lowest = at[row]! - step;
  }
  return sorted.map(({ text, color }, row) => ({
    ...{ text: shortened(text, place.width, TEXT_SIZE), full: text, color, bold: true },
    ...{ x: place.x, y: at[row]! + 4, anchor: "start" },
  }));
}

function standalone(
  content: string,
  { title, alt, width, height }: {
    readonly title: string;
    readonly alt: string;
    readonly width: number;
    readonly height: number;
  },
): string {
  const background = element("rect", {
    ...{ x: 0.5, y: 0.5, width: width - 1, height: height - 1, rx: 6 },
    ...{ fill: PANEL, stroke: BORDER },
  });
  const body = element("g", { fill: INK, stroke: "none" }, background, content);
  const style = `.${SCOPE}{max-width:100%;height:auto}` +
    `.${SCOPE} text{font-variant-numeric:tabular-nums;white-space:pre}` +
    darkStyle(`.${SCOPE}`, body);
  return element(
    "svg",
    {
      ...{ xmlns: "http://www.w3.org/2000/svg", class: SCOPE, role: "img" },
      // By value: on a page with many charts ids would clash.
      "aria-label": `${title}. ${alt}`,
      ...{ width, height, viewBox: `0 0 ${width} ${height}` },
      ...{ "font-family": FONTS, "font-size": TEXT_SIZE },
    },
    element("title", {}, escaped(title)),
    element("desc", {}, escaped(alt)),
    element("style", {}, style),
    body,
  );
}

function panelAt({ heading, drawing, labels = [] }: Panel, x: number, y: number): string {
  const { width, height, markup } = drawing;
  const over = labels.map((label) => textAt(label.text, label, label)).join("");
  return element(
    "g",
    { transform: `translate(${x},${y})` },
    textAt(shortened(heading, width - EDGE - 4, TEXT_SIZE), { x: EDGE, y: 12, color: MUTED }),
    element(
      "g",
      { transform: `translate(0,${HEADING})` },
      element("svg", { width, height, "text-anchor": "middle", overflow: "visible" }, markup),
      over,
    ),
  );
}
