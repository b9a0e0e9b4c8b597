import type { Proofs } from "../../core/proofs.ts";
import type { RunCard, StoredTables } from "../../results/mod.ts";

/** The name under which notebooks ask a value how it wants to be shown. */
export const NOTEBOOK_DISPLAY: unique symbol = Symbol.for("Jupyter.display");

/** One picture: an SVG that stands alone, in a file as on a page, light or dark as the reader prefers. */
export interface Chart {
  readonly title: string;
  /** Run, range and timeframe: what the picture is of. */
  readonly caption: string;
  /** What is seen, for those who cannot see it. */
  readonly alt: string;
  readonly svg: string;
  [NOTEBOOK_DISPLAY](): Readonly<Record<string, string>>;
}

/** What a chart is drawn from; an opened run is one. */
export interface ChartSource {
  readonly card: RunCard;
  readonly tables: StoredTables;
  /** Where the run has shown something for itself; envelope and luck are drawn from it. */
  readonly proofs?: Proofs;
}

/** Size of a chart in pixels. */
export interface ChartSize {
  /** 880. */
  readonly width?: number;
  /** Of the whole picture but title, legend and caption. */
  readonly height?: number;
}

/** Width of a chart that was not told one. */
export const CHART_WIDTH = 880;
