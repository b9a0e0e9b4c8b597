import type { ExperimentCard } from "../../core/experiment.ts";
import { canonicalJson, sha256 } from "../../core/hash.ts";
import type { LedgerCount } from "../../results/mod.ts";
import type { Chart } from "../charts/chart.ts";
import type { DetectionRow } from "../charts/detection.ts";
import { assignmentText, type ExperimentSource } from "../charts/experiment_source.ts";
import { charts } from "../charts/mod.ts";
import { counted } from "../charts/text.ts";
import { type DeflatedFigures, honestVerdict } from "../experiment_honesty.ts";
import { embeddedCharts } from "./embedded_charts.ts";
import {
  experimentProvenance,
  failureList,
  frontPart,
  honestyTable,
  searchPart,
  validationPart,
} from "./experiment_parts.ts";
import { EXPERIMENT_TERMS } from "./experiment_terms.ts";
import { experimentVerdicts } from "./experiment_verdicts.ts";
import { glossary } from "./glossary.ts";
import { jsonBlock, type Markup, markup } from "./markup.ts";
import { clientHash, type PageClient, pageText } from "./page.ts";
import { section, toolbar } from "./parts.ts";
import { dataTable } from "./tables.ts";
import { topTrialsTable } from "../experiment_tables.ts";

/** What the page of an experiment is made of. */
export interface ExperimentSheetSource extends ExperimentSource {
  /** What the ledger of trials makes of the winner, and the count that it makes it from. */
  readonly deflated?: DeflatedFigures;
  readonly ledger?: LedgerCount;
  /** How often such a search finds a planted edge. */
  readonly detection?: readonly DetectionRow[];
}

/** So many of the best trials stand on the page. */
const TOP = 25;

/** The page of an experiment: one file without any script that needs nothing else. Equal sources give equal text. */
export async function experimentSheet(
  source: ExperimentSheetSource,
  { style }: Pick<PageClient, "style">,
): Promise<string> {
  const { card, trials, detection, ledger } = source;
  const drawn = {
    maps: await charts.heatMaps(source),
    trials: [await charts.parallelCoordinates(source), await charts.convergence(source)],
    outside: [
      ...(card.validation?.method === "walk_forward" ? [await charts.walkForward(source)] : []),
      await charts.inAndOut(source),
    ],
    front: [await charts.pareto(source)],
    detection: detection && detection.length > 0 ? [await charts.detection(detection)] : [],
  };
  const { maps, trials: over, outside, front, detection: power } = drawn;
  const embedded = embeddedCharts([...maps, ...over, ...outside, ...front, ...power]);
  const client: PageClient = { script: "", style: style + embedded.style };
  const cardText = canonicalJson(card);
  const ledgerText = canonicalJson(ledger ?? null);
  const facts = {
    experiment: card.experiment_id,
    card: sha256(cardText),
    trials: sha256(canonicalJson(trials)),
    ledger: sha256(ledgerText),
    client: clientHash(client),
  };
  return pageText({
    title: `Experiment ${card.name}`,
    facts: { page: "experiment", ...facts, seal: sha256(canonicalJson(facts)) },
    body: body(source, { ...drawn, figure: embedded.figure, cardHash: facts.card }),
    blocks: [jsonBlock("assay-card", cardText), jsonBlock("assay-ledger", ledgerText)],
    client,
  });
}

interface Drawn {
  readonly maps: readonly Chart[];
  readonly trials: readonly Chart[];
  readonly outside: readonly Chart[];
  readonly front: readonly Chart[];
  readonly detection: readonly Chart[];
  readonly cardHash: string;
  figure(chart: Chart): Markup;
}

function body(source: ExperimentSheetSource, drawn: Drawn): Markup {
  const { card, trials, deflated } = source;
  const { figure } = drawn;
  return markup`<a class="skip" href="#luck">To the verdict</a>
${toolbar(`Experiment ${card.experiment_id}`)}
<main>
<h1>${card.name}</h1>
<p class="lead">${lead(card)} Experiment <span class="mono">${card.experiment_id}</span></p>
<p><b>${honestVerdict(card, deflated)}</b></p>
${experimentVerdicts(card, deflated)}
${section("luck", "What luck alone explains", [honestyTable(card, deflated)])}
${section("search", "What was searched", [searchPart(card)])}
${
    section("best", "Best trials", [
      dataTable(topTrialsTable(source, TOP)),
      failureList(trials),
      ...drawn.trials.map(figure),
    ])
  }
${
    section("plateau", "The winner and its neighbours", [
      markup`<p class="quiet">${mapNote(card, drawn.maps.length)}</p>`,
      ...drawn.maps.map(figure),
    ])
  }
${section("outside", "Out of sample", [validationPart(card), ...drawn.outside.map(figure)])}
${section("front", "The front of the objectives", [...drawn.front.map(figure), frontPart(source)])}
${
    drawn.detection.length > 0 &&
    section("detection", "What such a search finds", drawn.detection.map(figure))
  }
${section("provenance", "Experiment card", [experimentProvenance(card, drawn.cardHash)])}
${section("terms", "What the words mean", [glossary(EXPERIMENT_TERMS)])}
</main>
<footer>Experiment ${card.experiment_id}. This file holds all it shows, runs no script and asks nobody for anything.</footer>
`;
}

function lead(card: ExperimentCard): string {
  const { winner, description, target_model, method, start, end, trials } = card;
  return [
    ...(description === null ? [] : [`${description}.`.replace(/([.?!])\.$/, "$1")]),
    `${counted(trials.count, "trial")} by ${method} search over ${
      target_model ?? "the portfolio"
    },`,
    `${start} to ${end} UTC.`,
    ...(winner ? [`Winner: ${assignmentText(card, winner.values)}.`] : []),
  ].join(" ");
}

function mapNote({ dimensions }: ExperimentCard, drawn: number): string {
  const pairs = dimensions.length * (dimensions.length - 1) / 2;
  return pairs > drawn
    ? `The ${drawn} of ${pairs} pairs of parameters that move the score furthest.`
    : "A winner on a plateau is more likely to last than one that stands alone.";
}
