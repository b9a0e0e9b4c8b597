import { escaped } from "./charts/markup.ts";
import type { ShownColumn } from "./show_table.ts";

// Lines and greys that show on a light and on a dark page; everything else is the page's own.
const LINE = "1px solid rgba(127,127,127,.35)";
const TABLE =
  "border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:13px;white-space:nowrap;margin:4px 0";
const CELL = "padding:2px 10px";
const HEAD = `vertical-align:top;border-bottom:${LINE};white-space:normal`;
const QUIET = "opacity:.65;font-weight:400";

/** A table for a notebook or a report: no script, no colour of its own, every text escaped. */
export function tableHtml(columns: readonly ShownColumn[], notes: readonly string[]): string {
  const head = columns.map(({ title: [name, unit], align }) => {
    const below = unit === undefined ? "" : `<br><span style="${QUIET}">${escaped(unit)}</span>`;
    return `<th scope="col" style="${CELL};text-align:${align};${HEAD}">${
      escaped(name)
    }${below}</th>`;
  });
  const rows = (columns[0]?.cells ?? []).map((_, row) => {
    const cells = columns.map(({ cells, align }) =>
      `<td style="${CELL};text-align:${align}${widthOf(cells[row]!)}">${escaped(cells[row]!)}</td>`
    );
    return `<tr>${cells.join("")}</tr>`;
  });
  const below = notes.map((note) => `<div style="${QUIET};font-size:12px">${escaped(note)}</div>`);
  return `<div style="overflow-x:auto"><table style="${TABLE}">` +
    `<thead><tr>${head.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table></div>` +
    below.join("");
}

/** Sentences may break where the page is narrow; figures and names never do. */
function widthOf(text: string): string {
  return text.length > LONGEST_LINE ? ";white-space:normal;min-width:26em" : "";
}

const LONGEST_LINE = 60;
