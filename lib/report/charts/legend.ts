import { EDGE, LINE, TEXT_SIZE, textAt } from "./label.ts";
import { element } from "./markup.ts";
import { shortened, textWidth } from "./text.ts";

/** What a colour, dash or sign means. */
export interface LegendItem {
  readonly text: string;
  readonly color: string;
  readonly sign: "line" | "area" | "up" | "down" | "tick" | "dot" | "diamond";
  readonly dash?: string;
}

interface PlacedItem extends LegendItem {
  readonly x: number;
  readonly full: string;
}

/** One line of markup for each row of a legend that is `width` pixels wide and begins at `y`. */
export function legendRows(
  items: readonly LegendItem[],
  { width, y }: { readonly width: number; readonly y: number },
): readonly string[] {
  return placed(items, width).map((row, place) => legendRow(row, y + place * LINE));
}

function placed(items: readonly LegendItem[], width: number): readonly (readonly PlacedItem[])[] {
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
