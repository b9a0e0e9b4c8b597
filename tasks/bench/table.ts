import { formatTable } from "../../lib/report/table.ts";
import { formatNumber, NOTHING } from "../../lib/report/format.ts";
import { type Group, GROUPS, type Line, LINES, type Peer } from "./lines.ts";
import { type Sample, sampleOf } from "./sample.ts";

/** Measured values by line id, in the unit of the line; a line that could not be measured here has none. */
export type Measured = Readonly<Record<string, readonly number[]>>;

/** The lines of some groups, in the order of the table. */
export function linesOf(groups: readonly Group[]): readonly Line[] {
  return LINES.filter(({ group }) => groups.includes(group));
}

/** One table of all lines asked for, each group under its heading. */
export function benchTable(groups: readonly Group[], measured: Measured): string {
  const rows = (Object.keys(GROUPS) as Group[])
    .filter((group) => groups.includes(group))
    .flatMap((group, place) => [
      ...(place === 0 ? [] : [[]]),
      [GROUPS[group]],
      ...linesOf([group]).flatMap((line) => rowsOf(line, sampleIn(measured, line))),
    ]);
  return formatTable(rows, {
    header: ["", "Median", "Min … max", "Each", "Aim", "Others"],
    align: ["left", "right", "right", "right", "right", "left"],
  });
}

/** What `--json` prints: every line asked for, with null where nothing was measured. */
export function benchDocument(groups: readonly Group[], measured: Measured) {
  return linesOf(groups).map((line) => {
    const sample = sampleIn(measured, line);
    return {
      id: line.id,
      group: line.group,
      label: line.label,
      unit: line.unit,
      median: sample?.median ?? null,
      min: sample?.min ?? null,
      max: sample?.max ?? null,
      runs: sample?.runs ?? 0,
      aim: line.aim ?? null,
      stretch: line.stretch ?? null,
      pieces: line.pieces?.count ?? null,
      peers: (line.peers ?? []).map(({ name, value, upTo }) => ({
        name,
        from: value,
        to: upTo ?? value,
      })),
    };
  });
}

function sampleIn(measured: Measured, { id }: Line): Sample | undefined {
  const values = measured[id];
  return values === undefined || values.length === 0 ? undefined : sampleOf(values);
}

/** A line with its first peer, and a row below it for each other. */
function rowsOf(line: Line, sample: Sample | undefined): string[][] {
  const { unit, aim, stretch } = line;
  const show = (value: number) => amount(value, unit);
  const [first = "", ...others] = (line.peers ?? []).map((peer) => peerText(peer, unit));
  const aims = aim === undefined ? "" : `≤ ${given(aim, unit)}`;
  return [
    [
      `  ${line.label}`,
      sample ? show(sample.median) : NOTHING,
      sample ? `${show(sample.min)} … ${show(sample.max)}` : NOTHING,
      sample ? each(line, sample) : "",
      stretch === undefined ? aims : `${aims}, best ${stretch}`,
      first,
    ],
    ...others.map((text) => ["", "", "", "", "", text]),
  ];
}

function each({ pieces }: Line, { median }: Sample): string {
  if (!pieces) return "";
  return `${formatNumber(median * 1e6 / pieces.count, 1)} ns/${pieces.name}`;
}

function peerText({ name, value, upTo }: Peer, unit: Line["unit"]): string {
  return `${name} ${upTo === undefined ? "" : `${value} to `}${given(upTo ?? value, unit)}`;
}

/** As many digits as mean something: `0.72 ms`, `24.1 ms`, `812 ms`, `1.30 s`. */
function amount(value: number, unit: Line["unit"]): string {
  if (unit === "ms" && value >= 1000) return `${formatNumber(value / 1000)} s`;
  return `${formatNumber(value, value < 10 ? 2 : value < 100 ? 1 : 0)} ${unit}`;
}

/** A figure that was given with its digits. */
function given(value: number, unit: Line["unit"]): string {
  return `${value} ${unit}`;
}
