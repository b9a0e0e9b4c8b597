import { type MarkupNode, markupOf } from "./markup.ts";

/** The library that draws, and what it is told about one plot. */
export type PlotLibrary = typeof import("@observablehq/plot");
export type PlotOptions = NonNullable<Parameters<PlotLibrary["plot"]>[0]>;
export type Mark = NonNullable<PlotOptions["marks"]>[number];

/** One plot, ready to be put into a frame. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** Content of an svg element of that size. */
  readonly markup: string;
  /** Pixels from the left and from the top of a value; NaN without that scale. */
  x(value: number | string): number;
  y(value: number | string): number;
  /** Pixels that one name takes on a scale of names; NaN on any other. */
  bandwidth(name: "x" | "y"): number;
}

/** Plot over a document that needs no browser. Both are loaded here, by whoever draws first. */
export interface Canvas {
  readonly Plot: PlotLibrary;
  draw(options: PlotOptions & { readonly width: number; readonly height: number }): Drawing;
}

interface Drawn extends MarkupNode {
  scale(name: "x" | "y"): { apply(value: unknown): unknown; bandwidth?: number } | undefined;
}

/** Loads the drawing library; 0.1 s the first time. */
export async function openCanvas(): Promise<Canvas> {
  const [Plot, { parseHTML }] = await Promise.all([
    import("@observablehq/plot"),
    import("linkedom"),
  ]);
  const { document } = parseHTML("<html></html>") as unknown as {
    document: NonNullable<PlotOptions["document"]>;
  };
  return {
    Plot,
    draw(options) {
      const drawn = Plot.plot({ ...options, document }) as unknown as Drawn;
      const place = (name: "x" | "y") => (value: number | string) =>
        Number(drawn.scale(name)?.apply(value) ?? NaN);
      return {
        width: options.width,
        height: options.height,
        markup: [...drawn.childNodes].map(markupOf).join(""),
        x: place("x"),
        y: place("y"),
        bandwidth: (name) => drawn.scale(name)?.bandwidth ?? NaN,
      };
    },
  };
}
