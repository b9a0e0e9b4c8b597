import { type Chart, NOTEBOOK_DISPLAY } from "./charts/chart.ts";
import type { ExperimentSource } from "./charts/experiment_source.ts";
import { escaped } from "./charts/markup.ts";
import { charts } from "./charts/mod.ts";
import {
  type DeflatedFigures,
  gateOf,
  type GateVerdict,
  honestVerdict,
  honestyRows,
} from "./experiment_honesty.ts";
import { experimentPage, trialsLine } from "./experiment_page.ts";
import { type TextTable, topTrialsTable, validationTable } from "./experiment_tables.ts";
import type { ShownColumn } from "./show_table.ts";
import { tableHtml } from "./show_table_html.ts";

/** Media type under which a notebook hands over an experiment to machines. */
export const EXPERIMENT_MEDIA_TYPE = "application/vnd.assay.experiment+json";

/** What is shown beside the trials. */
export interface ShowExperimentOptions {
  /** Those of the source, where it brings them along. */
  readonly deflated?: DeflatedFigures;
  /** How many of the best trials, 10. */
  readonly top?: number;
  /** false leaves the charts out, for a page that shows them one by one. */
  readonly charts?: boolean;
}

/** An experiment as machines read it. */
export interface PublishedExperiment {
  readonly experiment_id: string;
  readonly trials: ExperimentSource["card"]["trials"];
  /** Run of the best trial by score; null when none has one. */
  readonly winner: string | null;
  readonly gate: GateVerdict["state"];
}

/** An experiment that shows itself: verdict, figures of chance, best trials and the main charts. */
export interface ShownExperiment {
  readonly experiment: PublishedExperiment;
  readonly html: string;
  readonly charts: readonly Chart[];
  toString(): string;
}

/** An experiment for a notebook; a console gets the page of text. */
export async function showExperiment(
  source: ExperimentSource & Pick<ShowExperimentOptions, "deflated">,
  { charts: isDrawn = true, ...rest }: ShowExperimentOptions = {},
): Promise<ShownExperiment> {
  const { card, trials } = source;
  const deflated = rest.deflated ?? source.deflated;
  const options = { ...rest, ...(deflated && { deflated }) };
  const drawn = isDrawn ? await mainCharts(source) : [];
  const text = experimentPage(card, trials, deflated);
  const html = `<div class="assay-experiment">${
    [...tables(source, options), ...drawn.map(({ svg }) => svg)].join("\n")
  }</div>`;
  const experiment: PublishedExperiment = {
    ...{ experiment_id: card.experiment_id, trials: card.trials },
    ...{ winner: card.winner?.run_id ?? null, gate: gateOf(card, deflated).state },
  };
  return {
    ...{ experiment, html, charts: drawn },
    toString: () => text,
    [NOTEBOOK_DISPLAY]: () => ({
      "text/html": html,
      "text/plain": text,
      [EXPERIMENT_MEDIA_TYPE]: experiment,
    }),
    [Symbol.for("Deno.customInspect")]: () => text,
  } as ShownExperiment;
}

async function mainCharts(source: ExperimentSource): Promise<readonly Chart[]> {
  const { validation, front } = source.card;
  const hasTests = source.trials.some(({ test_score }) => test_score !== null);
  return [
    ...await charts.heatMaps(source, { most: 1 }),
    await charts.parallelCoordinates(source),
    await charts.convergence(source),
    ...(front.length > 1 ? [await charts.pareto(source)] : []),
    ...(validation?.method === "walk_forward" ? [await charts.walkForward(source)] : []),
    ...(validation !== null || hasTests ? [await charts.inAndOut(source)] : []),
  ];
}

function tables(
  source: ExperimentSource,
  { deflated, top = 10 }: ShowExperimentOptions,
): readonly string[] {
  const { card } = source;
  const chance: TextTable = {
    header: ["What luck alone explains", "", ""],
    align: ["left", "right", "left"],
    rows: honestyRows(card, deflated).map(({ label, value, note }) => [label, value, note]),
  };
  const { notes = [], ...kept } = card.validation ? validationTable(card, card.validation) : {};
  return [
    `<p><b>${escaped(card.name)}</b> ${escaped(trialsLine(card))}</p>`,
    `<p>${escaped(honestVerdict(card, deflated))}</p>`,
    tableHtml(columnsOf(chance), []),
    tableHtml(columnsOf(topTrialsTable(source, top)), []),
    ...("header" in kept ? [tableHtml(columnsOf(kept), notes)] : []),
  ];
}

function columnsOf({ header, rows, align }: TextTable): readonly ShownColumn[] {
  return header.map((title, place) => ({
    title: [title],
    cells: rows.map((row) => row[place]!),
    align: align[place] ?? (place === 0 ? "left" : "right"),
  }));
}
