import { type Chart, NOTEBOOK_DISPLAY } from "./chart.ts";
import type { Drawing } from "./drawing.ts";
import { element, escaped } from "./markup.ts";
import { BORDER, darkStyle, INK, MUTED, PANEL } from "./palette.ts";
import { shortened, textWidth, wrapped } from "./text.ts";

/** Text over a plot, in the plot's pixels. */
export interface Label {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly color?: string;
  readonly anchor?: "start" | "middle" | "end";
  readonly bold?: boolean;
  /** Where the text was shortened: all of it. */
  readonly full?: string;
}

/** A plot and what is written around it. */
export interface Panel {
  /** What its axis counts, and in which unit. */
  readonly heading: string;
  readonly drawing: Drawing;
  readonly labels?: readonly Label[];
}

/** What a colour, dash or sign means. */
export interface LegendItem {
  readonly text: string;
  readonly color: string;
  readonly sign: "line" | "area" | "up" | "down" | "tick" | "dot" | "diamond";
  readonly dash?: string;
}

/** A whole picture: plots in rows, from left to right. */
export interface Picture {
  /** Kind of chart and run: unique on a page. */
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly alt: string;
  readonly width: number;
  readonly legend?: readonly LegendItem[];
  readonly rows: readonly (readonly Panel[])[];
}

const EDGE = 16;
const TITLE_SIZE = 15;
const TEXT_SIZE = 11;
const LINE = 16;
const HEADING = 20;
const SCOPE = "assay-chart";

/** The picture as one SVG with its own background, title, legend, text alternative and caption. */
export function framed(picture: Picture): Chart {
  const { id, title, caption, alt, width, legend = [], rows } = picture;
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
    const keys = legendRows(legend, inner);
    parts.push(...keys.map((row, place) => legendRow(row, y + place * LINE + 8)));
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
  const svg = standalone(parts.join(""), { id, title, alt, width, height: Math.ceil(y + EDGE - 6) });
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
  { id, title, alt, width, height }: {
    readonly id: string;
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
      "aria-labelledby": `${id}-title ${id}-desc`,
      ...{ width, height, viewBox: `0 0 ${width} ${height}` },
      ...{ "font-family": "system-ui, sans-serif", "font-size": TEXT_SIZE },
    },
    element("title", { id: `${id}-title` }, escaped(title)),
    element("desc", { id: `${id}-desc` }, escaped(alt)),
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
    textAt(heading, { x: EDGE, y: 12, color: MUTED }),
    element(
      "g",
      { transform: `translate(0,${HEADING})` },
      element("svg", { width, height, "text-anchor": "middle", overflow: "visible" }, markup),
      over,
    ),
  );
}

function textAt(
  text: string,
  { x, y, color = INK, anchor }: Pick<Label, "x" | "y" | "color" | "anchor">,
  { size, weight, bold, full }: {
    readonly size?: number;
    readonly weight?: number;
    readonly bold?: boolean;
    readonly full?: string;
  } = {},
): string {
  return element(
    "text",
    {
      ...{ x, y, fill: color, "text-anchor": anchor },
      ...{ "font-size": size, "font-weight": weight ?? (bold ? 500 : undefined) },
    },
    escaped(text),
    full === undefined || full === text ? "" : element("title", {}, escaped(full)),
  );
}

interface PlacedItem extends LegendItem {
  readonly x: number;
  readonly full: string;
}

function legendRows(items: readonly LegendItem[], width: number): readonly PlacedItem[][] {
  const rows: PlacedItem[][] = [[]];
  let x = 0;
  for (const item of items) {
    const text = shortened(item.text, width / 2, TEXT_SIZE);
    const taken = 22 + textWidth(text, TEXT_SIZE) + 14;
    if (x > 0 && x + taken > width) {
      rows.push([]);
      x = 0;
    }
    rows.at(-1)!.push({ ...item, text, full: item.text, x: EDGE + x });
    x += taken;
  }
  return rows;
}

function legendRow(items: readonly PlacedItem[], y: number): string {
  return items.map(({ x, text, full, ...item }) =>
    legendSign(item, x, y) + textAt(text, { x: x + 22, y: y + 4 }, { full })
  ).join("");
}

function legendSign(
  { color, sign, dash }: Pick<LegendItem, "color" | "sign" | "dash">,
  x: number,
  y: number,
): string {
  const stroke = { stroke: color, "stroke-width": 2, fill: "none" };
  switch (sign) {
    case "line":
      return element("path", { d: `M${x},${y}h16`, ...stroke, "stroke-dasharray": dash });
    case "tick":
      return element("path", { d: `M${x + 3},${y}h10`, ...stroke });
    case "area":
      return element("rect", { x: x + 2, y: y - 5, width: 12, height: 10, rx: 2, fill: color });
    case "dot":
      return element("circle", { cx: x + 8, cy: y, r: 4, fill: color });
    case "up":
      return element("path", { d: `M${x + 8},${y - 5}l5,9h-10z`, fill: color });
    case "down":
      return element("path", { d: `M${x + 8},${y + 5}l5,-9h-10z`, fill: color });
    case "diamond":
      return element("path", { d: `M${x + 8},${y - 6}l6,6l-6,6l-6,-6z`, fill: color });
  }
}
