import { didYouMean, Refusal } from "../../core/errors.ts";
import type { ExperimentCard } from "../../core/experiment.ts";
import { formatNumber, formatPercent } from "../format.ts";
import { capitalized, objectiveTitle } from "../trial_figure_text.ts";
import { type Cell, drawCells } from "./cells.ts";
import { type Chart, type ChartSize, sizeOf } from "./chart.ts";
import { type Drawing, openCanvas } from "./drawing.ts";
import {
  emptyChart,
  experimentCaption,
  type ExperimentSource,
  rankedTrials,
  scoreDigits,
} from "./experiment_source.ts";
import { framed } from "./frame.ts";
import { element } from "./markup.ts";
import { INK, PANEL } from "./palette.ts";
import { type GridCell, type ParameterGrid, parameterGrid, PLATEAU } from "./parameter_grid.ts";
import { scaleOf } from "./parameters.ts";
import { counted, textWidth } from "./text.ts";

/** Which two parameters, by label or path: the first two unless told. */
export interface ParameterPairOptions extends ChartSize {
  readonly x?: string;
  readonly y?: string;
}

/** Scores over two parameters as a heat map, with the winner marked and its plateau outlined. Refuses a parameter unknown. */
export async function parameterPair(
  source: ExperimentSource,
  options: ParameterPairOptions = {},
): Promise<Chart> {
  const { card } = source;
  const x = placeOf(card, options.x, 0);
  const y = placeOf(card, options.y, Math.min(1, card.dimensions.length - 1));
  return await heatMap(source, { x, y, size: options });
}

/** How many pairs are drawn at most, 6. */
export interface HeatMapsOptions extends ChartSize {
  readonly most?: number;
}

/** One heat map for each pair of parameters; of more than `most` those whose values move the score furthest. */
export async function heatMaps(
  source: ExperimentSource,
  options: HeatMapsOptions = {},
): Promise<readonly Chart[]> {
  const { most = 6 } = options;
  const count = source.card.dimensions.length;
  if (count <= 1) return [await parameterPair(source, options)];
  const reach = Array.from({ length: count }, (_, at) => influence(source, at));
  const pairs = Array.from({ length: count * count }, (_, place) => ({
    x: Math.floor(place / count),
    y: place % count,
  })).filter(({ x, y }) => x < y);
  const strongest = pairs.toSorted((a, b) =>
    reach[b.x]! + reach[b.y]! - reach[a.x]! - reach[a.y]! || a.x - b.x || a.y - b.y
  ).slice(0, most);
  const drawn: Chart[] = [];
  for (const { x, y } of pairs.filter((pair) => strongest.includes(pair))) {
    drawn.push(await heatMap(source, { x, y, size: options }));
  }
  return drawn;
}

/** How far the mean score moves along one parameter. */
function influence(source: ExperimentSource, at: number): number {
  const { cells } = parameterGrid({ ...source, card: { ...source.card, winner: null } }, at, at);
  const means = cells.map(({ mean }) => mean).filter((mean) => !Number.isNaN(mean));
  return means.length === 0 ? 0 : Math.max(...means) - Math.min(...means);
}

function placeOf(
  { dimensions, experiment_id }: ExperimentCard,
  name: string | undefined,
  usual: number,
) {
  if (name === undefined) return usual;
  const found = dimensions.findIndex(({ label, path }) => label === name || path === name);
  if (found >= 0) return found;
  const known = dimensions.map(({ label }) => label);
  throw new Refusal(
    `chart: found parameter "${name}"${didYouMean(name, known)}, ` +
      `expected one of experiment ${experiment_id}: ${known.join(", ") || "it has none"}`,
  );
}

async function heatMap(
  source: ExperimentSource,
  { x, y, size }: { readonly x: number; readonly y: number; readonly size: ChartSize },
): Promise<Chart> {
  const { card, trials } = source;
  const scores = rankedTrials(trials).map(({ score }) => score);
  if (card.dimensions.length === 0 || scores.length === 0) {
    const { width } = sizeOf(size);
    const title = scores.length === 0 ? "No trial has a score" : "No parameter was searched";
    return emptyChart(card, { title, width });
  }
  const grid = parameterGrid(source, x, y);
  const rows = grid.y.names.length;
  const { width, height } = sizeOf(size, Math.max(76, Math.min(560, 44 + 30 * rows)));
  const digits = scoreDigits(scores);
  const means = grid.cells.map(({ mean }) => mean).filter((mean) => !Number.isNaN(mean));
  const colors = scaleOf(means);
  const left = 40 + Math.max(0, ...grid.y.names.map((name) => textWidth(name, 11)));
  const hasTexts = (width - left) / grid.x.names.length >= 34 && height / rows >= 15;
  const plain = drawCells(await openCanvas(), {
    cells: grid.cells.map((cell) => shownCell(cell, { grid, card, digits, hasTexts, colors })),
    ...{ columns: grid.x.names, rows: grid.y.names.toReversed(), width, height, left },
    isBottom: true,
  });
  const drawing = { ...plain, markup: plain.markup + winnerMarkup(plain, grid) };
  return framed({
    ...wordsOf(source, grid, digits),
    width,
    legend: [
      ...colors.legend(digits),
      ...(grid.winner ? [{ text: "winner", color: INK, sign: "diamond" } as const] : []),
      ...(grid.plateau.length > 1
        ? [{ text: "its plateau", color: INK, sign: "line" } as const]
        : []),
    ],
    rows: [[{
      heading: `${objectiveTitle(card.objective)}: ` +
        (x === y ? "" : `${grid.y.label} upwards, `) + `${grid.x.label} to the right`,
      drawing,
    }]],
  });
}

function shownCell(
  cell: GridCell,
  { grid, card, digits, hasTexts, colors }: {
    readonly grid: ParameterGrid;
    readonly card: ExperimentCard;
    readonly digits: number;
    readonly hasTexts: boolean;
    readonly colors: ReturnType<typeof scaleOf>;
  },
): Cell {
  const { column, row, mean, scored, count } = cell;
  const isKnown = scored > 0;
  const { fill, text } = isKnown ? colors.cell(mean) : { fill: PANEL, text: PANEL };
  const shown = isKnown ? formatNumber(mean, digits) : "no score";
  const [x, y] = [grid.x.names[column]!, grid.y.names[row]!];
  return {
    ...{ x, y, fill, color: text, text: hasTexts && isKnown ? shown : "" },
    title: `${cellName(cell, grid)}: ` +
      `${objectiveTitle(card.objective)} ${shown}` + (count > 1 ? `, mean of ${scored}` : ""),
  };
}

/** The outline of the plateau and a diamond on the winner, in the pixels of the drawing. */
function winnerMarkup(drawing: Drawing, { x, y, winner, plateau }: ParameterGrid): string {
  if (!winner) return "";
  const [wide, high] = [drawing.bandwidth("x"), drawing.bandwidth("y")];
  const corner = ({ column, row }: Pick<GridCell, "column" | "row">) => ({
    left: drawing.x(x.names[column]!) - 0.5,
    top: drawing.y(y.names[row]!) - 0.5,
  });
  const isIn = (column: number, row: number) =>
    plateau.some((cell) => cell.column === column && cell.row === row);
  const edges = plateau.length < 2 ? [] : plateau.flatMap(({ column, row }) => {
    const { left, top } = corner({ column, row });
    const [right, bottom] = [left + wide + 1, top + high + 1];
    // Rows are counted upwards.
    return [
      ...(isIn(column - 1, row) ? [] : [`M${left},${top}V${bottom}`]),
      ...(isIn(column + 1, row) ? [] : [`M${right},${top}V${bottom}`]),
      ...(isIn(column, row + 1) ? [] : [`M${left},${top}H${right}`]),
      ...(isIn(column, row - 1) ? [] : [`M${left},${bottom}H${right}`]),
    ];
  });
  const line = (stroke: string, width: number) =>
    element("path", {
      ...{ d: edges.join(""), fill: "none", stroke, "stroke-width": width },
      "stroke-linecap": "square",
    });
  const { left, top } = corner(winner);
  const isLarge = wide >= 34 && high >= 15;
  const reach = isLarge ? 5 : Math.max(3.5, Math.min(6, wide / 2.5));
  const [middle, centre] = isLarge
    ? [left + wide - 7, top + 8]
    : [left + wide / 2 + 0.5, top + high / 2 + 0.5];
  const diamond = element("path", {
    d: `M${middle},${centre - reach}l${reach},${reach}l${-reach},${reach}l${-reach},${-reach}z`,
    ...{ fill: INK, stroke: PANEL, "stroke-width": 1.5 },
  });
  return (edges.length > 0 ? line(PANEL, 5) + line(INK, 2) : "") + diamond;
}

const OTHERS: Readonly<Record<ParameterGrid["others"], readonly string[]>> = {
  none: [],
  slice: ["other parameters as in the winner"],
  mean: ["mean over the other parameters"],
};

function wordsOf(source: ExperimentSource, grid: ParameterGrid, digits: number) {
  const { card } = source;
  const { x, y, winner, plateau, others, cells } = grid;
  const isMean = cells.some(({ scored }) => scored > 1);
  const name = isMean ? `mean ${objectiveTitle(card.objective)}` : objectiveTitle(card.objective);
  const over = y.label === "" ? x.label : `${x.label} and ${y.label}`;
  const joined = plateau.length - 1;
  const reach = formatPercent(1 - PLATEAU, 0);
  return {
    title: winner === undefined
      ? capitalized(`${name} over ${over}`)
      : capitalized(`${name} ${formatNumber(winner.mean, digits)}`) +
        ` at the winner, ${cellName(winner, grid)}; ` +
        (joined === 0
          ? `no neighbour within ${reach}`
          : `${counted(joined, "cell")} beside it within ${reach}`),
    caption: experimentCaption(
      card,
      ...OTHERS[others],
      ...(x.isBinned || y.isBinned ? ["values grouped, a cell shows their mean"] : []),
      ...(cells.some(({ scored }) => scored === 0) ? ["blank: no score"] : []),
      ...(joined > 0
        ? [`outlined: cells joined to the winner's that keep ${PLATEAU * 100}% of it`]
        : []),
    ),
    alt: `Heat map of ${name} over ${over}, ${counted(cells.length, "cell")}` +
      (winner === undefined
        ? "."
        : `; winner at ${cellName(winner, grid)} with ${formatNumber(winner.mean, digits)}.`),
  };
}

function cellName({ column, row }: GridCell, { x, y }: ParameterGrid): string {
  return `${x.label} ${x.names[column]!}` + (y.label === "" ? "" : `, ${y.label} ${y.names[row]!}`);
}
