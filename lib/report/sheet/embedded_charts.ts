import type { Chart } from "../charts/chart.ts";
import { darkStyle } from "../charts/palette.ts";
import { type Markup, markup } from "./markup.ts";

/** Charts that stand in a page, and the style they share. */
export interface EmbeddedCharts {
  readonly style: string;
  figure(chart: Chart): Markup;
}

const SCOPE = ".assay-chart";

/** A page's policy runs no style but its own: that of the charts is lifted out of them and written once. */
export function embeddedCharts(charts: readonly Chart[]): EmbeddedCharts {
  const dark = darkStyle(SCOPE, charts.map(({ svg }) => svg).join(""));
  return {
    style: `
.drawn {
  overflow-x: auto;
}
${SCOPE} {
  display: block;
  width: 100%;
  min-width: 640px;
  height: auto;
}
${SCOPE} text {
  font-variant-numeric: tabular-nums;
  white-space: pre;
}
${dark.replace("@media (", "@media screen and (")}
`,
    // The SVG is this house's own and every text in it is escaped.
    figure: ({ svg }) => markup`<figure class="drawn">${{ markup: withoutStyle(svg) }}</figure>\n`,
  };
}

function withoutStyle(svg: string): string {
  return svg.replace(/<style>[^<]*<\/style>/, "");
}
