import { element, escaped } from "./markup.ts";
import { INK } from "./palette.ts";

/** Room around a picture, size of its texts and height of a line of them, in pixels. */
export const EDGE = 16;
export const TEXT_SIZE = 11;
export const LINE = 16;

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

/** A text, with all of it to be read when pointed at where it was shortened. */
export function textAt(
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
