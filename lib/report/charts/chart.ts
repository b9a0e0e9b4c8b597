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
  /** 480 or more, 880. */
  readonly width?: number;
  /** Of the plot, without title, legend and caption; where each row has a line it takes what it needs. */
  readonly height?: number;
}

const WIDTH = 880;
const LEAST_WIDTH = 480;
const LEAST_HEIGHT = 60;

/** The size asked for, or the usual one. RangeError for one in which nothing could be read. */
export function sizeOf(options: ChartSize, usualHeight = 300): Required<ChartSize> {
  const { width = WIDTH, height = usualHeight } = options;
  if (!(width >= LEAST_WIDTH && width < Infinity)) {
    throw new RangeError(`A chart is ${LEAST_WIDTH} pixels wide or more, found ${width}`);
  }
  if (!(height >= LEAST_HEIGHT && height < Infinity)) {
    throw new RangeError(`A chart is ${LEAST_HEIGHT} pixels high or more, found ${height}`);
  }
  return { width, height };
}
